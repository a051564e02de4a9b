import type { EndpointOptions, Participant } from '../../runtime/dds/index.js';

/** How a reader is read: in place, lent for the time of a call; or as owned samples of an rxjs observable. */
export type Way = 'borrow' | 'samples$';

/** A writer of the bench: it writes the next message if there is room, and waits for room. */
export interface Source {
  send(): boolean;
  ready(): Promise<void>;
  whenMatched(readers: number): Promise<void>;
}

/** What a reader of the bench has got so far. */
export interface Received {
  readonly count: number;
  /** Kept so that no compiler drops the reads that make it. */
  readonly touched: number;
}

/** What travels: plain bytes, a struct in place, a struct as protobuf. */
export interface Form {
  openWriter(
    participant: Participant,
    endpoint: EndpointOptions,
    bytes: number,
    rank: number,
  ): Promise<Source>;
  openReader(participant: Participant, endpoint: EndpointOptions, bytes: number, way: Way): Promise<Received>;
}
