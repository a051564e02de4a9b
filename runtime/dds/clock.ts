import { performance } from 'node:perf_hooks';
import { LogicalClock } from '../multicast/logical-clock.js';

/** Writes between two looks at the system's clock. */
const writesBetweenLooks = 128;

/** The system's clock may be set, and goes on while the machine sleeps, which `performance.now` does not: so far ahead, and it is followed. */
const aheadMaxMs = 10;

/**
 * The participant's hybrid logical clock. Reading the system's clock costs more than writing a small sample, so `stampInto` looks at it once
 * a turn of the loop, once every few writes, and after the loop has slept.
 */
export class HybridClock extends LogicalClock {
  #originMs = performance.timeOrigin;
  #sinceLook = 0;

  /** `nowUs` measures how long something takes: it does not follow where the system's clock is set. */
  constructor() {
    const { timeOrigin } = performance;
    super({ nowUs: () => Math.floor((timeOrigin + performance.now()) * 1000) });
  }

  /** Looks at the system's clock; gives what `performance.now` says. */
  look(): number {
    const nowMs = performance.now();
    this.advance(Math.floor((this.#originMs + nowMs) * 1000));
    this.#sinceLook = 0;
    return nowMs;
  }

  /** Follows the system's clock where that has been set forward; to be called now and then. */
  follow(): void {
    const aheadMs = Date.now() - (this.#originMs + performance.now());
    if (aheadMs > aheadMaxMs) this.#originMs += aheadMs;
  }

  /** Nobody looks for a while: whoever writes next does. */
  rest(): void {
    this.#sinceLook = writesBetweenLooks;
  }

  /** Puts the time for a sample that is written now where it goes: a number that is handed on can be an object. */
  stampInto(floats: Float64Array, index: number): void {
    if (++this.#sinceLook >= writesBetweenLooks) this.look();
    floats[index] = this.time[0]!;
  }
}
