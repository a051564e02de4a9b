import { FrameHeader } from '../../runtime/multicast/frame.js';
import type { RegionMemory } from '../../transport/transport.js';

/** A sample begins with the numbers of its stream and of itself; every further byte follows from them, and from where it stands. */
export const sampleBytesMin = 8;

/** So many bytes are alike. */
const pieceBytes = 64;

function patternOf(stream: number, number: number): number {
  return (Math.imul(stream + 1, 0x9e3779b1) ^ Math.imul(number, 0x85ebca6b)) >>> 24;
}

export function fillSample(
  memory: RegionMemory,
  at: number,
  length: number,
  stream: number,
  number: number,
): void {
  memory.u32[at >>> 2] = stream;
  memory.u32[(at >>> 2) + 1] = number;
  const pattern = patternOf(stream, number);
  for (let i = sampleBytesMin; i < length; i += pieceBytes)
    memory.bytes.fill(pattern + Math.floor(i / pieceBytes), at + i, at + Math.min(i + pieceBytes, length));
}

export function isIntact(
  { bytes, u32 }: RegionMemory,
  at: number,
  length: number,
  stream: number,
  number: number,
): boolean {
  if (length < sampleBytesMin) return false;
  for (let i = sampleBytesMin; i < length; i += pieceBytes) {
    const byte = (patternOf(stream, number) + Math.floor(i / pieceBytes)) & 0xff;
    const end = Math.min(i + pieceBytes, length);
    const words = (at + end) >>> 2;
    const four = Math.imul(byte, 0x01010101) >>> 0;
    for (let word = (at + i) >>> 2; word < words; word++) if (u32[word] !== four) return false;
    for (let last = Math.max(words * 4, at + i); last < at + end; last++)
      if (bytes[last] !== byte) return false;
  }
  return true;
}

/** The time in the frame whose header lies at `header`. */
export function timeOf({ f64 }: RegionMemory, header: number): number {
  return f64[(header >>> 3) + FrameHeader.timeFloat]!;
}

/** FNV over the beginning and the end of a sample. */
export function contentHash(bytes: Uint8Array, at: number, length: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < Math.min(length, 16); i++) hash = Math.imul(hash ^ bytes[at + i]!, 0x01000193);
  if (length > 16) hash = Math.imul(hash ^ bytes[at + length - 1]!, 0x01000193);
  return hash >>> 0;
}
