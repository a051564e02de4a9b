import type { MemberId, Region, RegionMemory } from '../transport.js';
import type { Link } from './link.js';
import { Ranges } from './ranges.js';

/** What of one region is to go to one peer. */
export class Lane {
  readonly region: TcpRegion;
  readonly guards = new Ranges();
  readonly payload = new Ranges();
  /** The peer is to know of the region even where that comes to its end before it was told. */
  wanted = false;
  /** Among those of its link that have something to send. */
  waiting = false;
  /** What the peer knows of the region. */
  told: 'nothing' | 'announced' | 'sealed' | 'released' = 'nothing';

  constructor(region: TcpRegion) {
    this.region = region;
  }

  get hasPuts(): boolean {
    return this.guards.count > 0 || this.payload.count > 0;
  }
}

/** A region whose puts travel: each marks what has to go to whom, and the next flush takes it from memory. */
export class TcpRegion implements Region {
  readonly name: string;
  readonly number: number;
  readonly peers: MemberId[];
  state: 'open' | 'sealed' | 'released' = 'open';
  readonly #memory: RegionMemory;
  readonly #linkTo: (peer: MemberId) => Link;
  readonly #ended: (region: TcpRegion) => void;
  /** Beside `peers`, which the owner may change at any time. */
  readonly #links: Link[] = [];

  /** @param ended called when the region is sealed, and when it is released */
  constructor(
    name: string,
    number: number,
    memory: RegionMemory,
    peers: MemberId[],
    linkTo: (peer: MemberId) => Link,
    ended: (region: TcpRegion) => void,
  ) {
    this.name = name;
    this.number = number;
    this.peers = peers;
    this.#memory = memory;
    this.#linkTo = linkTo;
    this.#ended = ended;
  }

  get memory(): RegionMemory {
    if (this.state === 'released') throw new Error(`region ${this.name} was released`);
    return this.#memory;
  }

  /** Also after the release, for what was put before. */
  get bytes(): Uint8Array {
    return this.#memory.bytes;
  }

  put(start: number, end: number, to?: MemberId): void {
    this.#mark(start, end, false, to);
  }

  putPayload(start: number, end: number, to?: MemberId): void {
    this.#mark(start, end, true, to);
  }

  #mark(start: number, end: number, isPayload: boolean, to: MemberId | undefined): void {
    const { length } = this.#memory.bytes;
    if (!(start >= 0 && start <= end && end <= length)) {
      throw new RangeError(`put of ${start}–${end} in region ${this.name} of ${length} bytes`);
    }
    if (this.state === 'released') throw new Error(`region ${this.name} was released`);
    if (start === end) return;
    if (to !== undefined) {
      this.#linkTo(to).mark(this, start, end, isPayload);
      return;
    }
    const { peers } = this;
    const links = this.#links;
    for (let i = 0; i < peers.length; i++) {
      let link = links[i];
      if (link === undefined || link.peer !== peers[i]) links[i] = link = this.#linkTo(peers[i]!);
      link.mark(this, start, end, isPayload);
    }
  }

  seal(): void {
    if (this.state !== 'open') return;
    this.state = 'sealed';
    this.#ended(this);
  }

  release(): void {
    if (this.state === 'released') return;
    this.state = 'released';
    this.#ended(this);
  }
}
