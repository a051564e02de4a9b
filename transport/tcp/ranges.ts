/** Ranges of one region that wait for one peer; more are joined, with what lies between them. */
const rangesMax = 16;

/**
 * A few ranges of bytes, joined where they touch. However much is put while a peer does not read, no more than this waits for it: the
 * memory itself has the bytes.
 */
export class Ranges {
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  count = 0;

  add(start: number, end: number): void {
    const { starts, ends, count } = this;
    let nearest = 0;
    let gap = Infinity;
    for (let i = 0; i < count; i++) {
      const apart = start > ends[i]! ? start - ends[i]! : starts[i]! - end;
      if (apart >= gap) continue;
      nearest = i;
      gap = apart;
    }
    if (gap <= 0 || count === rangesMax) {
      if (start < starts[nearest]!) starts[nearest] = start;
      if (end > ends[nearest]!) ends[nearest] = end;
      return;
    }
    starts[count] = start;
    ends[count] = end;
    this.count = count + 1;
  }

  clear(): void {
    this.count = 0;
  }
}
