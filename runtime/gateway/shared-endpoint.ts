import { createHash } from 'node:crypto';
import type { Consistency, DeclaredType } from './wire/index.js';

/** What a client asks an endpoint for. */
export interface Wish {
  readonly type: DeclaredType;
  readonly qos: Consistency;
}

export interface EndpointSource<E> {
  open(wish: Wish): Promise<E>;
  /** `endpoint` is the one that all share from now on. */
  started(endpoint: E): void;
  /** Nobody has used it for long enough, and it is closed. */
  idle(): void;
}

/**
 * The one reader or writer of a topic that all external clients share. It is opened at first use and closed after an idle grace
 * period, so clients come and go without a change of view. A type or QoS that the domain has not admitted yet is put to it by
 * opening, and at once closing, an endpoint with it: the rules of admission stay the domain's own.
 */
export class SharedEndpoint<E extends { close(): Promise<void> }> {
  readonly #source: EndpointSource<E>;
  readonly #idleMs: number;
  readonly #admitted = new Set<string>();
  #endpoint: E | undefined;
  #users = 0;
  /** Openings and closings happen one after another. */
  #turn: Promise<void> = Promise.resolve();
  #idleTimer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(source: EndpointSource<E>, idleMs: number) {
    this.#source = source;
    this.#idleMs = idleMs;
  }

  get endpoint(): E | undefined {
    return this.#endpoint;
  }

  /**
   * Counts a user in; `release` counts it out.
   * @throws whatever opening an endpoint throws; the user does not count then
   */
  async acquire(wish: Wish): Promise<void> {
    this.#users++;
    clearTimeout(this.#idleTimer);
    const admission = this.#turn.then(() => this.#admit(wish));
    this.#turn = admission.catch(() => undefined);
    try {
      await admission;
    } catch (error) {
      this.release();
      throw error;
    }
  }

  async #admit(wish: Wish): Promise<void> {
    const key = wishKey(wish);
    if (this.#endpoint !== undefined && this.#admitted.has(key)) return;
    const opened = await this.#source.open(wish);
    this.#admitted.add(key);
    if (this.#endpoint !== undefined || this.#closed) {
      await opened.close();
      return;
    }
    this.#endpoint = opened;
    this.#source.started(opened);
  }

  release(): void {
    this.#users--;
    if (this.#users > 0 || this.#closed) return;
    this.#idleTimer = setTimeout(
      () => void this.#closeIdle(),
      this.#endpoint === undefined ? 0 : this.#idleMs,
    );
    this.#idleTimer.unref();
  }

  async #closeIdle(): Promise<void> {
    const closing = this.#turn.then(() => (this.#users === 0 ? this.#closeEndpoint() : undefined));
    this.#turn = closing.catch(() => undefined);
    await this.#turn;
    if (this.#users === 0) this.#source.idle();
  }

  async #closeEndpoint(): Promise<void> {
    const endpoint = this.#endpoint;
    this.#endpoint = undefined;
    this.#admitted.clear();
    await endpoint?.close();
  }

  /** Closes the endpoint whoever uses it. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idleTimer);
    await this.#turn;
    await this.#closeEndpoint().catch(() => undefined);
  }
}

function wishKey({ type, qos }: Wish): string {
  const schema = createHash('sha256')
    .update(type.schema ?? '')
    .digest('base64');
  return JSON.stringify([qos, type.name, type.hash, type.keyed, schema]);
}
