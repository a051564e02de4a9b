import type { Memory } from './topic-type.js';

/** Bytes of one slab: many small copies share one, since what makes a buffer of its own costs more than what it holds. */
const slabBytes = 32 * 1024;
/** A larger copy has a buffer of its own. */
const sharedMax = slabBytes / 8;
/** Up to this, moving words one by one beats `TypedArray.set`. */
const wordsMax = 128;

/**
 * A megabyte, the C library copies with stores that fetch each line first; much less, with a string move that does not. What readers on another
 * core had is dear to fetch: so long copies are made in pieces.
 */
const pieceBytes = 256 * 1024;

let slab = new DataView(new ArrayBuffer(0));
let used = 0;

/**
 * A copy of `length` bytes of `source` from `offset`. The caller owns it; the `buffer` behind a small one also holds others, as that of a Node
 * `Buffer` does.
 */
export function copyOctets(source: Memory, offset: number, length: number): Uint8Array<ArrayBuffer> {
  if (length > sharedMax) return ownBuffer(source.bytes, offset, length);
  if (used + length > slab.byteLength) renew();
  const start = used;
  used = (start + length + 7) & ~7;
  const copy = new Uint8Array(slab.buffer as ArrayBuffer, start, length);
  if (length <= wordsMax) moveWords(source.view, offset, slab, start, length);
  else copy.set(source.bytes.subarray(offset, offset + length));
  return copy;
}

/** As `target.set(source, at)`, and faster where `source` is long and readers had what is overwritten. */
export function putOctets(target: Uint8Array, source: Uint8Array, at: number): void {
  if (source.length <= pieceBytes) target.set(source, at);
  else
    for (let i = 0; i < source.length; i += pieceBytes)
      target.set(source.subarray(i, i + pieceBytes), at + i);
}

function ownBuffer(bytes: Uint8Array, offset: number, length: number): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(length);
  copy.set(bytes.subarray(offset, offset + length));
  return copy;
}

function renew(): void {
  slab = new DataView(new ArrayBuffer(slabBytes));
  used = 0;
}

/** Copies without reading or writing beyond `length`. */
function moveWords(from: DataView, at: number, to: DataView, start: number, length: number): void {
  let i = 0;
  for (; i + 4 <= length; i += 4) to.setInt32(start + i, from.getInt32(at + i, true), true);
  for (; i < length; i++) to.setUint8(start + i, from.getUint8(at + i));
}
