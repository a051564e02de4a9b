import type { Loan } from '../../runtime/dds/index.js';
import { cacheLineBytes, touchLines } from '../harness/touch.js';

// What is imported is looked up at each use; a constant of the module is compiled in, as the references have it.
const cacheLineWords = cacheLineBytes / 4;

/** A message of so many bytes that tells who wrote it and as how manieth, for the receivers to compare what they got. */
export class Payload {
  readonly bytes: Uint8Array;
  readonly #words: Uint32Array;

  constructor(byteLength: number, writer: number) {
    this.#words = new Uint32Array(Math.ceil(byteLength / 4)).fill(1);
    this.#words[0] = writer;
    this.#words[1] = 0;
    this.bytes = new Uint8Array(this.#words.buffer, 0, byteLength);
  }

  /** To be called once the message has been written. */
  advance(): void {
    this.#words[1]! += 1;
  }
}

/** What a receiver got: how many, and a hash of their order. Reads a word of each cache line in place. */
export class Tally {
  count = 0;
  hash = 0;
  /** Kept so that the reads are not optimized away. */
  touched = 0;

  readonly take = <T>({ memory, offset, length }: Loan<T>): void => {
    const { u32 } = memory;
    const first = offset >> 2;
    const end = (offset + length) >> 2;
    this.touched = (this.touched + touchLines(u32, first, end, cacheLineWords) + u32[end - 1]!) | 0;
    this.hash = Math.imul(this.hash ^ (u32[first + 1]! * 8 + u32[first]!), 0x01000193);
    this.count += 1;
  };
}
