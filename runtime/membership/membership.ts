import { type Clock, type MemberId, type Transport, fence } from '../../transport/transport.js';
import { Subgroup, type SubgroupUser } from '../multicast/subgroup.js';
import type { Board } from '../table/board.js';
import type { Poller, Predicates } from '../table/poller.js';
import { EpochEnd, type Survivors } from './epoch-end.js';
import { MembershipError } from './errors.js';
import type { Proposal } from './proposal-log.js';
import { Requests } from './requests.js';
import { Silence } from './silence.js';
import {
  type Admit,
  type Change,
  nextView,
  type RequestItem,
  subgroupLayout,
  type Topic,
  type View,
} from './view.js';
import { proposalBytesMax, ViewTable } from './view-table.js';

export interface MembershipOptions {
  /** A member whose heartbeat stands still for so long is suspected. */
  suspicionUs: number;
  /**
   * The whole domain lives on one host: survivors of any number go on, but only after the proven death of the others. Otherwise a
   * strict majority of the view is needed.
   */
  singleHost: boolean;
}

/** What the layer above does with views. Called within `evaluate`; must not throw. */
export interface MembershipEvents {
  admit: Admit;
  /** Who uses `topic` here: takes what is delivered, waits for room. Asked when an epoch begins that this member is in. */
  userOf(topic: Topic): SubgroupUser;
  /** A view is installed: its subgroups exist, though they may not be open yet. */
  installed(view: View): void;
  /** A subgroup of an installed view can be written to. */
  opened(slot: number): void;
  /** A silent member stands in the way of the survivors, who are no majority: its death must be brought about. */
  silent(member: MemberId): void;
  /** This member has left the domain, as it asked. */
  left(): void;
  /** This member must stop. */
  halted(error: MembershipError): void;
}

interface Retired {
  table: ViewTable;
  subgroups: Subgroup[];
}

/**
 * The membership of a domain at one member: protocol.md, sections 5 and 6, as predicates over the domain's table. Evaluating is
 * re-entrant: each call goes as far as it can, and nobody waits for a peer that may die.
 */
export class Membership implements Predicates {
  readonly #transport: Transport;
  readonly #board: Board;
  readonly #poller: Poller;
  readonly #clock: Clock;
  readonly #options: MembershipOptions;
  readonly #events: MembershipEvents;
  readonly #silence: Silence;
  readonly #requests: Requests;
  readonly #subgroups = new Map<number, Subgroup>();
  readonly #unopened = new Set<Subgroup>();
  #table: ViewTable;
  #suspected = new Set<number>();
  #retired: Retired[] = [];
  #ends: EpochEnd[] | undefined;
  #next: View | undefined;
  #sealed = false;
  #watching = false;
  #state: 'member' | 'left' | 'halted' = 'member';

  /**
   * Becomes a member in `view`, which has us in it.
   * @throws TransportError BE_NO_MEMORY
   */
  constructor(
    transport: Transport,
    board: Board,
    poller: Poller,
    clock: Clock,
    view: View,
    options: MembershipOptions,
    events: MembershipEvents,
  ) {
    this.#transport = transport;
    this.#board = board;
    this.#poller = poller;
    this.#clock = clock;
    this.#options = options;
    this.#events = events;
    this.#silence = new Silence(board, options.suspicionUs);
    this.#requests = new Requests(board);
    this.#table = new ViewTable(transport, board, view);
    poller.assign(0, this);
    board.mark(0);
  }

  get view(): View {
    return this.#table.view;
  }

  /** Asks for a change of the view; the answer is a view in which this member's `applied` has reached the returned id. */
  request(items: readonly RequestItem[]): number {
    const id = this.#requests.add(items);
    this.#poller.wake(0);
    return id;
  }

  /** Whether everyone who was in the view that this member has left can do without it. */
  get mayGo(): boolean {
    return this.#retired.length === 0;
  }

  subgroup(slot: number): Subgroup | undefined {
    return this.#subgroups.get(slot);
  }

  /** To be called now and then (about every quarter of the suspicion time): time passes for the silent. */
  tick(): void {
    if (this.#state !== 'member') return;
    const silent = this.#silence.look(this.#peers(), this.#clock.nowUs());
    for (const member of silent) this.#suspect(this.#table.ids.indexOf(member));
    this.#poller.wake(0);
  }

  evaluate(): boolean {
    if (this.#state === 'member') while (this.#step());
    this.#releaseRetired();
    return this.#state === 'member' && (this.#unopened.size > 0 || !this.#watching);
  }

  /** Goes as far as it can in one view; true where it installed the next. */
  #step(): boolean {
    this.#attach();
    this.#judge();
    if (this.#state !== 'member' || !this.#mayDecide()) return false;
    this.#requests.publish(this.#me.applied, this.#table.ids.length);
    try {
      if (this.#leader() === this.#table.me) this.#lead();
      else this.#follow(this.#leader());
    } catch (error) {
      this.#corrupt(this.#leader(), error);
      return true;
    }
    return this.#change();
  }

  get #me() {
    return this.view.members[this.#table.me]!;
  }

  #peers(): MemberId[] {
    return this.#table.ids.filter((id, rank) => id !== this.#transport.self && !this.#suspected.has(rank));
  }

  // ---- joining each other's memory ----

  #attach(): void {
    if (!this.#watching) this.#watching = this.#board.watch(this.#peers());
    for (const subgroup of this.#unopened) {
      if (!subgroup.open && !subgroup.attach()) continue;
      this.#unopened.delete(subgroup);
      this.#poller.wake(subgroup.layout.slot);
      this.#events.opened(subgroup.layout.slot);
    }
    if (this.#sealed || !this.#watching || this.#unopened.size > 0 || !this.#table.attach()) return;
    this.#table.markAttached();
    if (!this.#table.ids.every((_, rank) => this.#table.hasAttached(rank))) return;
    this.#sealed = true;
    this.#table.seal();
    for (const subgroup of this.#subgroups.values())
      if (subgroup.layout.epoch === this.view.viewId) subgroup.seal();
  }

  // ---- suspicion (section 5) ----

  /** Suspects the dead, adopts the others' suspicions, and looks whether anyone suspects me. */
  #judge(): void {
    const table = this.#table;
    table.ids.forEach((id, rank) => {
      if (rank !== table.me && this.#transport.isDead(id)) this.#suspect(rank);
    });
    for (let accuser = 0; accuser < table.ids.length; accuser++) {
      if (accuser === table.me || this.#suspected.has(accuser)) continue;
      for (let accused = 0; accused < table.ids.length; accused++) {
        if (accused !== table.me && table.suspects(accuser, accused)) this.#suspect(accused);
      }
    }
    this.#selfCheck();
  }

  /** Freeze first, then accuse (the last put that the accused gets), then stop what it is in. */
  #suspect(rank: number): void {
    if (this.#suspected.has(rank)) return;
    this.#suspected.add(rank);
    const table = this.#table;
    const member = table.ids[rank]!;
    table.freeze(rank);
    for (const subgroup of this.#subgroups.values())
      if (subgroup.members.includes(member)) subgroup.freeze(member);
    table.suspect(rank);
    table.drop(rank);
    for (const subgroup of this.#subgroups.values()) if (subgroup.members.includes(member)) subgroup.stop();
    this.#board.unwatch(member);
    this.#silence.forget(member);
  }

  #selfCheck(): boolean {
    fence();
    if (!this.#table.accused) return true;
    this.#halt(
      'BE_EVICTED',
      'the other members took this one for dead (it was stopped, or its host was overloaded) and went on without it. Join again: samples that were not acknowledged may or may not have been delivered',
    );
    return false;
  }

  /** Whether the survivors may decide anything. */
  #mayDecide(): boolean {
    const { ids } = this.#table;
    const alive = ids.length - this.#suspected.size;
    if (alive * 2 > ids.length) return true;
    const silent = [...this.#suspected].map((rank) => ids[rank]!).filter((id) => !this.#transport.isDead(id));
    if (silent.length === 0 && this.#options.singleHost) return true;
    if (this.#options.singleHost) {
      for (const member of silent) this.#events.silent(member);
    } else {
      this.#halt(
        'BE_NO_MAJORITY',
        `only ${alive} of the ${ids.length} members of view ${this.view.viewId} are left: no majority. Join again once the others are back`,
      );
    }
    return false;
  }

  #corrupt(rank: number, cause: unknown): void {
    if (rank === this.#table.me) {
      this.#halt('BE_VIEW_FAILED', `this member's own proposals make no sense: ${String(cause)}`);
      return;
    }
    this.#suspect(rank);
  }

  // ---- proposing and committing (section 6, steps 1 to 3 and 8) ----

  #leader(): number {
    let rank = 0;
    while (this.#suspected.has(rank)) rank++;
    return rank;
  }

  /** Whether every survivor suspects all who rank before me: then nobody acts any more on what they proposed. */
  #barrier(): boolean {
    const table = this.#table;
    for (let rank = 0; rank < table.ids.length; rank++) {
      if (this.#suspected.has(rank) || rank === table.me || table.hasInstalled(rank)) continue;
      for (let lower = 0; lower < table.me; lower++) {
        if (this.#suspected.has(lower) && !table.suspects(rank, lower)) return false;
      }
    }
    return true;
  }

  #lead(): void {
    const table = this.#table;
    if (!this.#barrier()) return;
    this.#takeOver();
    const { entries } = table.log;
    if (!entries.some(({ endsView }) => endsView)) this.#propose();
    let committed = entries.length;
    for (let rank = 0; rank < table.ids.length; rank++) {
      if (rank === table.me || this.#suspected.has(rank)) continue;
      committed = Math.min(committed, this.#acknowledged(rank));
    }
    if (committed > table.committedBy(table.me) && this.#selfCheck()) table.commit(committed);
  }

  /** How many changes `rank` has as I proposed them. */
  #acknowledged(rank: number): number {
    const table = this.#table;
    const theirs = table.proposalsOf(rank);
    let count = Math.max(table.committedBy(table.me), table.committedBy(rank));
    while (count < theirs.length && theirs[count]!.leader === table.me) count++;
    return count;
  }

  /** Adopts what others have: the committed prefix of any survivor, then the proposal of the latest leader, and of those the longest. */
  #takeOver(): void {
    const table = this.#table;
    this.#adoptCommitted();
    const mine = table.log.entries;
    const committed = table.committedBy(table.me);
    let best: readonly Proposal[] = mine;
    for (let rank = 0; rank < table.ids.length; rank++) {
      if (rank === table.me) continue;
      const theirs = table.proposalsOf(rank);
      if (theirs.length > committed && isLater(theirs, best, committed)) best = theirs;
    }
    const changed =
      best.length !== mine.length || best.some(({ leader }, i) => i >= committed && leader !== table.me);
    if (!changed) return;
    const adopted = best.slice(committed).map((proposal) => ({ ...proposal, leader: table.me }));
    adopted.forEach((proposal, i) => this.#append(committed + i, proposal));
    table.publishLog();
  }

  /** What some survivor has seen committed is decided, whoever leads. */
  #adoptCommitted(): void {
    const table = this.#table;
    for (let rank = 0; rank < table.ids.length; rank++) {
      const committed = table.committedBy(rank);
      if (rank === table.me || this.#suspected.has(rank) || committed <= table.committedBy(table.me))
        continue;
      const theirs = table.proposalsOf(rank);
      for (let i = table.committedBy(table.me); i < committed; i++) this.#append(i, theirs[i]!);
      table.publishLog();
      table.commit(committed);
    }
  }

  /** Puts together the next view's changes: the failed, then what members ask for. The last one ends the view. */
  #propose(): void {
    const table = this.#table;
    const { view } = this;
    const changes: Change[] = [...this.#suspected].map((rank) => ({
      kind: 'remove',
      member: table.ids[rank]!,
    }));
    let joins = table.ids.length - this.#suspected.size;
    let bytes = 0;
    for (let rank = 0; rank < table.ids.length; rank++) {
      if (this.#suspected.has(rank)) continue;
      const member = view.members[rank]!;
      const request = this.#readRequest(rank, member.applied);
      if (request === undefined) continue;
      joins -= request.items.filter(({ op }) => op === 'join').length;
      bytes += request.bytes;
      if (joins < 0 || bytes > proposalBytesMax / (table.ids.length + 2)) break;
      changes.push({ kind: 'request', member: member.id, request: request.id, items: request.items });
    }
    if (changes.length === 0) return;
    const first = table.log.entries.length;
    changes.forEach((change, i) =>
      this.#append(first + i, { change, leader: table.me, endsView: i === changes.length - 1 }),
    );
    table.publishLog();
  }

  #readRequest(rank: number, applied: number) {
    try {
      return this.#requests.read(this.#table.ids[rank]!, applied);
    } catch (error) {
      this.#corrupt(rank, error);
      return undefined;
    }
  }

  #append(index: number, proposal: Proposal): void {
    if (this.#table.log.append(index, proposal)) return;
    this.#halt(
      'BE_VIEW_FAILED',
      `the proposals of view ${this.view.viewId} take more than ${proposalBytesMax} bytes`,
    );
  }

  /** Copies what the leader proposes as its own; copying is acknowledging. Then adopts what it has committed. */
  #follow(leader: number): void {
    const table = this.#table;
    this.#adoptCommitted();
    const theirs = table.proposalsOf(leader);
    const mine = table.log.entries;
    const committed = table.committedBy(table.me);
    let copied = false;
    for (let i = committed; i < theirs.length && theirs[i]!.leader === leader; i++) {
      if (mine[i]?.leader === leader) continue;
      this.#append(i, theirs[i]!);
      copied = true;
    }
    if (copied) table.publishLog();
  }

  // ---- changing the view (section 6, steps 4 to 7) ----

  #change(): boolean {
    const table = this.#table;
    if (this.#next === undefined) {
      const committed = table.log.entries.slice(0, table.committedBy(table.me));
      if (!committed.some(({ endsView }) => endsView)) return false;
      const changes = committed.map(({ change }) => change);
      this.#next = nextView(this.view, changes, this.#events.admit);
      this.#ends = [...this.#subgroups.values()]
        .filter((subgroup) => !continues(subgroup, this.#next!))
        .map((subgroup) => new EpochEnd(subgroup));
    }
    const survivors = this.#survivors();
    let agreed = true;
    for (const end of this.#ends!) if (!end.evaluate(survivors)) agreed = false;
    if (!agreed || this.#state !== 'member' || !this.#selfCheck()) return false;
    this.#install(this.#next, this.#ends!);
    return true;
  }

  #survivors(): Survivors {
    return {
      self: this.#transport.self,
      ids: this.#table.ids.filter((_, rank) => !this.#suspected.has(rank)),
      barrier: () => this.#barrier(),
      selfCheck: () => this.#selfCheck(),
    };
  }

  #install(next: View, ends: readonly EpochEnd[]): void {
    for (const { subgroup, trim } of ends) subgroup.deliverUpTo(trim!);
    const old = this.#table;
    this.#retired.push({ table: old, subgroups: ends.map(({ subgroup }) => subgroup) });
    this.#next = undefined;
    this.#ends = undefined;
    for (const { subgroup } of ends) {
      this.#subgroups.delete(subgroup.layout.slot);
      this.#unopened.delete(subgroup);
      this.#poller.assign(subgroup.layout.slot, undefined);
    }
    if (!next.members.some(({ id }) => id === this.#transport.self)) {
      this.#state = 'left';
      old.markInstalled();
      this.#events.left();
      return;
    }
    try {
      this.#table = new ViewTable(this.#transport, this.#board, next);
      this.#beginEpochs(next, ends);
    } catch (error) {
      this.#halt(
        'BE_VIEW_FAILED',
        `view ${next.viewId} could not be installed: ${(error as Error).message}`,
        error,
      );
      return;
    }
    old.markInstalled();
    this.#sealed = false;
    this.#watching = false;
    this.#carrySuspicions(old);
    this.#poller.wake(0);
    this.#events.installed(next);
  }

  /** The subgroups that begin an epoch with this view; what the old epoch's trim left out of mine is sent again, first. */
  #beginEpochs(next: View, ends: readonly EpochEnd[]): void {
    for (const topic of next.topics) {
      if (topic.epoch !== next.viewId) continue;
      const layout = subgroupLayout(next, topic);
      if (![...layout.receivers, ...layout.senders].includes(this.#transport.self)) continue;
      const subgroup = new Subgroup(this.#transport, this.#board, layout, this.#events.userOf(topic));
      const before = ends.find((end) => end.subgroup.layout.slot === topic.slot);
      if (
        before?.subgroup.outbox !== undefined &&
        before.subgroup.layout.epoch === this.#epochBefore(topic)
      ) {
        subgroup.outbox?.resend(before.subgroup.outbox, before.subgroup.trimmedTurns(before.trim!));
      }
      this.#subgroups.set(topic.slot, subgroup);
      this.#unopened.add(subgroup);
      this.#poller.assign(topic.slot, subgroup);
    }
  }

  /** The epoch that `topic` had in the view before: a slot may have been another topic's. */
  #epochBefore(topic: Topic): number | undefined {
    return this.#retired.at(-1)!.table.view.topics.find(({ name }) => name === topic.name)?.epoch;
  }

  #carrySuspicions(old: ViewTable): void {
    const suspected = [...this.#suspected].map((rank) => old.ids[rank]!);
    this.#suspected = new Set();
    for (const member of suspected) {
      const rank = this.#table.ids.indexOf(member);
      if (rank >= 0) this.#suspect(rank);
    }
  }

  /** Gives back what ended, once everyone who may still need it has installed the next view, or is gone. */
  #releaseRetired(): void {
    this.#retired = this.#retired.filter(({ table, subgroups }) => {
      const needed = table.ids.some(
        (id, rank) =>
          rank !== table.me && !table.hasInstalled(rank) && !this.#transport.isDead(id) && !this.#isGone(id),
      );
      if (needed) return true;
      for (const subgroup of subgroups) subgroup.release();
      table.release();
      return false;
    });
  }

  /** Suspected, or removed from the view. */
  #isGone(id: MemberId): boolean {
    const rank = this.#table.ids.indexOf(id);
    return rank < 0 ? this.#state === 'member' : this.#suspected.has(rank);
  }

  #halt(code: MembershipError['code'], message: string, cause?: unknown): void {
    if (this.#state !== 'member') return;
    this.#state = 'halted';
    for (const subgroup of this.#subgroups.values()) subgroup.stop();
    this.#events.halted(new MembershipError(code, message, { cause }));
  }

  /** Gives all memory back; nothing may be called after it. */
  release(): void {
    for (const { table, subgroups } of this.#retired) {
      for (const subgroup of subgroups) subgroup.release();
      table.release();
    }
    for (const subgroup of this.#subgroups.values()) subgroup.release();
    this.#table.release();
  }
}

/** Whether the subgroup runs on, in the same epoch, in `next`. */
function continues(subgroup: Subgroup, next: View): boolean {
  return next.topics.some(
    ({ slot, epoch }) => slot === subgroup.layout.slot && epoch === subgroup.layout.epoch,
  );
}

/** Of two logs, the one whose uncommitted part is the later leader's; then the longer. */
function isLater(a: readonly Proposal[], b: readonly Proposal[], committed: number): boolean {
  const leaderOf = (log: readonly Proposal[]) => (log.length > committed ? log.at(-1)!.leader : -1);
  return leaderOf(a) > leaderOf(b) || (leaderOf(a) === leaderOf(b) && a.length > b.length);
}
