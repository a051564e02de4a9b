import { isAfter } from '../durability/log/catalog.js';
import type { Subgroup } from '../multicast/subgroup.js';
import type { HybridClock } from './clock.js';
import { Observable, Subject } from './observable.js';
import type { Version } from './sample-info.js';

/** Until when, and how long at most, somebody waits for the past to be settled. */
export interface PastOptions {
  /** 0: not at all. Default: 10 s. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

const timeoutMsByDefault = 10_000;
/** Most that a timer of Node can be set to. */
const timerMsMax = 2 ** 31 - 1;

/** How long may be waited, as a timer takes it. */
export function timerMsOf({ timeoutMs = timeoutMsByDefault }: PastOptions): number {
  return Math.min(timeoutMs, timerMsMax);
}

interface Waiter {
  /** The time that is to be settled; undefined where it waits for a version. */
  readonly timeUs: number | undefined;
  /** Until that time comes. */
  timer?: NodeJS.Timeout;
  isThere(): boolean;
  done(): void;
}

/** What a topic tells of its subgroup. */
export interface Topic {
  readonly subgroup: Subgroup | undefined;
  /** Nothing is missing of what was before this participant came. */
  readonly isWhole: boolean;
  /** Everything up to it is committed here. */
  readonly committedUpTo: Version;
  /** Somebody waits, or watches, from now on. */
  watch(): void;
}

/** How far the past of a persistent topic is settled at one participant, across epochs, and who waits for it. Nobody looks where nobody does. */
export class Settled {
  readonly observable: Observable<number>;
  readonly #topic: Topic;
  readonly #clock: HybridClock;
  readonly #subject = new Subject<number>();
  readonly #waiters = new Set<Waiter>();
  #us = 0;

  constructor(topic: Topic, clock: HybridClock) {
    this.#topic = topic;
    this.#clock = clock;
    this.observable = new Observable<number>((subscriber) => {
      topic.watch();
      if (this.us > 0) subscriber.next(this.#us);
      return this.#subject.subscribe(subscriber);
    });
  }

  /** Microseconds; 0 where nothing is known. */
  get us(): number {
    this.#us = Math.max(this.#us, this.#topic.subgroup?.settle() ?? 0);
    return this.#us;
  }

  /** `look` is to be called. */
  get watched(): boolean {
    return this.#waiters.size > 0 || this.#subject.observed;
  }

  /** True where somebody waits no more. */
  look(): boolean {
    const before = this.#us;
    const { us } = this;
    if (us > before) this.#subject.next(us);
    let any = false;
    for (const waiter of this.#waiters) {
      if (!waiter.isThere()) continue;
      this.#waiters.delete(waiter);
      waiter.done();
      any = true;
    }
    return any;
  }

  /** Resolves to whether it is settled up to that time, or was not in time. @throws the signal's reason */
  time(timeUs: number, options: PastOptions): Promise<boolean> {
    return this.#wait({ timeUs, isThere: () => this.#topic.isWhole && timeUs <= this.us }, options);
  }

  /** Resolves to whether everything up to that version is committed, or was not in time. @throws the signal's reason */
  version({ epoch, sequence }: Version, options: PastOptions): Promise<boolean> {
    const isThere = () => {
      const { committedUpTo, isWhole } = this.#topic;
      return isWhole && !isAfter(epoch, sequence, committedUpTo.epoch, committedUpTo.sequence);
    };
    return this.#wait({ timeUs: undefined, isThere }, options);
  }

  async #wait(
    wanted: Omit<Waiter, 'done'>,
    { timeoutMs = timeoutMsByDefault, signal }: PastOptions,
  ): Promise<boolean> {
    signal?.throwIfAborted();
    if (wanted.isThere()) return true;
    if (timeoutMs <= 0) return false;
    return new Promise<boolean>((resolve, reject) => {
      const settle = (isThere: boolean) => {
        clearTimeout(timer);
        clearTimeout(waiter.timer);
        signal?.removeEventListener('abort', abort);
        this.#waiters.delete(waiter);
        resolve(isThere);
      };
      const abort = () => {
        reject(signal!.reason as Error);
        settle(false);
      };
      const waiter: Waiter = { ...wanted, done: () => settle(true) };
      const timer = setTimeout(() => settle(false), timerMsOf({ timeoutMs }));
      signal?.addEventListener('abort', abort);
      this.#waiters.add(waiter);
      this.#ask(waiter);
    });
  }

  /** So long until this participant's clock comes to that time. */
  #msUntil(timeUs: number): number {
    this.#clock.look();
    return Math.min(Math.max(0, Math.ceil((timeUs - this.#clock.lastUs) / 1000)), timerMsMax);
  }

  /** Asks the other members, once that time has come. */
  #ask(waiter: Waiter): void {
    const { timeUs } = waiter;
    this.#topic.watch();
    if (timeUs === undefined) return;
    clearTimeout(waiter.timer);
    const waitMs = this.#msUntil(timeUs);
    if (waitMs > 0) waiter.timer = setTimeout(() => this.#ask(waiter), waitMs);
    else this.#topic.subgroup?.askToSettle(timeUs);
  }

  /** The topic's subgroup can be used: it has not been asked yet. */
  opened(): void {
    for (const waiter of this.#waiters) this.#ask(waiter);
  }

  end(): void {
    this.#subject.complete();
    for (const waiter of this.#waiters) waiter.done();
  }
}
