import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { MemberId } from '../transport.js';
import { FLAGS_BYTES } from './bell.js';
import type { Rendezvous } from './directory.js';
import { encodeFrame } from './frames.js';
import { hasDied } from './life.js';
import { memberPath, segmentPath } from './member-files.js';
import { FileLock, attachShared } from './system.js';

/** After a connection broke, its peer's lock is tried so often at first, each millisecond, ... */
const QUICK_TRIES = 100;
const QUICK_MS = 1;
/** ... then at this pace, with another attempt to connect at every tenth time. */
const SLOW_MS = 10;
const TRIES_A_CONNECTION = 10;

/**
 * The peers whose death this member is to learn of at once. Quickest is a look at the peer's life, which the kernel ends; but it rings
 * for nobody. A connection to the peer wakes whoever sleeps (a process loses its memory first, then its descriptors, all of them
 * within moments); the peer's lock then proves the death: the kernel alone frees that.
 */
export class Watches {
  readonly #rendezvous: Rendezvous;
  readonly #self: MemberId;
  readonly #onDeath: (peer: MemberId) => void;
  readonly #watches = new Map<MemberId, Watch>();
  readonly #dead = new Set<MemberId>();

  constructor(rendezvous: Rendezvous, self: MemberId, onDeath: (peer: MemberId) => void) {
    this.#rendezvous = rendezvous;
    this.#self = self;
    this.#onDeath = onDeath;
  }

  watch(peer: MemberId): void {
    if (this.#watches.has(peer) || this.#dead.has(peer)) return;
    const watch = new Watch(this.#rendezvous, this.#self, peer, () => {
      this.#watches.delete(peer);
      this.#dead.add(peer);
      this.#onDeath(peer);
    });
    this.#watches.set(peer, watch);
  }

  unwatch(peer: MemberId): void {
    this.#watches.get(peer)?.end();
    this.#watches.delete(peer);
  }

  /** Looks at everybody's life: cheap enough for each turn. */
  look(): void {
    this.#watches.forEach(lookAt);
  }

  isDead(peer: MemberId): boolean {
    return this.#dead.has(peer);
  }

  close(): void {
    for (const watch of this.#watches.values()) watch.end();
    this.#watches.clear();
  }
}

function lookAt(watch: Watch): void {
  watch.look();
}

class Watch {
  readonly #socketPath: string;
  readonly #lockPath: string;
  readonly #self: MemberId;
  readonly #flags: Uint32Array | undefined;
  readonly #onDeath: () => void;
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #tries = 0;
  #ended = false;

  constructor(rendezvous: Rendezvous, self: MemberId, peer: MemberId, onDeath: () => void) {
    this.#socketPath = memberPath(rendezvous, peer, 'sock');
    this.#lockPath = memberPath(rendezvous, peer, 'lock');
    this.#self = self;
    this.#onDeath = onDeath;
    const flags = attachShared(segmentPath(rendezvous, peer, 'flags'), FLAGS_BYTES);
    this.#flags = flags && new Uint32Array(flags);
    this.#connect();
  }

  look(): void {
    if (this.#flags !== undefined && hasDied(this.#flags)) this.#dies();
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#socket?.destroy();
  }

  #dies(): void {
    this.end();
    this.#onDeath();
  }

  #connect(): void {
    const socket = connect(this.#socketPath);
    this.#socket = socket;
    socket.unref();
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#confirm();
    });
    // Nothing is ever said to a watcher; but the end of the connection is only noticed by who reads.
    socket.resume();
    socket.write(encodeFrame({ kind: 'watch', from: this.#self }));
  }

  #confirm(): void {
    if (this.#ended) return;
    if (!FileLock.isHeld(this.#lockPath)) {
      this.#dies();
      return;
    }
    this.#tries++;
    const slow = this.#tries > QUICK_TRIES;
    this.#timer = setTimeout(
      () => {
        if (slow && this.#tries % TRIES_A_CONNECTION === 0) this.#connect();
        else this.#confirm();
      },
      slow ? SLOW_MS : QUICK_MS,
    );
    this.#timer.unref();
  }
}
