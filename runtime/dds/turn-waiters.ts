interface Waiter {
  turns: number;
  resolve(): void;
}

/** Who waits until so many turns of this member have come somewhere: to all receivers, or to all disks. */
export class TurnWaiters {
  #waiters: Waiter[] = [];

  get size(): number {
    return this.#waiters.length;
  }

  add(turns: number, resolve: () => void): void {
    this.#waiters.push({ turns, resolve });
  }

  /** So many turns have come there. */
  settle(turns: number): void {
    const settled = this.#waiters.filter((waiter) => waiter.turns <= turns);
    if (settled.length === 0) return;
    this.#waiters = this.#waiters.filter((waiter) => waiter.turns > turns);
    for (const { resolve } of settled) resolve();
  }

  /** A new epoch: what the last one did not keep has been sent again, and is all that there is of `turns`. */
  beginEpoch(turns: number): void {
    for (const waiter of this.#waiters) waiter.turns = turns;
    if (turns === 0) this.settle(0);
  }
}
