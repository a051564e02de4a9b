import type { Readings } from './comparison.js';
import { percentile } from './statistics.js';
import { pause } from './stream.js';

/** `paced`: a question every 2 ms, each finding both sides asleep. `busy`: each right after the answer to the last. */
export type Pace = 'paced' | 'busy';

export interface RoundTripPlan {
  readonly bytes: number;
  readonly pace: Pace;
  readonly seconds: number;
  readonly warmupSeconds: number;
}

const pacedIntervalMs = 2;
const timesKeptMax = 1 << 20;
/** A median of fewer would be a matter of luck. */
const timesMin = 20;

/** Times round trips over any medium: it calls `ask`, and is told by `answered`. */
export class RoundTrips {
  readonly #plan: RoundTripPlan;
  readonly #ask: () => void;
  readonly #times = new Float64Array(timesKeptMax);
  #count = 0;
  #askedAt = 0;
  #endsAt = 0;
  #measuring = false;
  #onAnswer: (() => void) | undefined;
  #finish: (() => void) | undefined;

  constructor(plan: RoundTripPlan, ask: () => void) {
    this.#plan = plan;
    this.#ask = ask;
  }

  /** To be called once for every answer that arrives. */
  answered(): void {
    const now = performance.now();
    if (this.#measuring) this.#times[this.#count++ % timesKeptMax] = (now - this.#askedAt) * 1000;
    if (this.#onAnswer) this.#onAnswer();
    else if (now < this.#endsAt) this.#askNow();
    else this.#finish?.();
  }

  /** Asks until the time is over. Microseconds. */
  async run(): Promise<Readings> {
    const { warmupSeconds, seconds } = this.#plan;
    await this.#during(warmupSeconds);
    this.#measuring = true;
    await this.#during(seconds);
    this.#measuring = false;
    if (this.#count < timesMin) throw new Error(`Only ${this.#count} round trips in ${seconds} s.`);
    const sorted = this.#times.subarray(0, Math.min(this.#count, timesKeptMax)).sort();
    return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99), count: this.#count };
  }

  async #during(seconds: number): Promise<void> {
    this.#endsAt = performance.now() + seconds * 1000;
    if (this.#plan.pace === 'busy') {
      await new Promise<void>((resolve) => {
        this.#finish = resolve;
        this.#askNow();
      });
      return;
    }
    while (performance.now() < this.#endsAt) {
      const answer = new Promise<void>((resolve) => {
        this.#onAnswer = resolve;
      });
      this.#askNow();
      await answer;
      await pause(pacedIntervalMs);
    }
    this.#onAnswer = undefined;
  }

  #askNow(): void {
    this.#askedAt = performance.now();
    this.#ask();
  }
}
