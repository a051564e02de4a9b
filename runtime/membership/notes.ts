import type { RegionMemory } from '../../transport/transport.js';

/** Where the epoch of the subgroup in `slot` ends. */
export interface NotedTrim {
  readonly slot: number;
  readonly trim: readonly number[];
  /** Only the failed know what else was committed. */
  readonly loses?: boolean;
}

/** What the leader puts together of the trims. */
export interface EndOfView {
  /** Its rank. */
  readonly leader: number;
  /** Null where all members of a subgroup have failed, so that only they know. */
  readonly trims: readonly {
    readonly slot: number;
    readonly trim: readonly number[] | null;
    readonly loses?: boolean;
  }[];
}

/** A note: u32 length of its JSON, four bytes unused, then the JSON, padded to 8 bytes. */
const headerBytes = 8;

/**
 * What a member notes for the others at the end of a view: the trims that it has seen agreed, and one record of all of them. Each note is
 * appended once, so that a peer on aliased memory can read while its owner writes; a guard column of the row says how many bytes count.
 */
export class Notes {
  /** By slot. */
  readonly trims = new Map<number, NotedTrim>();
  /** An `EndOfView`, as it was written. */
  record: string | undefined;
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
    this.end = next;
    this.#take(text);
    return true;
  }

  /**
   * Reads on in a peer's row, as far as its guard says.
   * @throws RangeError or SyntaxError where no member can have written that
   */
  readTo(end: number): void {
    if (!(end <= this.#bytes)) throw new RangeError(`it has only ${this.#bytes}`);
    while (this.end < end) {
      const at = this.#start + this.end;
      const length = this.#memory.u32[at >>> 2]!;
      const next = this.end + paddedBytes(length);
      if (next > end) throw new RangeError(`an impossible note at ${this.end}`);
      const bytes = this.#memory.bytes.slice(at + headerBytes, at + headerBytes + length);
      this.#take(new TextDecoder().decode(bytes));
      this.end = next;
    }
  }

  #take(text: string): void {
    const note = JSON.parse(text) as Partial<NotedTrim & EndOfView> | null;
    if (Number.isSafeInteger(note?.slot) && isTrim(note!.trim))
      this.trims.set(note!.slot!, note as NotedTrim);
    else if (isEndOfView(note)) this.record ??= text;
    else throw new RangeError(`no such note: ${text.slice(0, 100)}`);
  }
}

function isTrim(value: unknown): value is readonly number[] {
  return (
    Array.isArray(value) && value.every((turns) => Number.isSafeInteger(turns) && (turns as number) >= 0)
  );
}

function isEndOfView(note: Partial<EndOfView> | null): boolean {
  return (
    Number.isSafeInteger(note?.leader) &&
    Array.isArray(note!.trims) &&
    note!.trims.every((end) => Number.isSafeInteger(end?.slot) && (end.trim === null || isTrim(end.trim)))
  );
}

function paddedBytes(length: number): number {
  return headerBytes + ((length + 7) & ~7);
}
