/** A column that says what no correct member could have written. */
export interface Misfit {
  readonly column: number;
  readonly seen: number;
  readonly why: string;
}

/**
 * Follows one peer's row: every counter is a whole number that only grows, and no more than its limit. Looked at now and then, away from the
 * path of messages; costs a few compares a column.
 */
export class RowWatch {
  readonly #last: Float64Array;
  readonly #limits: Float64Array;

  /** `limits` has the most that each column can say; NaN: the column is no counter. */
  constructor(limits: Float64Array) {
    this.#limits = limits;
    this.#last = new Float64Array(limits.length);
  }

  /** What the column said when it was looked at last. */
  last(column: number): number {
    return this.#last[column]!;
  }

  look(row: Float64Array): Misfit | undefined {
    const last = this.#last;
    const limits = this.#limits;
    for (let column = 0; column < limits.length; column++) {
      const limit = limits[column]!;
      if (Number.isNaN(limit)) continue;
      const seen = row[column]!;
      const before = last[column]!;
      if (seen === before) continue;
      if (!(seen >= before)) return { column, seen, why: `it was ${before} before` };
      if (!(seen <= limit) || Math.floor(seen) !== seen)
        return { column, seen, why: `it is a whole number up to ${limit}` };
      last[column] = seen;
    }
    return undefined;
  }
}
