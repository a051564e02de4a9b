import type { MemberId } from '../../transport/transport.js';
import type { Endpoint, Topic, View } from './view.js';
import { areLost, endpointsOn } from './view-parts.js';

/**
 * Where the past of a persistent topic lies (protocol.md, section 8): the newest of its epochs in which anything can have been committed, and
 * the disks with a log that has all of the topic up to then, of which each has what was committed.
 */
export interface TopicPast {
  topic: string;
  epoch: number;
  disks: string[];
  /** The newest epoch, that one or one before, of which is known where it ended. */
  ended?: Omit<EndedEpoch, 'topic'>;
}

/** Where an epoch ended: its last sequence, −1 where it had none, null where only the failed know; and the disks with whole logs of it. */
export interface EndedEpoch {
  readonly topic: string;
  readonly epoch: number;
  readonly lastSequence: number | null;
  readonly disks: readonly string[];
}

export function pastOf(view: View, topic: string): TopicPast | undefined {
  return view.pasts?.find((past) => past.topic === topic);
}

/** Whether it is known where the newest epoch ended in which anything can have been committed. */
export function isEndKnown({ epoch, ended }: TopicPast): boolean {
  return ended?.epoch === epoch;
}

/** The epoch of which only the failed know where it ended, and whose receivers deliver the rest of it once one of them is back; undefined where there is none. */
export function unsettledEpoch(view: View, { name, persistent }: Topic): number | undefined {
  const past = persistent === 'commit' ? pastOf(view, name) : undefined;
  if (past === undefined || isEndKnown(past) || wholeOn(view, name).length > 0) return undefined;
  return past.epoch;
}

/** The endpoints whose members have a log with all of `topic`. */
export function wholeOn(view: View, topic: string): Endpoint[] {
  return endpointsOn(view, topic).filter(({ whole }) => whole);
}

/**
 * The pasts as `next`, which follows `view`, has them. A replica that was there at the end of an epoch has all that its trim keeps, one that
 * `failed` may lack some of it; where no other is left, any of them has what was committed.
 */
export function pastsAfter(view: View, next: View, failed: ReadonlySet<MemberId>): TopicPast[] {
  const pasts = new Map((view.pasts ?? []).map((past) => [past.topic, past]));
  for (const { name: topic, epoch } of view.topics) {
    const whole = wholeOn(view, topic);
    if (whole.length === 0) continue;
    const left = whole.filter(({ member }) => !failed.has(member));
    pasts.set(topic, { ...pasts.get(topic), topic, epoch, disks: disksOf(left.length > 0 ? left : whole) });
  }
  for (const { name: topic, epoch } of next.topics) {
    const whole = wholeOn(next, topic);
    if (whole.length === 0) continue;
    const isBack = wholeOn(view, topic).length === 0;
    const ended = isBack ? endFoundBy(whole[0]!, pasts.get(topic)) : undefined;
    pasts.set(topic, { ...pasts.get(topic), ...(ended && { ended }), topic, epoch, disks: disksOf(whole) });
  }
  return [...pasts.values()];
}

/** Where only the failed knew where an epoch ended, it ends where the log does of the first of them that is back. */
function endFoundBy({ reaches, last = -1, disk }: Endpoint, past: TopicPast | undefined): TopicPast['ended'] {
  if (past === undefined || isEndKnown(past) || reaches !== past.epoch) return undefined;
  return { epoch: past.epoch, lastSequence: last, disks: [disk!] };
}

/** Notes in the view that follows them where epochs have ended, and of which topics nobody is left who knows. */
export function settlePasts(next: View, ended: readonly EndedEpoch[]): void {
  for (const { topic, epoch, lastSequence, disks } of ended) {
    if (disks.length === 0) continue;
    if (lastSequence === null) lose(next, topic, epoch, disks);
    else amend(next, topic, { ended: { epoch, lastSequence, disks } });
  }
}

/** Whatever is said of any log in the next view: all of the topic lies on those disks, and nothing more is committed before one of them is back. */
function lose(next: View, topic: string, epoch: number, disks: readonly string[]): void {
  amend(next, topic, { epoch, disks: [...disks] });
  next.endpoints = next.endpoints.map((endpoint) => {
    if (endpoint.topic !== topic || endpoint.whole !== true) return endpoint;
    const unwhole = { ...endpoint };
    delete unwhole.whole;
    return unwhole;
  });
  next.logs = next.logs.map((log) => (log.topic === topic ? { ...log, ended: epoch, orphaned: true } : log));
}

function amend(next: View, topic: string, what: Partial<TopicPast>): void {
  next.pasts = next.pasts?.map((past) => (past.topic === topic ? { ...past, ...what } : past));
}

/** The disks with a log of `topic` that has all of it. */
export function wholeDisks(view: View, topic: string): string[] {
  return disksOf(wholeOn(view, topic));
}

function disksOf(endpoints: readonly Endpoint[]): string[] {
  return [...new Set(endpoints.map(({ disk }) => disk!))];
}

/** Says of each log that is not known to have all of its topic whether it has. */
export function judgeLogs(view: View, next: View): void {
  const persistent = new Set(next.topics.filter((topic) => topic.persistent).map(({ name }) => name));
  next.endpoints.forEach((endpoint, i) => {
    if (endpoint.stores !== true || endpoint.whole === true || !persistent.has(endpoint.topic)) return;
    if (!isWhole(view, next, endpoint)) return;
    next.endpoints = next.endpoints.with(i, { ...endpoint, whole: true });
  });
}

/**
 * Whether a log of which `view` does not know it yet has all of its topic in `next`, which follows: there is nothing yet, or it was kept here already, or the
 * topic rests, and the log reaches its end. Where only the failed know that end, their logs need not be alike: the first that is back is it. While the keepers
 * are lost, no log has: the domain may go on with theirs.
 */
export function isWhole(view: View, next: View, { member, topic, disk, reaches }: Endpoint): boolean {
  const isMine = (endpoint: Endpoint) => endpoint.member === member;
  const whole = wholeOn(view, topic);
  if (whole.length > 0) return whole.some(isMine);
  if (areLost(next)) return false;
  const past = pastOf(view, topic);
  if (past === undefined) return true;
  if (reaches !== past.epoch) return false;
  return isEndKnown(past) || (past.disks.includes(disk!) && wholeOn(next, topic).every(isMine));
}

/** The endpoint by which `member` may say that its log of `topic` has caught up, where the view does not know it yet and somebody has all. */
export function wholeClaim(view: View, topic: string, member: MemberId): number | undefined {
  if (wholeOn(view, topic).length === 0) return undefined;
  const mine = endpointsOn(view, topic).filter((endpoint) => endpoint.member === member && endpoint.stores);
  return mine.some(({ whole }) => whole) ? undefined : mine[0]?.id;
}
