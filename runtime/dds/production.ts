import type { Producer } from './topic-hub.js';

/** Samples taken in a row before others have their turn. */
const samplesInRow = 256;

/**
 * Writes what an iterable gives, a run at a time, whenever there is room: within the loop's turns, so that writing and delivering
 * alternate without a trip through the event loop.
 */
export class Production<T> implements Producer {
  readonly #samples: Iterator<T>;
  readonly #tryWrite: (sample: T) => boolean;
  readonly #settle: (error?: unknown) => void;
  readonly #hasRoom: () => boolean;
  /** Taken, and not written for want of room. */
  #waiting: IteratorResult<T> | undefined;
  #blocked = false;

  /** `hasRoom` says whether it is worth while to begin again after there was none. */
  constructor(
    samples: Iterable<T>,
    tryWrite: (sample: T) => boolean,
    hasRoom: () => boolean,
    settle: (error?: unknown) => void,
  ) {
    this.#samples = samples[Symbol.iterator]();
    this.#tryWrite = tryWrite;
    this.#hasRoom = hasRoom;
    this.#settle = settle;
  }

  produce(samplesMin: number): 'more' | 'blocked' | 'done' {
    // A full ring is filled again in good portions: to top it up after each delivery costs more than it brings.
    if (this.#blocked && samplesMin === 0 && !this.#hasRoom()) return 'blocked';
    this.#blocked = false;
    const count = Math.max(samplesInRow, samplesMin);
    const samples = this.#samples;
    let next = this.#waiting;
    this.#waiting = undefined;
    try {
      for (let i = 0; i < count; i++) {
        next ??= samples.next();
        if (next.done) {
          this.#settle();
          return 'done';
        }
        if (!this.#tryWrite(next.value)) {
          this.#waiting = next;
          this.#blocked = true;
          return 'blocked';
        }
        next = undefined;
      }
      return 'more';
    } catch (error) {
      // What the iterable throws, or a sample that does not fit: the rest is not written.
      this.stop(error);
      return 'done';
    }
  }

  stop(error: unknown): void {
    this.#settle(error);
    try {
      this.#samples.return?.();
    } catch {
      // The first error is the one to tell.
    }
  }
}
