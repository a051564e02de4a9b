import { Observable, type Observer, type Operator, Subject, Subscriber } from 'rxjs';

/** The one place where rxjs is built upon: a stream that hands what its observers throw to an error channel. */
export class GuardedStream<T> extends Observable<T> {
  readonly #onError: (error: unknown) => void;

  constructor(
    start: ((subscriber: Subscriber<T>) => (() => void) | undefined) | undefined,
    onError: (error: unknown) => void,
  ) {
    super(start);
    this.#onError = onError;
  }

  /** What operators make of the stream is guarded as well. */
  override lift<R>(operator?: Operator<T, R>): Observable<R> {
    const lifted = new GuardedStream<R>(undefined, this.#onError);
    lifted.source = this;
    lifted.operator = operator;
    return lifted;
  }

  /**
   * Like rxjs's, but what `next` throws goes to the reader's `errors$` instead of to the process: one faulty handler does not take the
   * member down.
   */
  override subscribe(
    observerOrNext?: Partial<Observer<T>> | ((value: T) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ) {
    if (observerOrNext instanceof Subscriber) return super.subscribe(observerOrNext);
    const observer: Partial<Observer<T>> =
      typeof observerOrNext === 'function'
        ? { next: observerOrNext, ...(error && { error }), ...(complete && { complete }) }
        : (observerOrNext ?? {});
    const { next } = observer;
    if (next === undefined) return super.subscribe(observer);
    return super.subscribe({
      ...(observer.error && { error: (reason: unknown) => observer.error!(reason) }),
      ...(observer.complete && { complete: () => observer.complete!() }),
      next: (value: T) => {
        try {
          next.call(observer, value);
        } catch (reason) {
          this.#onError(reason);
        }
      },
    });
  }
}

/**
 * Hands each value to those who subscribe, as an rxjs Subject does, but makes nothing on the way: a reader's samples pass here.
 */
export class Fanout<T> {
  /** Never changed in place: who subscribes or leaves meanwhile does not disturb a value that is being handed on. */
  #subscribers: readonly Subscriber<T>[] = [];

  get observed(): boolean {
    return this.#subscribers.length > 0;
  }

  /** Until it unsubscribes. */
  add(subscriber: Subscriber<T>): void {
    this.#subscribers = [...this.#subscribers, subscriber];
    subscriber.add(() => {
      this.#subscribers = this.#subscribers.filter((other) => other !== subscriber);
    });
  }

  next(value: T): void {
    const subscribers = this.#subscribers;
    for (let i = 0; i < subscribers.length; i++) subscribers[i]!.next(value);
  }

  complete(): void {
    for (const subscriber of this.#subscribers) subscriber.complete();
  }

  error(error: Error): void {
    for (const subscriber of this.#subscribers) subscriber.error(error);
  }
}

/** A value that changes, with its present value first for whoever subscribes. */
export class Current<T> {
  readonly #subject = new Subject<T>();
  readonly observable: Observable<T>;
  #value: T;

  constructor(value: T) {
    this.#value = value;
    this.observable = new Observable<T>((subscriber) => {
      subscriber.next(this.#value);
      return this.#subject.subscribe(subscriber);
    });
  }

  get value(): T {
    return this.#value;
  }

  set value(value: T) {
    this.#value = value;
    this.#subject.next(value);
  }

  /** No further value will come. */
  end(): void {
    this.#subject.complete();
  }

  fail(error: Error): void {
    this.#subject.error(error);
  }
}

export { Observable, Subject };
export type { Subscriber };
