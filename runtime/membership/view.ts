import type { MemberId } from '../../transport/transport.js';
import type { DeliverAt, SubgroupLayout } from '../multicast/subgroup-memory.js';
import { followLogs, type LogOrigin } from './log-origins.js';
import { judgeLogs, pastsAfter, wholeOn, type TopicPast } from './topic-past.js';
import { endpointsOn, lostWith, racksIn } from './view-parts.js';

/** Anything that goes through JSON unchanged. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

export interface Member {
  id: MemberId;
  /** What the member says of itself when it joins: name, process id, host. The protocol looks at the `rack` there (`racksIn`), and at nothing else. */
  info: Json;
  /** Id of the newest of its requests that a view holds: each is applied once. */
  applied: number;
  /** The disk on which it keeps the domain's views, once it is, or was, a replica of any topic, or is a witness. */
  disk?: string;
}

export interface Endpoint {
  member: MemberId;
  /** Unique within its member; never reused. */
  id: number;
  role: 'writer' | 'reader';
  topic: string;
  /** QoS and whatever else the layer above wants everyone to know. */
  info: Json;
  /**
   * Its member holds what the topic keeps for late readers (durability TRANSIENT_LOCAL): it receives the topic, whether it reads it
   * or not.
   */
  holds?: boolean;
  /** Where it holds: the view since which its member does, without a break, by this endpoint or others before it. Given by the view. */
  since?: number;
  /** Its member keeps the log of a persistent topic, and so receives it, whether it reads it or not. */
  stores?: boolean;
  /** Where it stores: the disk on which. Default: one that the member has for itself. */
  disk?: string;
  /** Where it stores: the epoch of the topic's past up to whose end the log there has everything. */
  reaches?: number;
  /** The last sequence that the log there has of that epoch; −1: none. Default: −1. */
  last?: number;
  /** Where it stores: the log has all of the topic's past. Given by the view. */
  whole?: boolean;
}

/** What the first endpoint of a topic fixes for all that follow. */
export interface TopicTerms {
  /** Total order and stability, or FIFO at receipt. */
  ordered: boolean;
  /** A persistent topic, which is ordered: kept on the disks of its replicas, and delivered then. */
  persistent?: DeliverAt;
  ringBytes: number;
  largeBytes: number;
  /** Type, consistency, schema: for `admit` and for people. */
  info: Json;
}

export interface Topic extends TopicTerms {
  name: string;
  slot: number;
  /** The view in which its senders or receivers changed last. */
  epoch: number;
}

/** A request that the view refused, and why: deterministically, at every member alike. */
export interface Refusal {
  member: MemberId;
  endpoint: number;
  reason: string;
}

/**
 * A view: who is in the domain, in rank order, and who reads and writes what. Every member that installs view k installs the same
 * one; matching and subgroups are functions of it.
 */
export interface View {
  viewId: number;
  /** Tells this domain from an earlier one of the same name. */
  domain: number;
  members: Member[];
  topics: Topic[];
  endpoints: Endpoint[];
  /** Of the requests that this view applied. */
  refusals: Refusal[];
  /** Of all persistent topics that there ever were. */
  logs: LogOrigin[];
  /** Of the persistent topics, those without endpoints too. */
  pasts?: readonly TopicPast[];
  /** Disks that count beside those of its members, which have recorded it; or, where none of them is a member's, alone: they are lost. */
  keepers?: readonly string[];
  /** How often the domain was restarted. */
  restarts?: number;
}

export type RequestItem =
  | { op: 'open'; endpoint: Omit<Endpoint, 'member'>; terms: TopicTerms }
  | { op: 'close'; endpoint: number }
  | { op: 'join'; member: MemberId; info: Json }
  | { op: 'grow'; topic: string; epoch: number; ringBytes: number }
  | { op: 'whole'; endpoint: number }
  | { op: 'keep'; disk: string } // a witness: from the view that says so, it has all on its disk
  | { op: 'leave' };

export type Change =
  | { kind: 'remove'; member: MemberId }
  | { kind: 'request'; member: MemberId; request: number; items: RequestItem[] };

/**
 * Decides whether an endpoint may join a topic as the view has it: undefined, or the reason why not. `info` is what is known of its member. Pure.
 */
export type Admit = (
  topic: TopicTerms,
  endpoint: Omit<Endpoint, 'member'>,
  terms: TopicTerms,
  info: Json,
) => string | undefined;

/** Decides whether whoever `info` tells of may be a member. Pure. */
export type MayJoin = (info: Json) => boolean;

export function firstView(domain: number, member: MemberId, info: Json): View {
  return {
    viewId: 0,
    domain,
    members: [{ id: member, info, applied: 0 }],
    topics: [],
    endpoints: [],
    refusals: [],
    logs: [],
  };
}

/** The view after `view`: old − failed − leaving + joined, endpoints updated. Pure, and computed alike everywhere. */
export function nextView(
  view: View,
  changes: readonly Change[],
  admit: Admit,
  mayJoin: MayJoin = () => true,
): View {
  const next: View = {
    viewId: view.viewId + 1,
    domain: view.domain,
    members: view.members.map((member) => ({ ...member })),
    topics: view.topics.map((topic) => ({ ...topic })),
    endpoints: [...view.endpoints],
    refusals: [],
    logs: view.logs.map((origin) => ({ ...origin })),
    ...(view.restarts !== undefined && { restarts: view.restarts }),
  };
  const gone = new Set<MemberId>();
  const failed = new Set<MemberId>();
  for (const change of changes) {
    if (change.kind === 'remove') {
      gone.add(change.member);
      failed.add(change.member);
      continue;
    }
    const requester = next.members.find((member) => member.id === change.member);
    if (requester === undefined || change.request <= requester.applied) continue;
    requester.applied = change.request;
    for (const item of change.items) applyItem(view, next, gone, requester, item, admit, mayJoin);
  }
  next.members = next.members.filter((member) => !gone.has(member.id));
  next.endpoints = next.endpoints.filter((endpoint) => !gone.has(endpoint.member));
  next.topics = next.topics.filter((topic) => endpointsOn(next, topic.name).length > 0);
  const lost = lostWith(next, view);
  if (lost.length > 0) next.keepers = lost;
  judgeLogs(view, next);
  const before = new Map(view.topics.map((topic) => [topic.name, topic]));
  for (const topic of next.topics)
    if (subgroupChanged(view, before.get(topic.name), next, topic)) topic.epoch = next.viewId;
  followLogs(view, next, failed, (topic) => subgroupLayout(view, topic).whole);
  const pasts = pastsAfter(view, next, failed);
  if (pasts.length > 0) next.pasts = pasts;
  return next;
}

function applyItem(
  before: View,
  next: View,
  gone: Set<MemberId>,
  { id: member, applied }: Member,
  item: RequestItem,
  admit: Admit,
  mayJoin: MayJoin,
): void {
  switch (item.op) {
    case 'open':
      openEndpoint(before, next, member, item.endpoint, item.terms, admit);
      break;
    case 'close':
      next.endpoints = next.endpoints.filter(
        (endpoint) => endpoint.member !== member || endpoint.id !== item.endpoint,
      );
      break;
    case 'join':
      if (mayJoin(item.info) && !next.members.some((other) => other.id === item.member)) {
        // A newcomer's requests are numbered on from those of the member that let it in.
        next.members.push({ id: item.member, info: item.info, applied });
      }
      break;
    case 'grow': {
      const topic = next.topics.find(({ name }) => name === item.topic);
      if (topic !== undefined && topic.epoch === item.epoch)
        topic.ringBytes = Math.max(topic.ringBytes, item.ringBytes);
      break;
    }
    case 'whole':
      markWhole(before, next, member, item.endpoint);
      break;
    case 'keep':
      next.members.find(({ id }) => id === member)!.disk = item.disk;
      break;
    case 'leave':
      gone.add(member);
  }
}

function openEndpoint(
  before: View,
  next: View,
  member: MemberId,
  endpoint: Omit<Endpoint, 'member'>,
  terms: TopicTerms,
  admit: Admit,
): void {
  const topic = next.topics.find(({ name }) => name === endpoint.topic);
  const { info } = next.members.find(({ id }) => id === member)!;
  const reason = admit(topic ?? terms, endpoint, terms, info);
  if (reason !== undefined) {
    next.refusals.push({ member, endpoint: endpoint.id, reason });
    return;
  }
  if (topic === undefined) {
    next.topics.push({ name: endpoint.topic, slot: freeSlot(next), epoch: next.viewId, ...terms });
  }
  const since = endpoint.holds === true ? { since: heldSince(before, member, endpoint.topic, next) } : {};
  const opened: Endpoint = { member, ...endpoint, ...since };
  if (endpoint.stores === true && (topic ?? terms).persistent !== undefined) {
    opened.disk ??= `of-${member}`;
    next.members.find(({ id }) => id === member)!.disk = opened.disk;
  }
  next.endpoints.push(opened);
}

/** The log of that endpoint's member has caught up: it has all that the logs have that had all of the topic before. */
function markWhole(before: View, next: View, member: MemberId, id: number): void {
  const caughtUp = next.endpoints.find((endpoint) => endpoint.member === member && endpoint.id === id);
  if (caughtUp?.stores !== true || wholeOn(before, caughtUp.topic).length === 0) return;
  next.endpoints = next.endpoints.map((endpoint) =>
    endpoint.member === member && endpoint.topic === caughtUp.topic && endpoint.stores === true
      ? { ...endpoint, whole: true }
      : endpoint,
  );
}

/** Whoever holds a topic in `before` goes on holding it: others may need what it has, whatever of its endpoints are left. */
function heldSince(before: View, member: MemberId, topic: string, { viewId }: View): number {
  const held = endpointsOn(before, topic).filter((endpoint) => endpoint.member === member && endpoint.holds);
  return Math.min(viewId, ...held.map(({ since }) => since!));
}

/** Slot 0 is the domain's own. */
function freeSlot(view: View): number {
  const used = new Set(view.topics.map((topic) => topic.slot));
  let slot = 1;
  while (used.has(slot)) slot++;
  return slot;
}

function subgroupChanged(before: View, old: Topic | undefined, after: View, topic: Topic): boolean {
  if (old === undefined || old.epoch !== topic.epoch) return true;
  const was = subgroupLayout(before, old);
  const is = subgroupLayout(after, topic);
  return (
    !sameMembers(was.senders, is.senders) ||
    !sameMembers(was.receivers, is.receivers) ||
    !sameMembers(was.replicas, is.replicas) ||
    !sameMembers(was.whole, is.whole) ||
    holdingIn(before, topic) !== holdingIn(after, topic) ||
    was.ringBytes !== is.ringBytes
  );
}

/** Who holds the topic, and keeps what: history begins and ends with an epoch, so that all have the same. */
function holdingIn(view: View, { name }: Topic): string {
  const holding = endpointsOn(view, name).filter(({ holds }) => holds);
  return holding.map(({ member, id }) => `${member}:${id}`).join();
}

function sameMembers(a: readonly MemberId[], b: readonly MemberId[]): boolean {
  return a.length === b.length && a.every((member, i) => member === b[i]);
}

/** The subgroup that serves `topic` in `view`. */
export function subgroupLayout(view: View, topic: Topic): SubgroupLayout {
  const endpoints = endpointsOn(view, topic.name);
  const inRankOrder = (takesPart: (endpoint: Endpoint) => boolean | undefined) => {
    const ids = new Set(endpoints.filter(takesPart).map(({ member }) => member));
    return view.members.filter(({ id }) => ids.has(id)).map(({ id }) => id);
  };
  const { slot, epoch, ordered, persistent, ringBytes, largeBytes } = topic;
  const isReplica = ({ stores }: Endpoint) => persistent !== undefined && stores;
  return {
    slot,
    epoch,
    ordered,
    ...(persistent && { persistent }),
    ringBytes,
    largeBytes,
    racks: racksIn(view),
    senders: inRankOrder(({ role }) => role === 'writer'),
    receivers: inRankOrder((endpoint) => endpoint.role === 'reader' || endpoint.holds || isReplica(endpoint)),
    replicas: inRankOrder(isReplica),
    whole: inRankOrder((endpoint) => isReplica(endpoint) && endpoint.whole),
  };
}
