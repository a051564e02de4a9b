import type { MemberId } from '../../transport/transport.js';
import { subgroupLayout, type View } from '../../runtime/membership/view.js';
import { trimEnd } from '../../runtime/multicast/walk.js';
import type { LogRecord } from './disk.js';
import { type Delivered, type EpochRecord, type History, isBinding, type TrimActed } from './history.js';
import * as oracles from './log-oracles.js';
import { trimCoversDelivered } from './oracles.js';
import type { Past } from './past.js';
import type { Station } from './station.js';
import type { Tally } from './tally.js';

/**
 * What lies on the members' disks, as far as the oracles need it: they look at what a loss of power would leave, whatever the core says of it.
 *
 * @throws Violation from every method
 */
export class Logs {
  readonly #history: History;
  readonly #stations: ReadonlyMap<MemberId, Station>;
  readonly #past: Past;
  readonly #tally: Tally;

  constructor(history: History, stations: ReadonlyMap<MemberId, Station>, past: Past, tally: Tally) {
    this.#tally = tally;
    this.#history = history;
    this.#stations = stations;
    this.#past = past;
  }

  /** A member has handed a message to its log, or to the one beside it; `before` is what that has. */
  appended(
    member: MemberId,
    name: string,
    record: LogRecord,
    before: readonly LogRecord[],
    isBeside: boolean,
  ): void {
    const topic = this.#history.epoch(name, record.epoch);
    // Of an earlier life of the domain: a restart has looked at it.
    if (topic === undefined) return;
    let place = 0;
    while (before.at(-1 - place)?.epoch === record.epoch) place++;
    oracles.logsFollowTheOrder(topic, member, place, record);
    oracles.logsHaveNothingTwice(name, member, this.#lastOfStream(name, before, record), record);
    if (topic.logged[place] === undefined) this.#past.logged(topic, record);
    topic.logged[place] ??= record;
    if (!isBeside) this.#skipsNothing(name, member, before.at(-1 - place), record);
  }

  /** In this life: streams of an earlier one had the same numbers. */
  #lastOfStream(name: string, before: readonly LogRecord[], { stream }: LogRecord): LogRecord | undefined {
    return before.findLast(
      (other) => other.stream === stream && this.#history.epoch(name, other.epoch) !== undefined,
    );
  }

  /** Between two epochs of a log nothing is left out. */
  #skipsNothing(name: string, member: MemberId, last: LogRecord | undefined, record: LogRecord): void {
    for (const topic of this.#history.epochs.values()) {
      if (topic.topic !== name || topic.epoch >= record.epoch || topic.epoch < (last?.epoch ?? -1)) continue;
      // Where all its replicas have failed, nobody knows where it ended before one of them is back.
      if (topic.loses ? topic.logEnd === undefined : topic.logsEnded.size === 0) continue;
      const end = topic.logEnd ?? trimEnd(topic.trim!);
      const kept = topic.logged.filter(({ sequence }) => sequence < end);
      const has = topic.epoch === last?.epoch ? last.sequence : -1;
      oracles.logsSkipNothing(topic, member, has, kept.at(-1)?.sequence ?? -1, record);
    }
  }

  /** A member says that its log has all that was before the present epoch: it has what every other one has that says so. */
  whole(station: Station, name: string): void {
    const epochAt = ({ membership }: Station) =>
      membership!.view.topics.find((topic) => topic.name === name)?.epoch ?? 0;
    for (const other of this.#stations.values()) {
      if (other === station || other.state !== 'member' || other.kept.get(name)?.isWhole !== true) continue;
      const epoch = Math.min(epochAt(station), epochAt(other));
      const mine = before(station.disk!.replica(name).durableRecords, epoch);
      const theirs = before(other.disk!.replica(name).durableRecords, epoch);
      oracles.wholeLogsAlike(name, epoch, station.id, mine, other.id, theirs);
    }
  }

  delivered(topic: EpochRecord, event: Delivered): void {
    if (topic.persistent !== 'commit') return;
    // What follows the trim of a lost epoch: see `lostEndIsDelivered`.
    if (topic.loses && topic.ended.has(event.member)) return;
    const { suspects } = this.#stations.get(event.member)!;
    const replicas = topic.replicas.filter((id) => !event.byTrim || topic.loses || !suspects.has(id));
    oracles.committedBeforeDelivery(topic, event, this.#onDisk(topic, replicas));
  }

  /** A view is installed, which may say where an epoch ended of which only the failed knew. */
  installed({ id }: Station, view: View): void {
    for (const { topic: name, ended } of view.pasts ?? []) {
      const topic = ended && this.#history.epoch(name, ended.epoch);
      if (topic?.loses !== true) continue;
      const log = this.#logOn(ended!.disks[0]!, name).filter(({ epoch }) => epoch === topic.epoch);
      if (topic.logEnd === undefined) this.#settle(topic, view, ended!.lastSequence!, log);
      if (topic.persistent === 'commit' && topic.ended.has(id) && this.#stayed(id, topic, view))
        oracles.lostEndIsDelivered(topic, id, this.#history.countsOf(topic, id)[0]!, log.length);
    }
  }

  #settle(topic: EpochRecord, { viewId }: View, lastSequence: number, log: readonly LogRecord[]): void {
    const senders = topic.senders.length;
    topic.settled = { viewId, trim: topic.trim! };
    topic.logEnd = lastSequence + 1;
    this.#tally.meet('lostEnd');
    if (log.some(({ sequence }) => sequence >= trimEnd(topic.trim!))) this.#tally.meet('lostTail');
    topic.trim = topic.trim!.map((turns, s) => Math.max(turns, Math.floor((lastSequence - s) / senders) + 1));
    for (const { stream, number } of log) this.#history.streams[stream]!.keptIn.set(topic.epoch, number);
    oracles.committedIsKept(topic);
    trimCoversDelivered(topic, topic.trim);
  }

  #logOn(disk: string, name: string): readonly LogRecord[] {
    const station = [...this.#stations.values()].find((other) => other.disk?.id === disk);
    return station!.disk!.replica(name).durableRecords;
  }

  /** It was a receiver in all views since that epoch began. */
  #stayed(member: MemberId, { topic: name, epoch }: EpochRecord, { viewId }: View): boolean {
    for (let k = epoch; k <= viewId; k++) {
      const view = this.#history.views.get(k)!.view;
      const topic = view.topics.find((known) => known.name === name);
      if (topic === undefined || !subgroupLayout(view, topic).receivers.includes(member)) return false;
    }
    return true;
  }

  /** A writer hears how many of its turns are committed. */
  committed(name: string, epoch: number, sender: MemberId, turns: number): void {
    const topic = this.#history.epoch(name, epoch)!;
    const s = topic.senders.indexOf(sender);
    if (turns <= topic.turnsCommitted[s]!) return;
    topic.turnsCommitted[s] = turns;
    const place = topic.logged.findLastIndex(
      ({ sequence }) => sequence <= (turns - 1) * topic.senders.length + s,
    );
    const end = place < 0 ? 0 : topic.logged[place]!.sequence + 1;
    oracles.committedIsDurable(topic, end, this.#onDisk(topic, topic.replicas));
    if (isBinding(topic)) oracles.committedIsKept(topic);
  }

  /** A member has acted on the trim of an epoch. */
  trimActed({ member, topic: name, epoch, trim, loses }: TrimActed): void {
    const topic = this.#history.epoch(name, epoch)!;
    if (topic.persistent === undefined) return;
    const station = this.#stations.get(member)!;
    if (isBinding(topic)) oracles.committedIsKept(topic);
    else this.#past.forget(name);
    const viewId = station.view!.viewId + 1;
    const goingOn = station
      .view!.members.map(({ id }) => this.#stations.get(id)!)
      .filter(({ id, disk }) => disk !== undefined && !station.suspects.has(id));
    const others = goingOn.map(({ id, disk }) => ({ member: id, record: disk!.views.durable(viewId) }));
    oracles.preparedBeforeTheTrim(topic, member, loses === true ? null : trimEnd(trim) - 1, others);
    if (!topic.replicas.includes(member) || loses === true) return;
    const durable = station.disk!.replica(name).countIn(epoch);
    oracles.logsEndAlike(topic, member, durable);
    topic.logsEnded.set(member, durable);
  }

  #onDisk({ topic, epoch }: EpochRecord, replicas: readonly MemberId[]): oracles.OnDisk[] {
    return replicas.map((member) => ({
      member,
      durable: this.#stations.get(member)!.disk!.replica(topic).durableIn(epoch),
    }));
  }
}

const before = (records: readonly LogRecord[], epoch: number): LogRecord[] =>
  records.filter((record) => record.epoch < epoch);
