import type { Clock, MemberId, RegionMemory, Spreading, Transport } from '../transport.js';
import { regionMemory } from '../transport.js';
import { Link } from './link.js';
import type { DelayRange, Frame } from './link.js';
import { SimulatedMember } from './member.js';
import type { SimulatedRegion, Wire } from './member.js';
import { SeededRandom } from './random.js';
import { Timeline } from './timeline.js';

/** What a test may do to the network while it runs; each is called from within the event that it concerns. */
export interface Faults {
  /**
   * Before a put of `source` is taken: may crash, cut or pause anyone. A driver that crashes `source` here, in the midst of its
   * pass, throws to leave the pass (on aliased memory what the pass would store afterwards would otherwise be seen).
   */
  beforePut?(put: {
    readonly source: MemberId;
    readonly region: string;
    readonly start: number;
    readonly end: number;
    /** Where it is meant for one peer alone. */
    readonly to?: MemberId | undefined;
  }): void;
  /** The delay of one frame in place of the one drawn, in microseconds. */
  delayUs?(source: MemberId, target: MemberId, drawnUs: number): number;
  /** A frame that took a delay has arrived. Those between two members arrive in the order in which they were sent. */
  arrived?(source: MemberId, target: MemberId): void;
}

export interface SimulatedNetworkOptions {
  readonly seed: number;
  /**
   * `delayed`: puts travel into private replicas. `aliased`: a replica is the region itself, and only wake-ups travel. `mixed`: members
   * of one host see each other's regions themselves, the others have replicas.
   */
  readonly mode: 'delayed' | 'aliased' | 'mixed';
  /** In mode `mixed`: the number of the host that a member is on. Default: the member's id, halved. */
  readonly hostOf?: (member: MemberId) => number;
  /** How long a frame takes. Default: 1 to 100. */
  readonly delayUs?: DelayRange;
  /** How long after a crash a peer learns of it, at the earliest once all that arrives has arrived. Default: 1000 to 10,000. */
  readonly deathDelayUs?: DelayRange;
  /** The first put that a crash loses may arrive in part: its first bytes, in whole words of 8. Default: false. */
  readonly tornPuts?: boolean;
  readonly startUs?: number;
  /** Fills a region, or a copy of one, before anything is put into it. Default: it is all zeros. */
  readonly fresh?: (region: string, memory: RegionMemory) => void;
  readonly faults?: Faults;
  /** Where memory is not aliased. Default: large messages do not spread. */
  readonly spreading?: Spreading;
}

/**
 * A network of members in one thread, without a clock or randomness of its own: the same seed and the same calls give the same
 * run, byte for byte. Nothing happens but in `step` and `run`.
 *
 * ```ts
 * const network = new SimulatedNetwork({ seed: 7, mode: 'delayed', delayUs: { min: 1, max: 500 } });
 * const alice = network.addMember(1);
 * const bob = network.addMember(2);
 * network.onDeliver((member) => evaluatePredicatesOf(member));
 * const region = alice.allocate('row', 64, [2]);
 * region.memory.f64[0] = 42;
 * region.put(0, 8);
 * while (network.step());
 * bob.attach(1, 'row', 64)?.memory.f64[0]; // 42
 * ```
 */
export class SimulatedNetwork {
  readonly mode: 'delayed' | 'aliased' | 'mixed';
  /** Virtual time. */
  readonly clock: Clock;
  /** The run's randomness, for a driver that wants its own choices to follow from the seed too. */
  readonly random: SeededRandom;
  readonly #timeline: Timeline;
  readonly #members = new Map<MemberId, SimulatedMember>();
  readonly #links = new Map<MemberId, Map<MemberId, Link>>();
  readonly #listeners: ((member: MemberId) => void)[] = [];
  readonly #delayUs: DelayRange;
  readonly #deathDelayUs: DelayRange;
  readonly #tornPuts: boolean;
  readonly #faults: Faults;
  readonly #wire: Wire;
  readonly #hostOf: (member: MemberId) => number;
  #happened = 0;

  constructor(options: SimulatedNetworkOptions) {
    this.mode = options.mode;
    this.#hostOf = options.hostOf ?? ((member) => member >> 1);
    this.random = new SeededRandom(options.seed);
    this.#timeline = new Timeline(options.startUs ?? 0);
    this.#delayUs = options.delayUs ?? { min: 1, max: 100 };
    this.#deathDelayUs = options.deathDelayUs ?? { min: 1_000, max: 10_000 };
    this.#tornPuts = options.tornPuts ?? false;
    this.#faults = options.faults ?? {};
    const timeline = this.#timeline;
    this.clock = { nowUs: () => timeline.nowUs };
    this.#wire = {
      aliased: options.mode === 'aliased',
      spreading: options.mode === 'aliased' ? undefined : options.spreading,
      fresh: (name, byteLength) => {
        const memory = regionMemory(new ArrayBuffer(byteLength));
        options.fresh?.(name, memory);
        return memory;
      },
      shares: (a, b) => this.#shares(a, b),
      announce: (source, region) => {
        for (const target of this.#members.values()) this.#announce(source, region, target);
      },
      put: (source, region, start, end, to) => {
        this.#put(source, region, start, end, to);
      },
      seal: (source, region, released) => {
        if (this.mode === 'aliased' || source.crashed) return;
        for (const target of this.#members.keys()) {
          if (target !== source.self && !this.#shares(source.self, target))
            this.#send(source.self, target, { kind: 'seal', name: region.name, released });
        }
      },
      member: (id) => this.#members.get(id),
    };
  }

  /** A further member. It learns of the regions that are there, but not of what was put into them before. */
  addMember(id: MemberId): Transport {
    if (this.#members.has(id))
      throw new Error(`member ${id} is there already: an incarnation is never reused`);
    const member = new SimulatedMember(id, this.#wire);
    this.#members.set(id, member);
    for (const other of this.#members.values()) {
      // Whoever comes later finds out as well who is dead.
      if (other.crashed) this.#sendDeath(other.self, id, this.#deathDelayUs.max);
      else for (const region of other.regions.values()) this.#announce(other, region, member);
    }
    return member;
  }

  /** Lets the next thing happen: one frame arrives at one member, or one planned action runs. False: nothing is under way. */
  step(): boolean {
    while (this.#timeline.nextUs < Infinity) if (this.#advance()) return true;
    return false;
  }

  /** Lets everything happen that is due up to `untilUs` of virtual time, which it then is. */
  run(untilUs: number): void {
    while (this.#timeline.nextUs <= untilUs) this.#advance();
    this.#timeline.skipTo(untilUs);
  }

  runFor(us: number): void {
    this.run(this.#timeline.nowUs + us);
  }

  #advance(): boolean {
    const happened = this.#timeline.advance();
    if (happened) this.#happened++;
    return happened;
  }

  /** How many things have happened: frames that arrived and planned actions that ran. */
  get happened(): number {
    return this.#happened;
  }

  /** Calls `listener` after something arrived at a member: the moment to evaluate its predicates. */
  onDeliver(listener: (member: MemberId) => void): void {
    this.#listeners.push(listener);
  }

  /** Runs `action` at a virtual time: a driver's heartbeat, a fault to come. */
  schedule(atUs: number, action: () => void): void {
    this.#timeline.plan(atUs, () => {
      action();
      return true;
    });
  }

  /**
   * The member stops for ever. Of what is under way from it a prefix arrives at each peer, as long as chance has it; then the
   * peer learns of the death. Aliased memory stays as it was.
   */
  crash(id: MemberId): void {
    const member = this.#known(id);
    if (member.crashed) return;
    member.crashed = true;
    for (const target of this.#members.values()) {
      if (target.self === id) continue;
      this.#link(target.self, id).keep(0);
      const link = this.#link(id, target.self);
      const lost = link.keep(this.random.below(link.length + 1));
      if (this.#tornPuts && lost?.kind === 'put') {
        const words = this.random.below(Math.ceil(lost.bytes.length / 8));
        if (words > 0) this.#send(id, target.self, { ...lost, bytes: lost.bytes.slice(0, words * 8) });
      }
      if (target.crashed) continue;
      const { min, max } = this.#deathDelayUs;
      this.#sendDeath(id, target.self, this.random.between(min, max));
    }
  }

  #sendDeath(id: MemberId, target: MemberId, afterUs: number): void {
    this.#sendAt(id, target, { kind: 'death' }, this.#timeline.nowUs + afterUs);
  }

  isCrashed(id: MemberId): boolean {
    return this.#known(id).crashed;
  }

  /** Nothing arrives at the member until `resume`; it arrives then. A driver does not evaluate it meanwhile. */
  pause(id: MemberId): void {
    this.#known(id).paused = true;
  }

  resume(id: MemberId): void {
    this.#known(id).paused = false;
    for (const source of this.#members.keys()) if (source !== id) this.#pump(this.#link(source, id));
    this.schedule(this.#timeline.nowUs, () => {
      this.#tell(id);
    });
  }

  isPaused(id: MemberId): boolean {
    return this.#known(id).paused;
  }

  /** Nothing gets from `source` to `target`, not even the news of a death, until `heal`; then all of it does, in order. */
  cut(source: MemberId, target: MemberId): void {
    this.#link(source, target).cut = true;
  }

  /** What is under way from `source` to `target` is lost: it dies with `source`, which is to crash now. */
  lose(source: MemberId, target: MemberId): void {
    this.#link(source, target).keep(0);
  }

  /** Of the next put of `source` only the first half gets to `target`; the rest, and all that follows, waits until `heal`. */
  cutMidPut(source: MemberId, target: MemberId): void {
    if (this.#shares(source, target)) this.cut(source, target);
    else this.#link(source, target).tears = true;
  }

  heal(source: MemberId, target: MemberId): void {
    const link = this.#link(source, target);
    link.cut = false;
    link.tears = false;
    this.#pump(link);
  }

  /** From now on frames from `source` to `target` take as long as this. */
  setDelay(source: MemberId, target: MemberId, delayUs: DelayRange): void {
    this.#link(source, target).delayUs = delayUs;
  }

  /** Frames under way from `source` to `target`. */
  underWay(source: MemberId, target: MemberId): number {
    return this.#link(source, target).length;
  }

  #announce(source: SimulatedMember, region: SimulatedRegion, target: SimulatedMember): void {
    if (source === target || source.crashed || this.#shares(source.self, target.self)) return;
    const byteLength = region.memory.bytes.length;
    this.#send(source.self, target.self, { kind: 'announce', name: region.name, byteLength });
  }

  #put(
    source: SimulatedMember,
    region: SimulatedRegion,
    start: number,
    end: number,
    to: MemberId | undefined,
  ): void {
    this.#faults.beforePut?.({ source: source.self, region: region.name, start, end, to });
    const peers = to === undefined ? region.peers : [to];
    if (source.crashed || peers.length === 0) return;
    let bytes: Uint8Array | undefined;
    for (const peer of peers) {
      if (this.#shares(source.self, peer)) {
        // Like a doorbell: one ring that is still under way is enough.
        if (this.#link(source.self, peer).last?.kind !== 'wake')
          this.#send(source.self, peer, { kind: 'wake' });
      } else {
        bytes ??= region.memory.bytes.slice(start, end);
        const half = this.#link(source.self, peer).tears ? (bytes.length >> 4) * 8 : 0;
        if (half > 0) {
          const first = bytes.subarray(0, half);
          this.#send(source.self, peer, { kind: 'put', name: region.name, start, bytes: first, cuts: true });
        }
        const rest = bytes.subarray(half);
        this.#send(source.self, peer, { kind: 'put', name: region.name, start: start + half, bytes: rest });
      }
    }
  }

  /** Whether `a` and `b` see each other's regions themselves. */
  #shares(a: MemberId, b: MemberId): boolean {
    if (this.mode === 'mixed') return this.#hostOf(a) === this.#hostOf(b);
    return this.mode === 'aliased';
  }

  #send(source: MemberId, target: MemberId, frame: Frame): void {
    const { min, max } = this.#link(source, target).delayUs;
    const drawnUs = this.random.between(min, max);
    const delayUs = this.#faults.delayUs?.(source, target, drawnUs) ?? drawnUs;
    this.#sendAt(source, target, frame, this.#timeline.nowUs + delayUs);
  }

  #sendAt(source: MemberId, target: MemberId, frame: Frame, dueUs: number): void {
    if (source === target || this.#members.get(target)?.crashed !== false) return;
    const link = this.#link(source, target);
    link.push(frame, dueUs);
    this.#pump(link);
  }

  /** Puts the link's first frame on the timeline, unless something holds it up. */
  #pump(link: Link): void {
    if (link.planned || link.length === 0 || this.#isHeldUp(link)) return;
    link.planned = true;
    this.#timeline.plan(link.firstDueUs, () => {
      link.planned = false;
      if (this.#isHeldUp(link)) return false;
      if (link.firstDueUs > this.#timeline.nowUs) {
        // A crash lost the frame that this was planned for.
        this.#pump(link);
        return false;
      }
      const frame = link.shift();
      if (frame?.kind === 'put' && frame.cuts && link.tears) link.cut = true;
      if (frame !== undefined && frame.kind !== 'death') this.#faults.arrived?.(link.source, link.target);
      const changed = frame !== undefined && this.#known(link.target).accept(link.source, frame);
      this.#pump(link);
      if (changed) this.#tell(link.target);
      return changed;
    });
  }

  #isHeldUp(link: Link): boolean {
    return link.cut || this.#known(link.target).paused;
  }

  #tell(id: MemberId): void {
    if (this.isCrashed(id) || this.isPaused(id)) return;
    for (const listener of this.#listeners) listener(id);
  }

  #link(source: MemberId, target: MemberId): Link {
    const links = this.#links.get(source) ?? new Map<MemberId, Link>();
    this.#links.set(source, links);
    const link = links.get(target) ?? new Link(source, target, this.#delayUs);
    links.set(target, link);
    return link;
  }

  #known(id: MemberId): SimulatedMember {
    const member = this.#members.get(id);
    if (member === undefined) throw new Error(`the network has no member ${id}`);
    return member;
  }
}
