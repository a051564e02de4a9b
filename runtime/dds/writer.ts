import type { InPlaceView, TopicType } from '../../codegen/support/index.js';
import type { WriterQos } from '../../qos/index.js';
import { waitInHandler } from './deadlock.js';
import { BowechoError } from './errors.js';
import { Framer } from './framer.js';
import { Lender } from './lender.js';
import type { Match, Matching } from './matching.js';
import { Current, type Observable } from './observable.js';
import { Production } from './production.js';
import { offered } from './representation.js';
import { RoomWaits } from './room-waits.js';
import type { Version } from './sample-info.js';
import { type Status, Statuses } from './status.js';
import type { TopicHub } from './topic-hub.js';

/** Writes that may wait for room in one writer. */
const waitingWritesMax = 1024;

/** What `write` gives where there was room: always the same promise, already resolved. */
const done: Promise<void> = Promise.resolve();

/**
 * Writes one topic. `write` waits only for room; `whenStable` for every receiver to have what was written.
 */
export class Writer<T, V extends InPlaceView = InPlaceView> {
  readonly topic: string;
  readonly type: TopicType<T, V>;
  readonly qos: WriterQos;
  /** As `writer` in the info of its samples. */
  readonly number: number;
  readonly #hub: TopicHub;
  readonly #onClose: () => Promise<void>;
  readonly #framer: Framer<T>;
  readonly #waits: RoomWaits<T>;
  readonly #statuses = new Statuses();
  #incompatible = new Set<string>();
  readonly #productions = new Set<Production<T>>();
  readonly #matches = new Current<readonly Match[]>([]);
  readonly #lender: Lender<T, V> | undefined;
  #error: Error | undefined;
  #closing: Promise<void> | undefined;

  /** Made by `Participant.writer`. `number` tells it from the participant's other endpoints. */
  constructor(
    hub: TopicHub,
    type: TopicType<T, V>,
    qos: WriterQos,
    number: number,
    onClose: () => Promise<void>,
  ) {
    this.#hub = hub;
    this.topic = hub.name;
    this.type = type;
    this.qos = qos;
    this.number = number;
    this.#onClose = onClose;
    const representation = offered(type, qos.representation);
    this.#framer = new Framer(hub, type, number, representation);
    this.#waits = new RoomWaits(hub, this.#framer);
    if (representation === 'inPlace') this.#lender = new Lender<T, V>(hub, this.#framer, type.inPlace!);
  }

  /** The readers that this writer's samples reach now, and whenever that changes. */
  get matched$(): Observable<readonly Match[]> {
    return this.#matches.observable;
  }

  /** Statuses as DDS has them: readers whose QoS does not go with this writer's, and why; each with its total and its change. */
  get status$(): Observable<Status> {
    return this.#statuses.observable;
  }

  /** Resolves once at least `count` readers are matched. */
  async whenMatched(count: number): Promise<void> {
    if (this.#matches.value.length >= count) return;
    await new Promise<void>((resolve, reject) => {
      const subscription = this.#matches.observable.subscribe({
        next: (matches) => {
          if (matches.length < count) return;
          queueMicrotask(() => subscription.unsubscribe());
          resolve();
        },
        complete: () => reject(this.#closedError()),
      });
    });
  }

  /**
   * Writes a sample. Where there is room it is on its way when this returns, and the promise is resolved already; otherwise the sample
   * is kept and waits, after those that wait before it. Nothing is ever lost for want of room.
   *
   * ```ts
   * await writer.write({ callsign: 'BAW117', latitude: 51.47, longitude: -0.45 });
   * ```
   * @throws SampleError (at once) where the sample does not fit its type: nothing is sent
   * @throws BowechoError BE_TOO_LARGE, BE_CLOSED, BE_LOANED (at once); BE_TOO_MANY_WAITING, BE_WOULD_DEADLOCK, BE_OUTCOME_UNKNOWN, or the signal's reason (later)
   */
  write(sample: T, options?: { signal?: AbortSignal }): Promise<void> {
    options?.signal?.throwIfAborted();
    if (this.#waits.size === 0 && this.tryWrite(sample)) return done;
    return this.#wait(sample, options?.signal);
  }

  /**
   * Writes a sample if there is room now: false where there is none, and nothing has happened.
   * @throws SampleError, BowechoError BE_TOO_LARGE, BE_CLOSED, BE_LOANED
   */
  tryWrite(sample: T): boolean {
    const { ring, loaned } = this.#hub;
    if (ring === undefined || !ring.writable || this.#error !== undefined || loaned)
      return this.#tryUnusual(sample);
    return this.#framer.tryWrite(sample);
  }

  /** The writer is closed, a loan is out, nobody receives, or a view change is under way. */

  #tryUnusual(sample: T): boolean {
    if (this.#error !== undefined || this.#lender?.isOut === true) this.#refuse();
    if (this.#hub.loaned) {
      this.#hub.unloan();
      return this.tryWrite(sample);
    }
    if (!this.#hub.unheard) return false;
    // It is checked, and goes nowhere.
    this.#framer.encode(sample);
    this.#framer.skip();
    return true;
  }

  // ---- waiting for room ----

  #wait(sample: T, signal: AbortSignal | undefined): Promise<void> {
    if (this.#waits.size >= waitingWritesMax) {
      return Promise.reject(
        new BowechoError(
          'BE_TOO_MANY_WAITING',
          `${waitingWritesMax} writes to ${this.topic} wait for room already: await write(), or look at tryWrite()`,
        ),
      );
    }
    this.#refuse();
    const timeoutMs = this.qos.reliability.maxBlockingTimeMs;
    return this.#waits.send(this.#framer.encode(sample), { signal, timeoutMs });
  }

  /**
   * Writes all that `samples` gives, as fast as there is room, taking the next one only then. The fastest way to write many. Resolves when
   * the last one is on its way.
   *
   * ```ts
   * await writer.writeAll(flights);
   * ```
   * @throws (later) what `samples` throws; SampleError, BowechoError BE_TOO_LARGE; BE_OUTCOME_UNKNOWN, or the signal's reason: the rest is not written
   */
  writeAll(samples: Iterable<T>, options?: { signal?: AbortSignal }): Promise<void> {
    this.#refuse();
    const signal = options?.signal;
    signal?.throwIfAborted();
    return new Promise<void>((resolve, reject) => {
      const settle = (error?: unknown): void => {
        this.#productions.delete(production);
        settled();
        signal?.removeEventListener('abort', abort);
        if (error === undefined) resolve();
        else reject(error as Error);
      };
      const production = new Production(
        samples,
        (run, count) => this.#framer.writeRun(run, count),
        (sample) => this.tryWrite(sample),
        () => this.#waits.hasRoom(),
        settle,
      );
      const giveUp = (error: unknown) => {
        this.#hub.removeProducer(production);
        production.stop(error);
      };
      const abort = () => giveUp(signal!.reason);
      signal?.addEventListener('abort', abort);
      this.#productions.add(production);
      const settled = waitInHandler({ hub: this.#hub, refuse: giveUp });
      this.#hub.addProducer(production);
    });
  }

  /** Resolves once there is room again for a few samples like the last one. */
  ready(): Promise<void> {
    this.#refuse();
    return this.#waits.hasRoom() ? done : this.#waits.room();
  }

  /**
   * Resolves once every receiver of the present view has all that was written so far: no crash of a minority can take it back.
   * @throws BowechoError BE_OUTCOME_UNKNOWN where the participant stops before
   */
  async whenStable(): Promise<void> {
    this.#refuse();
    await this.#whenThere((resolve) => this.#hub.whenStable(resolve));
  }

  /**
   * Resolves once every replica of this persistent topic has all that was written so far on its disk: no crash can take it back, not even of
   * all at once. While the topic has no replica, it waits for one.
   *
   * ```ts
   * const ledger = await participant.writer(Text, { topic: 'ledger', qos: 'persistent' });
   * await ledger.write('7 to carol');
   * await ledger.whenCommitted();
   * ```
   * @throws BowechoError BE_UNSUPPORTED where the topic is not persistent; BE_OUTCOME_UNKNOWN where the participant stops before
   */
  async whenCommitted(): Promise<void> {
    this.#refuse();
    if (this.qos.consistency !== 'persistent')
      throw new BowechoError(
        'BE_UNSUPPORTED',
        `topic ${this.topic} is ${this.qos.consistency}, and on no disk: await whenStable(), or write it with qos 'persistent'`,
      );
    await this.#whenThere((resolve) => this.#hub.whenCommitted(resolve));
  }

  /**
   * How far the topic is committed: the version up to which every sample is on the disk of every replica, now and whenever that changes.
   * Says nothing of a topic that is not persistent.
   */
  get committed$(): Observable<Version> {
    return this.#hub.commits.observable;
  }

  async #whenThere(wait: (resolve: () => void) => void): Promise<void> {
    while (this.#waits.size > 0) await this.ready();
    await new Promise<void>((resolve, reject) => {
      this.#unknownRejects.add(reject);
      wait(() => {
        this.#unknownRejects.delete(reject);
        resolve();
      });
    });
  }

  readonly #unknownRejects = new Set<(error: Error) => void>();

  // ---- loans ----

  /**
   * Room for one sample of a fixed-size `@final` type, to be filled in place; `publish` sends it. Undefined where there is no room now.
   * The view is reused by the next loan. A loan that is held while other things happen is moved aside, and copied at `publish`.
   *
   * ```ts
   * const position = writer.loan();
   * if (position !== undefined) { position.x = 1; position.y = 2; writer.publish(); }
   * ```
   * @throws BowechoError BE_LOANED, BE_CLOSED, BE_UNSUPPORTED where the type has no in-place layout
   */
  loan(): V | undefined {
    if (this.#error !== undefined || this.#lender?.isOut === true) this.#refuse();
    if (this.#lender === undefined) {
      throw new BowechoError(
        'BE_UNSUPPORTED',
        `a writer of ${this.type.name} cannot loan: the type must be @final and of fixed size, and the writer's QoS must begin representation with 'inPlace'`,
      );
    }
    return this.#lender.lend();
  }

  /** Sends what was filled into the loan. False where it was moved aside and there is no room now: it stays, try again. */
  publish(): boolean {
    if (this.#error !== undefined) throw this.#error;
    if (this.#lender?.isOut !== true) {
      throw new BowechoError(
        'BE_LOANED',
        `the writer of ${this.topic} has no loan to publish: call loan() first`,
      );
    }
    return this.#lender.publish();
  }

  // ---- the end ----

  /** Waits until what was written is stable, then leaves the topic. */
  async close(): Promise<void> {
    if (this.#error === undefined) this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    await this.whenStable();
    this.end();
    await this.#onClose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Told at each view: the readers of the topic. */
  setMatching({ matched, unmatched }: Matching): void {
    for (const { member, endpoint, incompatible } of unmatched) {
      if (incompatible === undefined || this.#incompatible.has(`${member}:${endpoint}`)) continue;
      this.#statuses.count('offeredIncompatibleQos', 1, incompatible);
    }
    this.#incompatible = new Set(unmatched.map(({ member, endpoint }) => `${member}:${endpoint}`));
    const key = (matches: readonly Match[]) =>
      matches.map(({ member, endpoint }) => `${member}:${endpoint}`).join();
    if (key(matched) !== key(this.#matches.value)) this.#matches.value = matched;
  }

  /** Nothing can be written any more; told by the participant where it has to stop, with the reason. */
  end(reason?: Error): void {
    if (this.#error !== undefined) return;
    this.#error = reason ?? this.#closedError();
    this.#framer.close();
    const unknown = new BowechoError(
      'BE_OUTCOME_UNKNOWN',
      `the writer of ${this.topic} ended before its samples were acknowledged: they may or may not have been delivered`,
      { cause: reason },
    );
    this.#waits.rejectAll(unknown);
    for (const production of [...this.#productions]) {
      this.#hub.removeProducer(production);
      production.stop(unknown);
    }
    for (const reject of this.#unknownRejects) reject(unknown);
    this.#unknownRejects.clear();
    this.#matches.end();
    this.#statuses.end();
  }

  #closedError(): BowechoError {
    return new BowechoError(
      'BE_CLOSED',
      `the writer of ${this.topic} is closed: open another with participant.writer()`,
    );
  }

  #refuse(): void {
    if (this.#error !== undefined) throw this.#error;
    if (this.#lender?.isOut === true) {
      throw new BowechoError(
        'BE_LOANED',
        `a loan of ${this.topic} is out: publish() it before the next write`,
      );
    }
  }
}
