import { type RegionMemory, regionMemory } from '../../../transport/transport.js';
import type { DiskFile } from './disk.js';
import { LogRecord, headBytes, headSum, payloadSum, placeSeed, recordBytes, recordKind } from './record.js';
import { type Steps, answer } from './steps.js';

/** Read from the disk at once. */
const windowBytes = 256 * 1024;
const kinds: ReadonlySet<number> = new Set(Object.values(recordKind));

export interface SegmentPlace {
  readonly logId: number;
  readonly number: number;
}

/**
 * Reads a segment record by record, and believes none that is not whole, in its place, and the one that follows the one before.
 * `limit` is where there is nothing more to be read, whatever is there.
 */
export class SegmentScan {
  readonly record: LogRecord;
  /** Where the next record begins; where it stopped. */
  position: number;
  /** Why it stopped before the records' end. */
  damage: string | undefined;
  /** The record where it stopped is whole, and one before it is missing. */
  gap = false;
  readonly #file: DiskFile;
  readonly #place: SegmentPlace;
  readonly #limit: number;
  #chain: number | undefined;
  #memory: RegionMemory = regionMemory(new ArrayBuffer(windowBytes));
  /** The bytes of the file that are in memory. */
  #from: number;
  #to: number;

  /** `chain` is the sum of the record before, where it is known. */
  constructor(file: DiskFile, place: SegmentPlace, from: number, limit: number, chain?: number) {
    this.record = new LogRecord(this.#memory);
    this.record.segment = place.number;
    this.#file = file;
    this.#place = place;
    this.position = from;
    this.#limit = limit;
    this.#chain = chain;
    this.#from = from;
    this.#to = from;
  }

  /** Goes to the next record: true where there is one; false where the records end, or are damaged. */
  *next(): Steps<boolean> {
    const { record, position } = this;
    if (this.damage !== undefined || position + headBytes > this.#limit) return false;
    if (position + headBytes > this.#to && !(yield* this.#load(headBytes)))
      return this.#damaged('is cut off');
    record.offset = position;
    record.at = position - this.#from;
    if (isAbsent(record)) return false;
    const damage = this.#damageOfHead();
    if (damage !== undefined) return this.#damaged(damage);
    const { bytes } = record;
    if (position + bytes > this.#to && !(yield* this.#load(bytes))) return this.#damaged('is cut off');
    if (payloadSum(record.memory, record.at) !== record.payloadCrc)
      return this.#damaged(
        `of version ${record.epoch}.${record.sequence} has another checksum than its payload`,
      );
    this.#chain = record.headCrc;
    this.position = position + bytes;
    return true;
  }

  #damageOfHead(): string | undefined {
    const { record, position } = this;
    const { logId, number } = this.#place;
    if (headSum(record.memory, record.at, placeSeed(logId, number, position)) !== record.headCrc)
      return 'has another checksum than its head, or belongs elsewhere';
    if (!kinds.has(record.kind)) return `is of kind ${record.kind}, which there is not`;
    if (position + recordBytes(record.length) > this.#limit) return 'reaches beyond the end of the segment';
    if (this.#chain !== undefined && record.previous !== this.#chain) {
      this.gap = true;
      return `of version ${record.epoch}.${record.sequence} does not follow the record before it: one is missing`;
    }
    return undefined;
  }

  #damaged(what: string): false {
    this.damage = `the record ${what}`;
    return false;
  }

  /** Brings at least `bytes` bytes from the position on into memory, and as much more as there is room for. */
  *#load(bytes: number): Steps<boolean> {
    const kept = this.#to - this.position;
    const before = this.#memory;
    if (bytes > before.bytes.length) this.#memory = regionMemory(new ArrayBuffer((bytes + 4095) & ~4095));
    else if (kept < 0 || before.bytes.length > windowBytes)
      this.#memory = regionMemory(new ArrayBuffer(Math.max(windowBytes, kept)));
    if (kept > 0) {
      const start = this.position - this.#from;
      this.#memory.bytes.set(before.bytes.subarray(start, start + kept));
    }
    this.#from = this.position;
    this.#to = this.position + Math.max(0, kept);
    const target = this.#memory.bytes;
    const room = Math.min(target.length, this.#limit - this.#from) - (this.#to - this.#from);
    const read = yield* answer<number>((done) =>
      this.#file.read(target, this.#to - this.#from, room, this.#to, done),
    );
    this.#to += read;
    this.record.memory = this.#memory;
    this.record.at = 0;
    return this.#to - this.#from >= bytes;
  }
}

/** Nothing was ever written here. */
function isAbsent(record: LogRecord): boolean {
  return record.headCrc === 0 && record.kind === 0 && record.length === 0 && record.epoch === 0;
}

/** What lies behind the place where the records of a segment stopped. */
export interface SegmentRest {
  /** Behind the last byte that is not zero; the place itself where there is none. */
  readonly end: number;
  /** The first whole record that was written when the place had long been durable; then what is missing there was not torn. */
  readonly laterRecord: number | undefined;
}

/** Looks through what lies behind `from`, where the records of a segment stopped. */
export function* lookBehind(file: DiskFile, place: SegmentPlace, from: number): Steps<SegmentRest> {
  const memory = regionMemory(new ArrayBuffer(windowBytes));
  const record = new LogRecord(memory);
  let end = from;
  for (let start = from; start < file.bytes;) {
    const count = yield* answer<number>((done) => file.read(memory.bytes, 0, windowBytes, start, done));
    const words = count >>> 2;
    for (let word = 0; word < words; word++) {
      if (memory.u32[word] === 0) continue;
      end = start + (word << 2) + 4;
      // A head begins with a sum, which may be split by the window: the next window begins a head's length earlier.
      if (word % 2 !== 0 || (word << 2) + headBytes > count) continue;
      record.at = word << 2;
      if (!kinds.has(record.kind) || start + record.at + record.bytes > file.bytes) continue;
      const seed = placeSeed(place.logId, place.number, start + record.at);
      if (headSum(memory, record.at, seed) === record.headCrc && record.batchStart > from)
        return { end, laterRecord: start + record.at };
    }
    for (let at = words << 2; at < count; at++) if (memory.bytes[at] !== 0) end = start + at + 1;
    start += count < windowBytes ? Math.max(count, 1) : windowBytes - headBytes;
  }
  return { end, laterRecord: undefined };
}
