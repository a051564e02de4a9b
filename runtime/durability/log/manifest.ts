import { crc32c } from './crc32c.js';
import type { Disk, DiskFile } from './disk.js';
import { LogError, corrupt, diskError, tampered } from './errors.js';
import type { Gap } from './gap.js';
import { type LogIdentity, type LogType, checkFormat, formatVersion } from './identity.js';
import type { SegmentSummary } from './segment-digest.js';
import { type SignatureScheme, type Signer, fromHex, signedMessage, toHex } from './signing.js';
import { answer, completed, type Steps } from './steps.js';

/** Versions after `from`, up to and including `to`, are no part of the topic. */
export interface Cut {
  readonly fromEpoch: number;
  readonly fromSequence: number;
  readonly toEpoch: number;
  readonly toSequence: number;
}

export interface ManifestSegment {
  readonly number: number;
  readonly generation: number;
  readonly bytes: number;
  /** Of a segment that was complete when the manifest was written: it need not be read when the log is opened. */
  readonly summary?: SegmentSummary;
}

/**
 * What the log consists of: a small file that is replaced as a whole. A segment counts from the moment that the manifest lists it, and
 * is listed before the first record is in it.
 */
export interface Manifest {
  readonly identity: LogIdentity;
  /** All that samples in it were written with, in the order of their coming; the last is the identity's. */
  readonly types: readonly LogType[];
  /** Random, and in every segment: no file of another log is ever taken for one of this. */
  readonly logId: number;
  /** The sum of the last record before the first segment that is listed. */
  readonly chain: number;
  /** Of a log that is signed: the hash that the first batch of that segment follows. */
  readonly hash?: string | undefined;
  readonly segments: readonly ManifestSegment[];
  readonly cuts: readonly Cut[];
  /** What is missing of what there was; left out where nothing is. */
  readonly gap?: Gap | undefined;
}

export const manifestName = 'manifest';
const textOf = new TextDecoder('utf-8', { fatal: true });

/**
 * A line `bowecho-log <format> <CRC-32C of what follows, in hex>`, then JSON. Where the log is signed, the line goes on with the
 * signature of what follows, in hex.
 */
export function encodeManifest(manifest: Manifest, signer?: Signer): Uint8Array {
  const body = new TextEncoder().encode(`${JSON.stringify(manifest)}\n`);
  const signature = signer && ` ${toHex(signer.sign(signedMessage('manifest', body)))}`;
  const line = new TextEncoder().encode(`bowecho-log ${formatVersion} ${sumOf(body)}${signature ?? ''}\n`);
  const whole = new Uint8Array(line.length + body.length);
  whole.set(line);
  whole.set(body, line.length);
  return whole;
}

/**
 * With a scheme, a manifest that says that the log is signed has to be signed itself.
 * @throws LogError BE_LOG_CORRUPT, BE_LOG_FOREIGN, BE_LOG_TAMPERED
 */
export function decodeManifest(file: string, bytes: Uint8Array, scheme?: SignatureScheme): Manifest {
  const end = bytes.indexOf(0x0a) + 1;
  const line = new TextDecoder().decode(bytes.subarray(0, end));
  const [, version, sum, signature = ''] =
    /^bowecho-log (\d+) ([0-9a-f]{8})(?: ([0-9a-f]{128}))?\n$/.exec(line) ?? [];
  if (version === undefined) throw corrupt(file, 0, 'no manifest of a log');
  checkFormat(file, Number(version));
  const body = bytes.slice(end);
  if (sumOf(body) !== sum) throw corrupt(file, end, 'the manifest is damaged');
  const manifest = JSON.parse(textOf.decode(body)) as Manifest;
  const { key } = manifest.identity;
  if (scheme === undefined || key === undefined) return manifest;
  if (scheme.verify(fromHex(key), signedMessage('manifest', body), fromHex(signature))) return manifest;
  throw tampered(file, 0, `the manifest was not signed with key ${key}`);
}

function sumOf(bytes: Uint8Array): string {
  const padded = new Uint8Array((bytes.length + 3) & ~3);
  padded.set(bytes);
  return crc32c(padded, new Uint32Array(padded.buffer), 0, bytes.length).toString(16).padStart(8, '0');
}

export function* readManifest(disk: Disk, scheme?: SignatureScheme): Steps<Manifest> {
  const path = `${disk.path}/${manifestName}`;
  try {
    const file = yield* answer<DiskFile>((done) => disk.open(manifestName, 'read', done));
    const bytes = new Uint8Array(file.bytes);
    yield* answer<number>((done) => file.read(bytes, 0, bytes.length, 0, done));
    yield* completed((done) => file.close(done));
    return decodeManifest(path, bytes, scheme);
  } catch (error) {
    throw error instanceof LogError ? error : diskError(error as Error, path);
  }
}

/** Replaces the manifest; once this is done, the new one is what is found after any crash. */
export function* writeManifest(disk: Disk, manifest: Manifest, signer: Signer | undefined): Steps<void> {
  const bytes = encodeManifest(manifest, signer);
  const beforehand = `~${manifestName}`;
  try {
    const file = yield* answer<DiskFile>((done) => disk.create(beforehand, bytes.length, done));
    yield* completed((done) => file.write(bytes, 0, bytes.length, 0, done));
    yield* completed((done) => file.close(done));
    yield* completed((done) => disk.rename(beforehand, manifestName, done));
    yield* completed((done) => disk.sync(done));
  } catch (error) {
    throw diskError(error as Error, `${disk.path}/${manifestName}`);
  }
}
