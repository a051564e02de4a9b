import type { Readings } from './comparison.js';
import { durableRate } from './durable-stream.js';
import { RoundTrips } from './round-trip.js';

/** Requests of so many bytes, each acknowledged once it is durable, and so many on their way at a time. */
export interface AcknowledgedPlan {
  readonly bytes: number;
  readonly inFlight: number;
  readonly seconds: number;
  readonly warmupSeconds: number;
}

/** Keeps requests on their way over any medium: it calls `send`, and is told by `acknowledged`. */
export class AcknowledgedStream {
  readonly #plan: AcknowledgedPlan;
  readonly #send: () => void;
  readonly #trips: RoundTrips;
  #count = 0;
  #onWay = 0;
  #stopped: (() => void) | undefined;

  constructor(plan: AcknowledgedPlan, send: () => void) {
    this.#plan = plan;
    this.#send = send;
    this.#trips = new RoundTrips({ ...plan, pace: 'busy' }, send);
  }

  /** To be called once for each request that is durable. */
  readonly acknowledged = (): void => {
    if (this.#plan.inFlight === 1) return this.#trips.answered();
    this.#count++;
    this.#onWay--;
    if (this.#stopped === undefined) this.#go();
    else if (this.#onWay === 0) this.#stopped();
  };

  /** The rate; one at a time also how long each took: p50 and p99 in microseconds. */
  async run(): Promise<Readings> {
    const { inFlight, seconds } = this.#plan;
    if (inFlight === 1) {
      const { p50, p99, count } = (await this.#trips.run()) as { p50: number; p99: number; count: number };
      return { p50, p99, rate: count / seconds };
    }
    return durableRate(this.#plan, {
      start: () => {
        while (this.#onWay < inFlight) this.#go();
      },
      durable: () => this.#count,
      stop: () => new Promise((resolve) => (this.#stopped = resolve)),
    });
  }

  #go(): void {
    this.#onWay++;
    this.#send();
  }
}
