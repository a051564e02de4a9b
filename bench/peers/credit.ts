import { pause } from '../harness/stream.js';

/**
 * End-to-end flow control for peers that would drop or buffer without bound: subscribers tell how many messages they have,
 * and the publisher stays within a window of the slowest. With it none of them loses, and each runs at its best.
 */
export class Credit {
  readonly #received: number[];
  readonly #window: number;
  #published = 0;
  #wake: (() => void) | undefined;

  constructor(subscribers: number, bytes: number) {
    this.#received = new Array<number>(subscribers).fill(0);
    this.#window = windowOf(bytes);
  }

  granted(subscriber: number, received: number): void {
    this.#received[subscriber] = received;
    this.#wake?.();
  }

  /** Resolves with how many messages may be published now, at least one; they count as published. */
  async take(): Promise<number> {
    let room = this.#room();
    while (room <= 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      room = this.#room();
    }
    const taken = Math.min(room, this.#window / grantsPerWindow);
    this.#published += taken;
    return taken;
  }

  #room(): number {
    return this.#window - (this.#published - Math.min(...this.#received));
  }
}

const windowBytes = 8 << 20;
const windowMessagesMax = 4096;
const windowMessagesMin = 8;
const grantsPerWindow = 8;

function windowOf(bytes: number): number {
  const fitting = Math.floor(windowBytes / bytes / grantsPerWindow) * grantsPerWindow;
  return Math.min(windowMessagesMax, Math.max(windowMessagesMin, fitting));
}

/** After how many messages a subscriber tells its count. */
export function messagesPerGrant(bytes: number): number {
  return windowOf(bytes) / grantsPerWindow;
}

/** Repeats until it holds, e.g. a greeting that tells a subscriber that its subscription is in force. */
export async function until(
  condition: () => boolean,
  attempt: () => Promise<void> | void = () => undefined,
): Promise<void> {
  while (!condition()) {
    await attempt();
    await pause(5);
  }
}
