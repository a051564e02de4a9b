import type { MemberId, Region, Transport } from '../../transport/transport.js';
import type { MembershipError } from '../../runtime/membership/errors.js';
import { Membership } from '../../runtime/membership/membership.js';
import type { MembershipEvents } from '../../runtime/membership/membership-events.js';
import {
  firstView,
  type Json,
  subgroupLayout,
  type Topic,
  type View,
} from '../../runtime/membership/view.js';
import type { Delivery } from '../../runtime/multicast/delivery.js';
import { LogicalClock } from '../../runtime/multicast/logical-clock.js';
import type { Subgroup, SubgroupUser } from '../../runtime/multicast/subgroup.js';
import { trimLoses } from '../../runtime/multicast/row.js';
import { Board, slotsMax } from '../../runtime/table/board.js';
import { Poller } from '../../runtime/table/poller.js';
import { SeededRandom } from '../../transport/simulated/random.js';
import { Application } from './application.js';
import { SimulatedDisk } from './disk.js';
import { KeptTopic } from './kept-topic.js';
import { rackInfoOf } from './large.js';
import type { Delivered, EpochRecord } from './history.js';
import { diskRandom, placeOfDisk } from './persistent.js';
import { contentHash, isIntact, timeOf } from './samples.js';
import type { Phase } from './scenario.js';
import { ServedTopic } from './served-topic.js';
import { depthOf } from './topics.js';
import type { World } from './world.js';

/** A member that crashes in the midst of its pass leaves it by this. */
export class Crashed extends Error {}

/** One member of a simulated domain: the production core, and an application that writes and reads. */
export class Station {
  readonly id: MemberId;
  readonly transport: Transport;
  readonly board: Board;
  readonly poller: Poller;
  readonly regions = new Map<string, Region>();
  readonly suspects = new Set<MemberId>();
  readonly application: Application;
  /** Keeps the logs of persistent topics, and the views. */
  readonly disk: SimulatedDisk | undefined;
  /** Topics that keep history. */
  readonly served: ReadonlyMap<string, ServedTopic>;
  membership: Membership | undefined;
  /** The view that it installed last. */
  view: View | undefined;
  state: 'joining' | 'member' | 'left' | 'halted' | 'crashed' = 'joining';
  haltedBecause: MembershipError | undefined;
  phase: Phase = 'forming';
  /** Readers here take nothing. */
  full = false;
  /** The event loop stands still, though the heart beats. */
  stalled = false;
  /** Passes come so late. */
  slowUs = 0;
  crashAfterPut = false;
  /** It crashes after so many steps of its disk; below 0: never. */
  diskStepsLeft = -1;
  /** Topics of which it has a log. */
  readonly kept = new Map<string, KeptTopic>();
  readonly #world: World;
  /** Of this member: its physical clock is ahead of the others' by something. */
  readonly clock: LogicalClock;
  readonly #skewUs: number;
  /** Draws when it asks how far the past is settled; undefined where it never does. */
  readonly #asking: SeededRandom | undefined;
  /** The latest time of what it has got. */
  #seenUs = 0;
  readonly #opened = new Set<Subgroup>();
  readonly #known = new Map<number, Subgroup>();
  #late = false;

  /** `from`: the disk of an earlier life of the domain. */
  constructor(world: World, id: MemberId, from?: SimulatedDisk) {
    this.#world = world;
    this.id = id;
    this.transport = world.network.addMember(id);
    const allocate = this.transport.allocate.bind(this.transport);
    this.transport.allocate = (name, byteLength, peers) => {
      const region = world.announcing(() => allocate(name, byteLength, peers));
      this.regions.set(name, region);
      return region;
    };
    this.board = new Board(this.transport);
    if (world.countFrom > 0) startCounters(this.board, world.countFrom);
    this.poller = new Poller(this.transport, this.board);
    this.application = new Application(world, this);
    const { seed } = world.scenario;
    this.#skewUs = new SeededRandom(seed * 7_001 + id * 47).below(5_000);
    this.clock = new LogicalClock(world.network.clock);
    if (seed % 3 === 0) this.#asking = new SeededRandom(seed * 9_001 + id * 53);
    this.disk = from === undefined ? this.#drawDisk() : this.#takeOver(from);
    const plans = world.scenario.topics.filter(({ history }) => history !== undefined);
    this.served = new Map(plans.map((plan) => [plan.name, new ServedTopic(world, this, plan)]));
  }

  #drawDisk(): SimulatedDisk | undefined {
    const { disks, seed } = this.#world.scenario;
    if (disks === undefined) return undefined;
    const random = diskRandom(seed, this.id);
    const isWitness = this.#world.life === 1 && this.id === this.#world.scenario.witness;
    if (random.below(100) >= disks.share && !isWitness) return undefined;
    const name = `${placeOfDisk(this.#world.scenario, this.id)}${this.#world.life}.${this.id}`;
    const disk = new SimulatedDisk(random, disks, this.#later, () => this.#diskMoved(), name);
    disk.isWitness = isWitness;
    return this.#use(disk);
  }

  #takeOver(disk: SimulatedDisk): SimulatedDisk {
    disk.reopen(this.#later, () => this.#diskMoved());
    return this.#use(disk);
  }

  #use(disk: SimulatedDisk): SimulatedDisk {
    disk.appended = (topic, record, before, isBeside) =>
      this.#world.appended(this, topic, record, before, isBeside);
    disk.crashes = () => this.#crashesAtDisk();
    return disk;
  }

  readonly #later = (us: number, action: () => void): void => {
    this.#world.later(us, () => {
      if (this.state !== 'crashed') action();
    });
  };

  /** A member that is to crash in the midst of what its disk does for it. */
  #crashesAtDisk(): boolean {
    if (this.diskStepsLeft === 0) this.#world.crash(this);
    this.diskStepsLeft--;
    if (this.state !== 'crashed') this.guarded(() => this.#world.atDisk(this));
    return this.state === 'crashed';
  }

  /** What it keeps of a persistent topic; undefined where it has no disk. */
  keep(topic: string): KeptTopic | undefined {
    if (this.disk === undefined) return undefined;
    let kept = this.kept.get(topic);
    if (kept === undefined) this.kept.set(topic, (kept = new KeptTopic(this.#world, this, topic)));
    return kept;
  }

  /** More is durable, or never will be. */
  #diskMoved(): void {
    const { membership } = this;
    if (membership === undefined || this.state !== 'member') return;
    for (const { replica } of this.kept.values()) replica.moved();
    const { failure } = this.disk!;
    if (failure !== undefined) this.guarded(() => membership.fail(failure));
    for (const { slot } of membership.view.topics) this.poller.wake(slot);
    this.poller.wake(0);
    this.run();
  }

  /** It only votes, and keeps the views. */
  get isWitness(): boolean {
    return this.disk?.isWitness === true;
  }

  /** A witness asks to count among the disks. */
  witness(): void {
    const { view } = this.membership!;
    if (view.members.some(({ id, disk }) => id === this.id && disk !== undefined)) return;
    this.membership!.request([{ op: 'keep', disk: this.disk!.id }]);
  }

  get alive(): boolean {
    return this.state === 'member' || this.state === 'joining';
  }

  /** Somebody gets history from this member now. */
  get serving(): boolean {
    for (const topic of [...this.served.values(), ...this.kept.values()]) if (topic.serving) return true;
    return false;
  }

  /** This member waits for history, or hands its readers theirs. */
  get gated(): boolean {
    for (const { history } of this.served.values()) if (history?.gated) return true;
    for (const { lacks } of this.kept.values()) if (lacks) return true;
    return false;
  }

  /** Its reader of a persistent topic asks for less than the topic gives: it does not make its member a replica. */
  asksForLess(topic: string): boolean {
    const { seed } = this.#world.scenario;
    return new SeededRandom(seed * 6_007 + this.id * 43 + topic.charCodeAt(1)).below(5) === 0;
  }

  depthOf(topic: string): number {
    return depthOf(this.#world.scenario.seed, this.id, topic);
  }

  /** What the view says of it. */
  get info(): Json {
    return rackInfoOf(this.#world.scenario, this.id) ?? null;
  }

  found(): void {
    const { countFrom } = this.#world;
    const { info } = this;
    const founder = { id: this.id, info, applied: countFrom };
    this.enter({ ...firstView(1, this.id, info), viewId: countFrom, members: [founder] });
  }

  /** Goes on, as a new member, with the view of a restart. */
  restart(view: View): void {
    this.enter(view);
    this.disk?.views.installed(view.viewId);
  }

  enter(view: View): void {
    this.state = 'member';
    this.view = view;
    const { scenario } = this.#world;
    this.#world.installed(this, view, []);
    const events: MembershipEvents & { suspected(member: MemberId, reason: string, error?: Error): void } = {
      admit: () => undefined,
      userOf: (topic) => this.#user(topic),
      viewLog: () => this.disk?.views,
      installed: (next) => {
        if (this.state === 'member') this.#installed(next);
      },
      opened: (slot) => this.#opened.add(this.membership!.subgroup(slot)!),
      silent: (member) => this.#world.bringAboutDeath(member),
      suspected: (member: MemberId, reason: string, error?: Error) => {
        this.suspects.add(member);
        this.#world.suspected(this, member, reason, error);
      },
      left: () => {
        if (this.state === 'member') this.state = 'left';
        this.#world.note(this, 'leave', 'left');
      },
      halted: (error) => {
        if (this.state !== 'member') return;
        this.state = 'halted';
        this.haltedBecause = error;
        this.#world.halted(this, error);
      },
    };
    this.membership = new Membership(
      this.transport,
      this.board,
      this.poller,
      this.clock,
      view,
      { suspicionUs: scenario.suspicionUs, progressUs: 30_000_000, singleHost: scenario.singleHost },
      events,
    );
  }

  #installed(view: View): void {
    this.view = view;
    const membership = this.membership!;
    const untouched = view.topics
      .filter(({ epoch, slot }) => epoch < view.viewId && membership.subgroup(slot) !== undefined)
      .map(({ name, epoch, slot }) => {
        const subgroup = membership.subgroup(slot)!;
        const before = this.#known.get(slot);
        const stopped = this.#opened.has(subgroup) && !subgroup.open;
        const excused = subgroup.members.some((member) => this.suspects.has(member));
        const same = before === undefined || before === subgroup;
        return { topic: name, epoch, undisturbed: same && (!stopped || excused) };
      });
    this.#world.installed(this, view, untouched);
    this.application.installed(view);
    for (const topic of this.served.values()) topic.installed(view);
    for (const topic of this.kept.values()) topic.installed(view);
    this.#known.clear();
    for (const { slot } of view.topics) {
      const subgroup = membership.subgroup(slot);
      if (subgroup !== undefined) this.#known.set(slot, subgroup);
    }
    for (const id of [...this.suspects])
      if (!view.members.some((member) => member.id === id)) this.suspects.delete(id);
  }

  #user(topic: Topic): SubgroupUser {
    const served = this.served.get(topic.name);
    const isFull = () => this.full || served?.full === true;
    this.#world.fresh.epochBegins(subgroupLayout(this.membership!.view, topic));
    let ended = false;
    let record!: EpochRecord;
    let row: Float64Array | undefined;
    // The epoch is known once its view is installed.
    const rowOf = () => {
      record ??= this.#world.history.epoch(topic.name, topic.epoch)!;
      return (row ??= this.regions.get(`group${topic.slot}.${topic.epoch}`)!.memory.f64);
    };
    const kept = topic.persistent === undefined ? undefined : this.keep(topic.name);
    const { application } = this;
    return {
      log: kept?.replica,
      get full() {
        return isFull();
      },
      get waiting() {
        return served?.waiting === true || kept?.active === true || application.waits(topic.name);
      },
      loaned: false,
      unloan: () => undefined,
      evaluated: (turnsOwed) => {
        if (this.state !== 'member') return false;
        const mayGoOn = application.writeBacklog(topic.name, turnsOwed);
        served?.evaluated();
        kept?.evaluated();
        return mayGoOn;
      },
      epochEnded: (kept) => {
        if (ended || this.state !== 'member') return;
        ended = true;
        const own = rowOf();
        this.application.epochEnded(topic.name, topic.epoch, kept);
        this.#epochEnded(record, own);
      },
      deliver: (message) => {
        if (this.state !== 'member') return;
        const own = rowOf();
        this.#deliver(record, own, message, served);
      },
    };
  }

  #deliver(record: EpochRecord, row: Float64Array, message: Delivery, served: ServedTopic | undefined): void {
    const { memory, offset, length, sender, epoch, sequence } = message;
    const word = offset >>> 2;
    const stream = memory.u32[word]!;
    const number = memory.u32[word + 1]!;
    const event: Delivered = {
      member: this.id,
      topic: record.topic,
      epoch,
      sequence,
      sender,
      stream,
      number,
      length,
      hash: contentHash(memory.bytes, offset, length),
      intact: isIntact(memory, offset, length, stream, number) && this.#isNumbered(message, number),
      byTrim: row[record.columns.trimReady]! > 0,
    };
    this.#seenUs = Math.max(this.#seenUs, timeOf(message.ring, message.header));
    this.#world.delivered(record, event);
    served?.deliver(message, event);
    this.kept.get(record.topic)?.delivered(event);
  }

  // ---- time ----

  /** The time of what is written now. */
  timeNow(): number {
    this.clock.advance(this.#world.nowUs + this.#skewUs);
    return this.clock.lastUs;
  }

  /** A sample of this time, by a writer whose last one was of `lastUs`. */
  wrote(timeUs: number, lastUs: number): void {
    this.#world.wrote(this.id, timeUs, lastUs, this.#seenUs);
  }

  /** Asks how far the past is settled now and then. */
  #ask(): void {
    if (this.#asking === undefined || this.#world.healed || this.#asking.below(2) === 0) return;
    this.timeNow();
    for (const { slot, persistent } of this.membership!.view.topics) {
      if (persistent === undefined) continue;
      this.membership!.subgroup(slot)?.askToSettle(this.clock.pass());
      this.poller.wake(slot);
    }
  }

  /** Tells how far it calls the past of its topics settled. */
  #settle(): void {
    for (const { name, slot, persistent } of this.membership!.view.topics) {
      const subgroup = persistent === undefined ? undefined : this.membership!.subgroup(slot);
      const settledUs = subgroup?.settle() ?? 0;
      if (settledUs > 0)
        this.#world.settled(this.id, name, subgroup!.layout.epoch, settledUs, subgroup!.committed);
    }
  }

  /** Whether its frame bears the sequence that its writer gave it. */
  #isNumbered({ ring, header }: Delivery, number: number): boolean {
    return ring.f64[(header >>> 3) + 2] === this.#world.countFrom + number;
  }

  #epochEnded(record: EpochRecord, row: Float64Array): void {
    const { columns, senders, receivers } = record;
    const consumed = row.subarray(columns.consumed, columns.consumed + senders.length);
    if (consumed.some((position) => position >= 2 ** 31)) this.#world.tally.meet('ringPast2^31');
    const trim = Array.from(row.subarray(columns.trim, columns.trim + senders.length));
    const readersLeft = receivers.some((receiver) => !this.suspects.has(receiver));
    const loses = row[columns.trimReady] === trimLoses;
    this.#world.trimActed({
      member: this.id,
      topic: record.topic,
      epoch: record.epoch,
      trim,
      readersLeft,
      loses,
    });
  }

  // ---- being driven ----

  /** Evaluates what moved; later where this member is slow. */
  run(): void {
    if (this.membership === undefined || this.stalled || this.#world.network.isPaused(this.id)) return;
    if (this.slowUs === 0) {
      this.guarded(() => this.#passes());
      return;
    }
    if (this.#late) return;
    this.#late = true;
    this.#world.network.schedule(this.#world.network.clock.nowUs() + this.slowUs, () => {
      this.#late = false;
      if (!this.stalled && !this.#world.network.isPaused(this.id)) this.guarded(() => this.#passes());
    });
  }

  #passes(): void {
    if (this.state === 'joining') return;
    // Whoever waits for a peer's memory asks again and again; here nothing comes while it asks.
    let idle = 0;
    for (let passes = 0; passes < 100 && idle < 2; passes++) {
      const before = this.#world.done;
      if (!this.poller.pass()) break;
      idle = this.#world.done === before ? idle + 1 : 0;
    }
    if (this.state !== 'member') return;
    this.application.acknowledge();
    this.#settle();
  }

  /** Runs what may crash this member. */
  guarded(action: () => void): void {
    if (this.state === 'crashed') return;
    try {
      action();
    } catch (error) {
      if (!(error instanceof Crashed)) throw error;
    }
    if (this.crashAfterPut) this.#world.crash(this);
  }

  beat(): void {
    if (this.membership === undefined || this.state !== 'member' || this.#world.network.isPaused(this.id))
      return;
    if (this.stalled) {
      this.guarded(() => {
        const board = this.regions.get('board')!;
        board.memory.f64[Board.heartbeatIndex]! += 1;
        board.put(Board.heartbeatIndex * 8, (Board.heartbeatIndex + 1) * 8);
      });
      return;
    }
    this.guarded(() => {
      this.board.progress();
      this.membership!.tick();
      if (this.state === 'member') this.#ask();
    });
    this.run();
  }

  /** The subgroup with this region; undefined before its epoch is known. */
  recordOf(region: string): EpochRecord | undefined {
    return this.#world.history.regions.get(region);
  }

  /** The topic that the subgroup with this region serves, where it keeps history. */
  topicOf(region: string): ServedTopic | undefined {
    const record = this.recordOf(region);
    return record && this.served.get(record.topic);
  }

  /** The same, where it is persistent and kept. */
  keptOf(region: string): KeptTopic | undefined {
    const record = this.recordOf(region);
    return record && this.kept.get(record.topic);
  }

  /** Whether this member serves `topic` in its view. */
  receives(topic: string): boolean {
    const view = this.membership!.view;
    const entry = view.topics.find(({ name }) => name === topic);
    return entry !== undefined && subgroupLayout(view, entry).receivers.includes(this.id);
  }
}

/** Lets all that counts on a board begin with `from`. The ids of requests follow those that the first view has applied. */
function startCounters({ memory }: Board, from: number): void {
  memory.f64.fill(from, Board.heartbeatIndex, Board.heartbeatIndex + 2);
  memory.f64.fill(from, activityIndex, activityIndex + cacheLine + slotsMax);
}

/** The board's activity counter, and then its dirty counters, each on a cache line of its own. */
const cacheLine = 8;
const activityIndex = cacheLine;
