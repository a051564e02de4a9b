import type { MemberId, Region, RegionMemory } from './transport.js';
import { Aim } from './wakeups.js';
import type { Wakeups } from './wakeups.js';

/** Where an aliased region's memory comes from, and goes. */
export interface Backing {
  /** Nobody finds it any more. */
  hide(): void;
}

/** A region whose replicas are the region itself: a put moves nothing, and only marks whom the next flush may have to wake. */
export class AliasedRegion implements Region {
  readonly name: string;
  readonly memory: RegionMemory;
  readonly peers: MemberId[];
  readonly #aim: Aim;
  readonly #backing: Backing;
  readonly #byteLength: number;

  constructor(name: string, memory: RegionMemory, peers: MemberId[], wakeups: Wakeups, backing: Backing) {
    this.name = name;
    this.memory = memory;
    this.peers = peers;
    this.#aim = new Aim(peers, wakeups);
    this.#backing = backing;
    this.#byteLength = memory.bytes.length;
  }

  put(start: number, end: number): void {
    if (!(start >= 0 && start <= end && end <= this.#byteLength)) {
      throw new RangeError(`put of ${start}–${end} in region ${this.name} of ${this.#byteLength} bytes`);
    }
    this.#aim.mark();
  }

  seal(): void {
    this.#backing.hide();
  }

  release(): void {
    this.#backing.hide();
  }
}
