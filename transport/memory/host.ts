import { readFileSync, readdirSync, readlinkSync, statfsSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { AliasedRegion, AliasedReplica } from '../aliased-region.js';
import { TransportError } from '../errors.js';
import type { Host, MeetOptions } from '../host.js';
import { randomMemberId } from '../incarnation.js';
import { checkRegion } from '../names.js';
import { unsuitedOrder } from '../ordering.js';
import type { MemberId, Region, RegionMemory, Replica } from '../transport.js';
import { Wakeups } from '../wakeups.js';
import { Arena, apart } from './arena.js';
import type { Segments } from './arena.js';
import { Bell, PeerBell } from './bell.js';
import type { DirectoryOptions, Rendezvous } from './directory.js';
import { Door } from './door.js';
import { Heartbeat, heartbeatMs } from './heartbeat.js';
import { meetDomain } from './meeting.js';
import { memberPath, readMemberLock, removeFile, segmentPath } from './member-files.js';
import { Presence } from './presence.js';
import { sweepMember } from './sweep.js';
import type { FileLock } from './system.js';
import { nap, schedYield } from './system.js';
import { Watches } from './watches.js';

/** What a dead peer has left is removed at so many attempts at most, so far apart: a large process takes a while to end. */
const SWEEPS_MAX = 40;
const SWEEP_MS = 50;
/** Where there are more members awake than cores, one that waits gives way for so long once it has offered its core so many times. */
const OFFERS_BEFORE_NAP = 3;
const NAP_US = 20;

export interface MemoryHostOptions extends DirectoryOptions {
  readonly domain: string;
  /** Default: random. For tests. */
  readonly self?: MemberId;
  /** Default: as many as this process may use. For tests. */
  readonly cores?: number;
  /** Regions are read here after their release, too, by whoever sends what was put before. Default: false. */
  readonly readsReleased?: boolean;
}

/** A member of a domain whose members share the memory of one Linux host. */
export class MemoryHost implements Host {
  readonly self: MemberId;
  readonly aliased = true;
  readonly #rendezvous: Rendezvous;
  readonly #presence: Presence;
  readonly #bell: Bell;
  readonly #door: Door;
  readonly #watches: Watches;
  readonly #wakeups: Wakeups;
  readonly #regions = new Set<string>();
  readonly #segments: Segments;
  readonly #cores: number;
  #founding: FileLock | undefined;
  #heartbeat: Heartbeat | undefined;
  #isDoorOpen = false;
  #hasListener = false;
  #isRef = true;
  #closing: Promise<void> | undefined;

  private constructor(
    self: MemberId,
    presence: Presence,
    bell: Bell,
    door: Door,
    options: MemoryHostOptions,
  ) {
    this.self = self;
    this.#cores = options.cores ?? availableParallelism();
    this.#segments = options.readsReleased === true ? apart : new Arena();
    this.#presence = presence;
    this.#rendezvous = presence.rendezvous;
    this.#bell = bell;
    this.#door = door;
    this.#wakeups = new Wakeups((id) => this.#peerBell(id));
    this.#watches = new Watches(this.#rendezvous, self, () => {
      bell.ring();
    });
    liveHosts.add(this);
  }

  /**
   * A member that is there, and has met nobody yet. What members that died have left is removed.
   * @throws TransportError BE_NAME, BE_DIRECTORY, BE_NO_MEMORY, BE_UNSUPPORTED
   */
  static async open(options: MemoryHostOptions): Promise<MemoryHost> {
    const unsuited = unsuitedOrder(process.arch);
    if (unsuited !== undefined) throw new TransportError('BE_UNSUPPORTED', unsuited);
    const self = options.self ?? randomMemberId();
    const presence = Presence.begin(options.domain, self, options);
    try {
      const bell = new Bell(memberPath(presence.rendezvous, self, 'bell'), presence.flags);
      try {
        const door = await Door.listen(memberPath(presence.rendezvous, self, 'sock'));
        return new MemoryHost(self, presence, bell, door, options);
      } catch (error) {
        bell.close();
        throw error;
      }
    } catch (error) {
      presence.end([]);
      throw error;
    }
  }

  /** Whether the kernel tells the peers at once when this process ends: in its main thread, and with glibc. */
  get isDeathTold(): boolean {
    return this.#presence.isDeathTold;
  }

  allocate(name: string, byteLength: number, peers: readonly MemberId[]): Region {
    checkRegion(name, byteLength);
    this.#checkOpen();
    if (this.#regions.has(name) || name === 'flags') {
      throw new Error(`region ${name} of member ${this.self} was allocated before`);
    }
    const path = segmentPath(this.#rendezvous, this.self, name);
    const { memory, giveBack } = this.#segments.create(path, byteLength);
    this.#regions.add(name);
    const others = peers.filter((peer) => peer !== this.self);
    const hide = () => {
      if (this.#regions.delete(name)) removeFile(path);
    };
    return new AliasedRegion(name, memory, others, this.#wakeups, hide, giveBack);
  }

  attach(owner: MemberId, name: string, byteLength: number): Replica | undefined {
    checkRegion(name, byteLength);
    const segment = this.#segments.attach(segmentPath(this.#rendezvous, owner, name), byteLength);
    return segment && new AliasedReplica(name, segment.memory, segment.giveBack);
  }

  flush(): void {
    this.#wakeups.flush();
  }

  isDead(peer: MemberId): boolean {
    return this.#watches.isDead(peer);
  }

  isStarved(peer: MemberId): boolean {
    const { pid } = readMemberLock(this.#rendezvous, peer);
    return hasOpen(pid, memberPath(this.#rendezvous, peer, 'lock')) && !isStopped(pid);
  }

  async meet(greeting: string, options: MeetOptions): Promise<string | undefined> {
    this.#checkOpen();
    const met = await meetDomain(this.#rendezvous, this.self, greeting, options);
    if ('welcome' in met) return met.welcome;
    if (this.#closing !== undefined) met.founding.release();
    this.#checkOpen();
    this.#founding = met.founding;
    return undefined;
  }

  openDoor(answer: Parameters<Host['openDoor']>[0]): void {
    this.#checkOpen();
    this.#door.open(answer);
    writeFileSync(memberPath(this.#rendezvous, this.self, 'open'), '', { mode: 0o600 });
    removeFile(memberPath(this.#rendezvous, this.self, 'inside'));
    this.#founding?.release();
    this.#founding = undefined;
    this.#isDoorOpen = true;
    this.#keepRunning();
  }

  watch(peer: MemberId): void {
    if (this.#closing === undefined) this.#watches.watch(peer);
  }

  unwatch(peer: MemberId): void {
    this.#watches.unwatch(peer);
    if (!this.isDead(peer)) return;
    (this.#wakeups.forget(peer) as PeerBell | undefined)?.close();
    this.#sweep(peer);
  }

  /** The kernel tells of a death before it frees the lock of the dead. */
  #sweep(peer: MemberId, tries = SWEEPS_MAX): void {
    if (sweepMember(this.#rendezvous, peer) || tries === 0 || this.#closing !== undefined) return;
    setTimeout(() => this.#sweep(peer, tries - 1), SWEEP_MS).unref();
  }

  lookForDeaths(): void {
    this.#watches.look();
  }

  raiseSleeping(): void {
    this.#bell.raiseSleeping();
  }

  lowerSleeping(): void {
    this.#bell.lowerSleeping();
  }

  onBell(ring: () => void): void {
    this.#bell.onRing(ring);
    this.#hasListener = true;
    this.#keepRunning();
  }

  freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.#rendezvous.segmentDirectory);
    return bavail * bsize;
  }

  /**
   * To yield gives the core to those who wait for this one only: where there are more members than cores, two share one, and a third, alone on
   * its own, would keep it in vain until they have had their turns. Its nap is when the kernel moves one of them over.
   */
  yieldCore(times: number): void {
    if (times > OFFERS_BEFORE_NAP && this.#isCrowded()) nap(NAP_US);
    else schedYield();
  }

  #isCrowded(): boolean {
    let free = this.#cores - 1;
    for (const peer of this.#wakeups.all()) if ((peer as PeerBell).isAwake) free--;
    return free < 0;
  }

  startHeartbeat(memory: RegionMemory, index: number): void {
    this.#heartbeat ??= new Heartbeat(memory, index, heartbeatMs);
  }

  kill(peer: MemberId): void {
    const { pid } = readMemberLock(this.#rendezvous, peer);
    const lock = memberPath(this.#rendezvous, peer, 'lock');
    if (pid !== process.pid && hasOpen(pid, lock)) process.kill(pid, 'SIGKILL');
  }

  ref(): void {
    this.#isRef = true;
    this.#keepRunning();
  }

  unref(): void {
    this.#isRef = false;
    this.#keepRunning();
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  /** At the end of the process, where nothing can be awaited any more. */
  removeFiles(): void {
    liveHosts.delete(this);
    this.#founding?.release();
    this.#presence.end(this.#regions);
    this.#regions.clear();
  }

  async #close(): Promise<void> {
    this.#watches.close();
    this.#bell.close();
    for (const peerBell of this.#wakeups.all()) (peerBell as PeerBell).close();
    // The locks go after the socket, so that a peer that sees the connection end finds out at its first look.
    const closed = this.#door.close();
    await this.#heartbeat?.stop();
    this.removeFiles();
    await closed;
  }

  #peerBell(id: MemberId): PeerBell {
    return new PeerBell(
      id,
      segmentPath(this.#rendezvous, id, 'flags'),
      memberPath(this.#rendezvous, id, 'bell'),
    );
  }

  #keepRunning(): void {
    if (this.#closing !== undefined) return;
    if (this.#isRef && this.#isDoorOpen) this.#door.ref();
    else this.#door.unref();
    if (this.#isRef && this.#hasListener) this.#bell.ref();
    else this.#bell.unref();
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new TransportError('BE_CLOSED', `member ${this.self} is closed`);
  }
}

/** Whether process `pid`, as this process numbers it, has the file open: else the number is another's, or another namespace's. */
function hasOpen(pid: number, path: string): boolean {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).some((fd) => readlinkSync(`${folder}/${fd}`) === path);
  } catch {
    return false;
  }
}

/** Whether the process is stopped, by SIGSTOP or a debugger, or is a zombie: the third field of proc_pid_stat(5). */
function isStopped(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return 'TtZX'.includes(stat.charAt(stat.lastIndexOf(')') + 2));
  } catch {
    return true;
  }
}

const liveHosts = new Set<MemoryHost>();

process.on('exit', () => {
  for (const host of liveHosts) host.removeFiles();
});
