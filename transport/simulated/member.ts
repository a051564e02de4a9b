import type { MemberId, Region, RegionMemory, Replica, Spreading, Transport } from '../transport.js';
import { checkRegion } from '../names.js';
import type { Frame } from './link.js';

/** What a member needs of the network that it is in. */
export interface Wire {
  readonly aliased: boolean;
  readonly spreading: Spreading | undefined;
  /** Memory for a region of this name, or for a copy of it. */
  fresh(name: string, byteLength: number): RegionMemory;
  /** Whether the two see each other's regions themselves. */
  shares(a: MemberId, b: MemberId): boolean;
  /** Announces a region to every member, present and future. */
  announce(source: SimulatedMember, region: SimulatedRegion): void;
  put(source: SimulatedMember, region: SimulatedRegion, start: number, end: number, to?: MemberId): void;
  seal(source: SimulatedMember, region: SimulatedRegion, released: boolean): void;
  member(id: MemberId): SimulatedMember | undefined;
}

/** A replica as the peer keeps it, from the announcement on, attached or not. */
interface Arrived {
  readonly byteLength: number;
  /** There once something was put, or it was attached. */
  memory: RegionMemory | undefined;
  attached: boolean;
  sealed: boolean;
}

/** One member of a simulated network. */
export class SimulatedMember implements Transport {
  readonly self: MemberId;
  readonly regions = new Map<string, SimulatedRegion>();
  readonly dead = new Set<MemberId>();
  crashed = false;
  paused = false;
  readonly #wire: Wire;
  readonly #arrived = new Map<MemberId, Map<string, Arrived>>();
  readonly #names = new Set<string>();

  constructor(self: MemberId, wire: Wire) {
    this.self = self;
    this.#wire = wire;
  }

  get aliased(): boolean {
    return this.#wire.aliased;
  }

  get spreading(): Spreading | undefined {
    return this.#wire.spreading;
  }

  allocate(name: string, byteLength: number, peers: readonly MemberId[]): Region {
    checkRegion(name, byteLength);
    if (this.#names.has(name)) throw new Error(`region ${name} of member ${this.self} was allocated before`);
    this.#names.add(name);
    const region = new SimulatedRegion(this, this.#wire, name, byteLength, peers);
    this.regions.set(name, region);
    this.#wire.announce(this, region);
    return region;
  }

  attach(owner: MemberId, name: string, byteLength: number): Replica | undefined {
    const memory = this.#memoryOf(owner, name);
    if (memory === undefined) return undefined;
    if (memory.bytes.length !== byteLength) {
      throw new Error(`region ${name} of ${owner} has ${memory.bytes.length} bytes, not ${byteLength}`);
    }
    return { memory, aliased: this.#shares(owner), release: () => undefined };
  }

  flush(): void {
    // A put is under way as soon as it is made.
  }

  isDead(peer: MemberId): boolean {
    return this.dead.has(peer);
  }

  /** Takes in what has arrived from `source`; gives false where it changed nothing. */
  accept(source: MemberId, frame: Frame): boolean {
    switch (frame.kind) {
      case 'announce': {
        const regions = this.#arrived.get(source) ?? new Map<string, Arrived>();
        this.#arrived.set(source, regions);
        regions.set(frame.name, {
          byteLength: frame.byteLength,
          memory: undefined,
          attached: false,
          sealed: false,
        });
        return true;
      }
      case 'put': {
        const arrived = this.#arrived.get(source)?.get(frame.name);
        if (arrived !== undefined)
          this.#memoryOfCopy(frame.name, arrived).bytes.set(frame.bytes, frame.start);
        return arrived !== undefined;
      }
      case 'seal': {
        // Nobody attaches it any more; whoever has keeps it, and later puts still reach it.
        const regions = this.#arrived.get(source);
        const arrived = regions?.get(frame.name);
        if (arrived === undefined) return false;
        arrived.sealed = true;
        if (!arrived.attached || frame.released) regions!.delete(frame.name);
        return true;
      }
      case 'wake':
        return true;
      case 'death':
        this.dead.add(source);
        return true;
    }
  }

  #memoryOf(owner: MemberId, name: string): RegionMemory | undefined {
    if (this.#shares(owner)) {
      return this.#wire.member(owner)?.regions.get(name)?.memory;
    }
    const arrived = this.#arrived.get(owner)?.get(name);
    if (arrived === undefined || arrived.sealed) return undefined;
    arrived.attached = true;
    return this.#memoryOfCopy(name, arrived);
  }

  #shares(owner: MemberId): boolean {
    return owner === this.self || this.#wire.shares(this.self, owner);
  }

  #memoryOfCopy(name: string, arrived: Arrived): RegionMemory {
    return (arrived.memory ??= this.#wire.fresh(name, arrived.byteLength));
  }
}

/** A region of a simulated member. */
export class SimulatedRegion implements Region {
  readonly name: string;
  readonly memory: RegionMemory;
  readonly peers: MemberId[];
  readonly #owner: SimulatedMember;
  readonly #wire: Wire;
  #released = false;

  constructor(
    owner: SimulatedMember,
    wire: Wire,
    name: string,
    byteLength: number,
    peers: readonly MemberId[],
  ) {
    this.#owner = owner;
    this.#wire = wire;
    this.name = name;
    this.memory = wire.fresh(name, byteLength);
    this.peers = peers.filter((peer) => peer !== owner.self);
  }

  put(start: number, end: number, to?: MemberId): void {
    if (!(start >= 0 && start <= end && end <= this.memory.bytes.length)) {
      throw new RangeError(
        `put of ${start}–${end} in region ${this.name} of ${this.memory.bytes.length} bytes`,
      );
    }
    if (this.#released) throw new Error(`put in region ${this.name}, which was released`);
    if (!this.#owner.crashed) this.#wire.put(this.#owner, this, start, end, to);
  }

  putPayload(start: number, end: number, to?: MemberId): void {
    this.put(start, end, to);
  }

  seal(): void {
    if (this.#owner.regions.delete(this.name)) this.#wire.seal(this.#owner, this, false);
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#owner.regions.delete(this.name);
    this.#wire.seal(this.#owner, this, true);
  }
}
