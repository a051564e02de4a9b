import { SimulatedNetwork } from '../../transport/simulated/network.js';
import { SeededRandom } from '../../transport/simulated/random.js';
import type { MemberId } from '../../transport/transport.js';
import type { MembershipError } from '../../runtime/membership/errors.js';
import { subgroupLayout, type View } from '../../runtime/membership/view.js';
import { SubgroupColumns } from '../../runtime/multicast/row.js';
import { type Delivered, History, type Installed, lastBefore, type TrimActed } from './history.js';
import * as oracles from './oracles.js';
import { PutWatch } from './put-watch.js';
import { type Disturbance, type DisturbanceKind, roleOf, type Scenario } from './scenario.js';
import { Crashed, Station } from './station.js';
import type { TraceEvent } from './trace.js';

/** Members whose rank is known never leave the numbers below this, so that a run stays small. */
const membersMax = 12;
/** What takes a slow link takes up to so long. */
const slowLinkUs = 5_000;

/** A disturbance that has not struck yet. */
interface Armed {
  readonly index: number;
  readonly disturbance: Disturbance;
  left: number;
  /** Set where it strikes this member only. */
  readonly only?: MemberId;
}

/** What happened, as numbers. */
export interface Tally {
  installs: number;
  puts: number;
  readonly faults: Partial<Record<DisturbanceKind, number>>;
  readonly coverage: Set<string>;
}

/** A domain under a scenario: its members, its network, what disturbs it, and the history that the oracles look at. */
export class World {
  readonly scenario: Scenario;
  readonly network: SimulatedNetwork;
  readonly history: History;
  readonly stations = new Map<MemberId, Station>();
  readonly tally: Tally = { installs: 0, puts: 0, faults: {}, coverage: new Set() };
  readonly countFrom: number;
  readonly trace: TraceEvent[] | undefined;
  hash = 0x811c9dc5;
  /** How much members have done: puts and deliveries. */
  done = 0;
  /** The first thing that an oracle found. */
  found: unknown;
  #random: SeededRandom;
  #armed: Armed[] = [];
  #waiting: Armed[];
  readonly #watch = new PutWatch();
  #nextId = 1;
  #healed = false;
  #listening: string[] | undefined;
  /** Who disturbs: false while the world heals, or looks on. */
  #striking = false;
  #label = '';

  constructor(scenario: Scenario, without: ReadonlySet<number>, trace: TraceEvent[] | undefined) {
    this.scenario = scenario;
    this.trace = trace;
    this.countFrom = scenario.countFrom;
    this.#random = new SeededRandom(scenario.seed * 3 + 2);
    this.history = new History({ singleHost: scenario.singleHost });
    this.network = new SimulatedNetwork({
      seed: scenario.seed,
      mode: scenario.mode,
      delayUs: scenario.delayUs,
      deathDelayUs: scenario.deathDelayUs,
      tornPuts: scenario.tornPuts,
      startUs: scenario.startUs,
      faults: {
        beforePut: (put) => {
          this.#beforePut(put);
        },
        delayUs: (source, target, drawnUs) => {
          this.trace?.push({
            kind: 'travel',
            atUs: this.nowUs,
            toUs: this.nowUs + drawnUs,
            member: source,
            target,
            text: this.#label,
          });
          return drawnUs;
        },
      },
    });
    this.#waiting = scenario.disturbances
      .map((disturbance, index) => ({ index, disturbance, left: disturbance.skip }))
      .filter(({ index }) => !without.has(index));
    this.network.onDeliver((id) => this.stations.get(id)!.run());
  }

  get nowUs(): number {
    return this.network.clock.nowUs();
  }

  // ---- the course of a run ----

  start(): void {
    for (let i = 0; i < this.scenario.members; i++) this.addMember();
    this.#beat();
    this.#write();
    this.#arm();
  }

  /** Takes all faults away; what is cut, paused or slow works again. */
  heal(): void {
    this.#healed = true;
    this.#armed = [];
    this.#waiting = [];
    const ids = [...this.stations.keys()];
    for (const station of this.stations.values()) {
      this.#recover(station);
      for (const id of ids) if (id !== station.id) this.#restore(station.id, id);
    }
  }

  #restore(source: MemberId, target: MemberId): void {
    this.network.heal(source, target);
    this.network.setDelay(source, target, this.scenario.delayUs);
  }

  #recover(station: Station): void {
    station.full = false;
    station.stalled = false;
    station.slowUs = 0;
    Reflect.deleteProperty(station.board, 'lifeOf');
    if (station.state === 'crashed') return;
    if (this.network.isPaused(station.id)) this.network.resume(station.id);
    this.#wakeAll(station);
  }

  #wakeAll(station: Station): void {
    if (station.state !== 'member') return;
    for (const { slot } of station.membership!.view.topics) station.poller.wake(slot);
    this.#later(0, () => station.run());
  }

  #later(us: number, action: () => void): void {
    this.network.schedule(this.nowUs + us, action);
  }

  #beat(): void {
    for (const station of [...this.stations.values()]) station.beat();
    this.#later(this.scenario.beatUs, () => this.#beat());
  }

  #write(): void {
    if (this.#healed || this.network.happened > this.scenario.writeUntilEvents) return;
    for (const station of this.stations.values()) {
      if (station.state !== 'member' || station.stalled || this.network.isPaused(station.id)) continue;
      station.guarded(() => this.#writeAt(station));
    }
    this.#later(this.scenario.writeEveryUs, () => this.#write());
  }

  #writeAt(station: Station): void {
    let wrote = false;
    for (const topic of station.writing.keys()) {
      const burst = 1 + this.#random.below(this.scenario.burstMax);
      for (let i = 0; i < burst && station.write(topic, this.#sampleBytes(topic)); i++) wrote = true;
    }
    if (wrote) station.run();
  }

  #sampleBytes(topic: string): number {
    const { terms } = this.scenario.topics.find(({ name }) => name === topic)!;
    if (this.#random.below(100) < this.scenario.largeShare)
      return this.#random.between(terms.ringBytes >> 3, terms.largeBytes >> 2);
    return this.#random.between(8, this.#random.below(4) === 0 ? 400 : 40);
  }

  // ---- members ----

  addMember(): void {
    const id = this.#nextId;
    if (id > membersMax) return;
    this.#nextId++;
    const station = new Station(this, id);
    this.stations.set(id, station);
    this.#slowLinksOf(id);
    this.note(station, 'join', 'asks to join');
    if (id === 1) {
      station.found();
      this.#openEnds(station);
      station.run();
    } else this.#askToJoin(station);
  }

  #slowLinksOf(id: MemberId): void {
    if (this.scenario.slowLinks === 0) return;
    for (const other of this.stations.keys())
      for (const [source, target] of [
        [id, other],
        [other, id],
      ] as const)
        if (source !== target && this.#random.below(100) < this.scenario.slowLinks)
          this.network.setDelay(source, target, { min: 1, max: slowLinkUs });
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
      contact.membership!.request([{ op: 'join', member: station.id, info: null }]);
      contact.run();
    }
    this.#later(60_000, () => this.#askToJoin(station));
  }

  #openEnds(station: Station): void {
    this.scenario.topics.forEach((topic, i) => {
      const role = roleOf(this.scenario.seed, station.id, i);
      if ((role & 1) !== 0) station.openReader(topic);
      if ((role & 2) !== 0) station.openWriter(topic);
    });
  }

  crash(station: Station): void {
    if (station.state === 'crashed') return;
    station.state = 'crashed';
    this.history.crashed.add(station.id);
    this.note(station, 'crash', 'crashed');
    this.network.crash(station.id);
  }

  /** A single host's way with the silent: it is killed. */
  bringAboutDeath(id: MemberId): void {
    const station = this.stations.get(id);
    if (station === undefined) return;
    if (this.scenario.killUs === 0) this.crash(station);
    else this.#later(this.scenario.killUs, () => this.crash(station));
  }

  // ---- what members report ----

  /** Lets an oracle look. What it finds counts even where the core catches it. */
  #observe(look: () => void): void {
    try {
      look();
    } catch (error) {
      this.found ??= error;
      throw error;
    }
  }

  acknowledged(topic: string, epoch: number, sender: MemberId, turns: number): void {
    this.#observe(() => this.history.acknowledged(topic, epoch, sender, turns));
  }

  installed(station: Station, view: View, untouched: Installed['untouched']): void {
    this.tally.installs++;
    const { history } = this;
    this.#observe(() =>
      history.installed({ member: station.id, view, untouched, suspects: [...station.suspects] }),
    );
    this.note(station, 'install', `view ${view.viewId}: ${view.members.map(({ id }) => id).join(' ')}`);
    for (const topic of view.topics) {
      const { senders, receivers } = subgroupLayout(view, topic);
      if (topic.epoch === view.viewId)
        history.beginEpoch(topic.name, topic.epoch, topic.slot, topic.ordered, senders, receivers);
      if (receivers.length === 0) history.beginUnread(station.id, topic.name, topic.epoch);
      if (!receivers.includes(station.id)) history.forgetReader(station.id, topic.name);
    }
    for (const { name } of this.scenario.topics)
      if (!view.topics.some((topic) => topic.name === name)) history.forgetReader(station.id, name);
    for (const { id } of view.members) {
      if (this.stations.get(id)?.state !== 'joining') continue;
      const text = JSON.stringify(view);
      this.#later(this.#random.between(10, 2_000), () => this.#letIn(id, JSON.parse(text) as View));
    }
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

  delivered(event: Delivered): void {
    this.#mix(event.member, event.sequence, event.hash);
    this.#observe(() => this.history.delivered(event));
  }

  trimActed(event: TrimActed): void {
    this.note(
      this.stations.get(event.member)!,
      'trim',
      `ends ${event.topic}@${event.epoch}: ${event.trim.join(' ')}`,
    );
    this.#observe(() => this.history.trimActed(event));
  }

  suspected(station: Station, member: MemberId, reason: string, error?: Error): void {
    this.note(station, 'suspect', `suspects ${member}: ${reason}`);
    this.#observe(() => oracles.nobodyIsCorrupt(station.id, member, error));
  }

  halted(station: Station, error: MembershipError): void {
    this.note(station, 'halt', `halted: ${error.code}`);
    this.#observe(() => oracles.haltsForAReason(station.id, error));
  }

  note(station: Station, kind: TraceEvent['kind'], text: string): void {
    this.trace?.push({ kind, atUs: this.nowUs, member: station.id, text });
  }

  /** Sequences that all receivers have received, in truth: as their own rows say, the dead included. */
  stableInTruth(topic: string, epoch: number): number {
    const record = this.history.epoch(topic, epoch)!;
    const columns = new SubgroupColumns(record.senders.length);
    let stable = Infinity;
    for (const receiver of record.receivers) {
      const region = this.stations.get(receiver)?.regions.get(`group${record.slot}.${epoch}`);
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

  // ---- puts, and the faults that wait for them ----

  #beforePut(put: { source: MemberId; region: string; start: number; end: number }): void {
    const station = this.stations.get(put.source);
    if (station === undefined) return;
    if (station.state === 'crashed') throw new Crashed();
    if (station.crashAfterPut) this.#crashNow(station);
    this.tally.puts++;
    this.#mix(put.source, put.start, put.end);
    let look!: ReturnType<PutWatch['look']>;
    this.#observe(() => (look = this.#watch.look(station, put)));
    this.#label = look.label;
    if (look.phase !== undefined) station.phase = look.phase;
    if (this.trace !== undefined && look.label !== '') this.note(station, 'put', look.label);
    if (look.label !== 'life') this.#listening?.push(`${put.source}: ${put.region} ${put.start}–${put.end}`);
    if (!this.#striking) this.#strikeAt(station);
  }

  #crashNow(station: Station): never {
    this.crash(station);
    throw new Crashed();
  }

  #strikeAt(station: Station): void {
    const now = this.nowUs;
    while (this.#waiting.length > 0 && this.#waiting[0]!.disturbance.afterUs <= now)
      this.#armed.push(this.#waiting.shift()!);
    for (const armed of this.#armed) {
      const { disturbance } = armed;
      if (disturbance.phase !== undefined && disturbance.phase !== station.phase) continue;
      if (armed.only !== undefined && armed.only !== station.id) continue;
      if (disturbance.role === 'leader' && !this.#leads(station)) continue;
      if (armed.left-- > 0) continue;
      this.#armed = this.#armed.filter((other) => other !== armed);
      this.#striking = true;
      try {
        this.#strike(station, armed);
      } finally {
        this.#striking = false;
      }
      return;
    }
  }

  #arm(): void {
    // Where nobody puts anything, nothing would strike: the beat does.
    for (const { afterUs } of this.scenario.disturbances)
      this.network.schedule(afterUs + 20_000, () => {
        const station = [...this.stations.values()].find(({ state }) => state === 'member');
        if (station !== undefined && !this.#healed) station.guarded(() => this.#strikeAt(station));
      });
  }

  #leads(station: Station): boolean {
    const members = station.membership?.view.members;
    return members?.find(({ id }) => !station.suspects.has(id))?.id === station.id;
  }

  #strike(station: Station, { disturbance, index }: Armed): void {
    const { kind, draw, lengthUs } = disturbance;
    const pair = `${station.phase}/${kind}`;
    if (kind !== 'successorCrash' || disturbance.role === 'leader') {
      this.tally.faults[kind] = (this.tally.faults[kind] ?? 0) + 1;
      this.tally.coverage.add(pair);
    }
    this.note(station, 'fault', `#${index} ${kind} in phase ${station.phase}`);
    const peers = [...this.stations.values()].filter((other) => other !== station && other.alive);
    const peer = peers[draw % Math.max(1, peers.length)];
    const topic = this.scenario.topics[draw % this.scenario.topics.length]!;
    const until = (action: () => void) => this.#later(lengthUs, action);
    switch (kind) {
      case 'crash':
      case 'leaderCrash':
        this.#crashAt(station, disturbance.when);
        break;
      case 'successorCrash':
        this.#crashLeaders(station, disturbance, index);
        break;
      case 'partialCrash':
        this.#crashUnheard(station, peers, disturbance);
        break;
      case 'pause':
        this.network.pause(station.id);
        until(() => this.#recover(station));
        break;
      case 'stall':
        station.stalled = true;
        until(() => this.#recover(station));
        break;
      case 'slowMember':
        station.slowUs = 200 + (draw % 4_000);
        until(() => this.#recover(station));
        break;
      case 'slowReader':
        station.full = true;
        until(() => this.#recover(station));
        break;
      case 'delays':
        for (const other of peers) {
          const max = 50 + ((draw >>> (other.id % 16)) % 8_000);
          this.network.setDelay(other.id, station.id, { min: max >> 2, max });
          if (draw % 2 === 0) this.network.setDelay(station.id, other.id, { min: 1, max: max >> 1 });
        }
        until(() => this.#restoreAll(station, peers));
        break;
      case 'partition':
        this.#partition(station, peers, disturbance);
        break;
      case 'flapping':
        if (peer !== undefined) this.#flap(station, peer, disturbance, 6);
        break;
      case 'cutMidPut':
        if (peer === undefined) break;
        this.network.cut(station.id, peer.id);
        until(() => this.network.heal(station.id, peer.id));
        break;
      case 'estrangement':
        if (peer === undefined) break;
        this.#deafen(station, peer.id);
        this.#deafen(peer, station.id);
        until(() => [station, peer].forEach((one) => this.#recover(one)));
        break;
      case 'falseSuspicion':
        if (peer !== undefined) this.#deafen(station, peer.id);
        until(() => this.#recover(station));
        break;
      case 'join':
        this.#later(0, () => this.addMember());
        break;
      case 'joinStorm':
        this.#later(0, () => {
          for (let i = 0; i < 2 + (draw % 4); i++) this.addMember();
        });
        break;
      case 'leave':
        if (station.membership === undefined) break;
        this.history.leaving.add(station.id);
        station.membership.request([{ op: 'leave' }]);
        break;
      case 'open':
        if (station.membership === undefined) break;
        if (draw % 2 === 0) station.openReader(topic);
        else station.openWriter(topic);
        break;
      case 'close':
        if (station.membership !== undefined) station.close(topic.name, draw % 2 === 0 ? 'reader' : 'writer');
        break;
      case 'grow':
        this.#grow(station, topic.name);
    }
  }

  #crashAt(station: Station, when: Disturbance['when']): void {
    if (when === 'before') this.#crashNow(station);
    station.crashAfterPut = true;
  }

  /** Some do not hear what `station` puts from now on, and a little later it dies. */
  #crashUnheard(station: Station, peers: readonly Station[], { draw, lengthUs }: Disturbance): void {
    const deaf = peers.filter(({ id }) => ((draw >>> id) & 1) === 0);
    for (const { id } of deaf) this.network.cut(station.id, id);
    this.#later(lengthUs, () => {
      this.crash(station);
      for (const { id } of deaf) this.network.heal(station.id, id);
    });
  }

  /** The leader dies now, and whoever leads next when it comes to the drawn phase. */
  #crashLeaders(station: Station, disturbance: Disturbance, index: number): void {
    if (disturbance.role === 'leader') {
      this.#crashAt(station, disturbance.when);
      return;
    }
    const members = station.membership?.view.members ?? [];
    const leader = members.map(({ id }) => this.stations.get(id)!).find(({ state }) => state === 'member');
    const left = disturbance.draw % 3;
    this.#armed.push({ index, left, disturbance: { ...disturbance, role: 'leader' } });
    if (leader === station) this.#crashNow(station);
    if (leader !== undefined) this.crash(leader);
  }

  #restoreAll(station: Station, peers: readonly Station[]): void {
    for (const { id } of peers) {
      this.#restore(station.id, id);
      this.#restore(id, station.id);
    }
  }

  /** Cuts some of the links of some members, in one direction or both. */
  #partition(station: Station, peers: readonly Station[], { draw, lengthUs }: Disturbance): void {
    const others = peers.filter(({ id }) => ((draw >>> (id % 20)) & 1) === 0);
    const side = [station, ...peers.filter((peer) => !others.includes(peer) && draw % 3 === 0)];
    for (const a of side)
      for (const b of others) {
        if (draw % 5 !== 0) this.network.cut(a.id, b.id);
        if (draw % 5 < 3) this.network.cut(b.id, a.id);
      }
    this.#later(lengthUs, () => {
      for (const a of side) this.#restoreAll(a, others);
    });
  }

  #flap(a: Station, b: Station, disturbance: Disturbance, times: number): void {
    if (times === 0 || this.#healed) {
      this.#restoreAll(a, [b]);
      return;
    }
    if (times % 2 === 0) this.network.cut(a.id, b.id);
    else this.network.heal(a.id, b.id);
    if (disturbance.draw % 2 === 0) {
      if (times % 2 === 0) this.network.cut(b.id, a.id);
      else this.network.heal(b.id, a.id);
    }
    this.#later(Math.ceil(disturbance.lengthUs / 6), () => this.#flap(a, b, disturbance, times - 1));
  }

  /** `station` does not see the heart of `id` beat any more. */
  #deafen(station: Station, id: MemberId): void {
    const { board } = station;
    const lifeOf = board.lifeOf.bind(board);
    const last = lifeOf(id);
    board.lifeOf = (peer) => (peer === id ? last : lifeOf(peer));
  }

  #grow(station: Station, name: string): void {
    const topic = station.membership?.view.topics.find((known) => known.name === name);
    if (topic === undefined || topic.ringBytes >= 65_536) return;
    const ringBytes = topic.ringBytes * 2;
    station.membership!.request([{ op: 'grow', topic: name, epoch: topic.epoch, ringBytes }]);
  }

  // ---- once the faults are over ----

  /** Every writer that has anyone to write to writes a last sample. */
  writeLast(): void {
    for (const station of this.stations.values()) {
      if (station.state !== 'member') continue;
      for (const topic of station.writing.keys()) station.write(topic, 16);
      station.run();
    }
  }

  /** What the domain owes its members now, with nothing in its way. */
  missing(): string[] {
    const members = [...this.stations.values()].filter(({ state }) => state === 'member');
    const missing: string[] = [];
    const views = new Set(members.map(({ membership }) => membership!.view.viewId));
    if (views.size > 1)
      missing.push(
        `members ${members.map(({ id, membership }) => `${id} in view ${membership!.view.viewId}`).join(', ')}`,
      );
    for (const station of members) {
      const view = station.membership!.view;
      for (const { id } of view.members)
        if (this.stations.get(id)!.state !== 'member')
          missing.push(
            `member ${station.id} has ${id} in its view, which is ${this.stations.get(id)!.state}`,
          );
      if (!view.members.some(({ id }) => id === station.id))
        missing.push(`member ${station.id} is not in its own view`);
    }
    if (missing.length === 0)
      for (const station of members) missing.push(...this.#undelivered(station, members));
    return missing;
  }

  #undelivered(reader: Station, members: readonly Station[]): string[] {
    const missing: string[] = [];
    for (const writer of members)
      for (const [topic, { stream }] of writer.writing) {
        if (!reader.receives(topic)) continue;
        const entry = reader.membership!.view.topics.find(({ name }) => name === topic)!;
        const record = this.history.reader(reader.id, topic, entry.epoch);
        const last = record.last.get(stream.number);
        const got = last ?? lastBefore(stream, record.since);
        if (got < stream.lengths.length)
          missing.push(
            `member ${reader.id} got ${got} of ${stream.lengths.length} samples that ${writer.id} wrote to ${topic}`,
          );
      }
    return missing;
  }

  /** Lets time pass in which nobody wants anything; gives what was put nevertheless, signs of life aside. */
  listen(us: number): string[] {
    this.#listening = [];
    this.network.runFor(us);
    return this.#listening;
  }
}
