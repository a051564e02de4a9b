import type { LogicalClock } from './logical-clock.js';
import type { SubgroupMemory } from './subgroup-memory.js';

/**
 * How far the past of a persistent topic is settled in one epoch (protocol.md, section 3): no sample that is not later than `settledUs` is
 * missing here, or will ever come. Each member's `stabilityClock` says that all it wrote up to that time is in `real`, and that whatever it
 * writes from now on is later. So the least of them is settled once everything is committed that was public when it was read. Whoever is
 * silent shows nothing new, unless somebody asks.
 */
export class Settling {
  /** Nothing was settled in this epoch where it is 0. */
  settledUs = 0;
  readonly #memory: SubgroupMemory;
  readonly #clock: LogicalClock;
  /** Settled, as soon as all sequences below `#end` are committed. */
  #nextUs = 0;
  #end = 0;

  constructor(memory: SubgroupMemory, clock: LogicalClock) {
    this.#memory = memory;
    this.#clock = clock;
  }

  /** Stores my clock in my row where I put that anyway, or somebody asks for more than it shows; true where it did. All I wrote is public. */
  show(puts: boolean): boolean {
    const { row, columns } = this.#memory;
    const askedUs = this.#asked();
    const isAsked = askedUs > row[columns.stabilityClock]!;
    if (!puts && !isAsked) return false;
    if (isAsked) this.#clock.observe(askedUs);
    this.#clock.showIn(row, columns.stabilityClock);
    return true;
  }

  #asked(): number {
    const { senderRows, receiverRows, columns } = this.#memory;
    let asked = 0;
    for (let s = 0; s < senderRows.length; s++) asked = Math.max(asked, senderRows[s]![columns.asked]!);
    for (let r = 0; r < receiverRows.length; r++) asked = Math.max(asked, receiverRows[r]![columns.asked]!);
    return asked;
  }

  /** Asks everyone for a clock that is not behind `timeUs`, which mine is not; true where that is to be put. */
  ask(timeUs: number): boolean {
    const { row, columns } = this.#memory;
    if (timeUs <= row[columns.asked]!) return false;
    row[columns.asked] = timeUs;
    return true;
  }

  /** Goes as far as it can, where so many sequences are committed; gives `settledUs`. */
  look(committed: number): number {
    if (this.#nextUs > this.settledUs) this.#settle(committed);
    if (this.#nextUs === this.settledUs) {
      // The clocks are read before what they speak of.
      this.#nextUs = Math.max(this.settledUs, this.#leastClock());
      this.#end = this.#publicEnd();
      this.#settle(committed);
    }
    return this.settledUs;
  }

  #settle(committed: number): void {
    if (committed >= this.#end) this.settledUs = this.#nextUs;
  }

  /** Of all members: so whoever is left of them is not behind what any of them has called settled, and hands that on. */
  #leastClock(): number {
    const { senderRows, receiverRows, columns } = this.#memory;
    let least = Infinity;
    for (const rows of [senderRows, receiverRows])
      for (const row of rows) least = Math.min(least, row[columns.stabilityClock]!);
    return least;
  }

  /** One past the last sequence that has a message, of those that are public. */
  #publicEnd(): number {
    const { senderRows, columns } = this.#memory;
    let end = 0;
    senderRows.forEach((row, s) => {
      const turns = row[columns.real]!;
      if (turns > 0) end = Math.max(end, (turns - 1) * senderRows.length + s + 1);
    });
    return end;
  }
}
