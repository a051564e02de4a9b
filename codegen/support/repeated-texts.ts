import type { Memory } from './topic-type.js';

/** Longer ones rarely come again. */
export const repeatedMax = 128;
/** Shorter ones cost less than looking. */
export const repeatedMin = 4;
const slots = 256;
/** Every so many texts that are not the one in their slot, one takes it: texts that never come again must not be kept each. */
const missesMax = 8;

/**
 * Names, codes and states come again and again. What was decoded lately is kept with its bytes: to compare these costs less than to make
 * a text of them, and leaves less to collect. Each text has one slot that it can be in, so that looking is short.
 */
export class RepeatedTexts {
  readonly #texts = Array.from({ length: slots }, () => '');
  readonly #lengths = new Uint8Array(slots);
  readonly #misses = new Uint8Array(slots);
  readonly #kept: Memory;
  readonly #make: (memory: Memory, at: number, end: number) => string | undefined;

  /** `make` makes a text of bytes that are not kept; `undefined` where they are none. */
  constructor(make: (memory: Memory, at: number, end: number) => string | undefined) {
    const bytes = new Uint8Array(slots * repeatedMax);
    this.#kept = { bytes, view: new DataView(bytes.buffer) };
    this.#make = make;
  }

  /** The text of bytes of a `length` from `repeatedMin` to `repeatedMax`. */
  text(memory: Memory, at: number, length: number): string | undefined {
    const slot = slotOf(memory.view, at, length);
    if (
      this.#lengths[slot] === length &&
      isSame(memory.view, at, this.#kept.view, slot * repeatedMax, length)
    )
      return this.#texts[slot];
    if (++this.#misses[slot]! < missesMax) return this.#make(memory, at, at + length);
    return this.#keep(slot, memory.bytes, at, length);
  }

  /** The text is made of the bytes that are kept: nobody else can change them meanwhile, so that the two always belong together. */
  #keep(slot: number, bytes: Uint8Array, at: number, length: number): string | undefined {
    const start = slot * repeatedMax;
    this.#kept.bytes.set(bytes.subarray(at, at + length), start);
    const text = this.#make(this.#kept, start, start + length);
    const isKept = text !== undefined && !text.includes('\0');
    this.#misses[slot] = 0;
    this.#lengths[slot] = isKept ? length : 0;
    this.#texts[slot] = isKept ? text : '';
    return text;
  }
}

/**
 * Eight bytes are compared as a double. Two doubles are equal only where their bytes are, but for the zeros: hence no text with U+0000 is kept.
 * NaNs are equal to nothing: a text with their bytes, which no ASCII has, is made each time.
 */
function isSame(a: DataView, at: number, b: DataView, start: number, length: number): boolean {
  const last = length - 8;
  // The last ones may be looked at twice.
  if (last < 0) {
    return (
      a.getInt32(at, true) === b.getInt32(start, true) &&
      a.getInt32(at + length - 4, true) === b.getInt32(start + length - 4, true)
    );
  }
  if (a.getFloat64(at + last, true) !== b.getFloat64(start + last, true)) return false;
  for (let i = 0; i < last; i += 8) {
    if (a.getFloat64(at + i, true) !== b.getFloat64(start + i, true)) return false;
  }
  return true;
}

/** By the length, and the bytes at the begin, in the middle and at the end, where names differ most. */
function slotOf(view: DataView, at: number, length: number): number {
  const begin = view.getInt32(at, true);
  const middle = view.getInt32(at + (length >>> 1) - 2, true);
  const end = view.getInt32(at + length - 4, true);
  return mixed(mixed(mixed(length) ^ begin) ^ middle ^ (end << 16) ^ (end >>> 16)) >>> 24;
}

function mixed(bits: number): number {
  return Math.imul(bits, 0x9e37_79b1);
}
