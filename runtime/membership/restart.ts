import type { TopicPast } from './topic-past.js';
import type { Member, View } from './view.js';
import { areLost, keepersOf } from './view-parts.js';
import type { ViewRecord } from './view-record.js';

/** What one disk has of a domain in which nobody is left. */
export interface FoundDisk {
  readonly disk: string;
  readonly views: readonly FoundView[];
  readonly logs: readonly FoundLog[];
}

export interface FoundView {
  readonly record: ViewRecord;
  /** It came into force, as far as the disk knows. */
  readonly installed: boolean;
}

/** How far a topic's log goes; −1 and −1 where it has nothing. */
export interface FoundLog {
  readonly topic: string;
  readonly epoch: number;
  readonly sequence: number;
  /** Where on the disk it is. */
  readonly place: string;
  /** Of which topic of which domain it is; see `LogOrigin`. Undefined where nothing was kept in it yet. */
  readonly lineage: string | undefined;
}

/** Disks that have to be there too, and what for. */
export interface Waiting {
  readonly disks: readonly string[];
  readonly why: string;
}

/** A log that the domain goes on with, and the disk that it is on. */
export interface FoundingLog extends FoundLog {
  readonly disk: string;
}

/** With what a domain begins again. */
export interface Restart {
  /** The newest view that may have been in force. */
  readonly base: View;
  /** Of the restart's view: above all that anyone here has seen. */
  readonly viewId: number;
  /** The disks that are there: all of them record the restart's view before anyone uses it. */
  readonly disks: readonly string[];
  readonly topics: readonly RestartTopic[];
}

export interface RestartTopic {
  readonly topic: string;
  /** The epoch that ends with the restart, and its last sequence; −1: it has none. */
  readonly epoch: number;
  readonly lastSequence: number;
  /** All alike: what the others are topped up from. What they have beyond the end is cut. */
  readonly from: readonly FoundingLog[];
}

/**
 * Decides how a domain begins again, of which nobody is left (protocol.md, section 8): from the newest view that may have been in force, with the longest
 * log of each topic; or which disks have to be waited for. Undefined where nothing was ever kept. Pure: the same disks, the same decision.
 *
 * On a single host survivors of any number may have gone on, so all keepers of the newest view are needed, as they are where these are lost: the domain goes on
 * with the first of them that is back. Elsewhere a strict majority of them.
 */
export function planRestart(
  found: readonly FoundDisk[],
  singleHost: boolean,
): Restart | Waiting[] | undefined {
  const newest = newestUsed(found);
  const view = newest[0]?.record.view;
  if (view?.pasts === undefined) return undefined;
  const disks = found.map(({ disk }) => disk);
  const waiting = [...whoKnowsWhatFollowed(newest, disks, singleHost)];
  const topics: RestartTopic[] = [];
  for (const past of view.pasts) {
    const origin = view.logs.find((log) => log.topic === past.topic);
    const planned = planTopic(past, origin?.lineage, found);
    if ('why' in planned) waiting.push(planned);
    else topics.push(planned);
  }
  if (waiting.length > 0) return waiting;
  const ids = found.flatMap(({ views, logs }) => [
    ...views.map(({ record }) => record.view.viewId),
    ...logs.map(({ epoch }) => epoch),
  ]);
  return { base: view, viewId: Math.max(...ids) + 1, disks, topics };
}

/** The newest views that may have been used. What was never used says nothing of what came before it, so its refutation comes first. */
function newestUsed(found: readonly FoundDisk[]): FoundView[] {
  // A view without pasts may be another domain's that came to nothing: nothing was ever committed in it, or before.
  let views = found.flatMap((disk) => disk.views).filter(({ record }) => record.view.pasts !== undefined);
  for (;;) {
    const newest = newestOf(views);
    const unused = newest
      .filter(({ record }) => isRefuted(record, found))
      .map(({ record }) => record.view.domain);
    if (unused.length === 0) return newest;
    views = views.filter(({ record }) => !unused.includes(record.view.domain));
  }
}

/** The view of a restart that a disk which is there never recorded has never been used: all record it before anyone does. */
function isRefuted({ view, isRestart }: ViewRecord, found: readonly FoundDisk[]): boolean {
  if (isRestart !== true) return false;
  const keepers = keepersOf(view);
  const isOf = ({ record }: FoundView) => record.view.domain === view.domain;
  return found.some(({ disk, views }) => keepers.includes(disk) && !views.some(isOf));
}

function restartsOf({ view }: ViewRecord): number {
  return view.restarts ?? 0;
}

/** One of each view that is newest; of its records that of the latest leader. Different ones only where two restarts know nothing of each other. */
function newestOf(views: readonly FoundView[]): FoundView[] {
  const byDomain = new Map<number, FoundView>();
  for (const found of views) {
    const known = byDomain.get(found.record.view.domain);
    if (known === undefined || order(found, known) > 0) byDomain.set(found.record.view.domain, found);
    else if (order(found, known) === 0 && found.installed) byDomain.set(found.record.view.domain, found);
  }
  const all = [...byDomain.values()];
  const restarts = Math.max(...all.map(({ record }) => restartsOf(record)));
  return all.filter(({ record }) => restartsOf(record) === restarts);
}

function order(a: FoundView, b: FoundView): number {
  return a.record.view.viewId - b.record.view.viewId || a.record.leader - b.record.leader;
}

/** Whoever may have gone on without those who are here has to be heard. */
function* whoKnowsWhatFollowed(
  newest: readonly FoundView[],
  disks: readonly string[],
  singleHost: boolean,
): Iterable<Waiting> {
  const missing = (keepers: readonly string[]) => keepers.filter((disk) => !disks.includes(disk));
  const isEnough = (keepers: readonly string[], needsAll = singleHost) => {
    const here = keepers.length - missing(keepers).length;
    return here === keepers.length || (!needsAll && here * 2 > keepers.length);
  };
  for (const { record, installed } of newest) {
    const keepers = keepersOf(record.view);
    const name = `view ${record.view.viewId}`;
    if (!isEnough(keepers, singleHost || areLost(record.view)))
      yield { disks: missing(keepers), why: `they may have gone on from ${name}` };
    else if (newest.length > 1 && missing(keepers).length > 0)
      yield { disks: missing(keepers), why: `they know whether ${name}, of a restart, was ever used` };
    if (!installed && !singleHost && !isEnough(record.before))
      yield {
        disks: missing(record.before),
        why: `they may have gone on without ${name}, which was only prepared`,
      };
  }
}

/** With which logs a topic goes on, or who has to come first. */
function planTopic(
  past: TopicPast,
  lineage: string | undefined,
  found: readonly FoundDisk[],
): RestartTopic | Waiting {
  const { topic, epoch, ended } = past;
  const candidates = found.flatMap(({ disk, logs }) =>
    logs
      .filter((log) => log.topic === topic && (log.lineage ?? lineage) === lineage)
      .filter(() => past.disks.includes(disk) || ended?.disks.includes(disk))
      .map((log): FoundingLog => ({ ...log, disk })),
  );
  const missing = (disks: readonly string[]) =>
    disks.filter((disk) => !candidates.some((candidate) => candidate.disk === disk));
  if (missing(past.disks).length === past.disks.length)
    return { disks: past.disks, why: `one of them has to have the log of topic ${topic}, epoch ${epoch}` };
  if (ended !== undefined && missing(ended.disks).length > 0 && !candidates.some((log) => reaches(log, past)))
    return {
      disks: missing(ended.disks),
      why: `no log here reaches the end of topic ${topic}, epoch ${ended.epoch}, at sequence ${ended.lastSequence}`,
    };
  const from = longest(candidates, past);
  const [{ epoch: last, sequence }] = from as [FoundingLog];
  return { topic, epoch, lastSequence: last === epoch ? Math.min(sequence, endOf(past, epoch)) : -1, from };
}

/** The last sequence that `past` allows in `epoch`. */
function endOf({ ended }: TopicPast, epoch: number): number {
  return ended?.epoch === epoch ? ended.lastSequence! : Infinity;
}

function reaches(log: FoundLog, { ended }: TopicPast): boolean {
  const { epoch, lastSequence } = ended!;
  return lastSequence! < 0 || log.epoch > epoch || (log.epoch === epoch && log.sequence >= lastSequence!);
}

/** Those that go furthest, what lies beyond a known end not counted. */
function longest(logs: readonly FoundingLog[], past: TopicPast): FoundingLog[] {
  const end = ({ epoch, sequence }: FoundLog) => Math.min(sequence, endOf(past, epoch));
  const compare = (a: FoundLog, b: FoundLog) => a.epoch - b.epoch || end(a) - end(b);
  const best = logs.reduce((found, log) => (compare(log, found) > 0 ? log : found));
  return logs.filter((log) => compare(log, best) === 0);
}

/**
 * The record of the view with which the domain begins again: nobody has an endpoint in it, and all topics rest. `whole` says of each topic on which disks its log
 * goes to the end; `domain` is random, so that two restarts are told apart.
 */
export function restartRecord(
  { base, viewId, disks, topics }: Restart,
  domain: number,
  members: Member[],
  whole: (topic: RestartTopic) => string[],
): ViewRecord {
  const pasts = topics.map((planned): TopicPast => {
    const { topic, epoch, lastSequence } = planned;
    const on = whole(planned);
    return { topic, epoch, disks: on, ended: { epoch, lastSequence, disks: on } };
  });
  const view: View = {
    viewId,
    domain,
    members,
    topics: [],
    endpoints: [],
    refusals: [],
    logs: base.logs.map((origin) => {
      const planned = topics.find(({ topic }) => topic === origin.topic);
      return planned === undefined ? origin : { ...origin, ended: planned.epoch, orphaned: false };
    }),
    ...(pasts.length > 0 && { pasts }),
    keepers: disks,
    restarts: (base.restarts ?? 0) + 1,
  };
  const ended = pasts.map(({ topic, ended: end }) => ({ topic, ...end! }));
  return { view, leader: 0, ended, before: keepersOf(base), isRestart: true };
}
