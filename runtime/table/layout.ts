/**
 * The columns of one kind of row, laid out once and alike at every member. A column is one counter or an array of them: aligned
 * 8-byte floats that hold safe integers. Fresh memory is zero, so every counter counts from 0: what the protocol writes
 * as an index that starts at -1 is kept as the number of things before it.
 */
export class RowLayout {
  #counters = 0;

  /** One counter; gives its index into a row's `f64`. */
  counter(): number {
    return this.#counters++;
  }

  /** `length` counters side by side; gives the index of the first. */
  counters(length: number): number {
    const first = this.#counters;
    this.#counters += length;
    return first;
  }

  /** Starts a new cache line, so that what follows is not invalidated by stores into what came before. */
  cacheLine(): void {
    this.#counters = Math.ceil(this.#counters / 8) * 8;
  }

  get byteLength(): number {
    return this.#counters * 8;
  }
}
