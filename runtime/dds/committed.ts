import type { Subgroup } from '../multicast/subgroup.js';
import { Observable, Subject } from './observable.js';
import type { Version } from './sample-info.js';

/** Tells how far a persistent topic is committed. Nobody looks where nobody has subscribed. */
export class Committed {
  readonly observable: Observable<Version>;
  readonly #subject = new Subject<Version>();
  #value: Version = { epoch: -1, sequence: -1 };

  /** `begins` is called where somebody subscribes: from then on `look` is to be called. */
  constructor(begins: () => void) {
    this.observable = new Observable<Version>((subscriber) => {
      begins();
      if (this.#value.epoch >= 0) subscriber.next(this.#value);
      return this.#subject.subscribe(subscriber);
    });
  }

  get observed(): boolean {
    return this.#subject.observed;
  }

  look(subgroup: Subgroup): void {
    const { epoch } = subgroup.layout;
    const sequence = subgroup.committed - 1;
    if (sequence < 0 || (epoch === this.#value.epoch && sequence === this.#value.sequence)) return;
    this.#value = { epoch, sequence };
    this.#subject.next(this.#value);
  }

  end(): void {
    this.#subject.complete();
  }
}
