import { Catalog, Segment, isAfter } from './catalog.js';
import type { Disk, DiskEntry, DiskFile } from './disk.js';
import { LogError, corrupt, tampered } from './errors.js';
import type { LogOwner } from './identity.js';
import { type Cut, manifestName, readManifest, writeManifest } from './manifest.js';
import type { Gap } from './gap.js';
import { type LogRecord, recordKind } from './record.js';
import { SegmentDigest } from './segment-digest.js';
import { addSegment, closeFile, openSegment, removeFile } from './segment-file.js';
import { parseSegmentName, segmentHeaderBytes } from './segment-header.js';
import { type SegmentStop, lookBehind, readRecords } from './segment-end.js';
import { type Forgery, SignatureCheck } from './signature-check.js';
import type { Signer } from './signing.js';
import { answer, completed, type Steps } from './steps.js';

/** What was written last, and was not whole: it had not been durable when the log ended, and nobody was told that it was. */
export interface TornTail {
  readonly file: string;
  readonly offset: number;
  /** Up to the last byte that is not zero. */
  readonly bytes: number;
}

export interface Recovered {
  readonly catalog: Catalog;
  /** The segment that is written to. */
  readonly active: Segment;
  readonly activeFile: DiskFile;
  /** The segment after it, which is empty, if it is there. */
  readonly next: { readonly segment: Segment; readonly file: DiskFile } | undefined;
  /** Up to where the topic goes, in this log; −1 and −1 where it has nothing. */
  readonly lastEpoch: number;
  readonly lastSequence: number;
  readonly torn: TornTail | undefined;
  /** Who signs what is appended. */
  readonly signer: Signer | undefined;
}

/** Who opens a log for appending. */
interface Appender {
  readonly owner: LogOwner;
  readonly signer: Signer | undefined;
}

/** Makes a new log where there is none. */
export function* createLog(
  disk: Disk,
  { domain, topic, typeName, typeHash, schema, key }: LogOwner,
  logId: number,
  segmentBytes: number,
  signer: Signer | undefined,
): Steps<Recovered> {
  const identity = { domain, topic, typeName, typeHash, key };
  const types = [{ typeHash, schema }];
  const catalog = new Catalog({ identity, types, logId, chain: 0, segments: [], cuts: [] });
  const active = new Segment(1, 0, segmentBytes);
  catalog.hash = signer && catalog.origin(signer);
  const activeFile = yield* addSegment(disk, catalog, active, signer);
  active.digest = new SegmentDigest(0, catalog.hash);
  const empty = { next: undefined, lastEpoch: -1, lastSequence: -1, torn: undefined };
  return { catalog, active, activeFile, ...empty, signer };
}

/** Whether there is a log. @throws LogError BE_LOG_MISSING where there is a part of one */
export function* hasLog(disk: Disk, entries: readonly DiskEntry[]): Steps<boolean> {
  if (entries.some(({ name }) => name === manifestName)) return true;
  for (const { name } of entries) {
    if (parseSegmentName(name) === undefined || !(yield* hasRecords(disk, name))) continue;
    throw new LogError(
      'BE_LOG_MISSING',
      `${disk.path}/${manifestName}`,
      undefined,
      `the manifest is gone, but there are records in ${name}: 'bowecho log repair' makes it again from the segments`,
    );
  }
  return false;
}

/**
 * Opens a log: looks whether its files are what the manifest says, and reads what was written since: the last two segments at most. With
 * an appender, what was torn is made zero again, files that are left over are removed, and signatures are verified.
 */
export function* recover(disk: Disk, entries: readonly DiskEntry[], appender?: Appender): Steps<Recovered> {
  const signer = appender?.signer;
  const catalog = new Catalog(yield* readManifest(disk, signer));
  const typeIsNew = appender !== undefined && catalog.adopt(`${disk.path}/${manifestName}`, appender.owner);
  checkFiles(disk, catalog, entries);
  const { last, next } = yield* readTail(disk, catalog, appender);
  const { segment: active, file: activeFile } = last;
  const { position, end } = last.stop;
  const torn =
    end > position
      ? { file: `${disk.path}/${active.name}`, offset: position, bytes: end - position }
      : undefined;
  if (appender !== undefined) {
    if (torn !== undefined) yield* zero(activeFile, torn);
    // What a process that was killed had written, and had not made durable, is there as long as the machine runs.
    yield* completed((done) => activeFile.sync(done));
    yield* completed((done) => disk.sync(done));
    yield* removeLeftovers(disk, catalog, entries);
    if (typeIsNew) yield* writeManifest(disk, catalog.manifest(), signer);
  } else {
    yield* closeFile(activeFile);
    if (next !== undefined) yield* closeFile(next.file);
  }
  return { catalog, active, activeFile, next, ...lastOf(catalog), torn, signer };
}

/** Every file that the manifest lists is there, of the length that it says. */
function checkFiles(disk: Disk, catalog: Catalog, entries: readonly DiskEntry[]): void {
  const found = new Map(entries.map(({ name, bytes }) => [name, bytes]));
  for (const { name, bytes } of catalog.segments) {
    const path = `${disk.path}/${name}`;
    const there = found.get(name);
    if (there === undefined)
      throw new LogError(
        'BE_LOG_MISSING',
        path,
        undefined,
        'the segment is gone: put it back, or remove the whole log, and let the other replicas give it again',
      );
    if (there < bytes) throw corrupt(path, there, `the segment ends here, of ${bytes} bytes that it had`);
  }
}

interface TailSegment {
  readonly segment: Segment;
  readonly file: DiskFile;
  readonly stop: SegmentStop;
}

/** Reads the segments that the manifest has no summary of: the one to go on with, and the empty one after it. */
function* readTail(
  disk: Disk,
  catalog: Catalog,
  appender: Appender | undefined,
): Steps<{ last: TailSegment; next: TailSegment | undefined }> {
  const files: DiskFile[] = [];
  let last: TailSegment | undefined;
  let next: TailSegment | undefined;
  try {
    for (const segment of catalog.segments.filter(({ complete }) => !complete)) {
      const file = yield* openSegment(disk, catalog, segment, appender === undefined ? 'read' : 'write');
      files.push(file);
      const read = yield* readSegment(disk, catalog, segment, file, appender?.signer);
      if (last !== undefined && read.stop.end === segmentHeaderBytes) next = read;
      else {
        if (last !== undefined) yield* completeSegment(disk, last);
        last = read;
      }
    }
  } catch (error) {
    for (const file of files) yield* closeFile(file);
    throw error;
  }
  return { last: last!, next };
}

/** A segment that another follows was durable to its end before anything was written to that. */
function* completeSegment(disk: Disk, { segment, file, stop }: TailSegment): Steps<void> {
  const { position, damage, end } = stop;
  if (end > position)
    throw corrupt(
      `${disk.path}/${segment.name}`,
      position,
      damage ?? 'behind the last record is what is none',
    );
  segment.complete = true;
  yield* closeFile(file);
}

function* readSegment(
  disk: Disk,
  catalog: Catalog,
  segment: Segment,
  file: DiskFile,
  signer: Signer | undefined,
): Steps<TailSegment> {
  const path = `${disk.path}/${segment.name}`;
  let read = yield* readUpTo(catalog, segment, file, segment.bytes, signer);
  const { signedTo, used } = read.digest;
  // What is whole, and was not signed, was torn: both are written at once.
  if (catalog.identity.key !== undefined && signedTo < used && !read.stop.lost)
    read = yield* readUpTo(catalog, segment, file, signedTo, signer);
  const { digest, stop, ends, gaps, forgery } = read;
  if (stop.lost) throw corrupt(path, stop.position, stop.damage!);
  if (forgery !== undefined) throw tampered(path, forgery.offset, forgery.what);
  for (const cut of ends) noteCut(catalog, cut);
  for (const gap of gaps) catalog.lacks(gap);
  segment.digest = digest;
  segment.summary = digest;
  segment.durable = digest.used;
  return { segment, file, stop };
}

function* readUpTo(
  catalog: Catalog,
  segment: Segment,
  file: DiskFile,
  limit: number,
  signer: Signer | undefined,
): Steps<{
  digest: SegmentDigest;
  stop: SegmentStop;
  ends: Cut[];
  gaps: Gap[];
  forgery: Forgery | undefined;
}> {
  const chain = catalog.chainBefore(segment);
  const hash = signer && catalog.hashBefore(segment, signer);
  const place = { logId: catalog.logId, number: segment.number };
  const digest = new SegmentDigest(chain ?? 0, hash);
  const check = signer && new SignatureCheck(signer, signer.publicKey, hash);
  const ends: Cut[] = [];
  const gaps: Gap[] = [];
  const stop = yield* readRecords(file, place, limit, chain, (record) => {
    digest.note(record);
    check?.take(record);
    if (record.kind === recordKind.end) ends.push(cutOf(record));
    if (record.kind === recordKind.gap) gaps.push(gapIn(record));
  });
  return { digest, stop, ends, gaps, forgery: check?.forgery };
}

/** What the record of an epoch's end cuts off. */
export function cutOf({ epoch, sequence, memory, payload }: LogRecord): Cut {
  const [toEpoch, toSequence] = [memory.f64[payload >>> 3]!, memory.f64[(payload >>> 3) + 1]!];
  return { fromEpoch: epoch, fromSequence: sequence, toEpoch, toSequence };
}

/** What a record says is missing. */
export function gapIn({ epoch, sequence, memory, payload }: LogRecord): Gap {
  return { epoch, sequence, timeUs: memory.f64[payload >>> 3]! };
}

/** Notes what is cut, if anything is. */
export function noteCut(catalog: Catalog, cut: Cut): void {
  const { fromEpoch, fromSequence, toEpoch, toSequence } = cut;
  const known = catalog.cuts.some(
    (other) =>
      other.fromEpoch === fromEpoch &&
      other.fromSequence === fromSequence &&
      other.toEpoch === toEpoch &&
      other.toSequence === toSequence,
  );
  if (!known && isAfter(toEpoch, toSequence, fromEpoch, fromSequence)) catalog.cuts.push(cut);
}

/** The version of the last record, or where its epoch was cut. */
export function lastOf(catalog: Catalog): { lastEpoch: number; lastSequence: number } {
  const last = catalog.segments.findLast(({ summary }) => summary !== undefined && summary.samples > 0);
  let { lastEpoch, lastSequence } = last?.summary ?? { lastEpoch: -1, lastSequence: -1 };
  for (const cut of catalog.cuts.toReversed())
    if (
      !isAfter(lastEpoch, lastSequence, cut.toEpoch, cut.toSequence) &&
      isAfter(lastEpoch, lastSequence, cut.fromEpoch, cut.fromSequence)
    )
      ({ fromEpoch: lastEpoch, fromSequence: lastSequence } = cut);
  return { lastEpoch, lastSequence };
}

/** So that nothing of it is ever taken for a part of what is written over it. */
function* zero(file: DiskFile, { offset, bytes }: TornTail): Steps<void> {
  const zeros = new Uint8Array(Math.min(bytes, 1 << 20));
  for (let at = 0; at < bytes; at += zeros.length) {
    const length = Math.min(zeros.length, bytes - at);
    yield* completed((done) => file.write(zeros, 0, length, offset + at, done));
  }
}

/** Files that were being made, or replaced, when the log ended. */
function* removeLeftovers(disk: Disk, catalog: Catalog, entries: readonly DiskEntry[]): Steps<void> {
  const listed = new Set(catalog.segments.map(({ name }) => name));
  const newest = Math.max(...catalog.segments.map(({ number }) => number));
  for (const { name } of entries) {
    const parsed = parseSegmentName(name);
    if (name.startsWith('~')) yield* removeFile(disk, name);
    if (parsed === undefined || listed.has(name)) continue;
    // A segment gets records only once the manifest lists it.
    if (parsed.number > newest && (yield* hasRecords(disk, name)))
      throw corrupt(
        `${disk.path}/${name}`,
        segmentHeaderBytes,
        'the segment has records, and the manifest does not list it: it is an older one',
      );
    yield* removeFile(disk, name);
  }
}

function* hasRecords(disk: Disk, name: string): Steps<boolean> {
  const file = yield* answer<DiskFile>((done) => disk.open(name, 'read', done));
  const rest = yield* lookBehind(file, { logId: 0, number: 0 }, segmentHeaderBytes);
  yield* closeFile(file);
  return rest.end > segmentHeaderBytes;
}
