import type { AnswerStranger, Host, MeetOptions, Refusal, Traffic } from '../host.js';
import { randomMemberId } from '../incarnation.js';
import type { DirectoryOptions } from '../memory/directory.js';
import { Heartbeat, heartbeatMs } from '../memory/heartbeat.js';
import { MemoryHost } from '../memory/host.js';
import { parseTcpAddress } from '../tcp/address.js';
import type { Fabric } from '../tcp/fabric.js';
import { TcpHost } from '../tcp/host.js';
import type { TcpOptions } from '../tcp/options.js';
import type { SecurityChange } from '../tcp/security-files.js';
import type { MemberId, Region, RegionMemory, Replica, Spreading } from '../transport.js';
import { Neighbourhood } from './neighbourhood.js';
import { MixedRegion } from './region.js';
import type { Tally } from './region.js';

export interface MixedHostOptions extends TcpOptions, DirectoryOptions {
  /** `//host:port,host:port/domain`: what follows `tcp:`. */
  readonly address: string;
  /** Default: random. For tests. */
  readonly self?: MemberId;
  /** Another way for puts to those who are no neighbours; closed with the host. */
  readonly fabric?: Fabric;
}

/**
 * A member of a domain whose members reach each other by TCP, or by a fabric, and share memory where they are neighbours: two hosts of one incarnation.
 * All meet, are let in and link by TCP. What this member puts lies in shared memory; a neighbour sees it there and is only woken, the others get it by their links.
 */
export class MixedHost implements Host {
  readonly self: MemberId;
  /** Not to all. Towards a neighbour the core finds more there than it asks for, and sooner, as the simulator's mode `mixed` has it. */
  readonly aliased = false;
  readonly changesInTurn = true;
  readonly spreading: Spreading | undefined;
  readonly #pages: MemoryHost;
  readonly #links: TcpHost;
  readonly #neighbourhood: Neighbourhood;
  readonly #tallies = new Map<MemberId, Tally>();
  readonly #watched = new Set<MemberId>();
  /** Silent ones, given up. */
  readonly #deafTo = new Set<MemberId>();
  readonly #tallyOf = (peer: MemberId) => this.#tally(peer);
  #heartbeat: Heartbeat | undefined;
  #sleeping = false;
  #ring: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  private constructor(pages: MemoryHost, links: TcpHost, neighbourhood: Neighbourhood) {
    this.self = links.self;
    this.spreading = links.spreading;
    this.#pages = pages;
    this.#links = links;
    this.#neighbourhood = neighbourhood;
    // It is the links that keep the process running.
    pages.unref();
  }

  /**
   * A member that listens, and has met nobody yet.
   * @throws TransportError as `TcpHost.open` and `MemoryHost.open`
   */
  static async open(options: MixedHostOptions): Promise<MixedHost> {
    const self = options.self ?? randomMemberId();
    const { domain } = parseTcpAddress(options.address);
    const pages = await MemoryHost.open({ ...options, domain, self, readsReleased: true });
    try {
      const neighbours = new Neighbourhood(pages, {
        found: (peer) => host.#found(peer),
        spoilt: (peer) => host.#watchLink(peer),
      });
      const links = await TcpHost.open({ ...options, self, neighbours });
      const host = new MixedHost(pages, links, neighbours);
      return host;
    } catch (error) {
      await pages.close();
      throw error;
    }
  }

  get address(): string {
    return this.#links.address;
  }

  get subject(): string | undefined {
    return this.#links.subject;
  }

  reloadSecurity(security?: SecurityChange): void {
    this.#links.reloadSecurity(security);
  }

  // ---- memory ----

  allocate(name: string, byteLength: number, peers: readonly MemberId[]): Region {
    const near = this.#pages.allocate(name, byteLength, []);
    try {
      const far = this.#links.allocate(name, byteLength, [], near.memory);
      const others = peers.filter((peer) => peer !== this.self);
      return new MixedRegion(near, far, others, this.#neighbourhood, this.#tallyOf);
    } catch (error) {
      near.release();
      throw error;
    }
  }

  attach(owner: MemberId, name: string, byteLength: number): Replica | undefined {
    const way = this.#neighbourhood.has(owner) ? this.#pages : this.#links;
    return way.attach(owner, name, byteLength);
  }

  flush(): void {
    this.#pages.flush();
    this.#links.flush();
  }

  freeBytes(): number {
    return Math.min(this.#pages.freeBytes(), this.#links.freeBytes());
  }

  traffic(): Traffic[] {
    return this.#links.traffic().map((traffic) => {
      const { puts, bytes } = this.#tally(traffic.peer);
      return { ...traffic, pages: { puts, bytes } };
    });
  }

  turnedAway(): Partial<Record<Refusal, number>> {
    return this.#links.turnedAway();
  }

  #tally(peer: MemberId): Tally {
    let tally = this.#tallies.get(peer);
    if (tally === undefined) this.#tallies.set(peer, (tally = { puts: 0, bytes: 0 }));
    return tally;
  }

  // ---- meeting ----

  meet(greeting: string, options: MeetOptions): Promise<string | undefined> {
    return this.#links.meet(greeting, options);
  }

  openDoor(answer: AnswerStranger): void {
    this.#links.openDoor(answer);
  }

  introduce(peer: MemberId, address: string, subject?: string): void {
    this.#links.introduce(peer, address, subject);
  }

  /** What it has put is there; nothing arrives for it, so it rings here. */
  #found(peer: MemberId): void {
    if (this.#watched.has(peer)) this.#pages.watch(peer);
    setImmediate(() => {
      if (this.#sleeping) this.#ring?.();
    });
  }

  // ---- life and death ----

  watch(peer: MemberId): void {
    this.#watched.add(peer);
    if (this.#neighbourhood.has(peer)) this.#pages.watch(peer);
    else this.#links.watch(peer);
  }

  unwatch(peer: MemberId): void {
    this.#watched.delete(peer);
    this.#links.unwatch(peer);
    this.#pages.unwatch(peer);
  }

  /**
   * Of a neighbour the kernel tells. That its connection has ended says nothing: they need none, and a network that fails would let neighbours
   * who see each other live give each other up.
   */
  isDead(peer: MemberId): boolean {
    const isNear = this.#neighbourhood.has(peer) && !this.#deafTo.has(peer);
    return isNear ? this.#pages.isDead(peer) : this.#links.isDead(peer);
  }

  /** It is no neighbour any more: its link alone tells. */
  #watchLink(peer: MemberId): void {
    if (this.#watched.has(peer)) this.#links.watch(peer);
  }

  isStarved(peer: MemberId): boolean {
    return this.#neighbourhood.has(peer) && this.#pages.isStarved(peer);
  }

  lookForDeaths(): void {
    this.#pages.lookForDeaths();
  }

  /** A neighbour, too, is only not listened to any more: a member that comes to itself again learns what has become of it. */
  kill(peer: MemberId): void {
    this.#deafTo.add(peer);
    this.#watchLink(peer);
    this.#links.kill(peer);
  }

  /** One thread counts, and the heart that beats for the others tells how far it is. */
  startHeartbeat(memory: RegionMemory, index: number): void {
    if (this.#heartbeat !== undefined || this.#closing !== undefined) return;
    this.#heartbeat = new Heartbeat(memory, index, heartbeatMs);
    this.#links.startHeartbeat(memory, index, this.#heartbeat.beats);
  }

  // ---- waking, and the end ----

  raiseSleeping(): void {
    this.#sleeping = true;
    this.#links.raiseSleeping();
    this.#pages.raiseSleeping();
  }

  lowerSleeping(): void {
    this.#sleeping = false;
    this.#links.lowerSleeping();
    this.#pages.lowerSleeping();
  }

  onBell(ring: () => void): void {
    this.#ring = ring;
    this.#links.onBell(ring);
    this.#pages.onBell(ring);
  }

  yieldCore(times: number): void {
    this.#links.yieldCore();
    this.#pages.yieldCore(times);
  }

  ref(): void {
    this.#links.ref();
  }

  unref(): void {
    this.#links.unref();
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    await this.#links.close();
    await this.#heartbeat?.stop();
    await this.#pages.close();
  }
}
