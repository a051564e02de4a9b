import type { Segment } from './catalog.js';
import { Catalog, isAfter } from './catalog.js';
import type { Disk, DiskEntry, DiskFile } from './disk.js';
import { LogError, corrupt } from './errors.js';
import { manifestName, readManifest } from './manifest.js';
import { type LogRecord, recordKind } from './record.js';
import { noteCut } from './recovery.js';
import { SegmentDigest } from './segment-digest.js';
import { catalogFromSegments } from './manifest-rebuild.js';
import { closeFile, openSegment } from './segment-file.js';
import { parseSegmentName, segmentHeaderBytes } from './segment-header.js';
import { readRecords } from './segment-end.js';
import { type Steps, answer } from './steps.js';

/** Something that is not as it should be. */
export interface Finding {
  /**
   * `damage`: what reached the disk is not there as it was written. `torn`: the last batch is not whole; nobody was told that it was durable.
   * `leftover`: a file that is no part of the log any more, or not yet.
   */
  readonly kind: 'damage' | 'torn' | 'leftover';
  readonly code: string;
  readonly file: string;
  readonly offset: number | undefined;
  readonly message: string;
}

/** How far the log is whole. */
export interface WholeUpTo {
  readonly segment: Segment;
  readonly offset: number;
  readonly epoch: number;
  readonly sequence: number;
}

export interface Inspection {
  /** Made of the segments where there is no manifest; undefined where that cannot be. */
  readonly catalog: Catalog | undefined;
  readonly findings: readonly Finding[];
  readonly samples: number;
  /** The last sample before the first damage; undefined where none is. */
  readonly whole: WholeUpTo | undefined;
}

/** Reads every byte of a log, and tells all that is wrong with it. */
export function* inspect(disk: Disk): Steps<Inspection> {
  return yield* new Inspector(disk).inspect();
}

class Inspector {
  readonly #disk: Disk;
  readonly #findings: Finding[] = [];
  #samples = 0;
  #whole: WholeUpTo | undefined;
  #damaged = false;
  /** What was found at the end of the segment before: no damage where nothing was written after it. */
  #open: Finding | undefined;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  *inspect(): Steps<Inspection> {
    const entries = yield* answer<readonly DiskEntry[]>((done) => this.#disk.list(done));
    const catalog = yield* this.#catalogOf(entries);
    if (catalog !== undefined) {
      for (const segment of catalog.segments) yield* this.#inspectSegment(catalog, segment);
      if (this.#open !== undefined) this.#findings.push(this.#open);
      this.#tellLeftovers(catalog, entries);
    }
    return { catalog, findings: this.#findings, samples: this.#samples, whole: this.#whole };
  }

  *#catalogOf(entries: readonly DiskEntry[]): Steps<Catalog | undefined> {
    try {
      return new Catalog(yield* readManifest(this.#disk));
    } catch (error) {
      if (entries.every(({ name }) => parseSegmentName(name) === undefined)) {
        const path = this.#disk.path;
        throw new LogError('BE_LOG_MISSING', path, undefined, 'there is no log in this folder');
      }
      this.#tell(error);
      return yield* catalogFromSegments(this.#disk, entries);
    }
  }

  *#inspectSegment(catalog: Catalog, segment: Segment): Steps<void> {
    const path = `${this.#disk.path}/${segment.name}`;
    let file: DiskFile;
    try {
      file = yield* openSegment(this.#disk, catalog, segment, 'read');
    } catch (error) {
      this.#tell(error);
      return;
    }
    const expected = this.#damaged ? undefined : catalog.chainBefore(segment);
    const place = { logId: catalog.logId, number: segment.number };
    const digest = new SegmentDigest(expected ?? 0);
    const stop = yield* readRecords(file, place, segment.bytes, expected, (record) =>
      this.#take(catalog, segment, record, digest),
    );
    yield* closeFile(file);
    const { position, damage, end } = stop;
    if (end > segmentHeaderBytes && this.#open !== undefined)
      this.#tell(corrupt(this.#open.file, this.#open.offset, this.#open.message));
    if (end > segmentHeaderBytes) this.#open = undefined;
    const { complete, summary } = segment;
    if (complete && summary!.used !== position)
      this.#tell(corrupt(path, position, damage ?? `the records should end at ${summary!.used}`));
    else if (stop.lost) this.#tell(corrupt(path, position, damage!));
    else if (end > position) {
      const message = `${damage ?? 'no record'}: ${end - position} bytes that were written last, and are not whole`;
      this.#open = { kind: 'torn', code: 'BE_LOG_CORRUPT', file: path, offset: position, message };
    }
    if (!complete) segment.summary = digest;
  }

  #take(catalog: Catalog, segment: Segment, record: LogRecord, digest: SegmentDigest): void {
    digest.note(record);
    if (record.kind === recordKind.end) noteCut(catalog, record);
    if (record.kind === recordKind.data) this.#samples++;
    if (this.#damaged) return;
    const { offset, bytes, epoch, sequence, kind } = record;
    const before = this.#whole;
    if (
      kind === recordKind.data &&
      before !== undefined &&
      !isAfter(epoch, sequence, before.epoch, before.sequence)
    ) {
      const what = `version ${epoch}.${sequence} comes after ${before.epoch}.${before.sequence}`;
      return this.#tell(corrupt(`${this.#disk.path}/${segment.name}`, offset, what));
    }
    const version = kind === recordKind.data ? { epoch, sequence } : { epoch: -1, sequence: -1, ...before };
    this.#whole = { segment, offset: offset + bytes, epoch: version.epoch, sequence: version.sequence };
  }

  #tellLeftovers(catalog: Catalog, entries: readonly DiskEntry[]): void {
    const listed = new Set(catalog.segments.map(({ name }) => name));
    for (const { name } of entries) {
      if (listed.has(name) || name === manifestName) continue;
      if (!name.startsWith('~') && parseSegmentName(name) === undefined) continue;
      const file = `${this.#disk.path}/${name}`;
      const message = 'no part of the log: it was being made, or was replaced';
      this.#findings.push({ kind: 'leftover', code: 'BE_LOG_CORRUPT', file, offset: undefined, message });
    }
  }

  #tell(error: unknown): void {
    if (!(error instanceof LogError)) throw error;
    const { code, file, offset, reason: message } = error;
    this.#findings.push({ kind: 'damage', code, file, offset, message });
    this.#damaged = true;
  }
}
