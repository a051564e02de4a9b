import { Socket } from 'node:net';
import { fence } from '../ordering.js';
import type { MemberId } from '../transport.js';
import type { Sleeper } from '../wakeups.js';
import { attachShared, closeDescriptor, createFifo, openFifo, ring } from './system.js';

/** One page; the sleeping flag has its first cache line for itself. */
export const FLAGS_BYTES = 4096;
const SLEEPING = 0;

/**
 * Where this member sleeps. Its flag is 0 while it is awake, else the number of its sleep, so that each peer rings once a sleep
 * and not once a put.
 *
 * Nobody is left asleep: the sleeper raises its flag, fences, looks once more, then waits; a peer stores, fences, then reads the
 * flag (`Wakeups.flush`). One of the two comes later, and sees the other. Where the flag is still up after a ring, the sleep gets a
 * new number *before* the owner looks: a peer that rang in the old sleep, and stored since, either sees the new number and rings
 * again, or stored early enough to be seen by that look.
 */
export class Bell {
  readonly #flags: Uint32Array;
  readonly #socket: Socket;
  #sleep = 0;
  #ring: (() => void) | undefined;

  constructor(path: string, flags: Uint32Array) {
    this.#flags = flags;
    this.#socket = new Socket({ fd: createFifo(path), readable: true, writable: false });
    this.#socket.on('error', () => undefined);
    this.#socket.on('data', () => {
      if (this.#flags[SLEEPING] !== 0) this.raiseSleeping();
      this.ring();
    });
    this.#socket.unref();
  }

  onRing(ring: () => void): void {
    this.#ring = ring;
  }

  ring(): void {
    this.#ring?.();
  }

  raiseSleeping(): void {
    // Skips 0, which means awake.
    this.#sleep = this.#sleep === 0xffffffff ? 1 : this.#sleep + 1;
    this.#flags[SLEEPING] = this.#sleep;
    fence();
  }

  lowerSleeping(): void {
    this.#flags[SLEEPING] = 0;
  }

  ref(): void {
    this.#socket.ref();
  }

  unref(): void {
    this.#socket.unref();
  }

  close(): void {
    this.#ring = undefined;
    this.#socket.destroy();
  }
}

/** How many flushes pass before a peer's flag, which was not there, is looked for again. */
const FLUSHES_TILL_AGAIN = 1_000;

/** A peer's bell. Its flag and its FIFO are opened when something is first put for it. */
export class PeerBell implements Sleeper {
  readonly id: MemberId;
  pending = false;
  readonly #flagsPath: string;
  readonly #bellPath: string;
  #flags: Uint32Array | undefined;
  #flushesTillAgain = 0;
  #rung = 0;
  #fd: number | undefined;
  #gone = false;

  constructor(id: MemberId, flagsPath: string, bellPath: string) {
    this.id = id;
    this.#flagsPath = flagsPath;
    this.#bellPath = bellPath;
  }

  /** Whether it is known to be awake: it runs, or waits for a core to run on. */
  get isAwake(): boolean {
    return this.#flags !== undefined && this.#flags[SLEEPING] === 0;
  }

  needsRing(): boolean {
    if (this.#flags === undefined && !this.#attach()) return false;
    const sleep = this.#flags![SLEEPING]!;
    if (sleep === 0 || sleep === this.#rung) return false;
    this.#rung = sleep;
    return true;
  }

  ring(): void {
    this.#fd ??= openFifo(this.#bellPath);
    if (this.#fd !== undefined) ring(this.#fd);
  }

  close(): void {
    this.#gone = true;
    this.#flags = undefined;
    if (this.#fd !== undefined) closeDescriptor(this.#fd);
    this.#fd = undefined;
  }

  #attach(): boolean {
    if (this.#gone || this.#flushesTillAgain-- > 0) return false;
    this.#flushesTillAgain = FLUSHES_TILL_AGAIN;
    const buffer = attachShared(this.#flagsPath, FLAGS_BYTES);
    if (buffer === undefined) return false;
    this.#flags = new Uint32Array(buffer);
    return true;
  }
}
