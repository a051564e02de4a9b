import type { MemberId } from '../../transport/transport.js';
import { trimEnd } from '../../runtime/multicast/walk.js';
import type { LogRecord } from './disk.js';
import { type Delivered, type EpochRecord, type History, isBinding, type TrimActed } from './history.js';
import * as oracles from './log-oracles.js';
import type { Past } from './past.js';
import type { Station } from './station.js';

/**
 * What lies on the members' disks, as far as the oracles need it: they look at what a loss of power would leave, whatever the core says of it.
 *
 * @throws Violation from every method
 */
export class Logs {
  readonly #history: History;
  readonly #stations: ReadonlyMap<MemberId, Station>;
  readonly #past: Past;

  constructor(history: History, stations: ReadonlyMap<MemberId, Station>, past: Past) {
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
    if (topic.logged[place] === undefined) this.#past.logged(topic, record);
    topic.logged[place] ??= record;
    if (!isBeside) this.#skipsNothing(name, member, before.at(-1 - place), record);
  }

  /** Between two epochs of a log nothing is left out. */
  #skipsNothing(name: string, member: MemberId, last: LogRecord | undefined, record: LogRecord): void {
    for (const topic of this.#history.epochs.values()) {
      if (topic.topic !== name || topic.epoch >= record.epoch || topic.epoch < (last?.epoch ?? -1)) continue;
      // Where all its replicas have failed, nobody knows where it ended but for the longest log that is left.
      if (topic.logsEnded.size === 0 || topic.loses) continue;
      const end = trimEnd(topic.trim!);
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
    const { suspects } = this.#stations.get(event.member)!;
    const replicas = topic.replicas.filter((id) => !event.byTrim || topic.loses || !suspects.has(id));
    oracles.committedBeforeDelivery(topic, event, this.#onDisk(topic, replicas));
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
