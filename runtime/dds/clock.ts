import type { Clock } from '../../transport/transport.js';

/** Writes between two looks at the system's clock. */
const writesBetweenLooks = 128;

/**
 * Hybrid logical clock in microseconds since the epoch, a safe integer: it never goes back, and is never behind a time that was seen
 * on a received sample. Reading the system's clock costs more than writing a small sample, so `stamp` looks at it once
 * a turn of the loop and once every few writes.
 */
export class HybridClock implements Clock {
  #lastUs = 0;
  #sinceLook = 0;

  nowUs(): number {
    const nowUs = Math.floor((performance.timeOrigin + performance.now()) * 1000);
    if (nowUs > this.#lastUs) this.#lastUs = nowUs;
    this.#sinceLook = 0;
    return this.#lastUs;
  }

  /** The time as it was looked at last. */
  get lastUs(): number {
    return this.#lastUs;
  }

  /** The time for a sample that is written now. */
  stamp(): number {
    return ++this.#sinceLook >= writesBetweenLooks ? this.nowUs() : this.#lastUs;
  }

  /** A sample with this time was seen. */
  observe(timeUs: number): void {
    if (timeUs > this.#lastUs && timeUs < Number.MAX_SAFE_INTEGER) this.#lastUs = timeUs;
  }
}
