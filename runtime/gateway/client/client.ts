import { BehaviorSubject, type Observable, ReplaySubject } from 'rxjs';
import type { InPlaceView, Memory, TopicType } from '../../../codegen/support/index.js';
import {
  closeCodes,
  type GatewayMessage,
  type OpenMessage,
  type Role,
  type SampleFrame,
} from '../wire/index.js';
import { backoffMs, type ReconnectOptions } from './backoff.js';
import { declareType } from './declare-type.js';
import type { Endpoint, EndpointOptions, ReaderOptions } from './endpoint.js';
import { ClientError, toldError } from './errors.js';
import { ClientReader } from './reader.js';
import { openSession, type Session, type SessionHandler, type SessionOptions } from './session.js';
import { ClientWriter } from './writer.js';

/** `open`: there is a session; `reconnecting`: it broke, and another is sought; `closed`: for good. */
export type ClientState = 'open' | 'reconnecting' | 'closed';

interface Opening {
  resolve(): void;
  reject(error: Error): void;
}

/** Codes after which the same would happen again. */
const finalCodes: readonly number[] = [
  closeCodes.malformed,
  closeCodes.forbidden,
  closeCodes.tooLarge,
  closeCodes.tooMany,
];

/** A client of a gateway. Made by `connect`. */
export class Client {
  /** The state, and whenever it changes. */
  readonly state$: Observable<ClientState>;
  /** Emits once, when the client is closed for good: the error that ended it, or undefined where `close` was called. */
  readonly closed$: Observable<ClientError | undefined>;
  readonly #options: SessionOptions;
  readonly #reconnect: ReconnectOptions | false;
  readonly #state = new BehaviorSubject<ClientState>('reconnecting');
  readonly #closed = new ReplaySubject<ClientError | undefined>(1);
  readonly #endpoints = new Map<number, Endpoint>();
  readonly #readers = new Map<number, ClientReader<never>>();
  readonly #openings = new Map<number, Opening>();
  readonly #handler: SessionHandler = {
    message: (message) => this.#told(message),
    samples: (frame, memory) => this.#deliver(frame, memory),
    ended: (code, reason) => this.#lost(code, reason),
  };
  #session: Session | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #ids = 0;

  constructor(options: SessionOptions, reconnect: ReconnectOptions | false) {
    this.#options = options;
    this.#reconnect = reconnect;
    this.state$ = this.#state.asObservable();
    this.closed$ = this.#closed.asObservable();
  }

  get state(): ClientState {
    return this.#state.value;
  }

  /** @throws ClientError BE_CONNECT, BE_PROTOCOL */
  async start(): Promise<void> {
    const session = await openSession(this.#options, this.#handler);
    if (this.#state.value === 'closed') {
      session.close();
      return;
    }
    this.#session = session;
    for (const { openMessage } of this.#endpoints.values()) session.send(openMessage);
    this.#state.next('open');
  }

  /**
   * Opens a reader. It stays open over reconnects.
   * @throws ClientError BE_REFUSED where type or consistency do not match the topic's (both sides are named), BE_FORBIDDEN, BE_TOO_MANY, BE_CLOSED
   */
  async reader<T, V extends InPlaceView>(
    type: TopicType<T, V>,
    options: ReaderOptions = {},
  ): Promise<ClientReader<T>> {
    const message = this.#openMessage('reader', type, options, options.conflate ?? false);
    const reader: ClientReader<T> = new ClientReader(type, message, () => this.#close(message.id));
    this.#readers.set(message.id, reader as unknown as ClientReader<never>);
    await this.#open(reader);
    return reader;
  }

  /**
   * Opens a writer. It stays open over reconnects.
   * @throws ClientError BE_REFUSED where type or consistency do not match the topic's (both sides are named), BE_FORBIDDEN, BE_TOO_MANY, BE_CLOSED
   */
  async writer<T, V extends InPlaceView>(
    type: TopicType<T, V>,
    options: EndpointOptions = {},
  ): Promise<ClientWriter<T>> {
    const message = this.#openMessage('writer', type, options, false);
    const writer: ClientWriter<T> = new ClientWriter(type, message, () => this.#close(message.id));
    await this.#open(writer);
    return writer;
  }

  #openMessage<T>(role: Role, type: TopicType<T>, options: EndpointOptions, conflate: boolean): OpenMessage {
    if (this.#state.value === 'closed') throw closedError();
    const { topic = type.name, qos = 'atomic' } = options;
    return { op: 'open', id: ++this.#ids, role, topic, type: declareType(type), qos, conflate };
  }

  async #open(endpoint: Endpoint): Promise<void> {
    const { id } = endpoint.openMessage;
    this.#endpoints.set(id, endpoint);
    await new Promise<void>((resolve, reject) => {
      this.#openings.set(id, { resolve, reject });
      this.#session?.send(endpoint.openMessage);
    });
  }

  #close(id: number): void {
    if (!this.#endpoints.has(id)) return;
    this.#remove(id, undefined);
    this.#session?.send({ op: 'close', id });
  }

  #remove(id: number, error: Error | undefined): void {
    const endpoint = this.#endpoints.get(id);
    this.#endpoints.delete(id);
    this.#readers.delete(id);
    this.#openings.get(id)?.reject(error ?? closedError());
    this.#openings.delete(id);
    endpoint?.ended(error);
  }

  // ---- what the gateway says ----

  #told(message: GatewayMessage): void {
    switch (message.op) {
      case 'opened':
        this.#endpoints.get(message.id)?.opened(message, this.#session!);
        this.#openings.get(message.id)?.resolve();
        this.#openings.delete(message.id);
        break;
      case 'refused':
        this.#remove(message.id, toldError(message.code, message.message));
        break;
      case 'matched':
        this.#endpoints.get(message.id)?.matched(message.count);
        break;
      case 'ack':
        this.#endpoints.get(message.id)?.acknowledged(message.count);
        break;
      case 'rejected':
        this.#endpoints.get(message.id)?.rejected(message.code, message.message);
        break;
      case 'gap':
        for (const reader of this.#readers.values())
          if (reader.stream === message.stream) reader.missed(message);
        break;
      case 'welcome':
      case 'beat':
    }
  }

  #deliver(frame: SampleFrame, memory: Memory): void {
    for (const reader of this.#readers.values())
      if (reader.stream === frame.stream) reader.accept(frame, memory);
  }

  // ---- the end of a session, and of the client ----

  #lost(code: number, reason: string): void {
    this.#session = undefined;
    if (this.#state.value === 'closed') return;
    for (const endpoint of this.#endpoints.values()) endpoint.lost();
    const error = new ClientError(
      'BE_PROTOCOL',
      `the session was closed with ${code}: ${reason || 'no reason given'}`,
    );
    if (this.#reconnect === false || finalCodes.includes(code)) this.#end(error);
    else this.#retryLater(0, this.#reconnect);
  }

  #retryLater(attempt: number, options: ReconnectOptions): void {
    if (this.#state.value !== 'reconnecting') this.#state.next('reconnecting');
    if (this.#state.value !== 'reconnecting') return; // a subscriber closed the client
    this.#retry = setTimeout(
      () => {
        this.start().catch(() => {
          if (this.#state.value !== 'closed') this.#retryLater(attempt + 1, options);
        });
      },
      backoffMs(attempt, options),
    );
  }

  #end(error: ClientError | undefined): void {
    if (this.#state.value === 'closed') return;
    clearTimeout(this.#retry);
    const session = this.#session;
    this.#session = undefined;
    this.#state.next('closed');
    for (const id of [...this.#endpoints.keys()]) this.#remove(id, error);
    session?.close();
    this.#state.complete();
    this.#closed.next(error);
    this.#closed.complete();
  }

  /** Closes readers and writers, and leaves. What was written and has credit is still sent. Idempotent. */
  close(): Promise<void> {
    this.#end(undefined);
    return Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function closedError(): ClientError {
  return new ClientError('BE_CLOSED', 'the client is closed: connect again');
}
