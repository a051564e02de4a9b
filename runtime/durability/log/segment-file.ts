import type { Catalog, Segment } from './catalog.js';
import type { Disk, DiskFile } from './disk.js';
import { LogError, corrupt, diskError } from './errors.js';
import { checkIdentity } from './identity.js';
import { writeManifest } from './manifest.js';
import {
  checkSegmentHeader,
  decodeSegmentHeader,
  encodeSegmentHeader,
  segmentHeaderBytes,
} from './segment-header.js';
import type { Signer } from './signing.js';
import { answer, completed, type Steps } from './steps.js';

/** Opens a segment that the catalog lists, and looks whether it is that. */
export function* openSegment(
  disk: Disk,
  catalog: Catalog,
  segment: Segment,
  access: 'read' | 'write',
): Steps<DiskFile> {
  const path = `${disk.path}/${segment.name}`;
  let file: DiskFile;
  try {
    file = yield* answer<DiskFile>((done) => disk.open(segment.name, access, done));
  } catch (error) {
    throw missingOr(error as Error, path);
  }
  try {
    if (file.bytes < segment.bytes)
      throw corrupt(path, file.bytes, `the segment ends here, of ${segment.bytes} bytes that it had`);
    const header = new Uint8Array(segmentHeaderBytes);
    yield* answer<number>((done) => file.read(header, 0, segmentHeaderBytes, 0, done));
    const found = decodeSegmentHeader(path, header);
    checkIdentity(path, found.identity, catalog.identity, catalog.types);
    checkSegmentHeader(path, found, { ...segment, logId: catalog.logId });
    return file;
  } catch (error) {
    yield* closeFile(file);
    throw diskError(error as Error, path);
  }
}

function missingOr(error: Error & { code?: string }, path: string): LogError {
  if (error.code !== 'ENOENT') return diskError(error, path);
  return new LogError(
    'BE_LOG_MISSING',
    path,
    undefined,
    "the segment is gone: put it back, or have the topic's other replicas give it again by removing the whole log here",
  );
}

/**
 * Makes a segment of zeros, with its header, under its name: whole, or not at all. Every byte of it has its place on the disk from here on: a
 * full disk is an error here, and none when records are written.
 */
export function* createSegment(disk: Disk, catalog: Catalog, segment: Segment): Steps<DiskFile> {
  const { name, number, generation, bytes } = segment;
  const { logId, identity } = catalog;
  try {
    const file = yield* answer<DiskFile>((done) => disk.create(`~${name}`, bytes, done));
    const header = encodeSegmentHeader({ logId, number, generation, bytes, identity });
    yield* completed((done) => file.write(header, 0, header.length, 0, done));
    yield* completed((done) => disk.rename(`~${name}`, name, done));
    yield* completed((done) => disk.sync(done));
    return file;
  } catch (error) {
    throw diskError(error as Error, `${disk.path}/${name}`);
  }
}

/** Makes the segment the log's last one; when this is done, records may be written to it. */
export function* addSegment(
  disk: Disk,
  catalog: Catalog,
  segment: Segment,
  signer: Signer | undefined,
): Steps<DiskFile> {
  const file = yield* createSegment(disk, catalog, segment);
  catalog.segments.push(segment);
  yield* writeManifest(disk, catalog.manifest(), signer);
  return file;
}

export function* removeFile(disk: Disk, name: string): Steps<void> {
  try {
    yield* completed((done) => disk.unlink(name, done));
  } catch (error) {
    throw diskError(error as Error, `${disk.path}/${name}`);
  }
}

/** A complete segment is seldom read again, and its pages in memory serve the next one at once: new ones cost more than writing to them. */
export function* leaveFile(file: DiskFile): Steps<void> {
  yield* completed((done) => file.forget(done));
  yield* closeFile(file);
}

export function* closeFile(file: DiskFile): Steps<void> {
  yield* completed((done) => file.close(done));
}
