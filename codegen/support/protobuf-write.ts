import { checkByteArray, checkBytes, reject } from './checks.js';
import { SampleError } from './errors.js';
import { halves, highHalf, int64, lowHalf } from './long.js';
import { encoderLengthMin, writeLongAscii } from './long-ascii.js';
import { putOctets } from './octets.js';
import type { Memory } from './topic-type.js';
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

/** Writes an unsigned 32-bit varint for which there is room. What is stored into a byte is cut to eight bits. */
function varint(bytes: Uint8Array, at: number, value: number): number {
  if (value < 0x80) {
    bytes[at] = value;
    return at + 1;
  }
  bytes[at] = value | 0x80;
  if (value < 0x4000) {
    bytes[at + 1] = value >>> 7;
    return at + 2;
  }
  bytes[at + 1] = (value >>> 7) | 0x80;
  if (value < 0x20_0000) {
    bytes[at + 2] = value >>> 14;
    return at + 3;
  }
  return longVarint(bytes, at, value);
}

/** Of four or five bytes, the first two of which are written. */
function longVarint(bytes: Uint8Array, at: number, value: number): number {
  bytes[at + 2] = (value >>> 14) | 0x80;
  if (value < 0x1000_0000) {
    bytes[at + 3] = value >>> 21;
    return at + 4;
  }
  bytes[at + 3] = (value >>> 21) | 0x80;
  bytes[at + 4] = value >>> 28;
  return at + 5;
}

function varint64(bytes: Uint8Array, at: number, low: number, high: number): number {
  if (high === 0) return varint(bytes, at, low);
  // Five bytes at least: four have another after them.
  bytes[at] = low | 0x80;
  bytes[at + 1] = (low >>> 7) | 0x80;
  bytes[at + 2] = (low >>> 14) | 0x80;
  bytes[at + 3] = (low >>> 21) | 0x80;
  const middle = ((low >>> 28) | (high << 4)) >>> 0;
  // The topmost bits of a negative number, or of a very large one.
  const top = high >>> 28;
  if (top === 0) return varint(bytes, at + 4, middle);
  bytes[at + 4] = middle | 0x80;
  bytes[at + 5] = (middle >>> 7) | 0x80;
  bytes[at + 6] = (middle >>> 14) | 0x80;
  bytes[at + 7] = (middle >>> 21) | 0x80;
  return varint(bytes, at + 8, (middle >>> 28) | (top << 4));
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
  target: Memory,
  at: number,
  limit: number,
  tag: number,
  value: string,
  max: number,
  member: string,
): number {
  if (typeof value !== 'string') reject(member, value, 'a string');
  const { bytes } = target;
  const { length } = value;
  if (length > max) rejectLength(value, max, member);
  const lengthSize = varintSize(length);
  const tagSize = varintSize(tag);
  if (limit - at < tagSize + lengthSize + length) return -1;
  const start = varint(bytes, at, tag) + lengthSize;
  if (length >= encoderLengthMin && writeLongAscii(target, start, value)) {
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
  putOctets(bytes, value, start);
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
