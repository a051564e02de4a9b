import { BehaviorSubject, filter, firstValueFrom, type Observable, Subject } from 'rxjs';
import type { TopicType } from '../../../codegen/support/index.js';
import type { OpenedReaderMessage, OpenedWriterMessage, OpenMessage } from '../wire/index.js';
import type { Endpoint } from './endpoint.js';
import { ClientError, toldError } from './errors.js';
import { SampleEncoder } from './sample-encoder.js';
import type { Session } from './session.js';
import { WriteWindow } from './write-window.js';

const done: Promise<void> = Promise.resolve();

/**
 * Writes one topic through a gateway.
 *
 * ```ts
 * const writer = await client.writer(Flight);
 * await writer.write(flight);        // waits for credit
 * await writer.whenWritten();        // the gateway has written all of it into the topic
 * ```
 */
export class ClientWriter<T> implements Endpoint {
  readonly topic: string;
  readonly type: TopicType<T>;
  /** How many readers the domain has for the topic. */
  readonly matched$: Observable<number>;
  /** Samples that the gateway could not write, after `write` had resolved. */
  readonly errors$: Observable<ClientError>;
  readonly openMessage: OpenMessage;
  readonly #encoder: SampleEncoder<T>;
  readonly #window: WriteWindow;
  readonly #matched = new BehaviorSubject(0);
  readonly #errors = new Subject<ClientError>();
  readonly #onClose: () => void;
  readonly #flushes = new Set<{ resolve: () => void; reject: (error: Error) => void }>();
  /** What went wrong since `whenWritten` was asked last. */
  #failure: ClientError | undefined;
  #payloadMax = 0;
  #closed: Error | undefined;

  /** Made by `Client.writer`. */
  constructor(type: TopicType<T>, openMessage: OpenMessage, onClose: () => void) {
    this.topic = openMessage.topic;
    this.type = type;
    this.openMessage = openMessage;
    this.#onClose = onClose;
    this.#encoder = new SampleEncoder(type);
    this.#window = new WriteWindow(openMessage.id, openMessage.topic, () => this.#settleFlushes());
    this.matched$ = this.#matched.asObservable();
    this.errors$ = this.#errors.asObservable();
  }

  /**
   * Writes a sample: resolves once it is on its way, which may wait for credit, and for the connection while it is broken.
   * @throws SampleError where the sample does not fit its type; ClientError BE_TOO_LARGE, BE_TOO_MANY_WAITING, BE_CLOSED
   */
  write(sample: T): Promise<void> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    try {
      return this.#window.push(this.#encoder.encode(sample, this.#payloadMax)) ?? done;
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  /**
   * Resolves once the gateway has written into the topic all that was written here so far.
   * @throws ClientError the first that went wrong since this was asked last: BE_OUTCOME_UNKNOWN where the connection broke before the
   * gateway acknowledged a sample (it is not sent again), or what the gateway said
   */
  async whenWritten(): Promise<void> {
    if (!this.#window.empty && this.#closed === undefined) {
      await new Promise<void>((resolve, reject) => this.#flushes.add({ resolve, reject }));
    }
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
  }

  /** Resolves once the domain has at least `count` readers of the topic. */
  async whenMatched(count: number): Promise<void> {
    await firstValueFrom(this.#matched.pipe(filter((matched) => matched >= count)));
  }

  /** Waits until all is written, then leaves the topic. */
  async close(): Promise<void> {
    if (this.#closed !== undefined) return;
    try {
      await this.whenWritten();
    } finally {
      this.#onClose();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #settleFlushes(): void {
    if (!this.#window.empty) return;
    for (const { resolve } of this.#flushes) resolve();
    this.#flushes.clear();
  }

  // ---- what the client tells ----

  opened(message: OpenedReaderMessage | OpenedWriterMessage, session: Session): void {
    if (message.role !== 'writer') return;
    this.#payloadMax = session.welcome.sampleBytesMax;
    this.#window.open(session, message.windowBytes);
  }

  matched(count: number): void {
    this.#matched.next(count);
  }

  acknowledged(count: number): void {
    this.#window.acknowledge(count);
  }

  rejected(code: string, message: string): void {
    this.#failed(toldError(code, message));
  }

  #failed(error: ClientError): void {
    this.#failure ??= error;
    this.#errors.next(error);
  }

  lost(): void {
    this.#matched.next(0);
    const unknown = this.#window.lose();
    if (unknown > 0) {
      this.#failed(
        new ClientError(
          'BE_OUTCOME_UNKNOWN',
          `the connection broke before the gateway acknowledged ${unknown} samples of ${this.topic}: they may or may not have been written, and are not sent again`,
        ),
      );
    }
    this.#settleFlushes();
  }

  ended(error: Error | undefined): void {
    this.#closed =
      error ??
      new ClientError(
        'BE_CLOSED',
        `the writer of ${this.topic} is closed: open another with client.writer()`,
      );
    this.#window.fail(this.#closed);
    for (const { reject } of this.#flushes) reject(this.#closed);
    this.#flushes.clear();
    this.#matched.complete();
    this.#errors.complete();
  }
}
