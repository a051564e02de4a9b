import { checkByteArray, checkBytes, reject } from './checks.js';
import { SampleError } from './errors.js';
import { halves, highHalf, int64, lowHalf } from './long.js';
import { writeUtf8 } from './utf8.js';

/**
 * Writing protobuf into memory that is given. Each function writes at `at`, never at or past `limit`, and returns the offset
 * after what it wrote, or -1 where that does not fit. `put…` writes a field with its tag, `write…` a value alone (an element
 * of a packed field). None allocates, but for a long text a view of the memory.
 */

function varintSize(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  return value < 0x1000_0000 ? 4 : 5;
}

/** The size of a 64-bit varint of two unsigned halves. */
function varint64Size(low: number, high: number): number {
  if (high === 0) return varintSize(low);
  if (high < 0x8) return 5;
  if (high < 0x400) return 6;
  if (high < 0x2_0000) return 7;
  if (high < 0x100_0000) return 8;
  return high < 0x8000_0000 ? 9 : 10;
}

/** Writes an unsigned 32-bit varint for which there is room. */
function varint(bytes: Uint8Array, at: number, value: number): number {
  let rest = value;
  let end = at;
  while (rest > 0x7f) {
    bytes[end++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[end] = rest;
  return end + 1;
}

function varint64(bytes: Uint8Array, at: number, low: number, high: number): number {
  let end = at;
  let l = low;
  let h = high;
  while (h !== 0) {
    bytes[end++] = (l & 0x7f) | 0x80;
    l = ((l >>> 7) | (h << 25)) >>> 0;
    h >>>= 7;
  }
  return varint(bytes, end, l);
}

/** The longest tag and the longest varint: where there is room for both, no size need be worked out. */
const fieldSizeMax = 15;

export function putUint32(bytes: Uint8Array, at: number, limit: number, tag: number, value: number): number {
  if (limit - at < fieldSizeMax && limit - at < varintSize(tag) + varintSize(value)) return -1;
  return varint(bytes, varint(bytes, at, tag), value);
}

export function writeUint32(bytes: Uint8Array, at: number, limit: number, value: number): number {
  if (limit - at < 5 && limit - at < varintSize(value)) return -1;
  return varint(bytes, at, value);
}

/** A negative int32 travels as 64 bits: ten bytes, as protobuf has it. */
export function putInt32(bytes: Uint8Array, at: number, limit: number, tag: number, value: number): number {
  if (value >= 0) return putUint32(bytes, at, limit, tag, value);
  if (limit - at < varintSize(tag) + 10) return -1;
  return varint64(bytes, varint(bytes, at, tag), value >>> 0, 0xffff_ffff);
}

export function writeInt32(bytes: Uint8Array, at: number, limit: number, value: number): number {
  if (value >= 0) return writeUint32(bytes, at, limit, value);
  if (limit - at < 10) return -1;
  return varint64(bytes, at, value >>> 0, 0xffff_ffff);
}

/** Both `int64` and `uint64`: the same 64 bits. */
export function putInt64(bytes: Uint8Array, at: number, limit: number, tag: number, value: bigint): number {
  int64[0] = value;
  const low = halves[lowHalf]!;
  const high = halves[highHalf]!;
  if (limit - at < fieldSizeMax && limit - at < varintSize(tag) + varint64Size(low, high)) return -1;
  return varint64(bytes, varint(bytes, at, tag), low, high);
}

export function writeInt64(bytes: Uint8Array, at: number, limit: number, value: bigint): number {
  int64[0] = value;
  const low = halves[lowHalf]!;
  const high = halves[highHalf]!;
  if (limit - at < 10 && limit - at < varint64Size(low, high)) return -1;
  return varint64(bytes, at, low, high);
}

export function putBoolean(
  bytes: Uint8Array,
  at: number,
  limit: number,
  tag: number,
  value: boolean,
): number {
  return putUint32(bytes, at, limit, tag, value ? 1 : 0);
}

export function writeBoolean(bytes: Uint8Array, at: number, limit: number, value: boolean): number {
  if (at >= limit) return -1;
  bytes[at] = value ? 1 : 0;
  return at + 1;
}

export function writeFloat(view: DataView, at: number, limit: number, value: number): number {
  if (limit - at < 4) return -1;
  view.setFloat32(at, value, true);
  return at + 4;
}

export function writeDouble(view: DataView, at: number, limit: number, value: number): number {
  if (limit - at < 8) return -1;
  view.setFloat64(at, value, true);
  return at + 8;
}

/**
 * A string of at most `max` bytes of UTF-8. ASCII is written in one pass; the length goes in front, in the room that a text
 * of that many ASCII characters needs, and the text moves up in the rare case that it needs more.
 */
export function putString(
  bytes: Uint8Array,
  at: number,
  limit: number,
  tag: number,
  value: string,
  max: number,
  member: string,
): number {
  if (typeof value !== 'string') reject(member, value, 'a string');
  const { length } = value;
  if (length > max) rejectLength(value, max, member);
  const lengthSize = varintSize(length);
  const tagSize = varintSize(tag);
  if (limit - at < tagSize + lengthSize + length) return -1;
  const start = varint(bytes, at, tag) + lengthSize;
  if (length >= encoderLengthMin && isAsciiWritten(bytes, start, limit, value)) {
    varint(bytes, start - lengthSize, length);
    return start + length;
  }
  for (let i = 0; i < length; i++) {
    const code = value.charCodeAt(i);
    if (code > 0x7f) {
      const end = writeUtf8(bytes, start + i, limit, value, i, member);
      if (end < 0) return -1;
      if (end - start > max) rejectLength(value, max, member);
      return insertLength(bytes, start, end, limit, lengthSize);
    }
    bytes[start + i] = code;
  }
  varint(bytes, start - lengthSize, length);
  return start + length;
}

/** From this length on the platform's encoder is faster than characters one by one. */
const encoderLengthMin = 32;
const encoder = new TextEncoder();

/**
 * Writes a long text with the platform's encoder. It is taken as done for ASCII alone: as the encoder replaces half surrogates
 * silently, another text is written again with checks.
 */
function isAsciiWritten(bytes: Uint8Array, start: number, limit: number, value: string): boolean {
  const { read, written } = encoder.encodeInto(value, bytes.subarray(start, limit));
  return read === value.length && written === value.length;
}

function rejectLength(value: string, max: number, member: string): never {
  const start = value.length > 40 ? `${value.slice(0, 40)}…` : value;
  throw new SampleError(member, `holds at most ${max} bytes of UTF-8, and ${JSON.stringify(start)} has more`);
}

/** Bytes of a `sequence<octet, max>`. */
export function putBytes(
  bytes: Uint8Array,
  at: number,
  limit: number,
  tag: number,
  value: Uint8Array,
  max: number,
  member: string,
): number {
  checkBytes(value, max, member);
  return putChecked(bytes, at, limit, tag, value);
}

/** Bytes of an `octet[length]`. */
export function putByteArray(
  bytes: Uint8Array,
  at: number,
  limit: number,
  tag: number,
  value: Uint8Array,
  length: number,
  member: string,
): number {
  checkByteArray(value, length, member);
  return putChecked(bytes, at, limit, tag, value);
}

function putChecked(bytes: Uint8Array, at: number, limit: number, tag: number, value: Uint8Array): number {
  const { length } = value;
  if (limit - at < varintSize(tag) + varintSize(length) + length) return -1;
  const start = varint(bytes, varint(bytes, at, tag), length);
  bytes.set(value, start);
  return start + length;
}

/** Begins a nested message or a packed field: its tag, and room for a length below 128. */
export function openLength(bytes: Uint8Array, at: number, limit: number, tag: number): number {
  if (limit - at < varintSize(tag) + 1) return -1;
  return varint(bytes, at, tag) + 1;
}

/** Ends what `openLength` began at `start`. What is longer than 127 bytes moves up to make room for its length. */
export function closeLength(bytes: Uint8Array, start: number, end: number, limit: number): number {
  if (end - start < 0x80) {
    bytes[start - 1] = end - start;
    return end;
  }
  return insertLength(bytes, start, end, limit, 1);
}

/** Writes a length into the `room` bytes before `start`, moving `[start, end)` up where it needs more. */
function insertLength(bytes: Uint8Array, start: number, end: number, limit: number, room: number): number {
  const length = end - start;
  const missing = varintSize(length) - room;
  if (missing > 0) {
    if (limit - end < missing) return -1;
    bytes.copyWithin(start + missing, start, end);
  }
  varint(bytes, start - room, length);
  return end + missing;
}
