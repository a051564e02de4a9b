import { AsyncLocalStorage } from 'node:async_hooks';
import type { TopicHub } from './topic-hub.js';

/** Something that waits for room in `hub`'s ring, in a handler. */
export interface HandlerWait {
  readonly hub: TopicHub;
  /** Ends the wait with this error. */
  refuse(error: Error): void;
}

/**
 * One call of a `consume` handler: what waits in it for room is known, whatever it awaited before. A reader takes no further sample
 * before the call is over, so these waits are edges of the waits-for graph (see deadlock.ts).
 */
export class HandlerCall {
  readonly hub: TopicHub;
  readonly #reader: { readonly holding: boolean };
  readonly waits = new Set<HandlerWait>();
  /** The circle that was found last, and how often in a row. */
  circle = '';
  timesSeen = 0;
  #over = false;

  constructor(hub: TopicHub, reader: { readonly holding: boolean }) {
    this.hub = hub;
    this.#reader = reader;
  }

  /** Runs `handler`; what waits in it from now on, also after it awaited something, counts as waiting in this call. */
  async run(handler: () => void | Promise<void>): Promise<void> {
    try {
      const result = storage.run(this, handler);
      if (result !== undefined) await result;
    } finally {
      this.#over = true;
      for (const wait of this.waits) this.forget(wait);
    }
  }

  /** Whether the topic's room waits for this call to be over. */
  get holds(): boolean {
    return this.#reader.holding;
  }

  add(wait: HandlerWait): void {
    if (this.#over) return;
    this.waits.add(wait);
    waitingCalls.add(this);
  }

  forget(wait: HandlerWait): void {
    this.waits.delete(wait);
    if (this.waits.size > 0) return;
    waitingCalls.delete(this);
    this.hub.subgroup?.showWait(0, 0);
  }
}

const storage = new AsyncLocalStorage<HandlerCall>();

/** Calls of this process in which something waits. */
export const waitingCalls = new Set<HandlerCall>();

/** The call that we are in, if any. */
export function currentCall(): HandlerCall | undefined {
  return storage.getStore();
}
