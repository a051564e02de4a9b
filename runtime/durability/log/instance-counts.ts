/** Counts by instance: 64 bits, which no number holds exactly. */
export class InstanceCounts {
  readonly #counts = new Map<number, Map<number, number>>();

  /** Adds to the count of an instance, and gives it. */
  add(high: number, low: number, change: number): number {
    let row = this.#counts.get(high);
    if (row === undefined) {
      row = new Map();
      this.#counts.set(high, row);
    }
    const count = (row.get(low) ?? 0) + change;
    row.set(low, count);
    return count;
  }
}
