import { performance } from 'node:perf_hooks';
import type { Clock } from '../../transport/transport.js';

/** Writes between two looks at the system's clock. */
const writesBetweenLooks = 128;

const { timeOrigin: timeOriginMs } = performance;

/**
 * Hybrid logical clock in microseconds since the epoch, a safe integer: it never goes back, and is never behind a time that was seen
 * on a received sample. Reading the system's clock costs more than writing a small sample, so `stamp` looks at it once
 * a turn of the loop and once every few writes.
 */
export class HybridClock implements Clock {
  /** In an array, so that stamping makes no number objects. */
  readonly #timeUs = new Float64Array(1);
  #sinceLook = 0;

  nowUs(): number {
    this.look();
    return this.#timeUs[0]!;
  }

  /** Looks at the system's clock; gives what `performance.now` says. */
  look(): number {
    const nowMs = performance.now();
    const nowUs = Math.floor((timeOriginMs + nowMs) * 1000);
    if (nowUs > this.#timeUs[0]!) this.#timeUs[0] = nowUs;
    this.#sinceLook = 0;
    return nowMs;
  }

  /** The time as it was looked at last. */
  get lastUs(): number {
    return this.#timeUs[0]!;
  }

  /** Puts the time for a sample that is written now where it goes: a number that is handed on can be an object. */
  stampInto(floats: Float64Array, index: number): void {
    if (++this.#sinceLook >= writesBetweenLooks) this.nowUs();
    floats[index] = this.#timeUs[0]!;
  }

  /** A sample with this time was seen. */
  observe(timeUs: number): void {
    if (timeUs > this.#timeUs[0]! && timeUs < Number.MAX_SAFE_INTEGER) this.#timeUs[0] = timeUs;
  }
}
