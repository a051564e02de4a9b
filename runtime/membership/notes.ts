import type { RegionMemory } from '../../transport/transport.js';

/** A record: u32 length of the text, four bytes unused, then the text, padded to 8 bytes. */
const headerBytes = 8;

/**
 * What a member notes for the others at the end of a view: texts, one after the other, each appended once, so that a peer on aliased memory can
 * read while its owner writes. A guard column of the row says how many bytes count.
 */
export class Notes {
  readonly texts: string[] = [];
  /** Bytes that were written, or read. */
  end = 0;
  readonly #memory: RegionMemory;
  readonly #start: number;
  readonly #bytes: number;

  constructor(memory: RegionMemory, start: number, bytes: number) {
    this.#memory = memory;
    this.#start = start;
    this.#bytes = bytes;
  }

  /** In my own row. False where there is no room. */
  append(text: string): boolean {
    const bytes = new TextEncoder().encode(text);
    const next = this.end + paddedBytes(bytes.length);
    if (next > this.#bytes) return false;
    const at = this.#start + this.end;
    this.#memory.u32[at >>> 2] = bytes.length;
    this.#memory.bytes.set(bytes, at + headerBytes);
    this.texts.push(text);
    this.end = next;
    return true;
  }

  /**
   * Reads on in a peer's row, as far as its guard says.
   * @throws RangeError where no member can have written that
   */
  readTo(end: number): readonly string[] {
    if (!(end <= this.#bytes)) throw new RangeError(`it has only ${this.#bytes}`);
    while (this.end < end) {
      const at = this.#start + this.end;
      const length = this.#memory.u32[at >>> 2]!;
      const next = this.end + paddedBytes(length);
      if (next > end) throw new RangeError(`an impossible note at ${this.end}`);
      const bytes = this.#memory.bytes.slice(at + headerBytes, at + headerBytes + length);
      this.texts.push(new TextDecoder().decode(bytes));
      this.end = next;
    }
    return this.texts;
  }
}

function paddedBytes(length: number): number {
  return headerBytes + ((length + 7) & ~7);
}
