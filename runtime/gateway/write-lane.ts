import type { RawSample } from './pass-through.js';
import type { GatewayMessage } from './wire/index.js';
import { closeCodes, WireError, writtenBytes } from './wire/index.js';

/** Who has a lane. */
export interface LaneOwner {
  send(message: GatewayMessage): void;
  /** So many more bytes wait, or fewer. */
  queued(bytes: number): void;
  /** The lane is left, and empty. */
  left(): void;
}

/** One external writer: what it has sent and the topic had no room for yet, within its window; and what it is told about it. */
export class WriteLane {
  readonly #id: number;
  readonly #windowBytes: number;
  readonly #owner: LaneOwner;
  #queue: RawSample[] = [];
  #queuedBytes = 0;
  #settled = 0;
  #toldSettled = 0;
  #ackScheduled = false;
  #leaving = false;

  constructor(id: number, windowBytes: number, owner: LaneOwner) {
    this.#id = id;
    this.#windowBytes = windowBytes;
    this.#owner = owner;
  }

  /** The sample whose turn is next. */
  get first(): RawSample | undefined {
    return this.#queue[0];
  }

  /**
   * A copy of `sample` waits; true where it is the only one.
   * @throws WireError where the client sends more than its window
   */
  enqueue(sample: RawSample): boolean {
    const bytes = writtenBytes({ payload: sample.bytes, keyHash: sample.keyHash });
    if (this.#queuedBytes > 0 && this.#queuedBytes + bytes > this.#windowBytes) {
      throw new WireError(
        closeCodes.tooMany,
        `more than ${this.#windowBytes} bytes were written without waiting for credit`,
      );
    }
    // The sample lies in a socket's buffer, which would be kept for it as a whole.
    this.#queue.push({
      bytes: sample.bytes.slice(),
      inPlace: sample.inPlace,
      keyHash: sample.keyHash?.slice(),
    });
    this.#queuedBytes += bytes;
    this.#owner.queued(bytes);
    return this.#queue.length === 1;
  }

  /** The first sample is done with; true where another waits. */
  dequeue(): boolean {
    const sample = this.#queue.shift()!;
    const bytes = writtenBytes({ payload: sample.bytes, keyHash: sample.keyHash });
    this.#queuedBytes -= bytes;
    this.#owner.queued(-bytes);
    if (this.#leaving && this.#queue.length === 0) this.#owner.left();
    return this.#queue.length > 0;
  }

  written(): void {
    this.#settled++;
    this.#scheduleAck();
  }

  rejected(error: unknown): void {
    const { code = 'BE_REFUSED', message } = error as { code?: string; message: string };
    this.#settled++;
    if (!this.#leaving)
      this.#owner.send({ op: 'rejected', id: this.#id, number: this.#settled, code, message });
    this.#scheduleAck();
  }

  /** One acknowledgement a turn, for all that was settled in it. */
  #scheduleAck(): void {
    if (this.#ackScheduled) return;
    this.#ackScheduled = true;
    setImmediate(() => {
      this.#ackScheduled = false;
      if (this.#leaving || this.#settled === this.#toldSettled) return;
      this.#toldSettled = this.#settled;
      this.#owner.send({ op: 'ack', id: this.#id, count: this.#settled });
    });
  }

  /** The client is gone, or has closed its writer: what it had sent is still written. */
  leave(): void {
    if (this.#leaving) return;
    this.#leaving = true;
    if (this.#queue.length === 0) this.#owner.left();
  }
}
