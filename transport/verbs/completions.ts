import { addressOf, mapPrivate } from '../memory/system.js';
import { readWord } from './device.js';
import type { Device } from './device.js';
import { endReadable, listenReadable } from './readable.js';
import { completion, completionChannel } from './structs.js';

/** What became of the requests of one queue pair. */
export interface CompletionListener {
  /** All sends up to the one that was posted with `position` have arrived at the peer. */
  sent(position: number): void;
  /** The peer has put something, and has used up one receive to tell. */
  received(): void;
  /** A request failed, and the queue pair with it. */
  failed(status: number): void;
}

/** So many completions are taken with one call. */
const BATCH = 32;
const WORDS = completion.byteLength / 4;

/**
 * The one completion queue of a member, for the requests of all its queue pairs, and the channel by which the kernel tells a sleeper of one.
 * A request's id has two words: `position` (of a send), and the number of its queue pair's listener doubled, plus one for a receive.
 */
export class Completions {
  readonly queue: number;
  /** Completions that there is room for: what all queue pairs may have outstanding. */
  readonly capacity: number;
  readonly #device: Device;
  readonly #channel: number;
  readonly #descriptor: number;
  readonly #address: number;
  readonly #words: Uint32Array;
  readonly #listeners = new Map<number, CompletionListener>();
  readonly #event = new Uint8Array(8);
  readonly #cookie = new Uint8Array(8);
  #numbers = 0;
  #closed = false;

  /** @param onEvent called from the event loop once after `arm`, when there is a completion */
  constructor(device: Device, capacity: number, onEvent: () => void) {
    const { verbs } = device;
    this.#device = device;
    this.capacity = capacity;
    const buffer = mapPrivate(BATCH * completion.byteLength);
    this.#words = new Uint32Array(buffer);
    this.#address = Number(addressOf(buffer));
    this.#channel = device.made('ibv_create_comp_channel', verbs.createChannel(device.context));
    this.#descriptor = readWord(this.#channel + completionChannel.descriptor);
    this.queue = verbs.createCompletionQueue(device.context, capacity, 0, this.#channel, 0);
    try {
      device.made('ibv_create_cq', this.queue);
      listenReadable(this.#descriptor, () => {
        if (this.#takeEvents()) onEvent();
      });
    } catch (error) {
      if (this.queue !== 0) verbs.destroyCompletionQueue(this.queue);
      verbs.destroyChannel(this.#channel);
      throw error;
    }
  }

  /** Gives the number by which requests are told to `listener`. Numbers are not used again: what comes late finds nobody. */
  add(listener: CompletionListener): number {
    const number = ++this.#numbers;
    this.#listeners.set(number, listener);
    return number;
  }

  remove(number: number): void {
    this.#listeners.delete(number);
  }

  /** Tells the listeners of all that has completed. True where there was something. */
  poll(): boolean {
    if (this.#closed) return false;
    let any = false;
    for (let count = BATCH; count === BATCH;) {
      count = this.#device.calls.pollCq(this.queue, BATCH, this.#address);
      if (count < 0) this.#device.done('ibv_poll_cq', count);
      for (let i = 0; i < count; i++) this.#tell(i * WORDS);
      any ||= count > 0;
    }
    return any;
  }

  #tell(at: number): void {
    const words = this.#words;
    const who = words[at + completion.id + 1]!;
    const listener = this.#listeners.get(who >>> 1);
    if (listener === undefined) return;
    const status = words[at + completion.status]!;
    if (status !== 0) listener.failed(status);
    else if ((who & 1) === 1) listener.received();
    else listener.sent(words[at + completion.id]!);
  }

  /** From now on the next completion is an event. What completed before is none: poll once more. */
  arm(): void {
    if (!this.#closed) {
      this.#device.done('ibv_req_notify_cq', this.#device.calls.requestNotifyCq(this.queue, 0));
    }
  }

  #takeEvents(): boolean {
    let count = 0;
    const { verbs } = this.#device;
    while (verbs.getEvent(this.#channel, this.#event, this.#cookie) === 0) count++;
    // An event that is not acknowledged would keep the queue from being destroyed.
    if (count > 0) verbs.acknowledgeEvents(this.queue, count);
    return count > 0;
  }

  /** To be called once the queue pairs are gone. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    endReadable(this.#descriptor);
    this.#takeEvents();
    const { verbs } = this.#device;
    this.#device.done('ibv_destroy_cq', verbs.destroyCompletionQueue(this.queue));
    this.#device.done('ibv_destroy_comp_channel', verbs.destroyChannel(this.#channel));
  }
}
