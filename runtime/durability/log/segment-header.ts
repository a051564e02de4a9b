import { regionMemory } from '../../../transport/transport.js';
import { crc32c } from './crc32c.js';
import { LogError, corrupt } from './errors.js';
import { type LogIdentity, checkFormat, formatVersion } from './identity.js';

/**
 * The first 4096 bytes of a segment:
 *
 * | bytes | what |
 * | --- | --- |
 * | 0–7 | `bowlog\r\n` |
 * | 8–11 | format version |
 * | 12–15 | CRC-32C of bytes 16–4095, its seed the format version |
 * | 16–23 | id of the log (a float) |
 * | 24–27 | number of the segment |
 * | 28–31 | generation: how often it was compacted |
 * | 32–39 | bytes of the file (a float) |
 * | 40–43 | length of the JSON that follows: domain, topic, typeName, typeHash, and key where it is signed |
 */
export const segmentHeaderBytes = 4096;
const magic = [0x62, 0x6f, 0x77, 0x6c, 0x6f, 0x67, 0x0d, 0x0a];
const identityAt = 44;

export interface SegmentHeader {
  readonly logId: number;
  readonly number: number;
  readonly generation: number;
  readonly bytes: number;
  readonly identity: LogIdentity;
}

export function encodeSegmentHeader(header: SegmentHeader): Uint8Array {
  const { bytes, u32, f64 } = regionMemory(new ArrayBuffer(segmentHeaderBytes));
  const { domain, topic, typeName, typeHash, key } = header.identity;
  const identity = new TextEncoder().encode(JSON.stringify({ domain, topic, typeName, typeHash, key }));
  if (identity.length > segmentHeaderBytes - identityAt)
    throw new RangeError(`the names of topic ${topic} and its type are too long for a log`);
  bytes.set(magic);
  u32[2] = formatVersion;
  f64[2] = header.logId;
  u32[6] = header.number;
  u32[7] = header.generation;
  f64[4] = header.bytes;
  u32[10] = identity.length;
  bytes.set(identity, identityAt);
  u32[3] = crc32c(bytes, u32, 16, segmentHeaderBytes - 16, formatVersion);
  return bytes;
}

/** @throws LogError BE_LOG_CORRUPT, BE_LOG_FOREIGN for what is no header of this format */
export function decodeSegmentHeader(file: string, from: Uint8Array): SegmentHeader {
  const { bytes, u32, f64 } = regionMemory(new ArrayBuffer(segmentHeaderBytes));
  bytes.set(from.subarray(0, segmentHeaderBytes));
  if (!magic.every((byte, at) => bytes[at] === byte)) throw corrupt(file, 0, 'no header of a segment');
  const version = u32[2]!;
  if (crc32c(bytes, u32, 16, segmentHeaderBytes - 16, version) !== u32[3])
    throw corrupt(file, 0, 'the header of the segment is damaged');
  checkFormat(file, version);
  const text = new TextDecoder().decode(bytes.subarray(identityAt, identityAt + u32[10]!));
  const identity = JSON.parse(text) as LogIdentity;
  return { logId: f64[2]!, number: u32[6]!, generation: u32[7]!, bytes: f64[4]!, identity };
}

/** @throws LogError BE_LOG_FOREIGN where the header is that of another segment, or of another log */
export function checkSegmentHeader(
  file: string,
  found: SegmentHeader,
  expected: { readonly logId: number; readonly number: number; readonly generation: number },
): void {
  const wrong = (['logId', 'number', 'generation'] as const).find(
    (field) => found[field] !== expected[field],
  );
  if (wrong === undefined) return;
  const what = wrong === 'logId' ? 'a segment of another log' : `segment ${found.number}-${found.generation}`;
  throw new LogError(
    'BE_LOG_FOREIGN',
    file,
    0,
    `it holds ${what}, not segment ${expected.number}-${expected.generation} of this log: put the right file back`,
  );
}

/** `00000003-0.log` */
export function segmentName(number: number, generation: number): string {
  return `${String(number).padStart(8, '0')}-${generation}.log`;
}

/** Number and generation, where `name` is that of a segment. */
export function parseSegmentName(name: string): { number: number; generation: number } | undefined {
  const [, number, generation] = /^(\d{8,})-(\d+)\.log$/.exec(name) ?? [];
  return number === undefined ? undefined : { number: Number(number), generation: Number(generation) };
}
