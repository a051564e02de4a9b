import { encodeWriteFrame, samplesPerFrameMax, writtenBytes, type WrittenSample } from '../wire/index.js';
import { ClientError } from './errors.js';
import { nextTurn } from './next-turn.js';
import type { Session } from './session.js';

/** Writes that may wait for credit. */
const waitingWritesMax = 1024;
/** A frame is sent before it grows beyond this, unless one sample does. */
const frameBytes = 64 << 10;

interface WaitingWrite {
  readonly sample: WrittenSample;
  resolve(): void;
  reject(error: Error): void;
}

/**
 * What a writer has sent and the gateway has not acknowledged, within the window that the gateway gave; and what waits for room in
 * it. Writes of one turn go in one frame.
 */
export class WriteWindow {
  readonly #id: number;
  readonly #topic: string;
  readonly #onChange: () => void;
  #session: Session | undefined;
  #windowBytes = 0;
  /** Bytes of each sample that is sent or gathered, and not acknowledged; oldest first. */
  #unacknowledged: number[] = [];
  #unacknowledgedBytes = 0;
  #acknowledged = 0;
  /** Within the window, and to be sent at the end of this turn. */
  #gathered: WrittenSample[] = [];
  #gatheredBytes = 0;
  #scheduled = false;
  readonly #waiting: WaitingWrite[] = [];

  constructor(id: number, topic: string, onChange: () => void) {
    this.#id = id;
    this.#topic = topic;
    this.#onChange = onChange;
  }

  /** Everything was acknowledged, and nothing waits. */
  get empty(): boolean {
    return this.#unacknowledged.length + this.#waiting.length === 0;
  }

  /** Sends a sample: undefined where it is on its way, otherwise a promise that it will be. */
  push(sample: WrittenSample): Promise<void> | undefined {
    if (this.#waiting.length === 0 && this.#fits(sample)) {
      this.#gather(sample);
      return undefined;
    }
    if (this.#waiting.length >= waitingWritesMax) {
      const problem = `${waitingWritesMax} writes to ${this.#topic} wait for credit already`;
      throw new ClientError('BE_TOO_MANY_WAITING', `${problem}: await write()`);
    }
    const promise = new Promise<void>((resolve, reject) => this.#waiting.push({ sample, resolve, reject }));
    // A wait that nobody looks at is no unhandled rejection.
    promise.catch(() => undefined);
    return promise;
  }

  #fits(sample: WrittenSample): boolean {
    if (this.#session === undefined) return false;
    return (
      this.#unacknowledgedBytes === 0 || this.#unacknowledgedBytes + writtenBytes(sample) <= this.#windowBytes
    );
  }

  #gather(sample: WrittenSample): void {
    const bytes = writtenBytes(sample);
    if (this.#gatheredBytes + bytes > frameBytes || this.#gathered.length === samplesPerFrameMax)
      this.#send();
    this.#unacknowledged.push(bytes);
    this.#unacknowledgedBytes += bytes;
    this.#gathered.push(sample);
    this.#gatheredBytes += bytes;
    if (this.#scheduled) return;
    this.#scheduled = true;
    nextTurn(() => {
      this.#scheduled = false;
      this.#send();
    });
  }

  #send(): void {
    if (this.#gathered.length === 0 || this.#session === undefined) return;
    this.#session.sendFrame(encodeWriteFrame(this.#id, this.#gathered));
    this.#gathered = [];
    this.#gatheredBytes = 0;
  }

  /** The first `count` samples of this session are done with. */
  acknowledge(count: number): void {
    const settled = Math.min(count - this.#acknowledged, this.#unacknowledged.length);
    if (settled <= 0) return;
    this.#acknowledged += settled;
    for (const bytes of this.#unacknowledged.splice(0, settled)) this.#unacknowledgedBytes -= bytes;
    this.#advance();
  }

  #advance(): void {
    while (this.#waiting.length > 0 && this.#fits(this.#waiting[0]!.sample)) {
      const { sample, resolve } = this.#waiting.shift()!;
      this.#gather(sample);
      resolve();
    }
    this.#onChange();
  }

  /** A session in which the writer is open. */
  open(session: Session, windowBytes: number): void {
    this.#session = session;
    this.#windowBytes = windowBytes;
    this.#advance();
  }

  /** The session is over. What was not sent yet is sent in the next; gives how many samples were sent and never acknowledged. */
  lose(): number {
    const gathered = this.#gathered;
    const unknown = this.#unacknowledged.length - gathered.length;
    const settled = { resolve: () => undefined, reject: () => undefined };
    this.#waiting.unshift(...gathered.map((sample) => ({ sample, ...settled })));
    this.#session = undefined;
    this.#gathered = [];
    this.#gatheredBytes = 0;
    this.#unacknowledged = [];
    this.#unacknowledgedBytes = 0;
    this.#acknowledged = 0;
    return unknown;
  }

  /** No sample can be sent any more. */
  fail(error: Error): void {
    this.#send();
    this.#session = undefined;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
