import { Observable, Subject } from 'rxjs';
import type { Gap, Sample } from './sample-info.js';

/** Samples that wait for a first subscription, at most: of more, the newest are kept. */
const waitingSamplesMax = 4096;

/** A stream that keeps what comes while nobody subscribes, within a bound; what it had to drop is told when somebody does. */
export class SampleCache<T> {
  readonly samples$: Observable<Sample<T>>;
  readonly #live = new Subject<Sample<T>>();
  readonly #onDropped: (gap: Gap) => void;
  #waiting: Sample<T>[] = [];
  #dropped: Gap | undefined;

  constructor(onDropped: (gap: Gap) => void) {
    this.#onDropped = onDropped;
    this.samples$ = new Observable((subscriber) => {
      const subscription = this.#live.subscribe(subscriber);
      this.#drain();
      return subscription;
    });
  }

  push(sample: Sample<T>): void {
    if (this.#live.observed) {
      this.#live.next(sample);
      return;
    }
    this.#waiting.push(sample);
    // Dropped by halves, so that a push costs the same however full it is.
    if (this.#waiting.length >= waitingSamplesMax * 2) this.#drop(this.#waiting.splice(0, waitingSamplesMax));
  }

  #drop(samples: Sample<T>[]): void {
    this.#dropped = {
      count: (this.#dropped?.count ?? 0) + samples.length,
      exact: true,
      from: this.#dropped?.from ?? samples[0]!.info.version,
      to: samples.at(-1)!.info.version,
    };
  }

  #drain(): void {
    if (this.#waiting.length > waitingSamplesMax)
      this.#drop(this.#waiting.splice(0, this.#waiting.length - waitingSamplesMax));
    const dropped = this.#dropped;
    const waiting = this.#waiting;
    this.#dropped = undefined;
    this.#waiting = [];
    if (dropped !== undefined) this.#onDropped(dropped);
    for (const sample of waiting) this.#live.next(sample);
  }

  end(error: Error | undefined): void {
    if (error === undefined) this.#live.complete();
    else this.#live.error(error);
  }
}
