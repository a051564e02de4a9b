import { TransportError } from '../errors.js';
import type { AnswerStranger, Host, MeetOptions, Refusal, Traffic } from '../host.js';
import { randomMemberId } from '../incarnation.js';
import { checkRegion } from '../names.js';
import type { MemberId, Region, RegionMemory, Replica, Spreading } from '../transport.js';
import { formatHostPort, isLoopback, parseHostPort, parseTcpAddress, resolve } from './address.js';
import type { TcpAddress } from './address.js';
import { checkTls } from './certificates.js';
import { Credentials } from './credentials.js';
import type { Fabric } from './fabric.js';
import { Gate } from './gate.js';
import { Links } from './links.js';
import type { LinksOptions } from './links.js';
import { Listening } from './listening.js';
import { meetDomain } from './meeting.js';
import { MemoryBudget } from './memory-budget.js';
import type { TcpHostOptions } from './options.js';
import { OwnRegions } from './own-regions.js';
import { MutableReceiver } from './receiver.js';
import type { Refusals } from './refusals.js';
import { readTls } from './security-files.js';
import type { SecurityChange } from './security-files.js';
import { spreadingFrom } from './spreading.js';

/** A member of a domain whose members reach each other by TCP, on one machine or many. */
export class TcpHost implements Host {
  readonly self: MemberId;
  readonly aliased = false;
  readonly changesInTurn: boolean;
  readonly spreading: Spreading | undefined;
  readonly domain: string;
  readonly refusals: Refusals;
  readonly #at: TcpAddress;
  readonly #credentials: Credentials;
  readonly #gate: Gate;
  readonly #receiver: MutableReceiver;
  readonly #listening: Listening;
  readonly #fabric: Fabric | undefined;
  readonly #budget: MemoryBudget;
  readonly #links: Links;
  readonly #regions: OwnRegions;
  readonly #watched = new Set<MemberId>();
  readonly #dead = new Set<MemberId>();
  #sleeping = false;
  #ring: (() => void) | undefined;
  #isRef = true;
  #closing: Promise<void> | undefined;
  readonly #ringIfAsleep = () => {
    if (this.#sleeping) this.#ring?.();
  };

  private constructor(
    at: TcpAddress,
    credentials: Credentials,
    receiver: MutableReceiver,
    gate: Gate,
    listening: Listening,
    spreading: Spreading | undefined,
    linking: Pick<LinksOptions, 'budget' | 'fabric' | 'neighbours' | 'handshakeMs'>,
  ) {
    const { budget, fabric } = linking;
    this.spreading = spreading;
    this.#budget = budget;
    this.self = receiver.self;
    this.domain = at.domain;
    this.refusals = receiver.refusals;
    this.#at = at;
    this.#credentials = credentials;
    this.#receiver = receiver;
    this.#gate = gate;
    this.#listening = listening;
    this.#fabric = fabric;
    this.changesInTurn = fabric !== undefined;
    fabric?.onArrival(this.#ringIfAsleep);
    const { self, domain, refusals } = receiver;
    const links = new Links(
      { self, domain, credentials, refusals, ...linking },
      {
        arrived: this.#ringIfAsleep,
        opened: (link) => this.#regions.tellAll(link),
        lost: (peer) => this.#lost(peer),
      },
    );
    this.#links = links;
    this.#regions = new OwnRegions(links, budget, fabric);
    receiver.contacts = () => links.addresses;
    receiver.link = (peer, token, shown, seen) => links.accept(peer, token, shown, seen);
    receiver.beat = (token, region, index) => links.beatOf(token, region, index);
  }

  /**
   * A member that listens, and has met nobody yet.
   * @throws TransportError BE_NAME, BE_INSECURE, BE_CERTIFICATE, BE_SYSTEM
   */
  static async open(options: TcpHostOptions): Promise<TcpHost> {
    const at = parseTcpAddress(options.address);
    const { contacts, unknown } = await resolve(at.entries);
    const told = [options.listen, options.advertise].flatMap((text) =>
      text === undefined ? [] : [parseHostPort(text)],
    );
    const isLocal = unknown.length === 0 && [...contacts, ...told].every(({ host }) => isLoopback(host));
    if (options.tls !== undefined) checkTls(readTls(options.tls));
    const credentials = new Credentials(options, isLocal);
    const receiver = new MutableReceiver(options.self ?? randomMemberId(), at.domain, credentials);
    const { handshakeMs = 5_000 } = options;
    const gate = new Gate(receiver, handshakeMs);
    try {
      const listening = await Listening.begin(gate, contacts, options);
      const budget = new MemoryBudget(options);
      const { fabric, neighbours } = options;
      const spreading = spreadingFrom(options.spreading, isLocal, fabric !== undefined);
      const linking = { budget, fabric, neighbours, handshakeMs };
      return new TcpHost(at, credentials, receiver, gate, listening, spreading, linking);
    } catch (error) {
      await gate.close();
      throw error;
    }
  }

  /** Of the certificate that this member shows. */
  get subject(): string | undefined {
    return this.#credentials.subject;
  }

  reloadSecurity(security?: SecurityChange): void {
    this.#credentials.reload(security);
  }

  /** Where the others are to connect to. */
  get address(): string {
    return formatHostPort(this.#listening.address);
  }

  // ---- memory ----

  /** @param memory where the region is to lie, where not in memory of its own */
  allocate(name: string, byteLength: number, peers: readonly MemberId[], memory?: RegionMemory): Region {
    checkRegion(name, byteLength);
    this.#checkOpen();
    return this.#regions.allocate(
      name,
      byteLength,
      peers.filter((peer) => peer !== this.self),
      memory,
    );
  }

  attach(owner: MemberId, name: string, byteLength: number): Replica | undefined {
    checkRegion(name, byteLength);
    return this.#links.find(owner)?.attach(name, byteLength);
  }

  traffic(): Traffic[] {
    return this.#links.list.map((link) => link.traffic);
  }

  turnedAway(): Partial<Record<Refusal, number>> {
    return this.refusals.counts;
  }

  flush(): void {
    this.#fabric?.flush();
    this.#links.flush();
  }

  // ---- links ----

  introduce(peer: MemberId, address: string, subject?: string): void {
    this.#links.introduce(peer, address, subject);
  }

  #lost(peer: MemberId): void {
    if (this.#watched.has(peer)) this.#learnOfDeath(peer);
    this.#listening.claimAll(
      this.#at.entries,
      () => this.#closing === undefined && this.#receiver.door !== undefined,
    );
  }

  // ---- life and death ----

  watch(peer: MemberId): void {
    if (this.#closing !== undefined) return;
    this.#watched.add(peer);
    if (this.#links.find(peer)?.state === 'lost') this.#learnOfDeath(peer);
  }

  unwatch(peer: MemberId): void {
    this.#watched.delete(peer);
    if (this.#closing === undefined) this.#links.with(peer).forget();
  }

  isDead(peer: MemberId): boolean {
    return this.#dead.has(peer);
  }

  /** Not at once: a death is learnt of between two turns, never in the midst of one. */
  #learnOfDeath(peer: MemberId): void {
    setImmediate(() => {
      if (this.#closing !== undefined || !this.#watched.has(peer)) return;
      this.#dead.add(peer);
      this.#ring?.();
    });
  }

  /** It is somewhere else: all that can be done here is to be deaf to it. */
  kill(peer: MemberId): void {
    this.#links.find(peer)?.lose();
  }

  /** @param beats where a thread that moves the counter tells how far it is; else it is the heart's own */
  startHeartbeat(memory: RegionMemory, index: number, beats?: SharedArrayBuffer): void {
    const region = this.#regions.nameOf(memory);
    if (region !== undefined) this.#links.startHeart(region, index, beats);
  }

  // ---- meeting ----

  async meet(greeting: string, options: MeetOptions): Promise<string | undefined> {
    this.#checkOpen();
    const { followers } = this.#receiver;
    try {
      const welcome = await meetDomain({
        entries: this.#at.entries,
        who: { self: this.self, domain: this.domain, credentials: this.#credentials },
        greeting,
        ...options,
        followers,
        claim: (contact) => this.#listening.claim(contact),
      });
      this.#checkOpen();
      this.#receiver.founding = welcome === undefined;
      return welcome;
    } finally {
      followers.release(this.#receiver.founding);
    }
  }

  openDoor(answer: AnswerStranger): void {
    this.#checkOpen();
    this.#receiver.door = answer;
    this.#receiver.founding = false;
    this.#keepRunning();
  }

  // ---- waking, and the end ----

  raiseSleeping(): void {
    // One thread: whatever arrives by TCP does so between two turns.
    this.#sleeping = true;
    this.#fabric?.sleep();
  }

  lowerSleeping(): void {
    this.#sleeping = false;
  }

  onBell(ring: () => void): void {
    this.#ring = ring;
    this.#keepRunning();
  }

  freeBytes(): number {
    return this.#budget.freeBytes;
  }

  yieldCore(): void {
    // By TCP nothing arrives before the turn is over, so nobody waits within it.
    this.#fabric?.yieldCore();
  }

  ref(): void {
    this.#isRef = true;
    this.#keepRunning();
  }

  unref(): void {
    this.#isRef = false;
    this.#keepRunning();
  }

  #keepRunning(): void {
    const isInUse = this.#receiver.door !== undefined || this.#ring !== undefined;
    if (this.#closing === undefined) this.#gate.ref(this.#isRef && isInUse);
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    this.#receiver.door = undefined;
    void this.#gate.stopListening();
    await this.#links.leave();
    await Promise.all([this.#gate.close(), this.#links.stopHeart()]);
    this.#fabric?.close();
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new TransportError('BE_CLOSED', `member ${this.self} is closed`);
  }
}
