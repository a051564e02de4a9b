import { type RegionMemory, regionMemory } from '../../../transport/transport.js';
import { writeEntry } from '../../history/entry.js';
import type { Delivery } from '../../multicast/delivery.js';
import {
  LogRecord,
  guardBytes,
  headBytes,
  headSum,
  payloadSum,
  placeSeed,
  recordBytes,
  recordKind,
} from './record.js';
import type { SegmentDigest } from './segment-digest.js';
import type { SegmentPlace } from './segment-scan.js';
import { BatchHashes, type Signer, signatureBytes, signatureFields, markBytes } from './signing.js';

/** It begins with so much, and doubles. */
const startBytes = 64 * 1024;

/** Records on their way to the disk, one after another: all but what depends on the place where they will lie. */
export class BatchBuffer {
  /** The records from `start` to `end` wait. */
  start = 0;
  end = 0;
  readonly #record: LogRecord;
  readonly #signer: Signer | undefined;
  readonly #hashes: BatchHashes | undefined;
  #memory: RegionMemory = regionMemory(new ArrayBuffer(startBytes));

  /** Where there is a signer, each batch is closed by a signature. */
  constructor(signer: Signer | undefined) {
    this.#signer = signer;
    this.#hashes = signer && new BatchHashes(signer);
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
    const at = this.#take(recordBytes(16));
    this.#blank(at, kind, 16, epoch, sequence);
    const { f64 } = this.#memory;
    f64[(at + headBytes) >>> 3] = first;
    f64[((at + headBytes) >>> 3) + 1] = second;
    this.#memory.u32[(at >>> 2) + 1] = payloadSum(this.#memory, at);
  }

  #blank(at: number, kind: number, length: number, epoch: number, sequence: number): void {
    const { bytes, u32, f64 } = this.#memory;
    bytes.fill(0, at, at + recordBytes(length));
    f64[(at + 16) >>> 3] = epoch;
    f64[(at + 24) >>> 3] = sequence;
    u32[(at + 40) >>> 2] = length;
    u32[(at + 44) >>> 2] = kind;
  }

  /** Bytes of the first record that waits, with what it takes to sign it alone. */
  get firstBytes(): number {
    return recordBytes(this.#memory.u32[(this.start + 40) >>> 2]!) + this.#bytesToSign(1);
  }

  #bytesToSign(records: number): number {
    return this.#signer === undefined ? 0 : signatureBytes(records);
  }

  /**
   * Gives the records that wait their place in a segment, from `offset` on, as many as fit before `limit`; tells them to `digest`, and gives how
   * many bytes that is. Where they are to be signed, the signature comes behind them.
   */
  seal(place: SegmentPlace, offset: number, limit: number, digest: SegmentDigest): number {
    const record = this.#record;
    record.memory = this.#memory;
    record.segment = place.number;
    this.#hashes?.clear();
    let at = this.start;
    let count = 0;
    for (let next = offset; at < this.end; at += record.bytes) {
      record.at = at;
      next += record.bytes;
      if (next + this.#bytesToSign(++count) > limit) break;
      this.#settle(place, at, next - record.bytes, offset, digest);
      this.#hashes?.add(record.memory.bytes, at, record.bytes);
    }
    if (this.#signer !== undefined) at += this.#sign(this.#signer, place, at, offset, digest);
    return at - this.start;
  }

  /** Ties the record at `at` to its place. */
  #settle(
    { logId, number }: SegmentPlace,
    at: number,
    offset: number,
    batchStart: number,
    digest: SegmentDigest,
  ): void {
    const memory = this.#memory;
    const word = at >>> 2;
    memory.u32[word + 2] = digest.chain;
    memory.u32[word + 3] = batchStart;
    memory.u32[word] = headSum(memory, at, placeSeed(logId, number, offset));
    this.#record.at = at;
    this.#record.offset = offset;
    digest.note(this.#record);
  }

  /** Puts the signature of the batch at `at`; what waits behind it moves on. Gives its bytes. */
  #sign(signer: Signer, place: SegmentPlace, at: number, batchStart: number, digest: SegmentDigest): number {
    const hashes = this.#hashes!;
    const length = signatureFields.records + hashes.count * markBytes;
    const { end } = this;
    const bytes = recordBytes(length);
    this.#take(bytes);
    const memory = (this.#record.memory = this.#memory);
    memory.bytes.copyWithin(at + bytes, at, end);
    this.#blank(at, recordKind.signature, length, digest.lastEpoch, digest.lastSequence);
    hashes.sign(signer, digest.hash!, memory.bytes, at + headBytes);
    memory.u32[(at >>> 2) + 1] = payloadSum(memory, at);
    this.#settle(place, at, batchStart + at - this.start, batchStart, digest);
    return bytes;
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
