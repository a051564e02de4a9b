import { LogicalClock } from '../../runtime/multicast/logical-clock.js';
import { FrameHeader, frameKind, kindWord } from '../../runtime/multicast/frame.js';
import type { Delivery } from '../../runtime/multicast/delivery.js';
import type { SubgroupUser } from '../../runtime/multicast/subgroup.js';
import { entryBytes } from '../../runtime/history/entry.js';
import type { HistoryError } from '../../runtime/history/errors.js';
import type { Holder } from '../../runtime/history/exchange-rows.js';
import type { HistoryEpoch } from '../../runtime/history/boundary.js';
import { type LateReader, TopicHistory } from '../../runtime/history/topic-history.js';
import type { HistoryLimits } from '../../runtime/history/writer-history.js';
import { Membership } from '../../runtime/membership/membership.js';
import { firstView, type Json, type View } from '../../runtime/membership/view.js';
import { Board } from '../../runtime/table/board.js';
import { Poller } from '../../runtime/table/poller.js';
import { SimulatedNetwork, type SimulatedNetworkOptions } from '../../transport/simulated/network.js';
import type { MemberId, Transport } from '../../transport/transport.js';
import { historyFault, expectedHistory, type SeenSample } from './history-oracle.js';

const topic = 't';
const terms = { ordered: true, ringBytes: 8192, largeBytes: 1 << 20, info: null };

export const unlimited: HistoryLimits = {
  depth: Infinity,
  samplesMax: 1e6,
  instancesMax: 1e6,
  samplesPerInstanceMax: 1e6,
  bytesMax: 1e8,
};

/** Leaves the pass of a member that has just crashed. */
class Crash extends Error {}

/** A reader that asks for history, and all that it got. */
export class RecordingReader implements LateReader {
  readonly historyDepth: number;
  readonly endpoint: number;
  readonly got: SeenSample[] = [];
  readonly errors: HistoryError[] = [];
  holding = false;
  epoch = 0;
  ended = false;

  constructor(endpoint: number, depth: number) {
    this.endpoint = endpoint;
    this.historyDepth = depth;
  }

  wants(): boolean {
    return true;
  }

  accept({ memory, offset, length, sender, epoch, sequence, ring, header }: Delivery): void {
    this.got.push({
      epoch,
      sequence,
      member: sender,
      writer: ring.u32[(header >>> 2) + 1]! >>> 16,
      instance: ring.u32[(header >>> 2) + 2]!,
      number: memory.view.getUint32(offset, true),
      bytes: entryBytes(length),
    });
  }

  historyEnded(_missed: number, error: HistoryError | undefined): void {
    this.ended = true;
    if (error !== undefined) this.errors.push(error);
  }
}

/** One member: the production core below, and what holds the topic's history above it. */
export class HistoryMember implements SubgroupUser {
  readonly id: MemberId;
  readonly board: Board;
  readonly poller: Poller;
  readonly views: View[] = [];
  readonly joins: MemberId[] = [];
  readonly readers: RecordingReader[] = [];
  readonly loaned = false;
  membership!: Membership;
  history: TopicHistory | undefined;
  state: 'joining' | 'member' | 'crashed' | 'halted' = 'joining';
  sent = 0;
  readonly #cluster: HistoryCluster;
  readonly transport: Transport;
  #open: RecordingReader[] = [];
  #writer: FrameHeader | undefined;
  #endpoints = 0;
  #epoch = 0;

  constructor(cluster: HistoryCluster, id: MemberId) {
    this.#cluster = cluster;
    this.id = id;
    this.transport = cluster.network.addMember(id);
    this.board = new Board(this.transport);
    this.poller = new Poller(this.transport, this.board);
  }

  enter(view: View): void {
    this.state = 'member';
    this.views.push(view);
    this.membership = new Membership(
      this.transport,
      this.board,
      this.poller,
      new LogicalClock(this.#cluster.network.clock),
      view,
      { suspicionUs: 1_000_000, progressUs: 30_000_000, singleHost: true },
      {
        admit: () => undefined,
        userOf: () => this,
        installed: (next) => this.#installed(next),
        opened: () => undefined,
        silent: (member) => this.#cluster.network.crash(member),
        left: () => undefined,
        halted: () => {
          if (this.state === 'member') this.state = 'halted';
        },
      },
    );
  }

  #installed(view: View): void {
    this.views.push(view);
    for (const id of this.joins) this.#cluster.welcome(id, view);
    const epoch = view.topics.find(({ name }) => name === topic)?.epoch ?? 0;
    if (epoch === 0 || epoch === this.#epoch) return;
    this.#epoch = epoch;
    const begin = historyEpochOf(view);
    if (!begin.holders.some(({ member }) => member === this.id)) return;
    this.history ??= new TopicHistory(this.transport, topic, (slot) => this.board.mark(slot));
    this.history.begin(begin);
    for (const reader of this.readers) {
      const isIn = view.endpoints.some(({ member, id }) => member === this.id && id === reader.endpoint);
      if (!isIn || this.#open.includes(reader)) continue;
      reader.epoch = epoch;
      this.#open = [...this.#open, reader];
      this.history.addReader(reader);
    }
  }

  read(depth = Infinity): RecordingReader {
    const reader = new RecordingReader(++this.#endpoints, depth);
    this.readers.push(reader);
    this.#request('reader', reader.endpoint, null);
    return reader;
  }

  write(limits: HistoryLimits): void {
    const id = ++this.#endpoints;
    this.#writer = new FrameHeader(kindWord(frameKind.data, 0, id));
    this.#request('writer', id, { ...limits, depth: limits.depth === Infinity ? 1e9 : limits.depth });
  }

  close(endpoint: number): void {
    this.membership.request([{ op: 'close', endpoint }]);
    this.run();
  }

  #request(role: 'reader' | 'writer', id: number, info: Json): void {
    this.membership.request([{ op: 'open', endpoint: { id, role, topic, info, holds: true }, terms }]);
    this.run();
  }

  send(instance: number, length: number): boolean {
    const slot = this.membership.view.topics.find(({ name }) => name === topic)?.slot;
    const subgroup = slot === undefined ? undefined : this.membership.subgroup(slot);
    if (subgroup?.outbox === undefined || !subgroup.open || !subgroup.outbox.open(length)) return false;
    const { ring } = subgroup.outbox;
    ring.memory.view.setUint32(ring.payloadStart, ++this.sent, true);
    this.#writer!.setInstance(instance, 0);
    const { clock } = this.#cluster.network;
    this.#writer!.next({ stampInto: (floats, index) => (floats[index] = clock.nowUs()) });
    ring.commit(length, this.#writer!);
    this.poller.wake(slot!);
    return true;
  }

  run(): void {
    if (this.state !== 'member') return;
    try {
      for (let passes = 0; passes < 100 && this.poller.pass(); passes++);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
  }

  // ---- SubgroupUser ----

  get full(): boolean {
    return this.history?.gated === true;
  }
  get waiting(): boolean {
    return this.history?.active === true;
  }
  unloan(): void {
    // Nothing is lent here.
  }
  epochEnded(): void {
    // Nobody waits for stability here.
  }
  evaluated(): boolean {
    if (this.history?.step((target) => this.#open.includes(target as RecordingReader)) === true)
      this.poller.wake(this.membership.view.topics[0]!.slot);
    return false;
  }
  deliver(message: Delivery): void {
    const open = this.#open;
    if (this.history?.pass(message, open) === false) return;
    for (const reader of open) reader.accept(message);
  }
}

/** The epoch of the topic that begins with `view`. */
export function historyEpochOf(view: View): HistoryEpoch {
  const holding = view.endpoints.filter(({ holds }) => holds);
  const { slot, epoch } = view.topics.find(({ name }) => name === topic)!;
  const holders: Holder[] = view.members
    .map(({ id }) => holding.filter(({ member }) => member === id))
    .filter((mine) => mine.length > 0)
    .map((mine) => ({ member: mine[0]!.member, since: Math.min(...mine.map(({ since }) => since!)) }));
  const writers = holding
    .filter(({ role }) => role === 'writer')
    .map(({ member, id, info }) => ({ member, number: id, limits: info as unknown as HistoryLimits }));
  return { slot, epoch, holders, writers };
}

/** Members over the simulated network, and faults at chosen puts. */
export class HistoryCluster {
  readonly network: SimulatedNetwork;
  readonly members = new Map<MemberId, HistoryMember>();
  /** Called before each put of a region of the exchange; true crashes its owner. */
  crashAt: (source: MemberId, region: string) => boolean = () => false;

  constructor(options: Pick<SimulatedNetworkOptions, 'seed' | 'mode'>) {
    this.network = new SimulatedNetwork({
      ...options,
      faults: {
        beforePut: ({ source, region }) => {
          if (this.members.get(source)?.state !== 'member' || !region.startsWith('history')) return;
          if (!this.crashAt(source, region)) return;
          this.crash(source);
          throw new Crash();
        },
      },
    });
    this.network.onDeliver((id) => this.members.get(id)?.run());
    this.#beat();
  }

  #beat(): void {
    for (const member of this.members.values()) {
      if (member.state !== 'member') continue;
      member.board.progress();
      member.membership.tick();
      member.run();
    }
    this.network.schedule(this.network.clock.nowUs() + 10_000, () => this.#beat());
  }

  add(id: MemberId): HistoryMember {
    const member = new HistoryMember(this, id);
    this.members.set(id, member);
    const contacts = this.alive().filter(({ state }) => state === 'member');
    if (contacts.length === 0) member.enter(firstView(1, id, null));
    else contacts[0]!.membership.request([{ op: 'join', member: id, info: null }]);
    for (const contact of contacts) contact.joins.push(id);
    for (const contact of contacts) contact.run();
    for (let i = 0; i < 100 && member.state === 'joining'; i++) this.network.runFor(2000);
    return member;
  }

  welcome(id: MemberId, view: View): void {
    const joiner = this.members.get(id)!;
    if (joiner.state === 'joining' && view.members.some((member) => member.id === id))
      joiner.enter(JSON.parse(JSON.stringify(view)) as View);
  }

  crash(id: MemberId): void {
    this.members.get(id)!.state = 'crashed';
    this.network.crash(id);
  }

  transportOf(id: MemberId): Transport {
    return this.members.get(id)!.transport;
  }

  alive(): HistoryMember[] {
    return [...this.members.values()].filter(({ state }) => state === 'member' || state === 'joining');
  }

  /** The writers among `ids` write `count` messages each over `instances` instances, while time passes. */
  write(ids: readonly MemberId[], count: number, instances = 5, length = 400): void {
    const goals = ids.map((id) => this.members.get(id)!.sent + count);
    for (let step = 0; step < 5000; step++) {
      let busy = false;
      ids.forEach((id, i) => {
        const member = this.members.get(id)!;
        if (member.state !== 'member' || member.sent >= goals[i]!) return;
        busy = true;
        for (let burst = 0; burst < 5 && member.sent < goals[i]!; burst++)
          if (!member.send((member.sent * 7) % instances, length)) break;
        member.run();
      });
      this.network.runFor(200);
      if (!busy) return;
    }
    throw new Error('the writers come to no end');
  }
}

/** What is wrong with what `reader` of `member` got, where `order` is what was agreed; undefined where nothing is. */
export function faultOf(member: HistoryMember, reader: RecordingReader, order: readonly SeenSample[]) {
  const view = member.views.find(({ viewId }) => viewId === reader.epoch)!;
  const { writers } = historyEpochOf(view);
  const history = expectedHistory(order, reader.epoch, writers, reader.historyDepth);
  const fault = historyFault(reader.got, history, order, reader.epoch);
  const live = order.filter(({ epoch }) => epoch >= reader.epoch);
  if (fault === undefined && reader.got.length !== history.length + live.length)
    return `${reader.got.length} samples instead of ${history.length} and ${live.length}`;
  return fault;
}
