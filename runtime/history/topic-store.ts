import type { MemberId } from '../../transport/transport.js';
import type { Delivery } from '../multicast/delivery.js';
import { type EntryRef, compareVersions } from './entry.js';
import { type HistoryLimits, WriterHistory } from './writer-history.js';

/** A writer that keeps history for late readers, as the view has it. */
export interface HistoryWriter {
  readonly member: MemberId;
  /** The writer's number at its member. */
  readonly number: number;
  readonly limits: HistoryLimits;
}

/** What a topic's writers keep, at one point of the topic's order; oldest version first. It changes no more. */
export interface Snapshot {
  readonly entries: readonly EntryRef[];
  /** What bounds had pushed out by then. */
  readonly samplesDropped: number;
  readonly instancesDropped: number;
  /** Whoever made it had itself not got all that it asked for. */
  readonly lossy: boolean;
}

/**
 * What is kept for late readers of one topic: of each writer that offers it, what its QoS says. Members that hold a topic and have
 * delivered it up to the same point hold the same.
 */
export class TopicStore {
  readonly #writers = new Map<MemberId, Map<number, WriterHistory>>();
  lossy = false;
  #samplesDropped = 0;
  #instancesDropped = 0;

  /** The writers from now on: what those kept who are gone goes with them, as DDS has it for TRANSIENT_LOCAL. */
  setWriters(writers: readonly HistoryWriter[]): void {
    const known = new Map(this.#writers);
    this.#writers.clear();
    for (const { member, number, limits } of writers) {
      let ofMember = this.#writers.get(member);
      if (ofMember === undefined) this.#writers.set(member, (ofMember = new Map()));
      ofMember.set(number, known.get(member)?.get(number) ?? new WriterHistory(limits));
    }
  }

  /** Keeps a sample that was delivered, where its writer keeps history. */
  add(message: Delivery): void {
    const writer = message.ring.u32[(message.header >>> 2) + 1]! >>> 16;
    this.#writers.get(message.sender)?.get(writer)?.add(message);
  }

  /** The bytes that are kept, by all writers together. */
  get bytes(): number {
    return this.#all().reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** What a snapshot told of what bounds had pushed out before. */
  addDropped({ samplesDropped, instancesDropped }: Pick<Snapshot, 'samplesDropped' | 'instancesDropped'>) {
    this.#samplesDropped += samplesDropped;
    this.#instancesDropped += instancesDropped;
  }

  snapshot(): Snapshot {
    const entries: EntryRef[] = [];
    let samplesDropped = this.#samplesDropped;
    let instancesDropped = this.#instancesDropped;
    for (const writer of this.#all()) {
      writer.collect(entries);
      samplesDropped += writer.samplesDropped;
      instancesDropped += writer.instancesDropped;
    }
    entries.sort(compareVersions);
    return { entries, samplesDropped, instancesDropped, lossy: this.lossy };
  }

  #all(): WriterHistory[] {
    return [...this.#writers.values()].flatMap((ofMember) => [...ofMember.values()]);
  }
}

/** The bytes that a correct snapshot of these writers may have. */
export function snapshotBytesMax(writers: readonly HistoryWriter[]): number {
  return writers.reduce((sum, { limits }) => sum + limits.bytesMax, 0);
}
