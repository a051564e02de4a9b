import type { Segment } from './catalog.js';
import { Catalog, isAfter } from './catalog.js';
import type { Disk, DiskEntry, DiskFile } from './disk.js';
import { LogError, corrupt, tampered } from './errors.js';
import { manifestName, readManifest } from './manifest.js';
import { type LogRecord, recordKind } from './record.js';
import { cutOf, gapIn, noteCut } from './recovery.js';
import { gapBefore } from './gap.js';
import { SegmentDigest } from './segment-digest.js';
import { catalogFromSegments } from './manifest-rebuild.js';
import { leaveFile, openSegment } from './segment-file.js';
import { parseSegmentName, segmentHeaderBytes } from './segment-header.js';
import { readRecords } from './segment-end.js';
import { SignatureCheck } from './signature-check.js';
import type { SignatureScheme } from './signing.js';
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
  readonly signed: Signed | undefined;
}

/** By whom a log is signed, and its last hash, which says all that was in it. Two that are both in one log's past lie on one chain. */
export interface Signed {
  readonly key: string;
  readonly hash: string | undefined;
}

/** How signatures are verified. */
export interface Verification {
  readonly scheme: SignatureScheme;
  /** The keys that are believed; undefined: that which the log itself names. */
  readonly keys?: readonly string[] | undefined;
}

/** Reads every byte of a log, and tells all that is wrong with it. Signatures are verified where it is said how. */
export function* inspect(disk: Disk, verification?: Verification): Steps<Inspection> {
  return yield* new Inspector(disk, verification).inspect();
}

class Inspector {
  readonly #disk: Disk;
  readonly #verification: Verification | undefined;
  readonly #findings: Finding[] = [];
  #check: SignatureCheck | undefined;
  #samples = 0;
  #last: WholeUpTo | undefined;
  #whole: WholeUpTo | undefined;
  #damaged = false;
  #manifestLost = false;
  /** What was found at the end of the segment before: no damage where nothing was written after it. */
  #open: Finding | undefined;

  constructor(disk: Disk, verification: Verification | undefined) {
    this.#disk = disk;
    this.#verification = verification;
  }

  *inspect(): Steps<Inspection> {
    const entries = yield* answer<readonly DiskEntry[]>((done) => this.#disk.list(done));
    const catalog = yield* this.#catalogOf(entries);
    if (catalog !== undefined) {
      this.#checkKey(catalog);
      for (const segment of catalog.segments) yield* this.#inspectSegment(catalog, segment);
      if (this.#manifestLost) catalog.lacks(gapBefore(catalog.segments));
      if (this.#open !== undefined) this.#findings.push(this.#open);
      this.#tellLeftovers(catalog, entries);
    }
    const { samples, whole, signed } = {
      samples: this.#samples,
      whole: this.#whole,
      signed: signedBy(catalog),
    };
    return { catalog, findings: this.#findings, samples, whole, signed };
  }

  #checkKey({ identity: { key } }: Catalog): void {
    const keys = this.#verification?.keys;
    if (keys === undefined || (key !== undefined && keys.includes(key))) return;
    const what =
      key === undefined ? 'it is not signed' : `it is signed with key ${key}, which is not among those given`;
    this.#tell(tampered(`${this.#disk.path}/${manifestName}`, 0, `the log cannot be trusted: ${what}`));
  }

  *#catalogOf(entries: readonly DiskEntry[]): Steps<Catalog | undefined> {
    try {
      return new Catalog(yield* readManifest(this.#disk, this.#verification?.scheme));
    } catch (error) {
      if (entries.every(({ name }) => parseSegmentName(name) === undefined)) {
        const path = this.#disk.path;
        throw new LogError('BE_LOG_MISSING', path, undefined, 'there is no log in this folder');
      }
      this.#tell(error);
      this.#manifestLost = true;
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
    const digest = new SegmentDigest(expected ?? 0, undefined);
    this.#check = this.#checkOf(catalog, segment);
    const stop = yield* readRecords(file, place, segment.bytes, expected, (record) =>
      this.#take(catalog, segment, record, digest),
    );
    yield* leaveFile(file);
    const { position, damage, end } = stop;
    if (end > segmentHeaderBytes && this.#open !== undefined)
      this.#tell(corrupt(this.#open.file, this.#open.offset, this.#open.message));
    if (end > segmentHeaderBytes) this.#open = undefined;
    this.#tellForgery(catalog, segment, digest);
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

  #checkOf(catalog: Catalog, segment: Segment): SignatureCheck | undefined {
    const { key } = catalog.identity;
    const scheme = this.#verification?.scheme;
    if (key === undefined || scheme === undefined) return undefined;
    return new SignatureCheck(scheme, key, this.#damaged ? undefined : catalog.hashBefore(segment, scheme));
  }

  #tellForgery(
    { identity: { key } }: Catalog,
    segment: Segment,
    { used, signedTo, hash }: SegmentDigest,
  ): void {
    if (this.#check === undefined) return;
    const path = `${this.#disk.path}/${segment.name}`;
    const { complete, summary } = segment;
    const { forgery } = this.#check;
    if (forgery !== undefined) this.#tell(tampered(path, forgery.offset, forgery.what));
    else if (signedTo < used && complete)
      this.#tell(tampered(path, signedTo, `what follows was not signed with key ${key}`));
    else if (signedTo < used) {
      const message = `${used - signedTo} bytes that were written last, and are not signed`;
      this.#open = { kind: 'torn', code: 'BE_LOG_CORRUPT', file: path, offset: signedTo, message };
    } else if (complete && hash !== (segment.generation > 0 ? summary!.ownHash : summary!.hash))
      this.#tell(tampered(path, used, 'the segment ends with another batch than the manifest says'));
  }

  #take(catalog: Catalog, segment: Segment, record: LogRecord, digest: SegmentDigest): void {
    digest.note(record);
    this.#check?.take(record);
    if (record.kind === recordKind.end) noteCut(catalog, cutOf(record));
    if (record.kind === recordKind.gap) catalog.lacks(gapIn(record));
    if (record.kind === recordKind.data) this.#samples++;
    if (!this.#damaged) this.#goOn(segment, record);
  }

  /** The log is whole up to a record, or, where it is signed, up to a signature. */
  #goOn(segment: Segment, { offset, bytes, epoch, sequence, kind }: LogRecord): void {
    const before = this.#last;
    const isSample = kind === recordKind.data;
    // The order of what is signed is verified with it.
    const isOrdered = this.#check !== undefined || before === undefined || !isSample;
    if (!isOrdered && !isAfter(epoch, sequence, before.epoch, before.sequence)) {
      const what = `version ${epoch}.${sequence} comes after ${before.epoch}.${before.sequence}`;
      return this.#tell(corrupt(`${this.#disk.path}/${segment.name}`, offset, what));
    }
    const version = isSample ? { epoch, sequence } : { epoch: -1, sequence: -1, ...before };
    this.#last = { segment, offset: offset + bytes, epoch: version.epoch, sequence: version.sequence };
    if (this.#check?.forgery !== undefined) this.#damaged = true;
    else if (this.#check === undefined || kind === recordKind.signature) this.#whole = this.#last;
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

function signedBy(catalog: Catalog | undefined): Signed | undefined {
  const key = catalog?.identity.key;
  if (key === undefined) return undefined;
  return {
    key,
    hash: catalog!.segments.findLast(({ summary }) => summary?.hash !== undefined)?.summary?.hash,
  };
}
