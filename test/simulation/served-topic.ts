import type { Holder } from '../../runtime/history/exchange-rows.js';
import type { HistoryError } from '../../runtime/history/errors.js';
import type { HistoryEpoch } from '../../runtime/history/boundary.js';
import { type LateReader, TopicHistory } from '../../runtime/history/topic-history.js';
import { unsettledEpoch } from '../../runtime/membership/topic-past.js';
import type { Topic, View } from '../../runtime/membership/view.js';
import { endpointsOn } from '../../runtime/membership/view-parts.js';
import type { Delivery } from '../../runtime/multicast/delivery.js';
import type { Delivered } from './history.js';
import type { Station } from './station.js';
import type { TopicPlan } from './topics.js';
import type { ReaderLog } from './transfers.js';
import type { World } from './world.js';

/** What a writer says of itself in its endpoint. */
export interface WriterInfo {
  /** In the frames that it writes. */
  readonly number: number;
  readonly [key: string]: number;
}

/** A reader of a topic that keeps history, and what the oracles know of it. */
class StationReader implements LateReader {
  readonly endpoint: number;
  readonly historyDepth: number;
  readonly log: ReaderLog;
  readonly #topic: ServedTopic;

  constructor(topic: ServedTopic, endpoint: number, log: ReaderLog) {
    this.#topic = topic;
    this.endpoint = endpoint;
    this.log = log;
    this.historyDepth = log.depth;
  }

  get holding(): boolean {
    return this.#topic.station.full;
  }

  wants(): boolean {
    return true;
  }

  accept(message: Delivery): void {
    this.#topic.readerGot(this.log, message);
  }

  historyEnded(_missed: number, error: HistoryError | undefined): void {
    this.#topic.historyEnded(this.log, error);
  }
}

/** A topic that keeps history, at one member: between the subgroup that serves it and the member's reader. */
export class ServedTopic {
  readonly plan: TopicPlan;
  readonly station: Station;
  readonly world: World;
  history: TopicHistory | undefined;
  /** The epoch since which this member holds it. */
  since = 0;
  /** This member gives its history to somebody. */
  serving = false;
  #reader: StationReader | undefined;
  #targets: readonly StationReader[] = [];
  #epoch = -1;
  #slot = 0;

  constructor(world: World, station: Station, plan: TopicPlan) {
    this.world = world;
    this.station = station;
    this.plan = plan;
  }

  /** A view is installed: a new epoch may begin, and a reader may have come or gone. */
  installed(view: View): void {
    const topic = view.topics.find(({ name }) => name === this.plan.name);
    if (topic === undefined || topic.epoch !== this.#epoch) this.#beginEpoch(view, topic);
    const endpoint = this.station.application.reading.get(this.plan.name);
    const inView = endpointsOn(view, this.plan.name).find(
      ({ member, id }) => member === this.station.id && id === endpoint,
    );
    if (inView === undefined) this.#setReader(undefined);
    else if (this.#reader?.endpoint !== inView.id) this.#openReader(topic!, inView.id, inView.holds === true);
  }

  #beginEpoch(view: View, topic: Topic | undefined): void {
    this.serving = false;
    this.#epoch = topic?.epoch ?? -1;
    this.#slot = topic?.slot ?? 0;
    const epoch = topic && historyEpochOf(view, topic, this.plan);
    if (!epoch?.holders.some(({ member }) => member === this.station.id)) {
      this.history?.cease();
      if (this.history?.over === true || this.#reader === undefined) this.history = undefined;
      return;
    }
    if (this.history === undefined) this.since = epoch.epoch;
    this.history ??= new TopicHistory(this.station.transport, this.plan.name, (slot) =>
      this.station.board.mark(slot),
    );
    this.history.begin(epoch);
  }

  #openReader({ epoch }: Topic, endpoint: number, late: boolean): void {
    const depth = late ? this.station.depthOf(this.plan.name) : 0;
    const log = this.world.transfers.open(this.station.id, this.plan.name, epoch, depth);
    this.#setReader(new StationReader(this, endpoint, log));
    if (late) this.history!.addReader(this.#reader!);
  }

  #setReader(reader: StationReader | undefined): void {
    if (this.#reader !== undefined && reader !== this.#reader) this.world.transfers.close(this.#reader.log);
    this.#reader = reader;
    this.#targets = reader === undefined ? [] : [reader];
  }

  // ---- as the subgroup's user ----

  get full(): boolean {
    return this.history?.gated === true;
  }

  get waiting(): boolean {
    return this.history?.active === true;
  }

  evaluated(): void {
    const { history } = this;
    if (history === undefined) return;
    const wasGated = history.gated;
    const more = history.step((target) => target === this.#reader);
    if (!history.active) this.serving = false;
    if (history.over) this.history = undefined;
    if (more || wasGated !== history.gated) this.station.poller.wake(this.#slot);
  }

  deliver(message: Delivery, event: Delivered): void {
    if (this.#reader !== undefined) this.world.transfers.owe(this.#reader.log, event);
    if (this.history?.pass(message, this.#targets) === false) return;
    for (const reader of this.#targets) reader.accept(message);
  }

  historyEnded(log: ReaderLog, error: HistoryError | undefined): void {
    this.world.historyEnded(this, log, error);
  }

  readerGot(log: ReaderLog, { memory, offset, epoch, sequence }: Delivery): void {
    const stream = memory.u32[offset >>> 2]!;
    const number = memory.u32[(offset >>> 2) + 1]!;
    this.world.readerGot(log, { stream, number, epoch, sequence });
  }
}

/** Who holds the topic for late readers in the epoch that begins with `view`, and whose samples. */
function historyEpochOf(view: View, topic: Topic, { history }: TopicPlan): HistoryEpoch {
  const holding = endpointsOn(view, topic.name).filter(({ holds }) => holds);
  const holders: Holder[] = view.members
    .map(({ id }) => ({ member: id, mine: holding.filter(({ member }) => member === id) }))
    .filter(({ mine }) => mine.length > 0)
    .map(({ member, mine }) => ({ member, since: Math.min(...mine.map(({ since }) => since!)) }));
  const writers = holding
    .filter(({ role }) => role === 'writer')
    .map(({ member, info }) => ({ member, number: (info as WriterInfo).number, limits: history!.limits }));
  const unsettled = unsettledEpoch(view, topic);
  return { slot: topic.slot, epoch: topic.epoch, holders, writers, unsettled };
}
