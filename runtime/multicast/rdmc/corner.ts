import { none } from './schedule.js';

/** Which block corner `v` of a cube of `l` dimensions sends in `step`, to `v XOR 2^(step mod l)`, when `k` blocks go from corner 0 to all others in l + k − 1 steps. */
function blockAcross(v: number, step: number, l: number, k: number): number {
  if (step >= l + k - 1) return none;
  const direction = step % l;
  if (v === 1 << direction) return none; // the other one is the root
  if (v === 0) return Math.min(step, k - 1);
  const rotated = (v >>> direction) | ((v << (l - direction)) & ((1 << l) - 1));
  const block = step - l + trailingZeros(rotated);
  return block < 0 ? none : Math.min(block, k - 1);
}

function trailingZeros(n: number): number {
  return 31 - Math.clz32(n & -n);
}

/**
 * A corner of the cube of a binomial pipeline, where one member stands, or two: twins, where members are no power of two. The two share the corner's links: in each step one of
 * them, the **taker**, takes what comes across the cube, and the other, the **giver**, gives what goes across it. Meanwhile the taker passes on to the giver
 * what that one lacks. So neither ever lacks more than one block that the other has.
 */
export class Corner {
  /** What comes across the cube in this step, to the taker, and what goes across it, from the giver. */
  received = none;
  sent = none;
  /** What the taker passes on to the giver, and, where nothing goes across, the giver to the taker. */
  passed = none;
  returned = none;
  taker: number;
  giver: number;
  readonly index: number;
  readonly twin: number;
  readonly #dimensions: number;
  readonly #blocks: number;
  /** What the first member lacks and the second has; and the other way round. */
  #firstLacks = none;
  #secondLacks = none;

  /** `twin` is the second member here, or `none`. */
  constructor(index: number, twin: number, dimensions: number, blocks: number) {
    this.index = this.taker = this.giver = index;
    this.twin = twin;
    this.#dimensions = dimensions;
    this.#blocks = blocks;
  }

  /** To be called for each step, in their order. */
  plan(step: number): void {
    const across = this.index ^ (1 << (step % this.#dimensions));
    this.sent = blockAcross(this.index, step, this.#dimensions, this.#blocks);
    this.received = blockAcross(across, step, this.#dimensions, this.#blocks);
    if (this.twin !== none) this.#share();
  }

  #share(): void {
    const firstTakes = this.#firstTakes();
    this.taker = firstTakes ? this.index : this.twin;
    this.giver = firstTakes ? this.twin : this.index;
    const quiet = this.sent === none && this.received === none;
    this.passed = firstTakes ? this.#secondLacks : this.#firstLacks;
    this.returned = !quiet ? none : firstTakes ? this.#firstLacks : this.#secondLacks;
    if (firstTakes) this.#secondLacks = this.received;
    else this.#firstLacks = this.received;
    if (!quiet) return;
    this.#firstLacks = this.#secondLacks = none;
  }

  /** Who gives must have what is sent. Else the one takes who has something to pass on. */
  #firstTakes(): boolean {
    if (this.sent !== none && this.sent === this.#firstLacks) return true;
    if (this.sent !== none && this.sent === this.#secondLacks) return false;
    return this.#secondLacks !== none;
  }
}
