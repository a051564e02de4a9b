import { type Observable, Subject } from './observable.js';

export type StatusKind = 'sampleLost' | 'sampleRejected' | 'requestedIncompatibleQos';

/** A status of DDS: how often in all, and how much since it was told last. */
export interface ReaderStatus {
  kind: StatusKind;
  total: number;
  change: number;
}

export class Statuses {
  readonly #subject = new Subject<ReaderStatus>();
  readonly observable: Observable<ReaderStatus> = this.#subject.asObservable();
  readonly #totals = new Map<StatusKind, number>();

  count(kind: StatusKind, change = 1): void {
    const total = (this.#totals.get(kind) ?? 0) + change;
    this.#totals.set(kind, total);
    this.#subject.next({ kind, total, change });
  }

  end(): void {
    this.#subject.complete();
  }
}
