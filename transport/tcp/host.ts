import { TransportError } from '../errors.js';
import type { AnswerStranger, Host, MeetOptions } from '../host.js';
import { randomMemberId } from '../incarnation.js';
import { checkRegion } from '../names.js';
import type { MemberId, Region, RegionMemory, Replica, Spreading } from '../transport.js';
import { regionMemory } from '../transport.js';
import { formatHostPort, isLoopback, isOwn, parseHostPort, parseTcpAddress, resolve } from './address.js';
import type { TcpAddress } from './address.js';
import { checkTls } from './certificates.js';
import { Credentials, drawNonce, subjectShown } from './credentials.js';
import { Dialing } from './dialing.js';
import { Gate } from './gate.js';
import { Heart } from './heart.js';
import type { Fabric } from './fabric.js';
import { Followers } from './followers.js';
import { encodeHello } from './hello.js';
import { Link } from './link.js';
import { Listening } from './listening.js';
import type { ListenOptions } from './listening.js';
import { MemoryBudget } from './memory-budget.js';
import type { MemoryOptions } from './memory-budget.js';
import { meetDomain } from './meeting.js';
import { Refusals } from './refusals.js';
import { TcpRegion } from './region.js';
import { readTls } from './security-files.js';
import type { SecurityChange, TcpSecurity } from './security-files.js';
import { spreadingFrom } from './spreading.js';
import type { Receiver } from './visit.js';
import { patienceMs } from './visit.js';
import { LinkError, regionBytesMax } from './wire.js';

/** Peers that linked with this member before it was told of them: they installed a view first. */
const unintroducedMax = 1_024;

/** Whoever holds a place may take a while to go. */
const claimsMax = 20;
const claimMs = 250;

export interface TcpOptions extends TcpSecurity, ListenOptions, MemoryOptions {
  /**
   * How large messages go from member to member, block by block, where each has a link of its own (docs/protocol.md, section 4). What is given here stands in place of
   * what is assumed of the network: the time that a block takes besides its bytes, in seconds (100 µs, by RDMA 10 µs), a link's rate in bytes a second (125 million, by RDMA ten times that), the sizes of blocks
   * (4 KiB to 256 KiB), and the schedule: what is quickest. Default: `none` for members on this machine's loopback, where no link is spared.
   */
  readonly spreading?: Partial<Spreading>;
}

export interface TcpHostOptions extends TcpOptions {
  /** `//host:port,host:port/domain`: what follows `tcp:`. */
  readonly address: string;
  /** Default: random. For tests. */
  readonly self?: MemberId;
  /** Another way for puts, the same for all members; closed with the host. */
  readonly fabric?: Fabric;
}

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
  readonly #regions = new Map<string, TcpRegion>();
  readonly #names = new Set<string>();
  readonly #links = new Map<MemberId, Link>();
  readonly #linkList: Link[] = [];
  readonly #tokens = new Map<string, MemberId>();
  readonly #watched = new Set<MemberId>();
  readonly #dead = new Set<MemberId>();
  #heart: Heart | undefined;
  #beat: { region: string; index: number } | undefined;
  #sleeping = false;
  #ring: (() => void) | undefined;
  #sending = false;
  #isRef = true;
  #closing: Promise<void> | undefined;
  readonly #linkTo = (peer: MemberId) => this.#link(peer);
  readonly #send = () => {
    this.#sending = false;
    const links = this.#linkList;
    for (let i = 0; i < links.length; i++) links[i]!.send();
  };

  private constructor(
    at: TcpAddress,
    credentials: Credentials,
    receiver: MutableReceiver,
    gate: Gate,
    listening: Listening,
    budget: MemoryBudget,
    fabric: Fabric | undefined,
    spreading: Spreading | undefined,
  ) {
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
    fabric?.onArrival(() => {
      if (this.#sleeping) this.#ring?.();
    });
    receiver.contacts = () =>
      [...this.#links.values()].flatMap(({ address }) => (address ? [formatHostPort(address)] : []));
    receiver.link = (peer, token, shown) => this.#accept(peer, token, shown);
    receiver.beat = (token, region, index) => this.#beatOf(token, region, index);
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
    const gate = new Gate(receiver);
    try {
      const listening = await Listening.begin(gate, contacts, options);
      const budget = new MemoryBudget(options);
      const { fabric } = options;
      const spreading = spreadingFrom(options.spreading, isLocal, fabric !== undefined);
      return new TcpHost(at, credentials, receiver, gate, listening, budget, fabric, spreading);
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

  allocate(name: string, byteLength: number, peers: readonly MemberId[]): Region {
    checkRegion(name, byteLength);
    this.#checkOpen();
    if (this.#names.has(name)) throw new Error(`region ${name} of member ${this.self} was allocated before`);
    if (byteLength > regionBytesMax) throw noMemory(name, byteLength);
    const others = peers.filter((peer) => peer !== this.self);
    const region = new TcpRegion(
      name,
      this.#names.size,
      this.#allocate(name, byteLength),
      others,
      this.#linkTo,
      (ended) => {
        this.#tell(ended);
        if (ended.state !== 'released') return;
        this.#regions.delete(ended.name);
        this.#budget.give(byteLength);
        this.#fabric?.released(ended);
      },
    );
    this.#names.add(name);
    this.#regions.set(name, region);
    this.#tell(region);
    return region;
  }

  attach(owner: MemberId, name: string, byteLength: number): Replica | undefined {
    checkRegion(name, byteLength);
    return this.#links.get(owner)?.attach(name, byteLength);
  }

  flush(): void {
    const links = this.#linkList;
    this.#fabric?.flush();
    for (let i = 0; i < links.length; i++) links[i]!.flush();
    this.#sendSoon();
  }

  #allocate(name: string, byteLength: number): RegionMemory {
    this.#budget.take(name, byteLength);
    try {
      return this.#fabric?.allocate(byteLength) ?? regionMemory(new ArrayBuffer(byteLength));
    } catch {
      this.#budget.give(byteLength);
      throw noMemory(name, byteLength);
    }
  }

  #tell(region: TcpRegion): void {
    for (const link of this.#linkList) if (link.state === 'open') link.tell(region);
    this.#sendSoon();
  }

  /** Once the turn is over: all that gathered in it goes at once. */
  #sendSoon(): void {
    if (this.#sending) return;
    this.#sending = true;
    queueMicrotask(this.#send);
  }

  // ---- links ----

  #link(peer: MemberId): Link {
    let link = this.#links.get(peer);
    if (link === undefined) {
      link = new Link(
        peer,
        {
          arrived: () => {
            if (this.#sleeping) this.#ring?.();
          },
          lost: (lost, error) => {
            this.#lost(lost, error);
          },
        },
        this.#budget.account(),
        this.#fabric,
      );
      this.#links.set(peer, link);
      this.#linkList.push(link);
    }
    return link;
  }

  /** Of two members, the one with the larger number connects. */
  introduce(peer: MemberId, address: string, subject?: string): void {
    if (this.#closing !== undefined || peer === this.self) return;
    const link = this.#link(peer);
    if (link.address !== undefined || link.state === 'lost') return;
    link.address = parseHostPort(address);
    link.subject = subject;
    if (link.state === 'open' && link.shown !== subject) link.lose(new LinkError(impostor(link, link.shown)));
    if (this.self > peer) this.#dial(link);
    else this.#beatFor(link);
  }

  #dial(link: Link): void {
    const token = drawNonce();
    const options = {
      self: this.self,
      domain: this.domain,
      credentials: this.#credentials,
      purpose: 'link' as const,
      ...link.address!,
      patienceMs,
    };
    new Dialing(options, {
      known(peer, dialing) {
        if (peer === link.peer) dialing.send({ kind: 'link', token });
        else dialing.fail({ none: 'gone' });
      },
      frame: (frame, dialing) => {
        if (frame.kind !== 'link' || link.state !== 'waiting') {
          dialing.fail({ none: 'gone' });
          return;
        }
        const shown = subjectShown(dialing.socket);
        if (shown !== link.subject) {
          this.refusals.add('member', formatHostPort(link.address!), impostor(link, shown));
          dialing.fail({ none: 'gone' });
          return;
        }
        this.#tokens.set(token, link.peer);
        this.#open(link, frame.token, dialing.socket, dialing.handOver());
      },
      failed: () => {
        link.lose();
      },
    });
  }

  #accept(peer: MemberId, token: string, shown: string | undefined): ReturnType<Receiver['link']> {
    const known = this.#links.get(peer);
    if (this.#closing !== undefined) return { refused: `member ${this.self} is closed` };
    if (peer <= this.self)
      return { refused: `member ${this.self} connects to member ${peer}, not the other way round` };
    if (known !== undefined && known.state !== 'waiting')
      return {
        refused: `member ${peer} is linked with member ${this.self}, or was: a member that comes back is a new one`,
      };
    if (known?.address !== undefined && shown !== known.subject) return { refused: impostor(known, shown) };
    const unintroduced = this.#linkList.filter(({ address }) => address === undefined).length;
    if (known === undefined && unintroduced >= unintroducedMax)
      return { refused: `member ${this.self} waits to hear of ${unintroduced} others` };
    const mine = drawNonce();
    this.#tokens.set(mine, peer);
    return {
      token: mine,
      begin: (socket, rest) => {
        const link = this.#link(peer);
        if (link.state === 'waiting') this.#open(link, token, socket, rest);
        else socket.destroy();
      },
    };
  }

  #open(link: Link, token: string, socket: Parameters<Link['open']>[0], rest: Buffer): void {
    link.token = token;
    link.shown = subjectShown(socket);
    for (const region of this.#regions.values()) if (region.state === 'open') link.tell(region);
    link.open(socket, rest);
    this.#beatFor(link);
  }

  #lost(link: Link, error: LinkError | undefined): void {
    if (error !== undefined) this.refusals.add('link', `member ${link.peer}`, error.message);
    this.#heart?.drop(link.peer);
    for (const [token, peer] of this.#tokens) if (peer === link.peer) this.#tokens.delete(token);
    if (this.#watched.has(link.peer)) this.#learnOfDeath(link.peer);
    this.#claimPlaces(claimsMax);
  }

  /**
   * Who is gone may have listened at one of the address's places on this machine: then somebody who is left does from now on, so that strangers
   * find the domain, rather than found another.
   */
  #claimPlaces(tries: number): void {
    const isMember = () => this.#closing === undefined && this.#receiver.door !== undefined;
    if (tries === 0 || !isMember()) return;
    void resolve(this.#at.entries).then(async ({ contacts }) => {
      let isDone = true;
      for (const contact of contacts) {
        if (!isMember()) return;
        if (isOwn(contact.host) && !(await this.#listening.claim(contact).catch(() => false))) isDone = false;
      }
      if (!isDone) setTimeout(() => this.#claimPlaces(tries - 1), claimMs).unref();
    });
  }

  // ---- life and death ----

  watch(peer: MemberId): void {
    if (this.#closing !== undefined) return;
    this.#watched.add(peer);
    if (this.#links.get(peer)?.state === 'lost') this.#learnOfDeath(peer);
  }

  unwatch(peer: MemberId): void {
    this.#watched.delete(peer);
    if (this.#closing === undefined) this.#link(peer).forget();
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
    this.#links.get(peer)?.lose();
  }

  startHeartbeat(memory: RegionMemory, index: number): void {
    const region = [...this.#regions.values()].find((each) => each.memory === memory);
    if (this.#heart !== undefined || region === undefined || this.#closing !== undefined) return;
    this.#beat = { region: region.name, index };
    this.#heart = new Heart(() => this.#credentials.connectOptions);
    for (const link of this.#linkList) this.#beatFor(link);
  }

  /** Once it is known where the peer listens, and what to show there. */
  #beatFor({ peer, address, token, state }: Link): void {
    if (this.#heart === undefined || address === undefined || token === undefined || state !== 'open') return;
    this.#heart.add(peer, address, encodeHello({ kind: 'beat', token, ...this.#beat! }));
  }

  /** A token is good for one connection. A beat moves one counter in one region of its own member, and only on. */
  #beatOf(token: string, region: string, index: number): ((beats: number) => void) | undefined {
    const link = this.#links.get(this.#tokens.get(token) ?? 0);
    this.#tokens.delete(token);
    if (link === undefined) return undefined;
    return (beats) => {
      link.beat(region, index, beats);
    };
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
    await Promise.all(this.#linkList.map((link) => link.leave()));
    await Promise.all([this.#gate.close(), this.#heart?.stop()]);
    this.#fabric?.close();
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new TransportError('BE_CLOSED', `member ${this.self} is closed`);
  }
}

/** What visits see of the host; filled in as that comes into being. */
class MutableReceiver implements Receiver {
  readonly self: MemberId;
  readonly domain: string;
  readonly credentials: Credentials;
  readonly refusals = new Refusals();
  door: Receiver['door'];
  founding = false;
  readonly followers = new Followers();
  contacts: Receiver['contacts'] = () => [];
  link: Receiver['link'] = () => ({ refused: 'this member has only just begun' });
  beat: Receiver['beat'] = () => undefined;

  constructor(self: MemberId, domain: string, credentials: Credentials) {
    this.self = self;
    this.domain = domain;
    this.credentials = credentials;
  }
}

function impostor({ peer, subject }: Link, shown: string | undefined): string {
  return `member ${peer} was let in with the certificate of ${subject ?? 'nobody'}, and here it shows that of ${shown ?? 'nobody'}`;
}

function noMemory(name: string, byteLength: number): TransportError {
  return new TransportError('BE_NO_MEMORY', `no memory for region ${name} of ${byteLength} bytes`);
}
