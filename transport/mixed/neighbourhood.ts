import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { MemoryHost } from '../memory/host.js';
import type { Neighbours } from '../tcp/neighbours.js';
import type { MemberId, Region } from '../transport.js';

/** A region with a number that nobody can know who does not see it. */
const proofName = 'proof';
const proofBytes = 64;

/** What the host that has a neighbourhood is to hear. */
export interface NeighbourhoodEvents {
  found(peer: MemberId): void;
  spoilt(peer: MemberId): void;
}

/**
 * Who sees the same memory. Names and numbers of machines say little about that (of containers some share `/dev/shm` and some do not), so each member
 * shows the other that it has read a random number in the other's memory, and that both run on one kernel. It says so through the door of TCP, so
 * whoever may not be linked with is no neighbour either.
 */
export class Neighbourhood implements Neighbours {
  /** Grows whenever somebody becomes a neighbour, or ceases to be one. */
  version = 0;
  readonly #pages: MemoryHost;
  readonly #events: NeighbourhoodEvents;
  readonly #near = new Set<MemberId>();
  readonly #proof: Region;
  readonly #mine: string;

  constructor(pages: MemoryHost, events: NeighbourhoodEvents) {
    this.#pages = pages;
    this.#events = events;
    this.#proof = pages.allocate(proofName, proofBytes, []);
    this.#proof.memory.bytes.set(randomBytes(proofBytes));
    this.#mine = digest(this.#proof.memory.bytes);
  }

  has(peer: MemberId): boolean {
    return this.#near.has(peer);
  }

  sight(peer: MemberId): string | undefined {
    try {
      const replica = this.#pages.attach(peer, proofName, proofBytes);
      return replica && digest(replica.memory.bytes);
    } catch {
      // Another user's, or none that this one may read.
      return undefined;
    }
  }

  isMine(seen: string | undefined): boolean {
    return seen === this.#mine;
  }

  found(peer: MemberId): void {
    this.#near.add(peer);
    this.version++;
    this.#events.found(peer);
    // What was put before now rang for nobody.
    this.#proof.peers[0] = peer;
    this.#proof.put(0, proofBytes);
    this.#pages.flush();
    this.#proof.peers.length = 0;
  }

  spoilt(peer: MemberId): void {
    if (!this.#near.delete(peer)) return;
    this.version++;
    this.#events.spoilt(peer);
  }
}

function digest(bytes: Uint8Array): string {
  const kernel = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1');
  return createHash('sha256').update(kernel).update(bytes).digest('hex');
}
