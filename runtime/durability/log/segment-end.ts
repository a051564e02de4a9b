import { regionMemory } from '../../../transport/transport.js';
import type { DiskFile } from './disk.js';
import { LogRecord, headBytes, headSum, isRecordKind, placeSeed } from './record.js';
import { segmentHeaderBytes } from './segment-header.js';
import { type SegmentPlace, SegmentScan } from './segment-scan.js';
import { type Steps, answer } from './steps.js';

/** Read from the disk at once. */
const windowBytes = 256 * 1024;

/** Where the records of a segment stop, and why. */
export interface SegmentStop {
  readonly position: number;
  /** What is wrong with what lies there, if it is not merely nothing. */
  readonly damage: string | undefined;
  /** Behind the last byte that is not zero; the position itself where all is zero. */
  readonly end: number;
  /** What is missing there had been durable: it was not torn. */
  readonly lost: boolean;
}

/** Tells `visit` every record of a segment, and looks at what lies behind them. `chain` is the sum of the record before the first, where it is known. */
export function* readRecords(
  file: DiskFile,
  place: SegmentPlace,
  limit: number,
  chain: number | undefined,
  visit: (record: LogRecord) => void,
): Steps<SegmentStop> {
  let scan = new SegmentScan(file, place, segmentHeaderBytes, limit, chain);
  for (;;) {
    let last = chain;
    while (yield* scan.next()) {
      visit(scan.record);
      last = scan.record.headCrc;
    }
    const { position, damage, gap } = scan;
    const { end, laterRecord } = yield* lookBehind(file, place, position);
    if (laterRecord === undefined && !gap) return { position, damage, end, lost: false };
    // Where somebody writes to the log just now, what was not there yet may be there by now.
    scan = new SegmentScan(file, place, position, limit, last);
    if (!(yield* scan.next())) {
      const later = `a record is missing that was durable before that at ${laterRecord}`;
      return { position, damage: damage ?? later, end, lost: true };
    }
    visit(scan.record);
    chain = scan.record.headCrc;
  }
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
      if (!isRecordKind(record.kind) || start + record.at + record.bytes > file.bytes) continue;
      const seed = placeSeed(place.logId, place.number, start + record.at);
      if (headSum(memory, record.at, seed) === record.headCrc && record.batchStart > from)
        return { end, laterRecord: start + record.at };
    }
    for (let at = words << 2; at < count; at++) if (memory.bytes[at] !== 0) end = start + at + 1;
    start += count < windowBytes ? Math.max(count, 1) : windowBytes - headBytes;
  }
  return { end, laterRecord: undefined };
}
