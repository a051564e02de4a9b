import { startDeadline } from '../deadline.js';
import { TransportError } from '../errors.js';
import type { DoorReply, Host, MeetOptions } from '../host.js';
import { AliasedRegion, AliasedReplica } from '../aliased-region.js';
import { randomMemberId } from '../incarnation.js';
import { checkDomainName, checkRegion } from '../names.js';
import type { MemberId, Region, RegionMemory, Replica } from '../transport.js';
import { regionMemory } from '../transport.js';
import { Wakeups } from '../wakeups.js';
import type { Sleeper } from '../wakeups.js';
import { enterDomain, leaveDomain } from './domain.js';
import type { LocalDomain } from './domain.js';

type Answer = Parameters<Host['openDoor']>[0];

/** Far enough for a timer that is only there to keep the process running. */
const NEVER_MS = 0x7fffffff;
const HEARTBEAT_MS = 100;

/**
 * A member of a domain whose members are all in this process: plain memory, no native code, any operating system. For unit
 * tests, and for a program that has its parts in one process today.
 */
export class LocalHost implements Host {
  readonly self: MemberId;
  readonly aliased = true;
  readonly #name: string;
  readonly #domain: LocalDomain;
  readonly #wakeups: Wakeups;
  readonly #watched = new Set<MemberId>();
  readonly #dead = new Set<MemberId>();
  #answer: Answer | undefined;
  #ring: (() => void) | undefined;
  #ringing = false;
  #sleeping = false;
  #gone = false;
  #heartbeat: NodeJS.Timeout | undefined;
  readonly #keepAlive = setInterval(() => undefined, NEVER_MS);

  /** @throws TransportError BE_NAME */
  constructor(options: { domain: string; self?: MemberId }) {
    checkDomainName(options.domain);
    this.self = options.self ?? randomMemberId();
    this.#name = options.domain;
    this.#domain = enterDomain(options.domain);
    this.#domain.hosts.set(this.self, this);
    this.#domain.regions.set(this.self, new Map());
    this.#wakeups = new Wakeups((id) => new LocalSleeper(id, this.#domain));
    this.#keepAlive.unref();
  }

  get isAsleep(): boolean {
    return this.#sleeping;
  }

  allocate(name: string, byteLength: number, peers: readonly MemberId[]): Region {
    checkRegion(name, byteLength);
    const regions = this.#domain.regions.get(this.self);
    if (this.#gone || regions === undefined)
      throw new TransportError('BE_CLOSED', `member ${this.self} is closed`);
    if (regions.has(name)) throw new Error(`region ${name} of member ${this.self} was allocated before`);
    const memory = regionMemory(new ArrayBuffer(byteLength));
    regions.set(name, memory);
    const others = peers.filter((peer) => peer !== this.self);
    return new AliasedRegion(name, memory, others, this.#wakeups, () => {
      if (regions.get(name) === memory) regions.delete(name);
    });
  }

  attach(owner: MemberId, name: string, byteLength: number): Replica | undefined {
    const memory = this.#domain.regions.get(owner)?.get(name);
    if (memory === undefined) return undefined;
    if (memory.bytes.length !== byteLength) {
      throw new Error(`region ${name} of ${owner} has ${memory.bytes.length} bytes, not ${byteLength}`);
    }
    return new AliasedReplica(name, memory);
  }

  flush(): void {
    if (!this.#gone) this.#wakeups.flush();
  }

  isDead(peer: MemberId): boolean {
    return this.#dead.has(peer);
  }

  async meet(greeting: string, options: MeetOptions): Promise<string | undefined> {
    const domain = this.#domain;
    const deadline = startDeadline(options.timeoutMs, options.signal, () => {
      const whom = domain.founder?.self ?? [...domain.hosts.values()].find((host) => host.#answer)?.self;
      return `member ${whom} of domain ${this.#name} (this process) did not let us in within ${options.timeoutMs} ms`;
    });
    try {
      for (;;) {
        if (this.#gone) throw new TransportError('BE_CLOSED', `member ${this.self} is closed`);
        const member = [...domain.hosts.values()].find((host) => host !== this && host.#answer !== undefined);
        if (member === undefined && (domain.founder ?? this) === this) {
          domain.founder = this;
          return undefined;
        }
        const reply = await deadline.race(this.#askOrWait(member, greeting));
        if (reply === undefined) continue;
        if ('welcome' in reply) return reply.welcome;
        throw new TransportError('BE_JOIN_REFUSED', reply.refused);
      }
    } finally {
      deadline.end();
    }
  }

  openDoor(answer: Answer): void {
    if (this.#gone) throw new TransportError('BE_CLOSED', `member ${this.self} is closed`);
    this.#answer = answer;
    if (this.#domain.founder === this) this.#domain.founder = undefined;
    this.#keepAlive.ref();
    this.#domain.change();
  }

  watch(peer: MemberId): void {
    this.#watched.add(peer);
    if (!this.#domain.hosts.has(peer)) this.#learnOfDeath(peer);
  }

  unwatch(peer: MemberId): void {
    this.#watched.delete(peer);
  }

  raiseSleeping(): void {
    // One thread: a plain store is seen at once.
    this.#sleeping = true;
  }

  lowerSleeping(): void {
    this.#sleeping = false;
  }

  onBell(ring: () => void): void {
    this.#ring = ring;
    if (!this.#gone) this.#keepAlive.ref();
  }

  freeBytes(): number {
    return Infinity;
  }

  yieldCore(): void {
    // One thread: whoever else wants the core gets it when this turn ends.
  }

  startHeartbeat(memory: RegionMemory, index: number): void {
    this.#heartbeat = setInterval(() => (memory.f64[index]! += 1), HEARTBEAT_MS);
    this.#heartbeat.unref();
  }

  /** Without a peer: goes as a killed process goes, without a word, its memory left as it was. For tests. */
  kill(peer: MemberId = this.self): void {
    const host = peer === this.self ? this : this.#domain.hosts.get(peer);
    if (host !== undefined) host.#go();
  }

  ref(): void {
    this.#keepAlive.ref();
  }

  unref(): void {
    this.#keepAlive.unref();
  }

  close(): Promise<void> {
    this.#domain.regions.delete(this.self);
    this.#go();
    return Promise.resolve();
  }

  /** Rings this member's bell, as a peer that saw its flag. */
  wake(): void {
    if (this.#ringing || this.#gone) return;
    this.#ringing = true;
    setImmediate(() => {
      this.#ringing = false;
      if (!this.#gone) this.#ring?.();
    });
  }

  #go(): void {
    if (this.#gone) return;
    this.#gone = true;
    clearInterval(this.#keepAlive);
    clearInterval(this.#heartbeat);
    this.#domain.hosts.delete(this.self);
    if (this.#domain.founder === this) this.#domain.founder = undefined;
    for (const host of this.#domain.hosts.values()) {
      if (host.#watched.has(this.self)) host.#learnOfDeath(this.self);
    }
    leaveDomain(this.#name);
    this.#domain.change();
  }

  /** Not at once: a death is learnt of between two turns, never in the midst of one. */
  #learnOfDeath(peer: MemberId): void {
    setImmediate(() => {
      if (this.#gone || !this.#watched.has(peer)) return;
      this.#dead.add(peer);
      this.#ring?.();
    });
  }

  /** What `member` replies, or undefined where it went without a reply; without a member, what happens next may bring one. */
  async #askOrWait(member: LocalHost | undefined, greeting: string): Promise<DoorReply | undefined> {
    if (member === undefined) {
      await this.#domain.changed();
      return undefined;
    }
    let reply: DoorReply | undefined;
    setImmediate(() => {
      if (member.#gone || this.#gone) return;
      member.#answer?.(this.self, greeting, (given) => {
        reply ??= given;
        this.#domain.change();
      });
    });
    while (reply === undefined && !member.#gone) await this.#domain.changed();
    return reply;
  }
}

/** A peer in this process; looked up at each use, since it may come or go. */
class LocalSleeper implements Sleeper {
  readonly id: MemberId;
  pending = false;
  readonly #domain: LocalDomain;

  constructor(id: MemberId, domain: LocalDomain) {
    this.id = id;
    this.#domain = domain;
  }

  needsRing(): boolean {
    return this.#domain.hosts.get(this.id)?.isAsleep ?? false;
  }

  ring(): void {
    this.#domain.hosts.get(this.id)?.wake();
  }
}
