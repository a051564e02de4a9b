import { SampleError } from './errors.js';
import { RepeatedTexts, repeatedMax, repeatedMin } from './repeated-texts.js';
import type { Memory } from './topic-type.js';

/**
 * Writes the part of `text` from the UTF-16 index `from` as UTF-8 at `at`. Returns the end, or -1 where it does not fit.
 * Throws {@link SampleError} for half a surrogate pair, which UTF-8 cannot hold.
 */
export function writeUtf8(
  bytes: Uint8Array,
  at: number,
  limit: number,
  text: string,
  from: number,
  member: string,
): number {
  let end = at;
  for (let i = from; i < text.length; i++) {
    let code = text.charCodeAt(i);
    if (code < 0x80) {
      if (end >= limit) return -1;
      bytes[end++] = code;
      continue;
    }
    if (code < 0x800) {
      if (limit - end < 2) return -1;
      bytes[end++] = 0xc0 | (code >> 6);
      bytes[end++] = 0x80 | (code & 0x3f);
      continue;
    }
    if (code >= 0xd800 && code <= 0xdfff) {
      const low = code < 0xdc00 && i + 1 < text.length ? text.charCodeAt(i + 1) : 0;
      if (low < 0xdc00 || low > 0xdfff) {
        throw new SampleError(member, `has half of a surrogate pair at index ${i}, which is no Unicode text`);
      }
      i++;
      code = 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff);
      if (limit - end < 4) return -1;
      bytes[end++] = 0xf0 | (code >> 18);
      bytes[end++] = 0x80 | ((code >> 12) & 0x3f);
    } else {
      if (limit - end < 3) return -1;
      bytes[end++] = 0xe0 | (code >> 12);
    }
    bytes[end++] = 0x80 | ((code >> 6) & 0x3f);
    bytes[end++] = 0x80 | (code & 0x3f);
  }
  return end;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Node's way to make a text of bytes that are characters each; browsers have none. */
const latin1Slice = (
  globalThis as {
    Buffer?: { prototype: { latin1Slice?: (this: Uint8Array, at: number, end: number) => string } };
  }
).Buffer?.prototype.latin1Slice;
/** From these lengths on, each beats characters one by one. */
const latin1LengthMin = 48;
const decoderLengthMin = 96;

const repeated = new RepeatedTexts(makeText);

/** The text of the UTF-8 bytes in `[at, end)` of `memory`; `undefined` where they are none. */
export function readUtf8(memory: Memory, at: number, end: number): string | undefined {
  const length = end - at;
  if (length < repeatedMin || length > repeatedMax) return makeText(memory, at, end);
  return repeated.text(memory, at, length);
}

function makeText(memory: Memory, at: number, end: number): string | undefined {
  const { bytes } = memory;
  const length = end - at;
  if (length < latin1LengthMin || (length < decoderLengthMin && latin1Slice === undefined)) {
    const text = readShortAscii(bytes, at, end);
    if (text !== undefined) return text;
  } else if (latin1Slice !== undefined && isAscii(memory, at, end)) {
    return latin1Slice.call(bytes, at, end);
  }
  try {
    // Browsers refuse to decode shared memory: then a copy is decoded. `slice` of a Node Buffer would not copy.
    const part = bytes.subarray(at, end);
    return decoder.decode(part.buffer instanceof ArrayBuffer ? part : new Uint8Array(part));
  } catch {
    return undefined;
  }
}

function isAscii({ bytes, view }: Memory, at: number, end: number): boolean {
  let bits = 0;
  let i = at;
  for (; i + 4 <= end; i += 4) bits |= view.getInt32(i, true);
  for (; i < end; i++) bits |= bytes[i]! << 24;
  return (bits & 0x8080_8080) === 0;
}

function readShortAscii(bytes: Uint8Array, at: number, end: number): string | undefined {
  let text = '';
  let i = at;
  for (; end - i >= 8; i += 8) {
    const a = bytes[i]!;
    const b = bytes[i + 1]!;
    const c = bytes[i + 2]!;
    const d = bytes[i + 3]!;
    const e = bytes[i + 4]!;
    const f = bytes[i + 5]!;
    const g = bytes[i + 6]!;
    const h = bytes[i + 7]!;
    if ((a | b | c | d | e | f | g | h) > 0x7f) return undefined;
    text += String.fromCharCode(a, b, c, d, e, f, g, h);
  }
  for (; i < end; i++) {
    const a = bytes[i]!;
    if (a > 0x7f) return undefined;
    text += String.fromCharCode(a);
  }
  return text;
}
