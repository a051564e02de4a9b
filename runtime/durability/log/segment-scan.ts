import { type RegionMemory, regionMemory } from '../../../transport/transport.js';
import type { DiskFile } from './disk.js';
import { LogRecord, headBytes, headSum, payloadSum, isRecordKind, placeSeed, recordBytes } from './record.js';
import { type Steps, answer } from './steps.js';

/** Read from the disk at once. */
const windowBytes = 256 * 1024;

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
    if (!isRecordKind(record.kind)) return `is of kind ${record.kind}, which there is not`;
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
