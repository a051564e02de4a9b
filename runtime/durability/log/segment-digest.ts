import type { LogRecord } from './record.js';
import { recordKind } from './record.js';
import { segmentHeaderBytes } from './segment-header.js';
import { hashBytes, signatureFields, toHex } from './signing.js';

/** What is known of a segment that is complete, without reading it. */
export interface SegmentSummary {
  /** Where its records end. */
  readonly used: number;
  readonly samples: number;
  /** Versions of its first and its last sample; −1 and −1 where it has none. */
  readonly firstEpoch: number;
  readonly firstSequence: number;
  readonly lastEpoch: number;
  readonly lastSequence: number;
  /** Of its samples; the least above the greatest where it has none. */
  readonly minTimeUs: number;
  readonly maxTimeUs: number;
  /** The sum of its last record, which the first record of the next segment names. */
  readonly chain: number;
  /** Of a log that is signed: the hash of its last batch, which the first batch of the next segment follows. */
  readonly hash?: string | undefined;
  /** The same of a segment that was compacted, where another hash is to be followed: that of its own last batch. */
  readonly ownHash?: string | undefined;
}

/** Bytes of records between two entries of the index. */
const strideBytes = 64 * 1024;
/** Of an entry: offset, epoch and sequence of its first record, least and greatest time. */
const fields = 5;

/**
 * What a segment holds, told record by record: its summary, and a sparse index by version and by time. Allocates only where the index
 * grows.
 */
export class SegmentDigest implements SegmentSummary {
  used = segmentHeaderBytes;
  samples = 0;
  firstEpoch = -1;
  firstSequence = -1;
  lastEpoch = -1;
  lastSequence = -1;
  minTimeUs = Number.MAX_SAFE_INTEGER;
  maxTimeUs = 0;
  chain: number;
  hash: string | undefined;
  ownHash: string | undefined;
  /** Up to where its records are signed. */
  signedTo = segmentHeaderBytes;
  /** Of its last record that is no signature; 0 where it has none. */
  lastKind = 0;
  #entries = new Float64Array(16 * fields);
  #count = 0;

  /** `chain` and `hash`: of the segment before. */
  constructor(chain: number, hash: string | undefined) {
    this.chain = chain;
    this.hash = hash;
  }

  note(record: LogRecord): void {
    const { offset, epoch, sequence } = record;
    this.used = offset + record.bytes;
    this.chain = record.headCrc;
    if (record.kind === recordKind.signature) return this.#noteSignature(record);
    this.lastKind = record.kind;
    if (record.kind !== recordKind.data) return;
    if (this.samples++ === 0) {
      this.firstEpoch = epoch;
      this.firstSequence = sequence;
    }
    this.lastEpoch = epoch;
    this.lastSequence = sequence;
    if (this.#count === 0 || offset >= this.#entries[(this.#count - 1) * fields]! + strideBytes)
      this.#add(offset, epoch, sequence);
    this.#noteTime(record.sourceTimeUs);
  }

  #noteSignature({ memory, payload }: LogRecord): void {
    const at = payload + signatureFields.hash;
    this.hash = toHex(memory.bytes.subarray(at, at + hashBytes));
    this.signedTo = this.used;
  }

  #add(offset: number, epoch: number, sequence: number): void {
    const at = this.#count++ * fields;
    if (at === this.#entries.length) {
      const grown = new Float64Array(2 * at);
      grown.set(this.#entries);
      this.#entries = grown;
    }
    this.#entries[at] = offset;
    this.#entries[at + 1] = epoch;
    this.#entries[at + 2] = sequence;
    this.#entries[at + 3] = Number.MAX_SAFE_INTEGER;
    this.#entries[at + 4] = 0;
  }

  #noteTime(timeUs: number): void {
    const at = (this.#count - 1) * fields;
    if (timeUs < this.minTimeUs) this.minTimeUs = timeUs;
    if (timeUs > this.maxTimeUs) this.maxTimeUs = timeUs;
    if (timeUs < this.#entries[at + 3]!) this.#entries[at + 3] = timeUs;
    if (timeUs > this.#entries[at + 4]!) this.#entries[at + 4] = timeUs;
  }

  /** Where to begin in order to find all records from that version on. */
  offsetAt(epoch: number, sequence: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = middle * fields;
      const before =
        this.#entries[at + 1]! < epoch ||
        (this.#entries[at + 1] === epoch && this.#entries[at + 2]! < sequence);
      if (before) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? segmentHeaderBytes : this.#entries[(low - 1) * fields]!;
  }

  /** The first place at or after `offset` from which on there may be a sample of that time; where the records end if there is none. */
  offsetInTime(offset: number, fromUs: number, toUs: number): number {
    for (let entry = 0; entry < this.#count; entry++) {
      const at = entry * fields;
      const end = entry + 1 < this.#count ? this.#entries[at + fields]! : this.used;
      if (end > offset && this.#entries[at + 3]! <= toUs && this.#entries[at + 4]! >= fromUs)
        return Math.max(offset, this.#entries[at]!);
    }
    return this.used;
  }

  summary(): SegmentSummary {
    const { used, samples, chain, hash, firstEpoch, firstSequence } = this;
    const { lastEpoch, lastSequence, minTimeUs, maxTimeUs, ownHash } = this;
    const times = { minTimeUs, maxTimeUs };
    return {
      used,
      samples,
      firstEpoch,
      firstSequence,
      lastEpoch,
      lastSequence,
      ...times,
      chain,
      hash,
      ownHash,
    };
  }
}
