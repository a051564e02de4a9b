import type { Memory } from './topic-type.js';

/**
 * Many small copies share a slab, since what makes a buffer of its own costs more than 1 KiB does. Whoever keeps one of them keeps its slab: so a
 * slab is as long as what is copied in about a millisecond, within these limits.
 */
const slabBytesMin = 16 * 1024;
const slabBytesMax = 128 * 1024;
const slabMs = 1;
/** A larger copy has a buffer of its own. */
const sharedMax = slabBytesMin / 4;
/** Up to this, moving words one by one beats `TypedArray.set`. */
const wordsMax = 128;

/**
 * A megabyte, the C library copies with stores that fetch each line first; much less, with a string move that does not. What readers on another
 * core had is dear to fetch: so long copies are made in pieces.
 */
const pieceBytes = 256 * 1024;

/** Node's, where there is Node. */
const { Buffer: nodeBuffer } = globalThis as {
  Buffer?: { allocUnsafeSlow(length: number): Uint8Array<ArrayBuffer> };
};

let slab: ArrayBuffer;
let slabView: DataView;
let slabBytes = slabBytesMin;
/** Of the slab. There is none yet: more than it has, so that the first copy makes one, even of nothing. */
let used = slabBytes + 1;
let renewedAt = 0;

/**
 * A copy of `length` bytes of `source` from `offset`. The caller owns it; the `buffer` behind a small one also holds others, and what nobody has
 * written yet, as that of a Node `Buffer` does.
 * @throws RangeError where `source` has fewer bytes
 */
export function copyOctets(source: Memory, offset: number, length: number): Uint8Array<ArrayBuffer> {
  if (offset + length > source.bytes.length)
    throw new RangeError(`${length} bytes from ${offset} on are more than ${source.bytes.length}.`);
  if (length > sharedMax) return ownBuffer(source.bytes, offset, length);
  if (used + length > slabBytes) renew();
  const start = used;
  used = (start + length + 7) & ~7;
  const copy = new Uint8Array(slab, start, length);
  if (length <= wordsMax) moveWords(source.view, offset, slabView, start, length);
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
  const copy = new Uint8Array(unfilled(length));
  copy.set(bytes.subarray(offset, offset + length));
  return copy;
}

function renew(): void {
  const now = performance.now();
  if (now - renewedAt < slabMs) slabBytes = Math.min(slabBytes * 2, slabBytesMax);
  else slabBytes = Math.max(slabBytes / 2, slabBytesMin);
  renewedAt = now;
  slab = unfilled(slabBytes);
  slabView = new DataView(slab);
  used = 0;
}

/** Memory about to be written: Node does not fill it with zeros first. */
function unfilled(length: number): ArrayBuffer {
  return nodeBuffer?.allocUnsafeSlow(length).buffer ?? new ArrayBuffer(length);
}

/** Copies without reading or writing beyond `length`. */
function moveWords(from: DataView, at: number, to: DataView, start: number, length: number): void {
  let i = 0;
  for (; i + 4 <= length; i += 4) to.setInt32(start + i, from.getInt32(at + i, true), true);
  for (; i < length; i++) to.setUint8(start + i, from.getUint8(at + i));
}
