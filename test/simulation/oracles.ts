import type { MemberId } from '../../transport/transport.js';
import type { MembershipError } from '../../runtime/membership/errors.js';
import { subgroupLayout, type Topic, type View } from '../../runtime/membership/view.js';
import type { SubgroupColumns } from '../../runtime/multicast/row.js';
import { require, Violation } from './violation.js';
import {
  type Delivered,
  type EpochRecord,
  type History,
  type Installed,
  type ReaderRecord,
  type TrimActed,
  type ViewRecord,
} from './history.js';

const sampleText = ({ stream, number, epoch, sequence }: Delivered) =>
  `sample ${number} of stream ${stream} at ${sequence} of epoch ${epoch}`;

/** A sample that is delivered was accepted from a writer of that topic at that sender, and has its bytes. */
export function nothingInvented(history: History, record: EpochRecord, event: Delivered): void {
  const stream = history.streams[event.stream];
  const length = stream?.lengths[event.number - 1];
  require(event.intact &&
    stream !== undefined &&
    stream.topic === event.topic &&
    stream.writer === event.sender &&
    length === event.length &&
    record.senders.includes(event.sender) &&
    record.receivers.includes(event.member), nothingInvented, () =>
    `member ${event.member} got ${sampleText(event)}, which nobody wrote like that`, () => ({
    event,
    accepted: stream?.lengths.length,
    length,
  }));
}

/** A reader gets each writer's samples in the order in which they were written, and none twice. */
export function fifoAtMostOnce(reader: ReaderRecord, event: Delivered): void {
  const last = reader.last.get(event.stream) ?? 0;
  require(event.number > last, fifoAtMostOnce, () =>
    `member ${event.member} got ${sampleText(event)} after number ${last}`, () => ({ event, last }));
}

/**
 * A reader that has got a sample of a writer gets all that follow it; and its first is 1, or follows what others got in epochs before it was
 * a receiver, or what was written before such an epoch that nobody read: no sample is left out. `last` is the number before.
 */
export function noGap(last: number, event: Delivered): void {
  require(event.number <= last + 1, noGap, () =>
    `member ${event.member} got ${sampleText(event)} after number ${last}: some are missing`, () => ({
    event,
    last,
  }));
}

/**
 * Within an epoch, all members deliver the same samples with the same bytes at the same places: what two of them have delivered are
 * prefixes of each other. Raw topics: by sender.
 */
export function agreementAndOrder(record: EpochRecord, list: number, place: number, event: Delivered): void {
  const known = record.order[list]![place];
  require(known === undefined ||
    (known.stream === event.stream &&
      known.number === event.number &&
      known.sequence === event.sequence &&
      known.hash === event.hash), agreementAndOrder, () =>
    `member ${event.member} got ${sampleText(event)} where member ${known!.member} got ${sampleText(known!)}`, () => ({
    event,
    known,
    place,
  }));
}

/** Ordered topics deliver outside of a trim only what every receiver has received. */
export function stableBeforeDelivery(
  record: EpochRecord,
  event: Delivered,
  stableInTruth: () => number,
): void {
  if (!record.ordered || event.byTrim || event.sequence < record.stable) return;
  record.stable = stableInTruth();
  require(event.sequence < record.stable, stableBeforeDelivery, () =>
    `member ${event.member} got ${sampleText(event)}, though only ${record.stable} are received everywhere`, () => ({
    event,
    stable: record.stable,
  }));
}

/** Nobody delivers, in an ordered topic, what the trim on which somebody acted leaves out. */
export function nothingBeyondTrim(record: EpochRecord, s: number, turn: number, event: Delivered): void {
  if (!record.ordered || record.trim === undefined) return;
  require(turn < record.trim[s]!, nothingBeyondTrim, () =>
    `member ${event.member} got ${sampleText(event)}, but the trim is ${record.trim!.join(', ')}`, () => ({
    event,
    trim: record.trim,
    trimmedBy: record.trimmedBy,
  }));
}

/** All who act on the trim of an epoch act on the same one. */
export function oneTrim(record: EpochRecord, event: TrimActed): void {
  require(record.trim === undefined ||
    (record.trim.length === event.trim.length &&
      record.trim.every((turns, s) => turns === event.trim[s])), oneTrim, () =>
    `member ${event.member} ended ${event.topic}@${event.epoch} by trim ${event.trim.join(', ')}, member ${record.trimmedBy} by ${record.trim!.join(', ')}`, () => ({
    event,
    trim: record.trim,
    trimmedBy: record.trimmedBy,
  }));
}

/** The trim of an ordered topic keeps at least what anyone delivered, the failed included. */
export function trimCoversDelivered(record: EpochRecord, trim: readonly number[]): void {
  require(!record.ordered ||
    record.turnsDelivered.every((turns, s) => turns <= trim[s]!), trimCoversDelivered, () =>
    `${record.topic}@${record.epoch} ends with the trim ${trim.join(', ')}, but turns ${record.turnsDelivered.join(', ')} were delivered`, () => ({
    trim,
    turnsDelivered: record.turnsDelivered,
  }));
}

/** What was acknowledged to its writer, since all receivers have it, is in the trim: it reaches every correct reader. */
export function acknowledgedIsKept(record: EpochRecord): void {
  const { trim } = record;
  require(trim === undefined ||
    record.turnsAcknowledged.every((turns, s) => turns <= trim[s]!), acknowledgedIsKept, () =>
    `${record.topic}@${record.epoch} ends with the trim ${trim!.join(', ')}, but turns ${record.turnsAcknowledged.join(', ')} were acknowledged`, () => ({
    trim,
    turnsAcknowledged: record.turnsAcknowledged,
  }));
}

/** Members that go together from an epoch into the next have delivered the same set in it. */
export function virtualSynchrony(record: EpochRecord, member: MemberId, counts: readonly number[]): void {
  for (const [other, theirs] of record.ended)
    require(counts.every((count, list) => count === theirs[list]), virtualSynchrony, () =>
      `member ${member} ended ${record.topic}@${record.epoch} with ${counts.join(', ')} samples, member ${other} with ${theirs.join(', ')}`, () => ({
      member,
      counts,
      other,
      theirs,
      trim: record.trim,
    }));
}

/** A member installs the views one after the other, from the one in which it joined. */
export function viewsInOrder(before: number | undefined, { member, view }: Installed): void {
  require(view.members.some(({ id }) => id === member) &&
    (before === undefined || view.viewId === before + 1), viewsInOrder, () =>
    `member ${member} installs view ${view.viewId} after ${before}`, () => ({ member, before, view }));
}

/** All who install a view install the same one. */
export function oneMembershipPerView(known: ViewRecord | undefined, text: string, event: Installed): void {
  require(known === undefined || known.text === text, oneMembershipPerView, () =>
    `member ${event.member} installs another view ${event.view.viewId} than member ${known!.firstBy} did`, () => ({
    mine: event.view,
    theirs: known!.view,
  }));
}

/**
 * Those who go on from a view are a strict majority of it, the leaving included. On a single host they may be fewer where all
 * others are dead.
 */
export function majoritySurvives(
  history: History,
  before: View,
  { member, view, suspects }: Installed,
): void {
  const gone = before.members.map(({ id }) => id).filter((id) => suspects.includes(id));
  const majority = (before.members.length - gone.length) * 2 > before.members.length;
  require(majority ||
    (history.singleHost && gone.every((id) => history.crashed.has(id))), majoritySurvives, () =>
    `member ${member} goes on to view ${view.viewId} without ${gone.join(', ')} of ${before.members.length} members`, () => ({
    before,
    view,
    gone,
    crashed: [...history.crashed],
  }));
}

/** A view takes in no more members than there are survivors, whose majority they would dilute; the leaving are survivors. */
export function joinersDoNotOutnumber(history: History, before: View, { view }: Installed): void {
  const missingIn = (from: View, of: View) =>
    of.members.filter(({ id }) => !from.members.some((m) => m.id === id));
  const joined = missingIn(before, view).length;
  const failed = missingIn(view, before).filter(({ id }) => !history.leaving.has(id)).length;
  require(joined <= before.members.length - failed, joinersDoNotOutnumber, () =>
    `view ${view.viewId} takes in ${joined}, where ${failed} of ${before.members.length} are gone`, () => ({
    before,
    view,
  }));
}

/** An epoch ends with the view that changes its subgroup, or what is kept of it for late readers, and with no other. */
export function epochsFollowViews(before: View, { view }: Installed): void {
  const serving = (of: View, topic: Topic) => {
    const { senders, receivers, replicas, whole, ringBytes } = subgroupLayout(of, topic);
    const holding = of.endpoints
      .filter(({ holds, topic: name }) => holds && name === topic.name)
      .map(({ member, id }) => [member, id]);
    return JSON.stringify({ senders, receivers, replicas, whole, ringBytes, holding });
  };
  for (const topic of view.topics) {
    const old = before.topics.find(({ name }) => name === topic.name);
    if (old === undefined) continue;
    const same = serving(before, old) === serving(view, topic);
    require(same === (old.epoch === topic.epoch), epochsFollowViews, () =>
      `view ${view.viewId} has ${topic.name} in epoch ${topic.epoch} after ${old.epoch}, though its subgroup is ${same ? 'the same' : 'another'}`, () => ({
      before,
      view,
    }));
  }
}

/** A subgroup that a view change leaves as it is runs on through it. */
export function untouchedRunsOn({ member, view, untouched }: Installed): void {
  const disturbed = untouched.find(({ undisturbed }) => !undisturbed);
  require(disturbed === undefined, untouchedRunsOn, () =>
    `view ${view.viewId} stopped ${disturbed!.topic}@${disturbed!.epoch} at member ${member}, and did not change it`, () => ({
    member,
    view,
    disturbed,
  }));
}

/** A counter of a row never goes back. */
export function countersGrow(where: () => string, before: number, now: number): void {
  if (!(now >= before))
    throw new Violation(countersGrow.name, `${where()} went from ${before} to ${now}`, { before, now });
}

/** Where nobody writes, and nothing changes, nobody puts anything but its sign of life. */
export function idleIsSilent(puts: readonly string[]): void {
  require(puts.length === 0, idleIsSilent, () =>
    `${puts.length} puts in an idle domain, the first of them ${puts[0]}`, () => puts.slice(0, 20));
}

/** Once the faults have ended, a majority that is left makes progress within a bound. */
export function progressAfterHealing(missing: readonly string[]): void {
  require(missing.length === 0, progressAfterHealing, () => missing.slice(0, 3).join('; '), () => missing);
}

/** Whoever halts as evicted was accused by somebody, or left behind: somebody installed a later view without it. */
export function evictedForAReason(history: History, member: MemberId, error: MembershipError): void {
  const viewId = history.viewOf.get(member);
  const isLeftBehind = [...history.views.values()].some(
    ({ view }) => view.viewId > (viewId ?? -1) && !view.members.some(({ id }) => id === member),
  );
  require(error.code !== 'BE_EVICTED' || isLeftBehind || history.accused.has(member), evictedForAReason, () =>
    `member ${member} halted as evicted from view ${viewId}, though nobody has accused it`, () => ({
    member,
    viewId,
    accused: [...history.accused],
  }));
}

/** Nobody receives or sends any more in a subgroup that it has wedged: these columns are final. */
export function wedgedIsFinal(
  member: MemberId,
  region: string,
  columns: SubgroupColumns,
  column: number,
  before: number,
  now: number,
): void {
  const isFinal =
    column === columns.sent ||
    column === columns.received ||
    (column >= columns.numReceived && column < columns.consumed);
  require(!isFinal, wedgedIsFinal, () =>
    `column ${column} of ${region} at member ${member} went from ${before} to ${now} after the wedge`, () => ({
    member,
    region,
    column: `column ${column}`,
    before,
    now,
  }));
}

/** A trim is written once: what was put with `trimReady` stays. */
export function trimIsFinal(
  member: MemberId,
  region: string,
  columns: SubgroupColumns,
  column: number,
  before: number,
  now: number,
): void {
  const isTrim = column >= columns.trim && column < columns.largeBytes;
  require(!isTrim, trimIsFinal, () =>
    `column ${column} of ${region} at member ${member} went from ${before} to ${now} after its trim was put`, () => ({
    member,
    region,
    before,
    now,
  }));
}

/** No member is blamed for memory that no correct member writes: all members of a simulation are correct. */
export function nobodyIsCorrupt(member: MemberId, suspect: MemberId, error: Error | undefined): void {
  require(error === undefined, nobodyIsCorrupt, () =>
    `member ${member} takes the memory of ${suspect} for corrupt: ${error!.message}`, () => ({
    member,
    suspect,
  }));
}

/** A member halts since it was evicted, since no majority is left, or since its disk failed, and never because it does not understand itself. */
export function haltsForAReason(member: MemberId, error: MembershipError, diskFailure?: Error): void {
  const reasons: readonly string[] = ['BE_EVICTED', 'BE_NO_MAJORITY', 'BE_NO_REPLICA'];
  const hasReason =
    reasons.includes(error.code) || (diskFailure !== undefined && error.cause === diskFailure);
  require(hasReason, haltsForAReason, () =>
    `member ${member} halted with ${error.code}: ${error.message}`, () => ({
    member,
    cause: error.cause instanceof Error ? error.cause.stack : error.cause,
  }));
}
