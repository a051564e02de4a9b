import type { MemberId } from '../../transport/transport.js';
import type { Delivered, EpochRecord } from './history.js';
import type { LogRecord } from './disk.js';
import { require } from './violation.js';

/** A replica of an epoch, and one past the last sequence of it that its disk would give back after a loss of power. */
export interface OnDisk {
  readonly member: MemberId;
  readonly durable: number;
}

/** A member that goes on, and the record of the next view that its disk would give back; undefined where it has none. */
export interface Prepared {
  readonly member: MemberId;
  readonly record: string | undefined;
}

const recordText = ({ epoch, sequence }: LogRecord) => `sequence ${sequence} of epoch ${epoch}`;

/** What a log has of an epoch is the beginning of what its topic has: the same messages, in the order in which they are delivered, from the first on. */
export function logsFollowTheOrder(
  topic: EpochRecord,
  member: MemberId,
  place: number,
  record: LogRecord,
): void {
  for (const known of [topic.logged[place], topic.order[0]![place]])
    require(known === undefined ||
      (known.sequence === record.sequence && known.hash === record.hash), logsFollowTheOrder, () =>
      `the log of ${topic.topic} at member ${member} has ${recordText(record)} as number ${place}, where ${known!.sequence} belongs`, () => ({
      record,
      known,
    }));
}

/** A log has each sample once, and each writer's in order, over all epochs of a life of its domain. `last` is the newest of the same writer that it has. */
export function logsHaveNothingTwice(
  topic: string,
  member: MemberId,
  last: LogRecord | undefined,
  record: LogRecord,
): void {
  require(last === undefined || record.number > last.number, logsHaveNothingTwice, () =>
    `the log of ${topic} at member ${member} gets number ${record.number} of stream ${record.stream} at ${recordText(record)}, and has number ${last!.number} as ${recordText(last!)}`, () => ({
    record,
    last,
  }));
}

/**
 * Whoever was in an epoch whose end only the failed knew, and has stayed, has delivered all that the log has of it which says where it ended, by the time that this
 * log counts.
 */
export function lostEndIsDelivered(
  topic: EpochRecord,
  member: MemberId,
  delivered: number,
  records: number,
): void {
  require(delivered === records, lostEndIsDelivered, () =>
    `member ${member} goes on from ${topic.topic}@${topic.epoch} with ${delivered} samples of it, and the log that came back has ${records}`, () => ({
    member,
    delivered,
    records,
  }));
}

/** A log goes on to a later epoch only where it has all that was kept of those before, since it is always a beginning of its topic's order. */
export function logsSkipNothing(
  topic: EpochRecord,
  member: MemberId,
  has: number,
  last: number,
  record: LogRecord,
): void {
  require(has === last, logsSkipNothing, () =>
    `the log of ${topic.topic} at member ${member} goes on to ${recordText(record)} after sequence ${has} of epoch ${topic.epoch}, which ended with ${last}`, () => ({
    record,
    trim: topic.trim,
  }));
}

/** A log that is called whole has what all others have that are, of the epochs before the one in which its member is. */
export function wholeLogsAlike(
  topic: string,
  epoch: number,
  member: MemberId,
  mine: readonly LogRecord[],
  other: MemberId,
  theirs: readonly LogRecord[],
): void {
  const differs = mine.findIndex(
    ({ epoch: e, sequence, hash }, i) =>
      e !== theirs[i]?.epoch || sequence !== theirs[i].sequence || hash !== theirs[i].hash,
  );
  require(differs < 0 && mine.length === theirs.length, wholeLogsAlike, () =>
    `member ${member} calls its log of ${topic} whole before epoch ${epoch} with ${mine.length} messages, member ${other} with ${theirs.length}, and number ${differs} differs`, () => ({
    mine: mine[differs],
    theirs: theirs[differs],
  }));
}

/**
 * A persistent topic that delivers what is committed delivers nothing that a replica, of those that are left, would not have after a loss of
 * power; and nothing in an epoch that has no replica.
 */
export function committedBeforeDelivery(
  topic: EpochRecord,
  event: Delivered,
  replicas: readonly OnDisk[],
): void {
  const nobody: OnDisk | undefined = topic.whole.length > 0 ? undefined : { member: 0, durable: 0 };
  const without = nobody ?? replicas.find(({ durable }) => event.sequence >= durable);
  require(without === undefined, committedBeforeDelivery, () =>
    `member ${event.member} got sequence ${event.sequence} of ${event.topic}@${event.epoch}, and member ${without!.member} has only ${without!.durable} on its disk`, () => ({
    event,
    replicas,
  }));
}

/** What a writer is told is committed, every replica has on its disk. */
export function committedIsDurable(topic: EpochRecord, end: number, replicas: readonly OnDisk[]): void {
  const without = replicas.find(({ durable }) => end > durable);
  require(without === undefined, committedIsDurable, () =>
    `sequences below ${end} of ${topic.topic}@${topic.epoch} are called committed, and member ${without!.member} has only ${without!.durable} on its disk`, () =>
    replicas);
}

/** What was told is committed is in the trim. */
export function committedIsKept(topic: EpochRecord): void {
  const { trim } = topic;
  require(trim === undefined ||
    topic.turnsCommitted.every((turns, s) => turns <= trim[s]!), committedIsKept, () =>
    `${topic.topic}@${topic.epoch} ends with the trim ${trim!.join(', ')}, but turns ${topic.turnsCommitted.join(', ')} were committed`, () => ({
    trim,
    committed: topic.turnsCommitted,
  }));
}

/** Who acts on the trim of a persistent topic, and goes on, finds the next view on the disks of all who go on, the same, and where the epoch ends. */
export function preparedBeforeTheTrim(
  topic: EpochRecord,
  member: MemberId,
  lastSequence: number | null,
  others: readonly Prepared[],
): void {
  const named = (record: string) =>
    (
      JSON.parse(record) as { ended: { topic: string; epoch: number; lastSequence: number | null }[] }
    ).ended.find((end) => end.topic === topic.topic && end.epoch === topic.epoch)?.lastSequence;
  const without = others.find(
    ({ record }) => record === undefined || record !== others[0]!.record || named(record) !== lastSequence,
  );
  require(without === undefined, preparedBeforeTheTrim, () =>
    `member ${member} ends ${topic.topic}@${topic.epoch} after sequence ${lastSequence}, and member ${without!.member} would not know of it`, () => ({
    lastSequence,
    others,
  }));
}

/** Replicas that go on have all of the epoch that has ended on their disks, the same of it; where it is known where it ended. */
export function logsEndAlike(topic: EpochRecord, member: MemberId, records: number): void {
  for (const [other, theirs] of topic.logsEnded)
    require(records === theirs, logsEndAlike, () =>
      `the log of ${topic.topic}@${topic.epoch} at member ${member} ends with ${records} messages, that of ${other} with ${theirs}`, () => ({
      member,
      records,
      other,
      theirs,
    }));
}
