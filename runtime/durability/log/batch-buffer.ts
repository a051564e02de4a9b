import { type RegionMemory, regionMemory } from '../../../transport/transport.js';
import { writeEntry } from '../../history/entry.js';
import type { Delivery } from '../../multicast/delivery.js';
import { LogRecord, guardBytes, headBytes, headSum, payloadSum, placeSeed, recordBytes } from './record.js';
import type { SegmentDigest } from './segment-digest.js';

/** It begins with so much, and doubles. */
const startBytes = 64 * 1024;

/** Records on their way to the disk, one after another: all but what depends on the place where they will lie. */
export class BatchBuffer {
  /** The records from `start` to `end` wait. */
  start = 0;
  end = 0;
  readonly #record: LogRecord;
  #memory: RegionMemory = regionMemory(new ArrayBuffer(startBytes));

  constructor() {
    this.#record = new LogRecord(this.#memory);
  }

  get bytes(): Uint8Array {
    return this.#memory.bytes;
  }

  get length(): number {
    return this.end - this.start;
  }

  append(message: Delivery): void {
    const bytes = recordBytes(message.length);
    const at = this.#take(bytes);
    const memory = this.#memory;
    writeEntry(memory, at + guardBytes, message, bytes - guardBytes);
    for (let byte = at + headBytes + message.length; byte < this.end; byte++) memory.bytes[byte] = 0;
    memory.u32[(at >>> 2) + 1] = payloadSum(memory, at);
  }

  /** A record of another place. */
  copy(record: LogRecord): void {
    const { at: from, bytes } = record;
    const at = this.#take(bytes);
    this.#memory.bytes.set(record.memory.bytes.subarray(from, from + bytes), at);
  }

  /** A record of the log's own, with two numbers as its payload. */
  appendOwn(kind: number, epoch: number, sequence: number, first: number, second: number): void {
    const bytes = recordBytes(16);
    const at = this.#take(bytes);
    const { bytes: target, u32, f64 } = this.#memory;
    target.fill(0, at, at + bytes);
    f64[(at + 16) >>> 3] = epoch;
    f64[(at + 24) >>> 3] = sequence;
    u32[(at + 40) >>> 2] = 16;
    u32[(at + 44) >>> 2] = kind;
    f64[(at + headBytes) >>> 3] = first;
    f64[((at + headBytes) >>> 3) + 1] = second;
    u32[(at >>> 2) + 1] = payloadSum(this.#memory, at);
  }

  /** Bytes of the first record that waits. */
  get firstBytes(): number {
    return recordBytes(this.#memory.u32[(this.start + 40) >>> 2]!);
  }

  /**
   * Gives the records that wait their place in a segment, from `offset` on, as many as fit before `limit`; tells them to `digest`, and gives how
   * many bytes that is.
   */
  seal(logId: number, segment: number, offset: number, limit: number, digest: SegmentDigest): number {
    const record = this.#record;
    const memory = this.#memory;
    record.memory = memory;
    record.segment = segment;
    let at = this.start;
    for (let place = offset; at < this.end; at += record.bytes) {
      record.at = at;
      record.offset = place;
      place += record.bytes;
      if (place > limit) break;
      const word = at >>> 2;
      memory.u32[word + 2] = digest.chain;
      memory.u32[word + 3] = offset;
      memory.u32[word] = headSum(memory, at, placeSeed(logId, segment, record.offset));
      digest.note(record);
    }
    return at - this.start;
  }

  /** All of it is on disk. A buffer that grew for one large message is given back. */
  clear(keptBytesMax: number): void {
    this.start = 0;
    this.end = 0;
    if (this.#memory.bytes.length > keptBytesMax) this.#memory = regionMemory(new ArrayBuffer(startBytes));
  }

  #take(bytes: number): number {
    const at = this.end;
    this.end += bytes;
    if (this.end > this.#memory.bytes.length) this.#grow();
    return at;
  }

  #grow(): void {
    let length = this.#memory.bytes.length;
    while (length < this.end) length *= 2;
    const grown = regionMemory(new ArrayBuffer(length));
    grown.bytes.set(this.#memory.bytes);
    this.#memory = grown;
  }
}
