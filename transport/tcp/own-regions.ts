import { TransportError } from '../errors.js';
import type { MemberId, RegionMemory } from '../transport.js';
import { regionMemory } from '../transport.js';
import type { Fabric } from './fabric.js';
import type { Link } from './link.js';
import type { Links } from './links.js';
import type { MemoryBudget } from './memory-budget.js';
import { TcpRegion } from './region.js';
import { regionBytesMax } from './wire.js';

/** The regions of this member, of which all its peers are told. */
export class OwnRegions {
  readonly #links: Links;
  readonly #budget: MemoryBudget;
  readonly #fabric: Fabric | undefined;
  readonly #regions = new Map<string, TcpRegion>();
  /** Of all that there ever were. */
  readonly #names = new Set<string>();
  readonly #linkWith: (peer: MemberId) => Link;

  constructor(links: Links, budget: MemoryBudget, fabric: Fabric | undefined) {
    this.#links = links;
    this.#budget = budget;
    this.#fabric = fabric;
    this.#linkWith = (peer) => links.with(peer);
  }

  /**
   * @param given where the region lies, where that is there already
   * @throws TransportError BE_NO_MEMORY
   */
  allocate(name: string, byteLength: number, peers: MemberId[], given?: RegionMemory): TcpRegion {
    if (this.#names.has(name)) throw new Error(`region ${name} was allocated before`);
    if (byteLength > regionBytesMax) throw noMemory(name, byteLength);
    const memory = this.#take(name, byteLength, given);
    const ended = (region: TcpRegion) => this.#ended(region);
    const region = new TcpRegion(name, this.#names.size, memory, peers, this.#linkWith, ended);
    this.#names.add(name);
    this.#regions.set(name, region);
    this.#links.tell(region);
    return region;
  }

  #take(name: string, byteLength: number, given: RegionMemory | undefined): RegionMemory {
    this.#budget.take(name, byteLength);
    if (given !== undefined) return given;
    try {
      return this.#fabric?.allocate(byteLength) ?? regionMemory(new ArrayBuffer(byteLength));
    } catch {
      this.#budget.give(byteLength);
      throw noMemory(name, byteLength);
    }
  }

  #ended(region: TcpRegion): void {
    this.#links.tell(region);
    if (region.state !== 'released') return;
    this.#regions.delete(region.name);
    this.#budget.give(region.bytes.length);
    this.#fabric?.released(region);
  }

  /** Tells of those that there are. */
  tellAll(link: Link): void {
    for (const region of this.#regions.values()) if (region.state === 'open') link.tell(region);
  }

  /** The name of the region that has this memory. */
  nameOf(memory: RegionMemory): string | undefined {
    for (const region of this.#regions.values())
      if (region.state !== 'released' && region.memory === memory) return region.name;
    return undefined;
  }
}

function noMemory(name: string, byteLength: number): TransportError {
  return new TransportError('BE_NO_MEMORY', `no memory for region ${name} of ${byteLength} bytes`);
}
