/**
 * Who sleeps while a peer owes it something looks for that peer's death so often, and at this pace. If it comes later, or takes longer to be
 * seen, the bell tells of it.
 */
const looksMax = 20;
const lookMs = 1;

/** A few looks for deaths after the event loop has gone to sleep. They cost some microseconds each, and end by themselves. */
export class DeathLooks {
  readonly #look: () => void;
  #left = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(look: () => void) {
    this.#look = look;
  }

  begin(): void {
    this.#left = looksMax;
    this.#timer ??= setInterval(() => this.#next(), lookMs).unref();
  }

  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #next(): void {
    this.#look();
    if (--this.#left === 0) this.end();
  }
}
