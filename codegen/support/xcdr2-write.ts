import { checkBytes, checkWstring, reject } from './checks.js';
import { SampleError } from './errors.js';
import { encoderLengthMin, writeLongAscii } from './long-ascii.js';
import { putOctets } from './octets.js';
import type { Memory } from './topic-type.js';
import { writeUtf8 } from './utf8.js';

/**
 * Writing XCDR2 (XTypes 1.3, 7.4.3.5), little-endian, into memory that is given. Each function writes at `at`, never at or past `limit`, and
 * returns the offset after what it wrote, or -1 where that does not fit. `origin` is where the sample begins, after its encapsulation
 * header: what is aligned, is by the distance from there, and nothing to more than 4.
 */

/** The first byte that the encapsulation header has in place of 0, by extensibility (RTPS 2.5, 10.2). */
export const xcdr2Kind = { final: 7, appendable: 9, mutable: 11 } as const;

/** Writes the four bytes before a sample. */
export function openXcdr2({ view }: Memory, at: number, limit: number, kind: number): number {
  if (limit - at < 4) return -1;
  view.setInt32(at, kind << 8, true);
  return at + 4;
}

/** Zeros up to where `alignment` (2 or 4) has it. */
export function alignXcdr2(
  bytes: Uint8Array,
  at: number,
  limit: number,
  origin: number,
  alignment: number,
): number {
  const end = at + ((origin - at) & (alignment - 1));
  if (end > limit) return -1;
  for (let i = at; i < end; i++) bytes[i] = 0;
  return end;
}

/** Room for a length that `closeXcdr2` writes: returns where what it counts begins. */
export function openLengthXcdr2(bytes: Uint8Array, at: number, limit: number, origin: number): number {
  const begin = at + ((origin - at) & 3) + 4;
  if (begin > limit) return -1;
  for (let i = at; i < begin - 4; i++) bytes[i] = 0;
  return begin;
}

/** An unsigned number of 32 bits, aligned: a length. */
export function writeLengthXcdr2(
  { bytes, view }: Memory,
  at: number,
  limit: number,
  origin: number,
  length: number,
): number {
  const end = openLengthXcdr2(bytes, at, limit, origin);
  if (end >= 0) view.setUint32(end - 4, length, true);
  return end;
}

/** A string of at most `max` bytes of UTF-8: its length with the NUL after it, the text, the NUL. */
export function writeStringXcdr2(
  target: Memory,
  at: number,
  limit: number,
  origin: number,
  value: string,
  max: number,
  member: string,
): number {
  if (typeof value !== 'string') reject(member, value, 'a string');
  const { bytes, view } = target;
  const start = openLengthXcdr2(bytes, at, limit, origin);
  if (start < 0) return -1;
  const end =
    value.length < encoderLengthMin
      ? writeShort(bytes, start, limit, value, member)
      : writeLong(target, start, limit, value, member);
  if (end < 0 || end >= limit) return -1;
  if (end - start > max) rejectLength(value, max, 'bytes of UTF-8', member);
  bytes[end] = 0;
  view.setUint32(start - 4, end + 1 - start, true);
  return end + 1;
}

function writeShort(bytes: Uint8Array, start: number, limit: number, value: string, member: string): number {
  const { length } = value;
  if (length > limit - start) return -1;
  for (let i = 0; i < length; i++) {
    const code = value.charCodeAt(i);
    if (code === 0) rejectNul(member);
    if (code > 0x7f) {
      if (value.includes('\0')) rejectNul(member);
      return writeUtf8(bytes, start + i, limit, value, i, member);
    }
    bytes[start + i] = code;
  }
  return start + length;
}

/** What is not ASCII is written again with checks: the platform's encoder replaces half surrogates silently. */
function writeLong(target: Memory, start: number, limit: number, value: string, member: string): number {
  if (value.includes('\0')) rejectNul(member);
  if (value.length > limit - start) return -1;
  if (writeLongAscii(target, start, value)) return start + value.length;
  return writeUtf8(target.bytes, start, limit, value, 0, member);
}

function rejectNul(member: string): never {
  throw new SampleError(member, 'holds the character U+0000, which ends a string of XCDR2');
}

function rejectLength(value: string, max: number, unit: string, member: string): never {
  const start = value.length > 40 ? `${value.slice(0, 40)}…` : value;
  throw new SampleError(member, `holds at most ${max} ${unit}, and ${JSON.stringify(start)} has more`);
}

/** A wide string of at most `max` units of UTF-16: its bytes are counted, and no NUL ends it. */
export function writeWstringXcdr2(
  target: Memory,
  at: number,
  limit: number,
  origin: number,
  value: string,
  max: number,
  member: string,
): number {
  checkWstring(value, max, member);
  const start = writeLengthXcdr2(target, at, limit, origin, 2 * value.length);
  if (start < 0 || 2 * value.length > limit - start) return -1;
  for (let i = 0; i < value.length; i++) target.view.setUint16(start + 2 * i, value.charCodeAt(i), true);
  return start + 2 * value.length;
}

/** Bytes of a `sequence<octet, max>`, their number before them. */
export function writeBytesXcdr2(
  target: Memory,
  at: number,
  limit: number,
  origin: number,
  value: Uint8Array,
  max: number,
  member: string,
): number {
  checkBytes(value, max, member);
  const start = writeLengthXcdr2(target, at, limit, origin, value.length);
  if (start < 0 || value.length > limit - start) return -1;
  putOctets(target.bytes, value, start);
  return start + value.length;
}
