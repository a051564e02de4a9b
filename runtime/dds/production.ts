import type { Producer } from './topic-hub.js';

/** Samples taken in a row before others have their turn. */
const samplesInRow = 256;

/**
 * Writes what an iterable gives, a run at a time, whenever there is room: within the loop's turns, so that writing and delivering
 * alternate without a trip through the event loop.
 */
export class Production<T> implements Producer {
  readonly #samples: Iterator<T>;
  readonly #writeRun: (samples: Iterator<T>, count: number) => IteratorResult<T> | undefined;
  readonly #tryWrite: (sample: T) => boolean;
  readonly #settle: (error?: unknown) => void;
  readonly #hasRoom: () => boolean;
  /** Taken, and not written for want of room. */
  #waiting: IteratorResult<T> | undefined;
  #blocked = false;
  #ended = false;

  /**
   * `writeRun` writes what it takes, as many at most, and gives what it took in vain; `tryWrite` writes one sample in whatever way there is.
   * `hasRoom` says whether it is worth while to begin again after there was none.
   */
  constructor(
    samples: Iterable<T>,
    writeRun: (samples: Iterator<T>, count: number) => IteratorResult<T> | undefined,
    tryWrite: (sample: T) => boolean,
    hasRoom: () => boolean,
    settle: (error?: unknown) => void,
  ) {
    this.#samples = samples[Symbol.iterator]();
    this.#writeRun = writeRun;
    this.#tryWrite = tryWrite;
    this.#hasRoom = hasRoom;
    this.#settle = settle;
  }

  produce(samplesMin: number): 'more' | 'blocked' | 'done' {
    // A full ring is filled again in good portions: to top it up after each delivery costs more than it brings.
    if (this.#blocked && samplesMin === 0 && !this.#hasRoom()) return 'blocked';
    this.#blocked = false;
    try {
      return this.#run(Math.max(samplesInRow, samplesMin) | 0);
    } catch (error) {
      // What the iterable throws, or a sample that does not fit: the rest is not written.
      this.stop(error);
      return 'done';
    }
  }

  #run(count: number): 'more' | 'blocked' | 'done' {
    let next = this.#waiting;
    this.#waiting = undefined;
    for (let i = 0; i < count; i++) {
      next ??= this.#writeRun(this.#samples, count);
      if (next === undefined) return 'more';
      if (this.#ended) return 'done';
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
  }

  stop(error: unknown): void {
    this.#ended = true;
    this.#settle(error);
    try {
      this.#samples.return?.();
    } catch {
      // The first error is the one to tell.
    }
  }
}
