/** Something that happens at a virtual time; gives false where it turned out to be nothing (its link was cut meanwhile). */
export type Happening = () => boolean;

interface Entry {
  readonly atUs: number;
  readonly order: number;
  readonly happen: Happening;
}

/** Virtual time: what is to happen, soonest first; at the same time, in the order in which it was planned. */
export class Timeline {
  #nowUs: number;
  #planned = 0;
  readonly #heap: Entry[] = [];

  constructor(startUs: number) {
    this.#nowUs = startUs;
  }

  get nowUs(): number {
    return this.#nowUs;
  }

  /** When the next happening is due; Infinity where nothing is planned. */
  get nextUs(): number {
    return this.#heap[0]?.atUs ?? Infinity;
  }

  plan(atUs: number, happen: Happening): void {
    const heap = this.#heap;
    const entry: Entry = { atUs: Math.max(atUs, this.#nowUs), order: this.#planned++, happen };
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(entry, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  /** Lets the next happening happen; false where it was nothing, or nothing is planned. */
  advance(): boolean {
    const first = this.#pop();
    if (first === undefined) return false;
    this.#nowUs = first.atUs;
    return first.happen();
  }

  /** Lets time pass to `untilUs`, up to which nothing may be planned. */
  skipTo(untilUs: number): void {
    this.#nowUs = Math.max(this.#nowUs, untilUs);
  }

  #pop(): Entry | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.atUs < b.atUs || (a.atUs === b.atUs && a.order < b.order);
}
