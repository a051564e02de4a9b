import type { MemberId, Region, RegionMemory, Replica } from './transport.js';
import { Aim } from './wakeups.js';
import type { Wakeups } from './wakeups.js';

/** A region whose replicas are the region itself: a put moves nothing, and only marks whom the next flush may have to wake. */
export class AliasedRegion implements Region {
  readonly name: string;
  readonly peers: MemberId[];
  readonly #aim: Aim;
  readonly #hide: () => void;
  readonly #giveBack: (() => void) | undefined;
  readonly #byteLength: number;
  #memory: RegionMemory | undefined;

  /**
   * @param hide called, perhaps more than once, when nobody is to find the region any more
   * @param giveBack called once the region is released
   */
  constructor(
    name: string,
    memory: RegionMemory,
    peers: MemberId[],
    wakeups: Wakeups,
    hide: () => void,
    giveBack?: () => void,
  ) {
    this.name = name;
    this.#memory = memory;
    this.peers = peers;
    this.#aim = new Aim(peers, wakeups);
    this.#hide = hide;
    this.#giveBack = giveBack;
    this.#byteLength = memory.bytes.length;
  }

  get memory(): RegionMemory {
    return this.#memory ?? released(this.name);
  }

  put(start: number, end: number): void {
    if (!(start >= 0 && start <= end && end <= this.#byteLength)) {
      throw new RangeError(`put of ${start}–${end} in region ${this.name} of ${this.#byteLength} bytes`);
    }
    if (this.#memory === undefined) released(this.name);
    this.#aim.mark();
  }

  putPayload(start: number, end: number): void {
    this.put(start, end);
  }

  seal(): void {
    this.#hide();
  }

  release(): void {
    this.#hide();
    if (this.#memory !== undefined) this.#giveBack?.();
    this.#memory = undefined;
  }
}

/** A peer's region, which is the peer's own memory. */
export class AliasedReplica implements Replica {
  readonly aliased = true;
  readonly #name: string;
  readonly #giveBack: (() => void) | undefined;
  #memory: RegionMemory | undefined;

  /** @param giveBack called once it is released */
  constructor(name: string, memory: RegionMemory, giveBack?: () => void) {
    this.#name = name;
    this.#memory = memory;
    this.#giveBack = giveBack;
  }

  get memory(): RegionMemory {
    return this.#memory ?? released(this.#name);
  }

  release(): void {
    if (this.#memory !== undefined) this.#giveBack?.();
    this.#memory = undefined;
  }
}

function released(name: string): never {
  throw new Error(`region ${name} was released`);
}
