import { frameOfRecords, type LostSamples, type SampleRecord, type SharedFrame } from './shared-frame.js';
import type { GapMessage } from './wire/index.js';

/** Samples that waited go out in frames of about this size. */
const drainBytes = 64 << 10;

/** The connection of one client, as its streams see it. */
export interface Connection {
  /** Whether `bytes` more may wait to be sent now. Once it says no, it says no until it tells its outlets to drain. */
  hasRoom(bytes: number): boolean;
  sendFrame(bytes: Uint8Array): void;
  sendGap(message: GapMessage): void;
  /** Bytes that all streams of this client hold back. */
  heldBytes: number;
}

/**
 * One stream of one client. While the client keeps up, frames that all clients share go out as they are. When it does not, the newest
 * sample of each instance is kept (conflated streams) or samples are dropped, and what is missing is told before what follows.
 */
export class Outlet {
  readonly stream: number;
  readonly #conflate: boolean;
  readonly #heldBytesMax: number;
  readonly #connection: Connection;
  /** Newest sample of each instance, in the topic's order. */
  readonly #held = new Map<bigint, SampleRecord>();
  #heldBytes = 0;
  #gap: LostSamples | undefined;
  #droppedSamples = 0;

  constructor(stream: number, conflate: boolean, heldBytesMax: number, connection: Connection) {
    this.stream = stream;
    this.#conflate = conflate;
    this.#heldBytesMax = heldBytesMax;
    this.#connection = connection;
  }

  get droppedSamples(): number {
    return this.#droppedSamples;
  }

  offer(frame: SharedFrame): void {
    const behind = this.#gap !== undefined || this.#held.size > 0;
    if (!behind && this.#connection.hasRoom(frame.byteLength))
      this.#connection.sendFrame(frame.bytesFor(this.stream));
    else if (this.#conflate) for (const record of frame.records) this.#hold(record);
    else this.lose(frame);
    // Frames that came while there was no room are behind the gap; room may be there again by now.
    if (behind) this.drain();
  }

  #hold(record: SampleRecord): void {
    const older = this.#held.get(record.instance);
    if (older !== undefined) this.#drop(older);
    this.#held.set(record.instance, record);
    this.#heldBytes += record.bytes.length;
    this.#connection.heldBytes += record.bytes.length;
    // One sample may always wait, however large.
    while (this.#connection.heldBytes > Math.max(this.#heldBytesMax, record.bytes.length)) {
      const [oldest] = this.#held.values();
      if (oldest === undefined) break;
      this.#drop(oldest);
      this.lose({ from: oldest.version, to: oldest.version, count: 1, index: oldest.index });
    }
  }

  #drop(record: SampleRecord): void {
    this.#held.delete(record.instance);
    this.#heldBytes -= record.bytes.length;
    this.#connection.heldBytes -= record.bytes.length;
  }

  /** The client reads the stream no more. */
  discard(): void {
    for (const record of [...this.#held.values()]) this.#drop(record);
  }

  /** This client does not get these samples; it is told when there is room. */
  lose({ from, to, count, index }: LostSamples): void {
    this.#droppedSamples += count;
    this.#gap = { from: this.#gap?.from ?? from, to, count: (this.#gap?.count ?? 0) + count, index };
  }

  /** There is room: tells what is missing, and sends what waited. */
  drain(): void {
    if (this.#gap !== undefined && this.#connection.hasRoom(0)) {
      this.#connection.sendGap({ op: 'gap', stream: this.stream, ...this.#gap });
      this.#gap = undefined;
    }
    while (this.#held.size > 0 && this.#connection.hasRoom(Math.min(this.#heldBytes, drainBytes))) {
      this.#connection.sendFrame(frameOfRecords(this.stream, this.#takeHeld()));
    }
  }

  #takeHeld(): SampleRecord[] {
    const records: SampleRecord[] = [];
    let bytes = 0;
    for (const record of this.#held.values()) {
      if (bytes > 0 && bytes + record.bytes.length > drainBytes) break;
      bytes += record.bytes.length;
      records.push(record);
      this.#drop(record);
    }
    return records;
  }
}
