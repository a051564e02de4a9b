import type { InPlaceView, Memory, TopicType } from '../../codegen/support/index.js';
import type { WriterQos } from '../../qos/index.js';
import type { Outbox } from '../multicast/outbox.js';
import { waitInHandler } from './deadlock.js';
import { BowechoError } from './errors.js';
import { type Encoded, Framer } from './framer.js';
import { Production } from './production.js';
import { Current, type Observable } from './observable.js';
import { Scratch } from './scratch.js';
import type { Borrower, TopicHub, Waiter } from './topic-hub.js';

/** Writes that may wait for room in one writer. */
const waitingWritesMax = 1024;

/** What `write` gives where there was room: always the same promise, already resolved. */
const done: Promise<void> = Promise.resolve();

/** A reader that a writer's samples reach. */
export interface Match {
  readonly member: number;
  readonly endpoint: number;
}

interface WaitingWrite extends Waiter {
  reject(error: Error): void;
}

/**
 * Writes one topic. `write` waits only for room; `whenStable` for every receiver to have what was written.
 */
export class Writer<T, V extends InPlaceView = InPlaceView> implements Borrower {
  readonly topic: string;
  readonly type: TopicType<T, V>;
  readonly qos: WriterQos;
  readonly #hub: TopicHub;
  readonly #onClose: () => Promise<void>;
  readonly #framer: Framer<T>;
  readonly #waiting = new Set<WaitingWrite>();
  readonly #productions = new Set<Production<T>>();
  readonly #matches = new Current<readonly Match[]>([]);
  readonly #aside = new Scratch();
  readonly #loanView: V | undefined;
  /** The outbox in which it is filled, or that it was moved aside. */
  #closing: Promise<void> | undefined;
  #loan: Outbox | 'aside' | undefined;
  #error: Error | undefined;

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
    this.#onClose = onClose;
    const inPlace = qos.representation[0] === 'inPlace' && type.inPlace !== undefined;
    this.#framer = new Framer(hub, type, number, inPlace);
    this.#loanView = type.inPlace?.createView();
  }

  /** The readers that this writer's samples reach now, and whenever that changes. */
  get matched$(): Observable<readonly Match[]> {
    return this.#matches.observable;
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
    if (this.#waiting.size === 0 && this.tryWrite(sample)) return done;
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
    if (this.#error !== undefined || this.#loan !== undefined) this.#refuse();
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
    if (this.#waiting.size >= waitingWritesMax) {
      return Promise.reject(
        new BowechoError(
          'BE_TOO_MANY_WAITING',
          `${waitingWritesMax} writes to ${this.topic} wait for room already: await write(), or look at tryWrite()`,
        ),
      );
    }
    this.#refuse();
    const encoded = this.#framer.encode(sample);
    const copy: Encoded = { ...encoded, memory: copyOf(encoded.memory, encoded.length) };
    const promise = new Promise<void>((resolve, reject) => {
      const waiting: WaitingWrite = {
        retry: () => {
          if (!this.#hub.unheard && !this.#framer.send(copy)) return false;
          settle();
          resolve();
          return true;
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      const giveUp = (error: Error) => {
        this.#hub.stopWaiting(waiting);
        waiting.reject(error);
      };
      const abort = () => giveUp(signal!.reason as Error);
      const settle = () => {
        this.#waiting.delete(waiting);
        settled();
        signal?.removeEventListener('abort', abort);
      };
      signal?.addEventListener('abort', abort);
      this.#waiting.add(waiting);
      this.#hub.waitForRoom(waiting);
      const settled = waitInHandler({ hub: this.#hub, refuse: giveUp });
    });
    // A wait that nobody looks at is no unhandled rejection.
    promise.catch(() => undefined);
    return promise;
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
      const production = new Production(samples, (sample) => this.tryWrite(sample), settle);
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
    if (this.#hasRoom()) return done;
    const promise = new Promise<void>((resolve, reject) => {
      const waiting: WaitingWrite = {
        retry: () => {
          if (!this.#hasRoom()) return false;
          settle();
          resolve();
          return true;
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      const settle = () => {
        this.#waiting.delete(waiting);
        settled();
      };
      this.#waiting.add(waiting);
      this.#hub.waitForRoom(waiting);
      const refuse = (error: Error) => {
        this.#hub.stopWaiting(waiting);
        waiting.reject(error);
      };
      const settled = waitInHandler({ hub: this.#hub, refuse });
    });
    promise.catch(() => undefined);
    return promise;
  }

  #hasRoom(): boolean {
    return this.#hub.unheard || this.#framer.hasRoom();
  }

  /**
   * Resolves once every receiver of the present view has all that was written so far: no crash of a minority can take it back.
   * @throws BowechoError BE_OUTCOME_UNKNOWN where the participant stops before
   */
  async whenStable(): Promise<void> {
    this.#refuse();
    while (this.#waiting.size > 0) await this.ready();
    await new Promise<void>((resolve, reject) => {
      this.#stableRejects.add(reject);
      this.#hub.whenStable(() => {
        this.#stableRejects.delete(reject);
        resolve();
      });
    });
  }

  readonly #stableRejects = new Set<(error: Error) => void>();

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
    if (this.#error !== undefined || this.#loan !== undefined) this.#refuse();
    const view = this.#loanView;
    if (view === undefined || !this.#framer.inPlace) {
      throw new BowechoError(
        'BE_UNSUPPORTED',
        `a writer of ${this.type.name} cannot loan: the type must be @final and of fixed size, and the writer's QoS must begin representation with 'inPlace'`,
      );
    }
    if (this.#hub.loaned) this.#hub.unloan();
    const { outbox } = this.#hub;
    if (outbox === undefined || !outbox.open(this.type.inPlace!.byteLength)) return undefined;
    view.attach(outbox.ring.memory, outbox.ring.payloadStart);
    this.#loan = outbox;
    this.#hub.lendTo(this);
    return view;
  }

  /** Sends what was filled into the loan. False where it was moved aside and there is no room now: it stays, try again. */
  publish(): boolean {
    if (this.#error !== undefined) throw this.#error;
    const loan = this.#loan;
    if (loan === undefined)
      throw new BowechoError(
        'BE_LOANED',
        `the writer of ${this.topic} has no loan to publish: call loan() first`,
      );
    const { byteLength } = this.type.inPlace!;
    if (loan === 'aside') {
      const sample = this.type.inPlace!.decode(this.#aside.memory, 0, byteLength);
      if (!this.#framer.send(this.#framer.encode(sample))) return false;
    } else {
      this.#framer.commitFilled(loan, byteLength);
    }
    this.#loan = undefined;
    this.#hub.unloan();
    return true;
  }

  /** Told by the topic: the ring is needed for something else. */
  moveOut(): void {
    const loan = this.#loan;
    if (loan === undefined || loan === 'aside') return;
    const { byteLength } = this.type.inPlace!;
    const { memory, payloadStart } = loan.ring;
    this.#aside.reserve(byteLength);
    this.#aside.memory.bytes.set(memory.bytes.subarray(payloadStart, payloadStart + byteLength));
    this.#loanView!.attach(this.#aside.memory, 0);
    this.#loan = 'aside';
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

  /** Told by the participant. */
  setMatches(matches: readonly Match[]): void {
    const before = this.#matches.value;
    if (
      before.length === matches.length &&
      before.every(
        (match, i) => match.endpoint === matches[i]!.endpoint && match.member === matches[i]!.member,
      )
    )
      return;
    this.#matches.value = matches;
  }

  /** Nothing can be written any more; told by the participant where it has to stop, with the reason. */
  end(reason?: Error): void {
    if (this.#error !== undefined) return;
    this.#error = reason ?? this.#closedError();
    const unknown = new BowechoError(
      'BE_OUTCOME_UNKNOWN',
      `the writer of ${this.topic} ended before its samples were acknowledged: they may or may not have been delivered`,
      { cause: reason },
    );
    for (const waiting of [...this.#waiting]) {
      this.#hub.stopWaiting(waiting);
      waiting.reject(unknown);
    }
    this.#waiting.clear();
    for (const production of [...this.#productions]) {
      this.#hub.removeProducer(production);
      production.stop(unknown);
    }
    for (const reject of this.#stableRejects) reject(unknown);
    this.#stableRejects.clear();
    this.#matches.end();
  }

  #closedError(): BowechoError {
    return new BowechoError(
      'BE_CLOSED',
      `the writer of ${this.topic} is closed: open another with participant.writer()`,
    );
  }

  #refuse(): void {
    if (this.#error !== undefined) throw this.#error;
    if (this.#loan !== undefined) {
      throw new BowechoError(
        'BE_LOANED',
        `a loan of ${this.topic} is out: publish() it before the next write`,
      );
    }
  }
}

function copyOf(memory: Memory, length: number): Memory {
  const bytes = memory.bytes.slice(0, length);
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, length) };
}
