import { BatchBuffer } from './batch-buffer.js';
import { type Catalog, type Segment, isAfter } from './catalog.js';
import type { Disk, DiskFile } from './disk.js';
import { LogError } from './errors.js';
import { type Finding, type Inspection, type Verification, inspect } from './inspection.js';
import type { Version } from './log-reading.js';
import { writeManifest } from './manifest.js';
import { recordKind } from './record.js';
import { SegmentDigest } from './segment-digest.js';
import { closeFile, openSegment, removeFile } from './segment-file.js';
import { segmentHeaderBytes } from './segment-header.js';
import { SegmentScan } from './segment-scan.js';
import { type Signer, signatureBytes } from './signing.js';
import { completed, type Steps } from './steps.js';

/**
 * Makes a log fit to be opened again. What was torn, and files that are left over, are removed, and a manifest that is lost is made again: none
 * of that loses a record. Damage to records is left as it is, unless `discardAfter` says up to which version the log is to be kept: that
 * version must lie before the damage. What a log that is signed shall say from then on needs its key.
 *
 * Gives what it did, one line each.
 * @throws LogError BE_LOG_CORRUPT, BE_LOG_MISSING, BE_LOG_FOREIGN where nothing can be done, or not without being told to discard
 */
export function* repair(
  disk: Disk,
  discardAfter?: Version,
  { signer, ...verification }: Partial<Verification> & { readonly signer?: Signer | undefined } = {},
): Steps<string[]> {
  const { scheme, keys } = verification;
  const found = yield* inspect(disk, scheme && { scheme, keys });
  const { catalog, findings } = found;
  const done: string[] = [];
  const damage = findings.filter(({ kind }) => kind === 'damage');
  const manifestLost = damage.length > 0 && damage[0]!.file.endsWith('/manifest');
  const records = damage.filter(({ file }) => !file.endsWith('/manifest'));
  if (catalog === undefined)
    throw told(damage[0]!, 'and its segments do not tell what it said: put the manifest back');
  const changes = discardAfter !== undefined || (manifestLost && records.length === 0);
  if (changes) checkSigner(disk, catalog, signer);
  if (discardAfter !== undefined) {
    yield* discard(disk, catalog, discardAfter, found, signer);
    done.push(`discarded everything after version ${discardAfter.epoch}.${discardAfter.sequence}`);
  } else if (records.length > 0) throw told(records[0]!, whatIsWhole(found));
  else {
    const torn = findings.find(({ kind }) => kind === 'torn');
    if (torn !== undefined) done.push(yield* zeroTorn(disk, catalog, torn));
    if (manifestLost) {
      yield* writeManifest(disk, catalog.manifest(), signer);
      done.push(`made the manifest again, of ${catalog.segments.length} segments`);
    }
  }
  for (const { file } of findings.filter(({ kind }) => kind === 'leftover')) {
    yield* removeFile(disk, file.slice(disk.path.length + 1));
    done.push(`removed ${file}, which is no part of the log`);
  }
  return done;
}

function whatIsWhole({ whole }: Inspection): string {
  if (whole === undefined)
    return 'and no record before it is whole: remove the log, and let the other replicas give it again';
  const version = `${whole.epoch}.${whole.sequence}`;
  return `and nothing is discarded without being told to: all up to version ${version} is whole, and '--discard-after ${version}' keeps just that`;
}

function told({ code, file, offset, message }: Finding, what: string): LogError {
  const [first] = message.split(". 'bowecho log");
  return new LogError(code as LogError['code'], file, offset, `${first}, ${what}`);
}

function* zeroTorn(disk: Disk, catalog: Catalog, { file: path, offset }: Finding): Steps<string> {
  const segment = catalog.segments.find(({ name }) => path.endsWith(`/${name}`))!;
  const file = yield* openSegment(disk, catalog, segment, 'write');
  yield* zeroFrom(file, offset!);
  yield* closeFile(file);
  return `cut what was torn in ${path} at ${offset}: it had never been durable`;
}

function* zeroFrom(file: DiskFile, offset: number): Steps<void> {
  const zeros = new Uint8Array(1 << 20);
  for (let at = offset; at < file.bytes; at += zeros.length) {
    const length = Math.min(zeros.length, file.bytes - at);
    yield* completed((done) => file.write(zeros, 0, length, at, done));
  }
}

/** Ends the log behind a version: first the manifest forgets what follows, then it goes. */
function* discard(
  disk: Disk,
  catalog: Catalog,
  version: Version,
  { whole, findings }: Inspection,
  signer: Signer | undefined,
): Steps<void> {
  const { epoch, sequence } = version;
  const damage = findings.find(({ kind }) => kind === 'damage');
  if (whole === undefined || isAfter(epoch, sequence, whole.epoch, whole.sequence)) {
    if (damage !== undefined) throw told(damage, whatIsWhole({ whole } as Inspection));
    throw new LogError(
      'BE_LOG_MISSING',
      disk.path,
      undefined,
      `there is no version ${epoch}.${sequence} in this log`,
    );
  }
  const kept: Segment[] = [];
  const dropped: Segment[] = [];
  for (const segment of catalog.segments) {
    const { firstEpoch, firstSequence } = segment.summary ?? { firstEpoch: -1, firstSequence: -1 };
    const behind = kept.length > 0 && (firstEpoch < 0 || isAfter(firstEpoch, firstSequence, epoch, sequence));
    (behind || dropped.length > 0 ? dropped : kept).push(segment);
  }
  const last = kept.at(-1)!;
  const file = yield* openSegment(disk, catalog, last, 'write');
  const end = yield* endOf(file, catalog, last, version);
  last.complete = false;
  catalog.segments = kept;
  yield* writeManifest(disk, catalog.manifest(), signer);
  yield* zeroFrom(file, signer === undefined ? end : yield* signUpTo(file, catalog, last, end, signer));
  yield* closeFile(file);
  for (const { name } of dropped) yield* removeFile(disk, name);
}

function checkSigner(disk: Disk, { identity: { key } }: Catalog, signer: Signer | undefined): void {
  if (key === signer?.publicKey) return;
  const what =
    key === undefined
      ? 'the log is not signed, and shall not be now'
      : `the log is signed with key ${key}: only who has its private key can say what the log is from now on ('bowecho log repair --key')`;
  throw new LogError('BE_LOG_FOREIGN', disk.path, undefined, `${what}. Nothing was changed`);
}

/** Signs what is left of the last batch; gives where the records end then. */
function* signUpTo(
  file: DiskFile,
  catalog: Catalog,
  segment: Segment,
  end: number,
  signer: Signer,
): Steps<number> {
  const place = { logId: catalog.logId, number: segment.number };
  const chain = catalog.chainBefore(segment);
  const scan = new SegmentScan(file, place, segmentHeaderBytes, end, chain);
  const rest = new BatchBuffer(signer);
  let batchStart = segmentHeaderBytes;
  let before = new SegmentDigest(chain ?? 0, catalog.hashBefore(segment, signer));
  let count = 0;
  while (yield* scan.next()) {
    count++;
    if (scan.record.kind !== recordKind.signature) rest.copy(scan.record);
    else {
      rest.clear(Infinity);
      batchStart = scan.position;
      before = new SegmentDigest(0, undefined);
      before.note(scan.record);
      count = 0;
    }
  }
  if (count === 0) return batchStart;
  const bytes = rest.seal(place, batchStart, batchStart + rest.length + signatureBytes(count), before);
  yield* completed((done) => file.write(rest.bytes, 0, bytes, batchStart, done));
  return batchStart + bytes;
}

/** Where the first record begins that is a sample of a later version. */
function* endOf(
  file: DiskFile,
  catalog: Catalog,
  segment: Segment,
  { epoch, sequence }: Version,
): Steps<number> {
  const place = { logId: catalog.logId, number: segment.number };
  const scan = new SegmentScan(file, place, segmentHeaderBytes, segment.bytes, catalog.chainBefore(segment));
  for (;;) {
    const { position } = scan;
    if (!(yield* scan.next())) return position;
    const { record } = scan;
    if (record.kind === recordKind.data && isAfter(record.epoch, record.sequence, epoch, sequence))
      return position;
  }
}
