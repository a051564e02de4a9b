import { fence } from './ordering.js';
import type { MemberId } from './transport.js';

/** A peer, as far as waking it goes. */
export interface Sleeper {
  readonly id: MemberId;
  /** Something was put for it since the last flush. */
  pending: boolean;
  /** A plain load of its sleeping flag: whether it sleeps, and was not rung in this sleep by us. */
  needsRing(): boolean;
  ring(): void;
}

/**
 * Who is to be woken at the next flush. A put only marks its peers; the flush fences once, so that the puts are visible before
 * the flags are read, and rings those whose flag is up. The other side of the bargain is `Host.raiseSleeping`: it raises the
 * flag, fences, and its caller looks once more. Whatever the interleaving, one of the two sees the other.
 */
export class Wakeups {
  readonly #find: (id: MemberId) => Sleeper;
  readonly #sleepers = new Map<MemberId, Sleeper>();
  /** The first `#count` are pending. Never shortened: an array that is loses its store, and allocates it anew. */
  readonly #pending: Sleeper[] = [];
  #count = 0;

  constructor(find: (id: MemberId) => Sleeper) {
    this.#find = find;
  }

  /** The one sleeper of a peer, whatever the number of regions that are put for it. */
  sleeper(id: MemberId): Sleeper {
    let sleeper = this.#sleepers.get(id);
    if (sleeper === undefined) {
      sleeper = this.#find(id);
      this.#sleepers.set(id, sleeper);
    }
    return sleeper;
  }

  all(): Iterable<Sleeper> {
    return this.#sleepers.values();
  }

  /** A peer that died, and will not come back. */
  forget(id: MemberId): Sleeper | undefined {
    const sleeper = this.#sleepers.get(id);
    this.#sleepers.delete(id);
    return sleeper;
  }

  add(sleeper: Sleeper): void {
    sleeper.pending = true;
    this.#pending[this.#count++] = sleeper;
  }

  flush(): void {
    const count = this.#count;
    if (count === 0) return;
    this.#count = 0;
    fence();
    const pending = this.#pending;
    for (let i = 0; i < count; i++) {
      const sleeper = pending[i]!;
      sleeper.pending = false;
      if (sleeper.needsRing()) sleeper.ring();
    }
  }
}

/** The peers of one region, found once and kept beside the list, which the owner may change at any time. */
export class Aim {
  readonly #peers: readonly MemberId[];
  readonly #wakeups: Wakeups;
  readonly #sleepers: Sleeper[] = [];

  constructor(peers: readonly MemberId[], wakeups: Wakeups) {
    this.#peers = peers;
    this.#wakeups = wakeups;
  }

  /** Marks the peers for the next flush: a comparison and a flag for each. */
  mark(): void {
    const peers = this.#peers;
    const sleepers = this.#sleepers;
    for (let i = 0; i < peers.length; i++) {
      let sleeper = sleepers[i];
      if (sleeper === undefined || sleeper.id !== peers[i]) {
        sleeper = this.#wakeups.sleeper(peers[i]!);
        sleepers[i] = sleeper;
      }
      if (!sleeper.pending) this.#wakeups.add(sleeper);
    }
  }
}
