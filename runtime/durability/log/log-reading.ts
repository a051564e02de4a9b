import { regionMemory } from '../../../transport/transport.js';
import type { EntryRef } from '../../history/entry.js';
import { type Catalog, type Segment, isAfter } from './catalog.js';
import type { Disk, DiskFile } from './disk.js';
import { corrupt } from './errors.js';
import type { Gap } from './gap.js';
import { LogRecord, recordKind } from './record.js';
import { SegmentDigest } from './segment-digest.js';
import { closeFile, openSegment } from './segment-file.js';
import { segmentHeaderBytes } from './segment-header.js';
import { SegmentScan } from './segment-scan.js';
import { type Callback, type Steps, run } from './steps.js';

export interface Version {
  readonly epoch: number;
  readonly sequence: number;
}

/** Which samples; all bounds are included. */
export interface ReadRange {
  readonly from?: Version;
  readonly upTo?: Version;
  /** Source times, in microseconds. */
  readonly fromUs?: number;
  readonly upToUs?: number;
}

/** What there is to be read of a segment. */
interface SegmentPart {
  readonly segment: Segment;
  /** Up to where it is durable. */
  readonly limit: number;
  /** The sum of the record before its first, where that is known. */
  readonly chain: number | undefined;
}

/** Reads samples of a log in their order, as they were when it began. */
export class LogReading {
  /** The sample that `next` came to; valid until the next one. */
  record = new LogRecord(regionMemory(new ArrayBuffer(0)));
  /** As it was when it began. */
  readonly gap: Gap | undefined;
  readonly #disk: Disk;
  readonly #catalog: Catalog;
  readonly #range: ReadRange;
  readonly #ended: () => void;
  /** As they were when it began. */
  readonly #segments: readonly SegmentPart[];
  #index = 0;
  #file: DiskFile | undefined;
  #scan: SegmentScan | undefined;
  #over = false;

  constructor(
    disk: Disk,
    catalog: Catalog,
    range: ReadRange,
    ended: () => void,
    segments: readonly Segment[] = catalog.segments,
  ) {
    this.#disk = disk;
    this.#catalog = catalog;
    this.gap = catalog.gap;
    this.#range = range;
    this.#ended = ended;
    let before: number | undefined = catalog.chain;
    const parts = segments.map((segment): SegmentPart => {
      const chain = segment.generation > 0 ? undefined : before;
      before = segment.summary?.chain;
      return { segment, limit: segment.durable, chain };
    });
    this.#segments = parts.filter(
      ({ segment, limit }) => limit > segmentHeaderBytes && mayHold(segment, range),
    );
  }

  /** The same sample, as history keeps it. */
  get entry(): EntryRef {
    return this.record.entry;
  }

  /** Goes to the next sample; calls back with false where there is none. */
  advance(done: Callback<boolean>): void {
    run(this.next(), done);
  }

  *next(): Steps<boolean> {
    while (!this.#over) {
      if (this.#scan === undefined && !(yield* this.#openNext())) break;
      const scan = this.#scan!;
      while (yield* scan.next()) {
        const { record } = scan;
        if (this.#isBeyond(record)) {
          yield* this.end();
          return false;
        }
        if (!this.#isWanted(record)) continue;
        this.record = record;
        return true;
      }
      yield* this.#closeSegment();
    }
    return false;
  }

  /** Has to be called when no more is wanted. */
  *end(): Steps<void> {
    if (this.#over) return;
    this.#over = true;
    if (this.#file !== undefined) yield* closeFile(this.#file);
    this.#ended();
  }

  close(done: Callback<void>): void {
    run(this.end(), done);
  }

  *#openNext(): Steps<boolean> {
    const next = this.#segments[this.#index++];
    if (next === undefined) {
      yield* this.end();
      return false;
    }
    const { segment, limit, chain } = next;
    this.#file = yield* openSegment(this.#disk, this.#catalog, segment, 'read');
    const start = yield* this.#startIn(segment, limit);
    this.#scan = this.#scanOf(segment, start, limit, start === segmentHeaderBytes ? chain : undefined);
    return true;
  }

  #scanOf(segment: Segment, start: number, limit: number, chain: number | undefined): SegmentScan {
    const place = { logId: this.#catalog.logId, number: segment.number };
    return new SegmentScan(this.#file!, place, start, limit, chain);
  }

  /** Where to begin. An index that is not in memory any more is made again where a part of the segment is to be passed over. */
  *#startIn(segment: Segment, limit: number): Steps<number> {
    const { from, fromUs = -Infinity, upToUs = Infinity } = this.#range;
    const { firstEpoch, firstSequence, minTimeUs } = segment.summary!;
    const isInside = from !== undefined && isAfter(from.epoch, from.sequence, firstEpoch, firstSequence);
    if (!isInside && fromUs <= minTimeUs) return segmentHeaderBytes;
    segment.digest ??= yield* this.#makeDigest(segment, limit);
    const start = isInside ? segment.digest.offsetAt(from.epoch, from.sequence) : segmentHeaderBytes;
    return Math.min(limit, segment.digest.offsetInTime(start, fromUs, upToUs));
  }

  *#makeDigest(segment: Segment, limit: number): Steps<SegmentDigest> {
    const scan = this.#scanOf(segment, segmentHeaderBytes, limit, undefined);
    const digest = new SegmentDigest(0, undefined);
    while (yield* scan.next()) digest.note(scan.record);
    this.#checkEnd(scan, segment, limit);
    digest.chain = segment.summary!.chain;
    digest.hash = segment.summary!.hash;
    digest.ownHash = segment.summary!.ownHash;
    return digest;
  }

  *#closeSegment(): Steps<void> {
    const { segment, limit } = this.#segments[this.#index - 1]!;
    this.#checkEnd(this.#scan!, segment, limit);
    yield* closeFile(this.#file!);
    this.#file = undefined;
    this.#scan = undefined;
  }

  #checkEnd({ position, damage }: SegmentScan, { name }: Segment, limit: number): void {
    if (position < limit)
      throw corrupt(`${this.#disk.path}/${name}`, position, damage ?? 'the records end before they should');
  }

  #isBeyond({ kind, epoch, sequence }: LogRecord): boolean {
    const { upTo } = this.#range;
    return (
      kind === recordKind.data && upTo !== undefined && isAfter(epoch, sequence, upTo.epoch, upTo.sequence)
    );
  }

  #isWanted(record: LogRecord): boolean {
    if (record.kind !== recordKind.data) return false;
    const { epoch, sequence, sourceTimeUs } = record;
    const { from, fromUs = -Infinity, upToUs = Infinity } = this.#range;
    if (from !== undefined && isAfter(from.epoch, from.sequence, epoch, sequence)) return false;
    if (sourceTimeUs < fromUs || sourceTimeUs > upToUs) return false;
    return !this.#catalog.isCut(epoch, sequence);
  }
}

function mayHold({ summary }: Segment, { from, upTo, fromUs, upToUs }: ReadRange): boolean {
  if (summary === undefined || summary.samples === 0) return false;
  const { firstEpoch, firstSequence, lastEpoch, lastSequence, minTimeUs, maxTimeUs } = summary;
  if (from !== undefined && isAfter(from.epoch, from.sequence, lastEpoch, lastSequence)) return false;
  if (upTo !== undefined && isAfter(firstEpoch, firstSequence, upTo.epoch, upTo.sequence)) return false;
  return !(fromUs !== undefined && maxTimeUs < fromUs) && !(upToUs !== undefined && minTimeUs > upToUs);
}
