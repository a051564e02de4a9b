import type { InPlaceView, TopicType } from '../../codegen/support/index.js';
import type { ReaderQos } from '../../qos/index.js';
import type { HistoryError } from '../history/errors.js';
import type { ReaderPosition } from '../durability/reader-positions.js';
import type { Delivery } from '../multicast/delivery.js';
import { BowechoError } from './errors.js';
import { HandlerCall } from './handler-call.js';
import { Loan } from './loan.js';
import type { Mismatch } from './matching.js';
import { type Moment, Past } from './past.js';
import { Current, Fanout, GuardedStream, type Observable, Subject } from './observable.js';
import { codecOf } from './representation.js';
import type { LoggedReader } from './replay.js';
import { readInfo, type Sample, type Version } from './sample-info.js';
import type { PastOptions } from './settled.js';
import type { Snapshot } from './snapshot.js';
import { SampleQueue } from './sample-queue.js';
import { Statuses, type Status } from './status.js';
import type { Acceptor, TopicHub } from './topic-hub.js';
import { WriterGuard } from './writer-guard.js';

/** How a reader is consumed: in one way at a time. */
type Consumption = 'cache' | 'samples$' | 'pull' | 'borrow';

/**
 * Reads one topic. A reader is consumed in one of three ways at a time:
 *
 * - `samples$`, an rxjs observable of owned samples. It cannot push back: what comes before the first subscription waits in the
 *   cache, within HISTORY and RESOURCE_LIMITS.
 * - `for await (const sample of reader)`, or `consume`: pushes back. A KEEP_ALL reader whose consumer is slow holds the writers back
 *   once its cache is full, and loses nothing; a KEEP_LAST reader drops the oldest instead.
 * - `borrow`: lends the sample's memory in place until the handler returns. The fastest way.
 */
export class Reader<T, V extends InPlaceView = InPlaceView>
  implements Acceptor, LoggedReader, AsyncIterable<Sample<T>>
{
  readonly topic: string;
  readonly type: TopicType<T, V>;
  readonly qos: ReaderQos;
  /** Owned samples, in the topic's order. Completes when the reader is closed; fails when its participant has to stop. */
  readonly samples$: Observable<Sample<T>>;
  /** What handlers threw, and samples that could not be decoded. Where nobody subscribes, process warnings. */
  readonly errors$: Observable<unknown>;
  readonly #statuses = new Statuses();
  readonly #errors = new Subject<unknown>();
  readonly #live = new Fanout<Sample<T>>();
  readonly #hub: TopicHub;
  readonly #queue: SampleQueue<T>;
  readonly #past: Past<T>;
  /** One a sender, for one epoch: to store a reference at each delivery would cost more than the rest of it. */
  #loans: Loan<T, V>[] = [];
  readonly #onClose: () => Promise<void>;
  #consumption: Consumption = 'cache';
  #borrower: ((loan: Loan<T, V>) => void) | undefined;
  /** The borrower, where it gets every sample. */
  #lend: ((loan: Loan<T, V>) => void) | undefined;
  #closed = false;
  #closing: Promise<void> | undefined;
  #wakePull: (() => void) | undefined;
  #ended: { error: Error | undefined } | undefined;
  #unmatched = new Set<string>();
  #anyUnmatched = false;
  /** Where it gets what a log has. */
  readonly #guard: WriterGuard | undefined;
  holding = false;
  #position: ReaderPosition | undefined;

  /** Made by `Participant.reader`. */
  constructor(hub: TopicHub, type: TopicType<T, V>, qos: ReaderQos, onClose: () => Promise<void>) {
    this.#hub = hub;
    this.topic = hub.name;
    this.type = type;
    this.qos = qos;
    this.#onClose = onClose;
    this.#queue = new SampleQueue(qos, type);
    if (qos.durability === 'persistent') this.#guard = new WriterGuard();
    this.#past = new Past(hub, type);
    this.errors$ = this.#errors.asObservable();
    this.samples$ = new GuardedStream<Sample<T>>(
      (subscriber) => {
        this.#use('samples$');
        this.#live.add(subscriber);
        this.#drainToLive();
        return () => {
          if (!this.#live.observed) this.#consumption = 'cache';
        };
      },
      (error) => this.#report(error),
    );
  }

  /**
   * How far the topic is committed: the version up to which every sample is on the disk of every replica, now and whenever that changes.
   * Says nothing of a topic that is not persistent.
   */
  get committed$(): Observable<Version> {
    return this.#hub.commits.observable;
  }

  /** Statuses as DDS has them: samples lost or rejected, incompatible QoS and why; each with its total and its change. */
  get status$(): Observable<Status> {
    return this.#statuses.observable;
  }

  /**
   * Lends each sample's memory to `handler`, in the topic's order, until it returns; what it wants to keep it must copy. Gives a
   * function that ends it. Samples that wait in the cache are lost to `borrow`: begin before the writers do.
   *
   * ```ts
   * const stop = reader.borrow((sample) => total += sample.memory.bytes[sample.offset]);
   * ```
   * @throws BowechoError BE_READER_IN_USE, BE_CLOSED
   */
  borrow(handler: (sample: Loan<T, V>) => void): () => void {
    this.#mustBeOpen();
    this.#use('borrow');
    this.#borrower = handler;
    this.#updateLend();
    return () => {
      this.#borrower = undefined;
      this.#updateLend();
      this.#consumption = 'cache';
    };
  }

  /**
   * Calls `handler` with one owned sample after another, and waits for each. Resolves when the reader is closed; rejects with what the
   * handler throws, which ends the consumption. A write that the handler awaits, and that itself waits for the handler to return, is
   * rejected with BE_WOULD_DEADLOCK.
   * @throws BowechoError BE_READER_IN_USE
   */
  async consume(handler: (sample: Sample<T>) => void | Promise<void>): Promise<void> {
    // Following what a handler awaits slows down all promises of the process: only a reader that begins to lag pays for it.
    let lags = false;
    for await (const sample of this) {
      lags ||= this.#queue.filling;
      const result = lags ? new HandlerCall(this.#hub, this).run(() => handler(sample)) : handler(sample);
      if (result !== undefined) await result;
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Sample<T>, void, void> {
    this.#use('pull');
    try {
      for (;;) {
        const sample = this.#shift();
        if (sample !== undefined) {
          yield sample;
          this.#acknowledge(sample);
        } else if (this.#ended?.error) throw this.#ended.error;
        else if (this.#ended) return;
        else await new Promise<void>((resolve) => (this.#wakePull = resolve));
      }
    } finally {
      this.#consumption = 'cache';
      this.#hold(false);
    }
  }

  /** The oldest sample in the cache, which then forgets it; undefined where there is none. */
  take(): Sample<T> | undefined {
    const sample = this.#shift();
    if (sample !== undefined) this.#acknowledge(sample);
    return sample;
  }

  #shift(): Sample<T> | undefined {
    const sample = this.#queue.shift();
    if (this.holding && !this.#queue.full) this.#hold(false);
    if (!this.#history.value) this.#hub.pokeReplay(this);
    return sample;
  }

  /** A durable reader is done with it. */
  #acknowledge({ info }: Sample<T>): void {
    this.#position?.acknowledge(info);
  }

  // ---- the past of a persistent topic ----

  /**
   * How far the past of this persistent topic is settled: a time, in microseconds since the epoch, up to which no sample is missing here, and none
   * will ever come. 0 where nothing is known. On a topic that is silent it stands still until somebody asks for more (`asOf`).
   */
  get settledUs(): number {
    return this.#hub.settled.us;
  }

  /** The same, now and whenever that changes. */
  get settled$(): Observable<number> {
    return this.#hub.settled.observable;
  }

  /**
   * The topic as it was at a version, which is included: the last sample of each instance. Out of the log that this participant keeps, or else
   * out of a replica's; it is read from its beginning, however many samples that are. Where the version is not committed yet, it waits, for `timeoutMs` at most (default: 10 s).
   *
   * ```ts
   * const then = await reader.at(sample.info.version);
   * then.last?.info.version; // that version, where there was a sample
   * ```
   * @throws BowechoError BE_NO_LOG, BE_PAST_UNKNOWN, BE_CLOSED; PastUnknownError BE_PAST_UNKNOWN; UnsettledError BE_UNSETTLED; LogError; the signal's reason
   */
  async at(version: Version, options: PastOptions = {}): Promise<Snapshot<T>> {
    this.#mustBeOpen();
    return this.#past.at(version, options);
  }

  /**
   * The topic as it was at a time (microseconds since the epoch): the last sample of each instance, of those whose source time is not later. It is
   * the same at every participant, now and ever after. It waits until the past is settled up to then, for `timeoutMs` at most (default: 10 s).
   *
   * ```ts
   * const noon = await reader.asOf(Date.parse('2026-05-01T12:00:00Z') * 1000);
   * ```
   * @throws BowechoError BE_NO_LOG, BE_PAST_UNKNOWN, BE_CLOSED; PastUnknownError BE_PAST_UNKNOWN; UnsettledError BE_UNSETTLED, which says how far the past is settled; LogError; the signal's reason
   */
  async asOf(timeUs: number, options: PastOptions = {}): Promise<Snapshot<T>> {
    this.#mustBeOpen();
    return this.#past.at(timeUs, options);
  }

  /**
   * The samples between two moments, both included, in the topic's order: versions, or source times in microseconds since the epoch. Each is
   * read when it is asked for, so a slow consumer costs no memory. `from` of rxjs makes an observable of it. Waits as `asOf` does.
   *
   * ```ts
   * for await (const { data } of reader.between(0, participant.nowUs())) total += data.amount;
   * ```
   * @throws (at the first sample) BowechoError BE_NO_LOG, BE_PAST_UNKNOWN, BE_CLOSED; PastUnknownError BE_PAST_UNKNOWN; UnsettledError BE_UNSETTLED; LogError; the signal's reason
   */
  between(from: Moment, to: Moment, options: PastOptions = {}): AsyncIterableIterator<Sample<T>> {
    this.#mustBeOpen();
    return this.#past.between(from, to, options);
  }

  #mustBeOpen(): void {
    if (!this.#closed) return;
    throw new BowechoError(
      'BE_CLOSED',
      `the reader of ${this.topic} is closed: open another with participant.reader()`,
    );
  }

  /** Of a durable reader: how far it has come. */
  get position(): ReaderPosition | undefined {
    return this.#position;
  }

  /** It goes on from there. */
  goOnFrom(position: ReaderPosition): void {
    this.#position = position;
    this.#guard?.begin(position.found?.writers ?? []);
  }

  /** Stops reading: the view changes, `samples$` completes. */
  async close(): Promise<void> {
    if (!this.#closed) this.#closing = this.#onClose();
    this.#closed = true;
    await this.#closing;
    await this.#position?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #use(consumption: Consumption): void {
    if (this.#consumption === consumption && consumption === 'samples$') return;
    if (this.#consumption !== 'cache') {
      throw new BowechoError(
        'BE_READER_IN_USE',
        `the reader of ${this.topic} is consumed through ${this.#consumption} already: end that first, or open a second reader for ${consumption}`,
      );
    }
    this.#consumption = consumption;
    this.#hub.pokeReplay(this);
  }

  #drainToLive(): void {
    // A subscriber that has had enough leaves the rest to the next.
    while (this.#live.observed) {
      const sample = this.#shift();
      if (sample === undefined) break;
      this.#live.next(sample);
      this.#acknowledge(sample);
    }
    if (this.#ended) this.#endLive();
  }

  // ---- delivery ----

  accept(message: Delivery): void {
    const lend = this.#lend;
    if (lend === undefined) {
      this.#acceptUnusual(message);
      return;
    }
    try {
      lend(this.#loans[message.rank] ?? this.#newLoan(message));
    } catch (error) {
      this.#report(error);
    }
  }

  #acceptUnusual(message: Delivery): void {
    if (this.#anyUnmatched && this.#isUnmatched(message)) return;
    if (this.#guard?.passes(message) === false) return;
    if (this.#borrower === undefined) {
      this.#acceptOwned(message);
      return;
    }
    try {
      this.#borrower(this.#loans[message.rank] ?? this.#newLoan(message));
    } catch (error) {
      this.#report(error);
    }
    this.#position?.acknowledge(readInfo(message, this.#hub.engine.clock));
  }

  #newLoan(message: Delivery): Loan<T, V> {
    const loan = new Loan(this.type, this.#hub.engine.clock, message);
    if (message.rank >= 0) this.#loans[message.rank] = loan;
    return loan;
  }

  /** What comes now is of another epoch, with other senders. */
  epochBegan(): void {
    this.#loans = [];
  }

  #updateLend(): void {
    this.#lend = this.#anyUnmatched || this.#guard !== undefined ? undefined : this.#borrower;
  }

  #isUnmatched({ sender, ring, header }: Delivery): boolean {
    return this.#unmatched.has(`${sender}:${ring.u32[(header >>> 2) + 1]! >>> 16}`);
  }

  #acceptOwned(message: Delivery): void {
    let sample: Sample<T>;
    try {
      sample = this.#own(message);
    } catch (error) {
      this.#statuses.count('sampleRejected');
      this.#report(error);
      return;
    }
    if (this.#consumption === 'samples$') {
      this.#live.next(sample);
      this.#acknowledge(sample);
    } else this.#cache(sample);
  }

  #own(message: Delivery): Sample<T> {
    const data = codecOf(this.type, message).decode(message.memory, message.offset, message.length);
    return { data, info: readInfo(message, this.#hub.engine.clock) };
  }

  #cache(sample: Sample<T>): void {
    const pulled = this.#consumption === 'pull';
    const lost = this.#queue.push(sample, pulled);
    if (lost > 0) this.#statuses.count('sampleLost', lost);
    if (!pulled) return;
    if (this.#queue.full) this.#hold(true);
    this.#wakePull?.();
    this.#wakePull = undefined;
    this.#hub.engine.loop.endTurn();
  }

  #hold(holding: boolean): void {
    if (this.holding === holding) return;
    this.holding = holding;
    this.#hub.updateFull();
  }

  #report(error: unknown): void {
    if (this.#errors.observed) this.#errors.next(error);
    else process.emitWarning(error instanceof Error ? error : String(error), { type: 'BowechoWarning' });
  }

  // ---- what the participant tells ----

  /** Told at each view: the writers whose QoS this reader's does not match. Their samples do not count. */
  setUnmatched(writers: readonly Mismatch[]): void {
    for (const { member, endpoint, incompatible } of writers) {
      if (incompatible === undefined || this.#unmatched.has(`${member}:${endpoint}`)) continue;
      this.#statuses.count('requestedIncompatibleQos', 1, incompatible);
    }
    this.#unmatched = new Set(writers.map(({ member, endpoint }) => `${member}:${endpoint}`));
    this.#anyUnmatched = writers.length > 0;
    this.#updateLend();
  }

  // ---- history ----

  readonly #history = new Current(false);

  /**
   * Resolves once all that was kept for this reader before it came (durability TRANSIENT_LOCAL) has been handed to it, or is known not
   * to come: then `errors$` says why, and `status$` counts what is missing as sampleLost. Resolves at once for a VOLATILE reader.
   */
  async whenHistorical(): Promise<void> {
    if (this.#history.value || this.#ended) return;
    await new Promise<void>((resolve) => {
      this.#history.observable.subscribe({
        next: (ended) => ended && resolve(),
        complete: resolve,
      });
    });
  }

  get historyDepth(): number {
    const { history } = this.qos;
    return history.kind === 'keepLast' ? history.depth : Infinity;
  }

  /** Nothing more that was kept is to be handed over at the moment: it would be lost. */
  get saturated(): boolean {
    const isCached = this.#consumption === 'cache' || this.#consumption === 'pull';
    return isCached && this.#queue.full;
  }

  /** What the log has could not be read, or cannot be yet, or how far a durable reader has come could not be kept. */
  replayFailed(error: Error): void {
    this.#report(error);
  }

  wants(member: number, writer: number): boolean {
    return !this.#unmatched.has(`${member}:${writer}`);
  }

  historyEnded(missed: number, error: HistoryError | undefined): void {
    if (missed > 0) this.#statuses.count('sampleLost', missed, 'the history outgrew what its writers keep');
    if (error !== undefined) this.#report(error);
    this.#history.value = true;
    this.#hub.engine.loop.endTurn();
  }

  /** No sample will come any more. */
  end(error?: Error): void {
    if (this.#ended) return;
    this.#closed = true;
    this.#ended = { error };
    this.#hub.removeReader(this);
    this.#wakePull?.();
    if (this.#consumption === 'samples$') this.#endLive();
    this.#statuses.end();
    this.#errors.complete();
    this.#history.end();
  }

  #endLive(): void {
    if (this.#ended?.error) this.#live.error(this.#ended.error);
    else this.#live.complete();
  }
}
