/**
 * Pseudo-random numbers that depend on the seed alone: the same seed gives the same run, on every machine (a 32-bit
 * xorshift-multiply mixer over a counter; good enough to choose delays and crash points, not for secrets).
 */
export class SeededRandom {
  #counter: number;

  constructor(seed: number) {
    this.#counter = Math.imul(seed | 0, 0x9e3779b1) ^ Math.floor(seed / 0x100000000);
  }

  /** A whole number from 0 to 2^32 - 1. */
  next(): number {
    this.#counter = (this.#counter + 0x9e3779b9) | 0;
    let mixed = this.#counter;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }

  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number {
    return Math.floor((this.next() / 0x100000000) * limit);
  }

  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number {
    return min + this.below(max - min + 1);
  }
}
