import type { MemberId } from '../../transport/transport.js';
import { trimEnd } from '../../runtime/multicast/walk.js';
import type { LogRecord } from './disk.js';
import { type Delivered, type EpochRecord, type History, isBinding, type TrimActed } from './history.js';
import * as oracles from './log-oracles.js';
import type { Station } from './station.js';

/**
 * What lies on the members' disks, as far as the oracles need it: they look at what a loss of power would leave, whatever the core says of it.
 *
 * @throws Violation from every method
 */
export class Logs {
  readonly #history: History;
  readonly #stations: ReadonlyMap<MemberId, Station>;

  constructor(history: History, stations: ReadonlyMap<MemberId, Station>) {
    this.#history = history;
    this.#stations = stations;
  }

  /** A member has handed a message to its log. */
  appended(member: MemberId, name: string, record: LogRecord): void {
    const topic = this.#history.epoch(name, record.epoch)!;
    const place = topic.loggedBy.get(member) ?? 0;
    oracles.logsFollowTheOrder(topic, member, place, record);
    topic.logged[place] ??= record;
    topic.loggedBy.set(member, place + 1);
  }

  delivered(topic: EpochRecord, event: Delivered): void {
    if (topic.persistent !== 'commit') return;
    const { suspects } = this.#stations.get(event.member)!;
    const replicas = topic.replicas.filter((id) => !event.byTrim || !suspects.has(id));
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
  trimActed({ member, topic: name, epoch, trim }: TrimActed): void {
    const topic = this.#history.epoch(name, epoch)!;
    if (topic.persistent === undefined) return;
    const station = this.#stations.get(member)!;
    if (isBinding(topic)) oracles.committedIsKept(topic);
    const viewId = station.view!.viewId + 1;
    const goingOn = station
      .view!.members.map(({ id }) => this.#stations.get(id)!)
      .filter(({ id, disk }) => disk !== undefined && !station.suspects.has(id));
    const others = goingOn.map(({ id, disk }) => ({ member: id, record: disk!.views.durable(viewId) }));
    oracles.preparedBeforeTheTrim(topic, member, trimEnd(trim) - 1, others);
    if (!topic.replicas.includes(member)) return;
    const log = station.disk!.log(name);
    const durable = log.records.slice(0, log.durable).filter((record) => record.epoch === epoch).length;
    oracles.logsEndAlike(topic, member, durable);
    topic.logsEnded.set(member, durable);
  }

  #onDisk({ topic, epoch }: EpochRecord, replicas: readonly MemberId[]): oracles.OnDisk[] {
    return replicas.map((member) => {
      const { durableEpoch, durableSequence } = this.#stations.get(member)!.disk!.log(topic);
      // Whoever has gone on to the next epoch had all of this one first: logs are in order.
      if (durableEpoch > epoch) return { member, durable: Infinity };
      return { member, durable: durableEpoch === epoch ? durableSequence + 1 : 0 };
    });
  }
}
