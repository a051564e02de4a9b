import { Catalog, Segment } from './catalog.js';
import type { Disk, DiskEntry, DiskFile } from './disk.js';
import { recordKind } from './record.js';
import { SegmentDigest } from './segment-digest.js';
import { closeFile } from './segment-file.js';
import {
  type SegmentHeader,
  decodeSegmentHeader,
  parseSegmentName,
  segmentHeaderBytes,
} from './segment-header.js';
import { SegmentScan } from './segment-scan.js';
import { hashBytes, signatureFields, toHex } from './signing.js';
import { type Steps, answer } from './steps.js';

/** What the manifest must have said, where every segment is there, and says who it is. */
export function* catalogFromSegments(disk: Disk, entries: readonly DiskEntry[]): Steps<Catalog | undefined> {
  const segments: Segment[] = [];
  let catalog: Catalog | undefined;
  for (const { name, bytes } of entries) {
    const parsed = parseSegmentName(name);
    if (parsed === undefined) continue;
    const segment = new Segment(parsed.number, parsed.generation, bytes);
    const header = yield* readHeader(disk, segment);
    if (header === undefined) return undefined;
    const { identity } = header;
    catalog ??= new Catalog({ ...header, types: [], chain: 0, segments: [], cuts: [] });
    catalog.identity = identity;
    if (!catalog.types.some(({ typeHash }) => typeHash === identity.typeHash))
      catalog.types = [...catalog.types, { typeHash: identity.typeHash }];
    segments.push(segment);
  }
  if (catalog === undefined || new Set(segments.map(({ number }) => number)).size < segments.length)
    return undefined;
  catalog.segments = segments;
  const { chain = 0, hash } = yield* beginningOf(disk, catalog, segments[0]!);
  Object.assign(catalog, { chain, hash });
  for (const [index, segment] of segments.entries()) {
    const next = segments[index + 1];
    if (segment.generation > 0 && next !== undefined) yield* completeCompacted(disk, catalog, segment, next);
  }
  return catalog;
}

function* readHeader(disk: Disk, { name }: Segment): Steps<SegmentHeader | undefined> {
  const file = yield* answer<DiskFile>((done) => disk.open(name, 'read', done));
  const bytes = new Uint8Array(segmentHeaderBytes);
  yield* answer<number>((done) => file.read(bytes, 0, segmentHeaderBytes, 0, done));
  yield* closeFile(file);
  try {
    return decodeSegmentHeader(`${disk.path}/${name}`, bytes);
  } catch {
    return undefined;
  }
}

/** What the first record of a segment, and its first signature, say of those before them; where it has none, what is said of nothing. */
function* beginningOf(
  disk: Disk,
  catalog: Catalog,
  segment: Segment,
): Steps<{ chain: number | undefined; hash: string | undefined }> {
  const file = yield* answer<DiskFile>((done) => disk.open(segment.name, 'read', done));
  const place = { logId: catalog.logId, number: segment.number };
  const scan = new SegmentScan(file, place, segmentHeaderBytes, segment.bytes);
  const { record } = scan;
  const chain = (yield* scan.next()) ? record.previous : undefined;
  while (catalog.identity.key !== undefined && record.kind !== recordKind.signature)
    if (!(yield* scan.next())) break;
  yield* closeFile(file);
  if (chain === undefined || record.kind !== recordKind.signature) return { chain, hash: undefined };
  const at = record.payload + signatureFields.previous;
  return { chain, hash: toHex(record.memory.bytes.subarray(at, at + hashBytes)) };
}

/** A segment that was compacted is complete, and what comes next follows what was there before: that is how it says so. */
function* completeCompacted(disk: Disk, catalog: Catalog, segment: Segment, next: Segment): Steps<void> {
  const file = yield* answer<DiskFile>((done) => disk.open(segment.name, 'read', done));
  const place = { logId: catalog.logId, number: segment.number };
  const scan = new SegmentScan(file, place, segmentHeaderBytes, segment.bytes);
  const digest = new SegmentDigest(0, undefined);
  while (yield* scan.next()) digest.note(scan.record);
  yield* closeFile(file);
  if (scan.position < segment.bytes) return;
  const follows = yield* beginningOf(disk, catalog, next);
  const { chain = digest.chain, hash = digest.hash } = follows;
  segment.summary = { ...digest.summary(), chain, hash, ownHash: digest.hash };
  segment.complete = true;
}
