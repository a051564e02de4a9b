import type { MemberId, Region, RegionMemory } from '../transport.js';
import type { Neighbourhood } from './neighbourhood.js';

/** What was put for one neighbour, in all regions. */
export interface Tally {
  puts: number;
  bytes: number;
}

/** One memory, seen by some of its peers and put to the others: a region of each kind, whose peers are kept apart. */
export class MixedRegion implements Region {
  readonly name: string;
  readonly peers: MemberId[];
  readonly #near: Region;
  readonly #far: Region;
  readonly #neighbourhood: Neighbourhood;
  readonly #tallyOf: (peer: MemberId) => Tally;
  /** Of the neighbours, in their order. */
  readonly #tallies: Tally[] = [];
  /** The peers as they were when they were parted, and when that was. */
  readonly #parted: MemberId[] = [];
  #version = -1;

  constructor(
    near: Region,
    far: Region,
    peers: readonly MemberId[],
    neighbourhood: Neighbourhood,
    tallyOf: (peer: MemberId) => Tally,
  ) {
    this.name = near.name;
    this.peers = [...peers];
    this.#near = near;
    this.#far = far;
    this.#neighbourhood = neighbourhood;
    this.#tallyOf = tallyOf;
  }

  get memory(): RegionMemory {
    return this.#near.memory;
  }

  put(start: number, end: number, to?: MemberId): void {
    if (this.#ring(start, end, to)) this.#far.put(start, end, to);
  }

  putPayload(start: number, end: number, to?: MemberId): void {
    if (this.#ring(start, end, to)) this.#far.putPayload(start, end, to);
  }

  seal(): void {
    this.#near.seal();
    this.#far.seal();
  }

  release(): void {
    this.#near.release();
    this.#far.release();
  }

  /** Neighbours see it already, and are only woken; true where it is to travel, too. */
  #ring(start: number, end: number, to: MemberId | undefined): boolean {
    this.#part();
    if (to !== undefined && !this.#neighbourhood.has(to)) return true;
    this.#near.put(start, end);
    const { peers } = this.#near;
    for (let i = 0; i < peers.length; i++) {
      if (to !== undefined && peers[i] !== to) continue;
      const tally = this.#tallies[i]!;
      tally.puts++;
      tally.bytes += end - start;
    }
    return to === undefined && this.#far.peers.length > 0;
  }

  /** Parts the peers anew where there are others, or some of them have become neighbours. */
  #part(): void {
    if (this.#isParted()) return;
    this.#version = this.#neighbourhood.version;
    const near = this.#near.peers;
    const far = this.#far.peers;
    near.length = far.length = this.#parted.length = this.#tallies.length = 0;
    for (const peer of this.peers) {
      this.#parted.push(peer);
      if (this.#neighbourhood.has(peer)) {
        near.push(peer);
        this.#tallies.push(this.#tallyOf(peer));
      } else far.push(peer);
    }
  }

  #isParted(): boolean {
    const { peers } = this;
    const parted = this.#parted;
    if (this.#version !== this.#neighbourhood.version || parted.length !== peers.length) return false;
    for (let i = 0; i < peers.length; i++) if (peers[i] !== parted[i]) return false;
    return true;
  }
}
