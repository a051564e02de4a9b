import { SimulatedNetwork } from '../../transport/simulated/network.js';
import { SeededRandom } from '../../transport/simulated/random.js';
import type { MemberId } from '../../transport/transport.js';
import type { HistoryError } from '../../runtime/history/errors.js';
import type { MembershipError } from '../../runtime/membership/errors.js';
import { subgroupLayout, type View } from '../../runtime/membership/view.js';
import { Disturber } from './disturber.js';
import { type Delivered, type EpochRecord, History, type Installed, type TrimActed } from './history.js';
import { FreshMemory } from './fresh-memory.js';
import type { LogRecord, SimulatedDisk } from './disk.js';
import type { Inheritance } from './inheritance.js';
import { Logs } from './logs.js';
import { Past } from './past.js';
import * as pastOracles from './past-oracles.js';
import * as oracles from './oracles.js';
import { witnessesHoldNothing } from './restart-oracles.js';
import { PutWatch } from './put-watch.js';
import { type Put, SpreadWatch } from './spread-watch.js';
import type { Phase, Scenario } from './scenario.js';
import type { ServedTopic } from './served-topic.js';
import type { StateAt } from './past-oracles.js';
import { States } from './states.js';
import { Crashed, Station } from './station.js';
import { roleOf } from './topics.js';
import { Tally } from './tally.js';
import type { Trace, TraceEvent } from './trace.js';
import { type ReaderLog, type SampleRef, Transfers } from './transfers.js';

/** Members whose rank is known never leave the numbers below this, so that a run stays small. */
const membersMax = 12;
/** And so many more come back. */
const returnsMax = 6;
/** What takes a slow link takes up to so long. */
const slowLinkUs = 5_000;

/** A domain under a scenario: its members, its network, what disturbs it, and the history that the oracles look at. */
export class World {
  readonly scenario: Scenario;
  readonly network: SimulatedNetwork;
  readonly history: History;
  readonly transfers: Transfers;
  readonly logs: Logs;
  readonly past: Past;
  readonly stations = new Map<MemberId, Station>();
  readonly tally: Tally;
  readonly countFrom: number;
  readonly fresh: FreshMemory;
  readonly trace: Trace | undefined;
  hash = 0x811c9dc5;
  /** How much members have done: puts and deliveries. */
  done = 0;
  /** All members die, or have died: nobody comes in any more. */
  blackedOut = false;
  readonly life: number;
  readonly #inheritance: Inheritance | undefined;
  /** The first thing that an oracle found. */
  found: unknown;
  #random: SeededRandom;
  readonly #disturber: Disturber;
  readonly #watch: PutWatch;
  readonly #spreads: SpreadWatch;
  #nextId = 1;
  /** Whose disks others have. */
  readonly #returned = new Set<MemberId>();
  #absent: SimulatedDisk[] = [];
  #healed = false;
  readonly #states: States;
  #listening: string[] | undefined;
  #label = '';

  constructor(
    scenario: Scenario,
    without: ReadonlySet<number>,
    trace: Trace | undefined,
    {
      tally = new Tally(),
      inheritance,
      states = new States(),
    }: { tally?: Tally; inheritance?: Inheritance; states?: States } = {},
  ) {
    this.scenario = scenario;
    this.tally = tally;
    this.#states = states;
    this.life = (inheritance?.life ?? 0) + 1;
    this.#inheritance = inheritance;
    this.trace = trace;
    this.countFrom = scenario.countFrom;
    if (scenario.countFrom > 0) this.tally.meet('countersNear2^31');
    this.fresh = new FreshMemory(scenario.seed, scenario.edge);
    this.#watch = new PutWatch(this.fresh);
    this.#spreads = new SpreadWatch(this);
    this.#random = new SeededRandom(scenario.seed * 3 + 2);
    this.history = new History({ singleHost: scenario.singleHost });
    this.transfers = new Transfers(this.history, scenario.topics);
    this.logs = new Logs(this.history, this.stations, (this.past = new Past(this.history)), tally);
    this.network = new SimulatedNetwork({
      seed: scenario.seed,
      mode: scenario.mode,
      delayUs: scenario.delayUs,
      deathDelayUs: scenario.deathDelayUs,
      tornPuts: scenario.tornPuts,
      startUs: scenario.startUs,
      ...(scenario.spreading && { spreading: scenario.spreading }),
      fresh: (region, memory) => {
        this.fresh.fill(region, memory);
      },
      faults: {
        beforePut: (put) => {
          this.#beforePut(put);
        },
        delayUs: (source, target, drawnUs) => {
          trace?.travels(this.nowUs, source, target, this.#label);
          return drawnUs;
        },
        arrived: (source, target) => trace?.arrives(this.nowUs, source, target),
      },
    });
    this.#disturber = new Disturber(this, scenario.disturbances, without);
    this.network.onDeliver((id) => this.stations.get(id)!.run());
  }

  /** Nothing disturbs it any more. */
  get healed(): boolean {
    return this.#healed;
  }

  get nowUs(): number {
    return this.network.clock.nowUs();
  }

  // ---- the course of a run ----

  start(): void {
    if (this.#inheritance === undefined) for (let i = 0; i < this.scenario.members; i++) this.addMember();
    else this.#goOn(this.#inheritance);
    this.#beat();
    this.#write();
    this.#disturber.start();
  }

  /** Takes all faults away; what is cut, paused or slow works again. */
  heal(): void {
    this.#healed = true;
    this.#disturber.heal();
  }

  later(us: number, action: () => void): void {
    this.network.schedule(this.nowUs + us, action);
  }

  #beat(): void {
    for (const station of [...this.stations.values()]) station.beat();
    this.later(this.scenario.beatUs, () => this.#beat());
  }

  #write(): void {
    if (this.#healed || this.network.happened > this.scenario.writeUntilEvents) return;
    for (const station of this.stations.values()) {
      if (station.state !== 'member' || station.stalled || this.network.isPaused(station.id)) continue;
      station.guarded(() => this.#writeAt(station));
    }
    this.later(this.scenario.writeEveryUs, () => this.#write());
  }

  #writeAt(station: Station): void {
    let wrote = false;
    for (const topic of station.application.writing.keys()) {
      const backlog = station.application.backlogs.get(topic);
      if (backlog !== undefined) {
        backlog.add();
        wrote = station.application.wake(topic) || wrote;
        continue;
      }
      const burst = 1 + this.#random.below(this.scenario.burstMax);
      for (let i = 0; i < burst && station.application.write(topic, this.sampleBytes(topic)); i++)
        wrote = true;
    }
    if (wrote) station.run();
  }

  sampleBytes(topic: string, random = this.#random): number {
    const { terms } = this.scenario.topics.find(({ name }) => name === topic)!;
    if (random.below(100) < this.scenario.largeShare)
      return random.between(terms.ringBytes >> 3, terms.largeBytes >> 2);
    return random.between(8, random.below(4) === 0 ? 400 : 40);
  }

  // ---- members ----

  /** The members of the view of a restart, on their disks; a domain of one where none has any. */
  #goOn({ record, present, absent }: Inheritance): void {
    this.#absent = [...absent];
    if (record === undefined) {
      for (let i = 0; i < this.scenario.members; i++) this.addMember();
      return;
    }
    for (const disk of present) this.#newStation(disk);
    for (const station of this.stations.values())
      station.guarded(() => station.restart(JSON.parse(JSON.stringify(record.view)) as View));
    for (const station of this.stations.values()) {
      station.guarded(() => this.#openEnds(station));
      station.run();
    }
    for (let i = present.length; i < this.scenario.members; i++) this.addMember();
  }

  #newStation(disk?: SimulatedDisk): Station {
    const id = this.#nextId++;
    const station = new Station(this, id, disk);
    this.stations.set(id, station);
    this.#slowLinksOf(id);
    return station;
  }

  /** A disk that comes back late is that of a new member. */
  #takeAbsent(): SimulatedDisk | undefined {
    if (this.#absent.length === 0 || this.#random.below(2) === 0) return undefined;
    this.tally.meet('lateDisk');
    return this.#absent.shift();
  }

  addMember(earlier?: Station): void {
    const id = this.#nextId;
    if (id > membersMax + (earlier === undefined ? 0 : returnsMax) || this.blackedOut) return;
    const station = this.#newStation(earlier?.disk ?? this.#takeAbsent());
    this.note(
      station,
      'join',
      earlier === undefined ? 'asks to join' : `comes back with the disk of ${earlier.id}`,
    );
    if (id === 1) {
      station.guarded(() => {
        station.found();
        this.#openEnds(station);
      });
      station.run();
    } else this.#askToJoin(station);
  }

  #slowLinksOf(id: MemberId): void {
    const { slowLinks } = this.scenario;
    if (slowLinks === 0) return;
    const slow = { min: 1, max: slowLinkUs };
    for (const other of this.stations.keys()) {
      if (other === id) continue;
      if (this.#random.below(100) < slowLinks) this.network.setDelay(id, other, slow);
      if (this.#random.below(100) < slowLinks) this.network.setDelay(other, id, slow);
    }
  }

  /** The joiner asks somebody, and another one where nothing has come of it after a while. */
  #askToJoin(station: Station): void {
    if (station.state !== 'joining') return;
    const inView = [...this.stations.values()].some(
      (other) =>
        other.state === 'member' && other.membership!.view.members.some(({ id }) => id === station.id),
    );
    const contacts = [...this.stations.values()].filter(
      (other) => other.state === 'member' && !this.network.isPaused(other.id),
    );
    const contact = contacts[this.#random.below(contacts.length)];
    if (contact !== undefined && !inView) {
      contact.membership!.request([{ op: 'join', member: station.id, info: station.info }]);
      contact.run();
    }
    this.later(60_000, () => this.#askToJoin(station));
  }

  #openEnds(station: Station): void {
    if (station.isWitness) return station.witness();
    if (this.#random.below(100) < this.scenario.bystanders) return;
    this.scenario.topics.forEach((topic, i) => {
      const role = roleOf(this.scenario.seed, station.id, i);
      if ((role & 1) !== 0) station.application.openReader(topic);
      if ((role & 2) !== 0) station.application.openWriter(topic);
    });
  }

  crash(station: Station): void {
    if (station.state === 'crashed') return;
    station.state = 'crashed';
    this.history.crashed.add(station.id);
    this.note(station, 'crash', 'crashed');
    this.network.crash(station.id);
    if (!this.#returned.has(station.id)) station.disk?.crash();
  }

  /** One of those that are gone comes back with its disk. */
  comeBack(draw: number): void {
    const gone = [...this.stations.values()].filter(
      ({ state, disk, id }) =>
        (state === 'crashed' || state === 'halted' || state === 'left') &&
        disk !== undefined &&
        disk.failure === undefined &&
        !this.#returned.has(id),
    );
    const station = gone[draw % Math.max(1, gone.length)];
    if (station === undefined || this.#nextId > membersMax + returnsMax) return;
    this.#returned.add(station.id);
    if (station.state !== 'crashed') station.disk!.crash();
    this.addMember(station);
  }

  /** A single host's way with the silent: it is killed. */
  bringAboutDeath(id: MemberId): void {
    const station = this.stations.get(id);
    if (station === undefined || station.state === 'crashed') return;
    this.tally.meet('killedForSilence');
    if (this.scenario.killUs === 0) this.crash(station);
    else this.later(this.scenario.killUs, () => this.crash(station));
  }

  // ---- what members report ----

  /** Lets an oracle look. What it finds counts even where the core catches it. */
  #observe<T>(look: () => T): T {
    try {
      return look();
    } catch (error) {
      this.found ??= error;
      throw error;
    }
  }

  acknowledged(topic: string, epoch: number, sender: MemberId, turns: number, committed: number): void {
    this.#observe(() => this.history.acknowledged(topic, epoch, sender, turns));
    if (committed > 0) this.#observe(() => this.logs.committed(topic, epoch, sender, committed));
  }

  appended(
    station: Station,
    topic: string,
    record: LogRecord,
    before: readonly LogRecord[],
    isBeside: boolean,
  ): void {
    this.#observe(() => {
      witnessesHoldNothing(station.id, topic, station.isWitness);
      this.logs.appended(station.id, topic, record, before, isBeside);
    });
  }

  /** A member says that its log is whole. */
  whole(station: Station, topic: string): void {
    this.note(station, 'history', `the log of ${topic} is whole`);
    this.#observe(() => this.logs.whole(station, topic));
  }

  /** A member's replicated state of a topic has come to a version. */
  stateCame(topic: string, state: StateAt): void {
    this.#observe(() => this.#states.came(topic, state));
  }

  /** A member writes a sample: of this time, after it has written one of `lastUs`, and got one of `seenUs`. */
  wrote(member: MemberId, timeUs: number, lastUs: number, seenUs: number): void {
    this.#observe(() => {
      pastOracles.timesFollowTheWriter(member, timeUs, lastUs);
      pastOracles.timesFollowCausality(member, timeUs, seenUs);
    });
  }

  /** A member calls the past of a topic settled. */
  settled(member: MemberId, topic: string, epoch: number, settledUs: number, committed: number): void {
    this.tally.meet('settledPast');
    this.#observe(() => this.past.claimed(topic, epoch, { member, settledUs }, committed));
  }

  installed(station: Station, view: View, untouched: Installed['untouched']): void {
    const { history } = this;
    this.#observe(() =>
      history.installed({ member: station.id, view, untouched, suspects: [...station.suspects] }),
    );
    this.#observe(() => this.logs.installed(station, view));
    this.note(station, 'install', `view ${view.viewId}: ${view.members.map(({ id }) => id).join(' ')}`);
    for (const topic of view.topics) {
      const { senders, receivers, replicas, whole, persistent } = subgroupLayout(view, topic);
      if (topic.epoch === view.viewId) {
        const { name, epoch, slot, ordered } = topic;
        if (persistent !== undefined && history.epoch(name, epoch) === undefined)
          this.past.epochBegan(name, [...senders, ...receivers], this.#membersBefore(name));
        history.beginEpoch(name, epoch, slot, ordered, senders, receivers, replicas, persistent, whole);
      }
      if (persistent !== undefined && whole.length === 0) this.tally.meet('epochWithoutReplicas');
      if (receivers.length === 0 && senders.length > 0) this.tally.meet('epochWithoutReaders');
      if (receivers.length === 0) history.beginUnread(station.id, topic.name, topic.epoch);
      if (!receivers.includes(station.id)) history.forgetReader(station.id, topic.name);
    }
    for (const { name } of this.scenario.topics)
      if (!view.topics.some((topic) => topic.name === name)) history.forgetReader(station.id, name);
    for (const { id } of view.members) {
      if (this.stations.get(id)?.state !== 'joining') continue;
      const text = JSON.stringify(view);
      this.later(this.#random.between(10, 2_000), () => this.#letIn(id, JSON.parse(text) as View));
    }
  }

  /** Who was in the newest epoch of `topic` so far. */
  #membersBefore(topic: string): MemberId[] {
    const before = [...this.history.epochs.values()].filter((record) => record.topic === topic).at(-1);
    return before === undefined ? [] : [...before.senders, ...before.receivers];
  }

  #letIn(id: MemberId, view: View): void {
    const station = this.stations.get(id)!;
    if (station.state !== 'joining') return;
    station.guarded(() => {
      station.enter(view);
      this.#openEnds(station);
    });
    station.run();
  }

  delivered(record: EpochRecord, event: Delivered): void {
    this.#mix(event.member, event.sequence, event.hash);
    if (event.sequence >= 2 ** 31) this.tally.meet('sequencesPast2^31');
    this.#observe(() =>
      witnessesHoldNothing(event.member, event.topic, this.stations.get(event.member)!.isWitness),
    );
    this.#observe(() => this.history.delivered(record, event, () => this.#stableInTruth(record)));
    this.#observe(() => this.logs.delivered(record, event));
  }

  readerGot(log: ReaderLog, sample: SampleRef): void {
    this.#observe(() => this.transfers.got(log, sample));
  }

  historyEnded(topic: ServedTopic, log: ReaderLog, error: HistoryError | undefined): void {
    const outcome = error === undefined ? '' : `, but ${error.code}`;
    this.note(topic.station, 'history', `${log.topic} has all of its history${outcome}`);
    if (error !== undefined) this.tally.meet('lostHistory');
    else if (log.next > 0) this.tally.meet('lateHistory');
    const holders = error === undefined ? [] : this.#wholeHolders(topic);
    this.#observe(() => this.transfers.ended(log, error, holders));
  }

  /** Who holds `topic` in the same view, and has held all that it lacks: in a view that it has not installed itself yet it may hold no more. */
  #wholeHolders({ station, plan, since }: ServedTopic): MemberId[] {
    const { members, endpoints } = station.membership!.view;
    const holding = endpoints.filter(({ topic, holds }) => holds && topic === plan.name);
    return members
      .filter(({ id }) => holding.some(({ member }) => member === id))
      .map(({ id }) => this.stations.get(id)!)
      .filter((other) => other !== station && other.state === 'member')
      .filter((other) => {
        const held = other.served.get(plan.name)!;
        return held.since < since && held.history?.whole === true && held.history.lost === undefined;
      })
      .map(({ id }) => id);
  }

  trimActed(event: TrimActed): void {
    this.note(
      this.stations.get(event.member)!,
      'trim',
      `ends ${event.topic}@${event.epoch}: ${event.trim.join(' ')}`,
    );
    this.#observe(() => this.history.trimActed(event));
    this.#observe(() => this.logs.trimActed(event));
  }

  suspected(station: Station, member: MemberId, reason: string, error?: Error): void {
    this.note(station, 'suspect', `suspects ${member}: ${reason}`);
    this.#observe(() => oracles.nobodyIsCorrupt(station.id, member, error));
  }

  halted(station: Station, error: MembershipError): void {
    this.note(station, 'halt', `halted: ${error.code}`);
    const { failure } = station.disk ?? {};
    if (failure !== undefined) this.tally.meet('diskFailure');
    else this.tally.meet(error.code === 'BE_EVICTED' ? 'eviction' : 'lostMajority');
    this.#observe(() => oracles.haltsForAReason(station.id, error, failure));
    this.#observe(() => oracles.evictedForAReason(this.history, station.id, error));
  }

  note(station: Station, kind: TraceEvent['kind'], text: string): void {
    this.trace?.add({ kind, atUs: this.nowUs, member: station.id, text });
  }

  /** Sequences that all receivers have received, in truth: as their own rows say, the dead included. */
  #stableInTruth({ receivers, columns, slot, epoch }: EpochRecord): number {
    let stable = Infinity;
    for (const receiver of receivers) {
      const region = this.stations.get(receiver)?.regions.get(`group${slot}.${epoch}`);
      stable = Math.min(stable, region?.memory.f64[columns.received] ?? 0);
    }
    return stable;
  }

  #mix(a: number, b: number, c: number): void {
    this.done++;
    this.hash = Math.imul(this.hash ^ a, 0x01000193);
    this.hash = Math.imul(this.hash ^ (b | 0), 0x01000193);
    this.hash = Math.imul(this.hash ^ (c | 0) ^ (this.nowUs | 0), 0x01000193);
  }

  /** `station` wants something of the domain: now, or as soon as it is in it. */
  asks(station: Station, request: () => void): void {
    if (station.membership === undefined)
      this.later(0, () => station.guarded(() => station.membership && request()));
    else request();
  }

  // ---- puts ----

  #beforePut(put: Put): void {
    const station = this.stations.get(put.source);
    if (station === undefined) return;
    if (station.state === 'crashed') throw new Crashed();
    if (station.crashAfterPut) this.crashNow(station);
    this.tally.puts++;
    this.#mix(put.source, put.start, put.end);
    const look = this.#observe(() => this.#watch.look(station, put));
    if (this.scenario.spreading !== undefined) this.#observe(() => this.#spreads.look(station, put));
    if (look.meets !== undefined) this.tally.meet(look.meets);
    if (look.accusedRank !== undefined) this.history.accused.add(station.view!.members[look.accusedRank]!.id);
    this.#label = look.label;
    this.#enterPhase(station, look.phase);
    if (this.trace !== undefined && look.label !== '') this.note(station, 'put', look.label);
    if (look.label !== 'life') this.#listening?.push(`${put.source}: ${put.region} ${put.start}–${put.end}`);
    this.#disturber.atPutOf(station);
  }

  #enterPhase(station: Station, phase: Phase | undefined): void {
    // Whoever transfers goes on with its view where it puts something else, and nothing is transferred any more.
    if (phase === undefined) {
      if (station.phase === 'transferring' && !station.serving && !station.gated) station.phase = 'steady';
      return;
    }
    if (station.phase === 'forming' && phase === 'installing') return;
    station.phase = phase;
  }

  /** Leaves the pass of a member that crashes in its midst. */
  crashNow(station: Station): never {
    this.crash(station);
    throw new Crashed();
  }

  /** What is announced, not put, says nothing of its member. */
  announcing<T>(allocate: () => T): T {
    this.#label = 'announce';
    return allocate();
  }

  /** A member's disk is about to have written something: whatever waits for that strikes. */
  atDisk(station: Station): void {
    if (station.state === 'member') this.#disturber.atPutOf(station);
  }

  /** All who live die now. */
  blackOut(): void {
    this.blackedOut = true;
    for (const station of this.stations.values()) this.crash(station);
  }

  /** Every disk of the domain, those that never came back included. */
  get disks(): SimulatedDisk[] {
    return [...new Set([...this.stations.values()].flatMap(({ disk }) => disk ?? [])), ...this.#absent];
  }

  // ---- once the faults are over ----

  /** Every writer that has anyone to write to writes a last sample. */
  writeLast(): void {
    for (const station of this.stations.values()) {
      if (station.state !== 'member') continue;
      for (const topic of station.application.writing.keys()) station.application.write(topic, 16);
      station.run();
    }
  }

  /** Lets time pass in which nobody wants anything; gives what was put nevertheless, signs of life aside. */
  listen(us: number): string[] {
    this.#listening = [];
    this.network.runFor(us);
    return this.#listening;
  }
}
