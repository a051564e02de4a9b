import { Observable, Subject } from './observable.js';

export type StatusKind =
  'sampleLost' | 'sampleRejected' | 'requestedIncompatibleQos' | 'offeredIncompatibleQos';

/** A status of DDS: how often in all, and how much since it was told last. */
export interface Status {
  kind: StatusKind;
  total: number;
  change: number;
  /** Of incompatible QoS: which endpoint, which policies, and what to change. */
  explanation?: string;
}

/** The statuses of one reader or writer; whoever subscribes is told first how they stand. */
export class Statuses {
  readonly observable: Observable<Status>;
  readonly #subject = new Subject<Status>();
  readonly #latest = new Map<StatusKind, Status>();

  constructor() {
    this.observable = new Observable((subscriber) => {
      for (const status of this.#latest.values()) subscriber.next(status);
      return this.#subject.subscribe(subscriber);
    });
  }

  count(kind: StatusKind, change = 1, explanation?: string): void {
    const total = (this.#latest.get(kind)?.total ?? 0) + change;
    const status: Status = { kind, total, change, ...(explanation !== undefined && { explanation }) };
    this.#latest.set(kind, status);
    this.#subject.next(status);
  }

  end(): void {
    this.#subject.complete();
  }
}
