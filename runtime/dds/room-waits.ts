import type { Memory } from '../../codegen/support/index.js';
import { waitInHandler } from './deadlock.js';
import { BowechoError } from './errors.js';
import type { Encoded, Framer } from './framer.js';
import type { TopicHub, Waiter } from './topic-hub.js';

interface Wait extends Waiter {
  /** Ends the wait without success. */
  giveUp(error: Error): void;
}

export interface WaitLimits {
  signal: AbortSignal | undefined;
  /** Infinity waits until there is room. */
  timeoutMs: number;
}

/** What one writer has waiting for room: samples that are kept until they can go, and whoever wants to know of room. */
export class RoomWaits<T> {
  readonly #hub: TopicHub;
  readonly #framer: Framer<T>;
  readonly #waits = new Set<Wait>();

  constructor(hub: TopicHub, framer: Framer<T>) {
    this.#hub = hub;
    this.#framer = framer;
  }

  get size(): number {
    return this.#waits.size;
  }

  /** Keeps a copy of `sample` and sends it when there is room, after those that wait already. */
  send(sample: Encoded, limits: WaitLimits): Promise<void> {
    const copy: Encoded = { ...sample, memory: copyOf(sample.memory, sample.length) };
    return this.#wait(() => this.#hub.unheard || this.#framer.send(copy), limits);
  }

  /** Resolves once there is room again for a few samples like the last one. */
  room(): Promise<void> {
    return this.#wait(() => this.hasRoom(), { signal: undefined, timeoutMs: Infinity });
  }

  hasRoom(): boolean {
    return this.#hub.unheard || this.#framer.hasRoom();
  }

  #wait(attempt: () => boolean, { signal, timeoutMs }: WaitLimits): Promise<void> {
    const promise = new Promise<void>((resolve, reject) => {
      const wait: Wait = {
        retry: () => {
          if (!attempt()) return false;
          settle();
          resolve();
          return true;
        },
        giveUp: (error) => {
          this.#hub.stopWaiting(wait);
          settle();
          reject(error);
        },
      };
      const abort = () => wait.giveUp(signal!.reason as Error);
      const timer =
        timeoutMs < Infinity ? setTimeout(() => wait.giveUp(this.#timeout(timeoutMs)), timeoutMs) : undefined;
      signal?.addEventListener('abort', abort);
      this.#waits.add(wait);
      this.#hub.waitForRoom(wait);
      const settled = waitInHandler({ hub: this.#hub, refuse: wait.giveUp });
      const settle = () => {
        this.#waits.delete(wait);
        settled();
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      };
    });
    // A wait that nobody looks at is no unhandled rejection.
    promise.catch(() => undefined);
    return promise;
  }

  #timeout(timeoutMs: number): BowechoError {
    return new BowechoError(
      'BE_TIMEOUT',
      `no room in topic ${this.#hub.name} for ${timeoutMs} ms, and the sample was not written: its slowest reader holds it back. Raise reliability.maxBlockingTimeMs, or let that reader keep less (HISTORY)`,
    );
  }

  rejectAll(error: Error): void {
    for (const wait of [...this.#waits]) wait.giveUp(error);
  }
}

function copyOf(memory: Memory, length: number): Memory {
  const bytes = memory.bytes.slice(0, length);
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, length) };
}
