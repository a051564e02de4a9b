import { type Clock, type MemberId, type Transport, fence } from '../../transport/transport.js';
import { Subgroup, type SubgroupUser } from '../multicast/subgroup.js';
import type { Board } from '../table/board.js';
import type { LogFailure } from '../multicast/topic-log.js';
import type { Poller, Predicates } from '../table/poller.js';
import { Agreement } from './agreement.js';
import { EpochEnd, type Survivors } from './epoch-end.js';
import { BoardWatch } from './board-watch.js';
import { CorruptPeerError, MembershipError } from './errors.js';
import { Preparation } from './preparation.js';
import { Requests } from './requests.js';
import { Silence } from './silence.js';
import type { SuspicionReason } from './suspicion-reason.js';
import { Suspicions } from './suspicions.js';
import { type Admit, nextView, type RequestItem, subgroupLayout, type Topic, type View } from './view.js';
import type { ViewLog } from './view-log.js';
import { ViewTable } from './view-table.js';

export interface MembershipOptions {
  /** A member whose heartbeat stands still for so long is suspected. */
  suspicionUs: number;
  /** A member whose event loop stands still for so long is suspected, though its heart beats. */
  progressUs: number;
  /**
   * The whole domain lives on one host: survivors of any number go on, but only after the proven death of the others. Otherwise a
   * strict majority of the view is needed; and wherever memory is not aliased, since only there the rows of the dead still say whether
   * they went on without this member before they died.
   */
  singleHost: boolean;
}

/** What the layer above does with views. Called within `evaluate`; must not throw. */
export interface MembershipEvents {
  admit: Admit;
  /** Who uses `topic` here: takes what is delivered, waits for room. Asked when an epoch begins that this member is in. */
  userOf(topic: Topic): SubgroupUser;
  /** What keeps the domain's views durably, where this member is a replica of any topic. */
  viewLog?(): ViewLog | undefined;
  /** A view is installed: its subgroups exist, though they may not be open yet. */
  installed(view: View): void;
  /** A subgroup of an installed view can be written to. */
  opened(slot: number): void;
  /** A silent member stands in the way of the survivors, who are no majority: its death must be brought about. */
  silent(member: MemberId): void;
  /** This member has left the domain, as it asked. */
  left(): void;
  /** This member suspects `member` from now on, so a view without it follows; `error` says what was seen where its memory is corrupt. */
  suspected?(member: MemberId, reason: SuspicionReason, error?: CorruptPeerError): void;
  /** This member must stop. */
  halted(error: MembershipError): void;
}

/** Subgroups looked through at one tick. */
const scrutinyMax = 64;

const reasonTexts: Record<SuspicionReason, string> = {
  died: 'it seemed to be dead',
  silent: 'its heart stood still: it was stopped, or its host was overloaded',
  blocked: 'its event loop stood still for longer than the progress limit',
  corrupt: 'its memory said what no correct member could have written',
};

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
  readonly #boardWatch: BoardWatch;
  readonly #requests: Requests;
  readonly #subgroups = new Map<number, Subgroup>();
  readonly #unopened = new Set<Subgroup>();
  #table!: ViewTable;
  #suspicions!: Suspicions;
  #agreement!: Agreement;
  #retired: Retired[] = [];
  #ends: EpochEnd[] | undefined;
  #next: View | undefined;
  /** Of `#next`, where a topic is persistent. */
  #preparation: Preparation | undefined;
  #sealed = false;
  #watching = false;
  #scrutinised = 0;
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
    this.#silence = new Silence(transport, board, options.suspicionUs, options.progressUs);
    this.#boardWatch = new BoardWatch(board);
    this.#requests = new Requests(board, view.members.find(({ id }) => id === transport.self)!.applied);
    this.#beginView(new ViewTable(transport, board, view));
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

  /** To be called now and then (about twice in the suspicion time): time passes for the silent. */
  tick(): void {
    if (this.#state !== 'member') return;
    const silent = this.#silence.look(this.#peers(), this.#clock.nowUs());
    for (const [member, reason] of silent) this.#suspicions.add(this.#table.ids.indexOf(member), reason);
    this.#scrutinise();
    this.#poller.wake(0);
  }

  evaluate(): boolean {
    if (this.#state === 'member') while (this.#step());
    this.#releaseRetired();
    return this.#state === 'member' && (this.#unopened.size > 0 || !this.#watching);
  }

  /** That the others go along with a change of the view. */
  get expects(): boolean {
    return this.#state === 'member' && this.#suspicions.ranks.size > 0;
  }

  /** Goes as far as it can in one view; true where it installed the next. */
  #step(): boolean {
    this.#attach();
    this.#suspicions.judge();
    if (!this.#selfCheck() || !this.#mayDecide()) return false;
    this.#requests.publish(this.#me.applied);
    try {
      this.#agreement.evaluate();
      return this.#state === 'member' && this.#change();
    } catch (error) {
      this.#blame(error);
      return this.#state === 'member';
    }
  }

  get #me() {
    return this.view.members[this.#table.me]!;
  }

  #peers(): MemberId[] {
    return this.#suspicions.survivors().filter((id) => id !== this.#transport.self);
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

  #beginView(table: ViewTable): void {
    this.#table = table;
    this.#suspicions = new Suspicions(table, this.#transport, {
      freeze: (member) => {
        for (const subgroup of this.#subgroupsOf(member)) subgroup.freeze(member);
      },
      stop: (member, reason, error) => {
        for (const subgroup of this.#subgroupsOf(member)) {
          subgroup.drop(member);
          subgroup.stop();
        }
        this.#board.unwatch(member);
        this.#silence.forget(member);
        this.#boardWatch.forget(member);
        this.#events.suspected?.(member, reason, error);
      },
    });
    this.#agreement = new Agreement(table, this.#suspicions, this.#requests, () => this.#selfCheck());
    this.#board.showView(table.view.viewId);
    this.#sealed = false;
    this.#watching = false;
  }

  #subgroupsOf(member: MemberId): Subgroup[] {
    return [...this.#subgroups.values()].filter((subgroup) => subgroup.members.includes(member));
  }

  /** Looks, after a fence, whether anyone suspects me; true where nobody does. */
  #selfCheck(): boolean {
    fence();
    if (this.#state !== 'member') return false;
    const accused = this.#table.accused ?? (this.#leftBehind() ? 'silent' : undefined);
    if (accused === undefined) return true;
    this.#evicted(accused);
    return false;
  }

  #evicted(reason: SuspicionReason): void {
    this.#halt(
      'BE_EVICTED',
      `the other members took this one for dead (${reasonTexts[reason]}) and went on without it. Join again: samples that were not acknowledged may or may not have been delivered`,
    );
  }

  /**
   * Whether a peer has gone on to a later view and taken back its row of this one: it keeps that as long as anyone whom it does not
   * suspect may need it.
   */
  #leftBehind(): boolean {
    return this.#table.ids.some(
      (id, rank) => this.#board.viewIdOf(id) > this.view.viewId && !this.#table.isAttached(rank),
    );
  }

  /** Whether the survivors may decide anything. */
  #mayDecide(): boolean {
    const { length } = this.#table.ids;
    const alive = length - this.#suspicions.ranks.size;
    if (alive * 2 > length) return true;
    if (!this.#options.singleHost || !this.#transport.aliased) {
      this.#halt(
        'BE_NO_MAJORITY',
        `only ${alive} of the ${length} members of view ${this.view.viewId} are left: no majority. Join again once the others are back`,
      );
      return false;
    }
    const silent = this.#suspicions.silent();
    for (const member of silent) this.#events.silent(member);
    return silent.length === 0;
  }

  /** What could not be: a peer's failure, where its memory was read, or else this member's own. */
  #blame(error: unknown): void {
    const rank = error instanceof CorruptPeerError ? this.#table.ids.indexOf(error.member) : -1;
    if (rank >= 0 && rank !== this.#table.me)
      this.#suspicions.add(rank, 'corrupt', error as CorruptPeerError);
    else if (error instanceof MembershipError) this.#halt(error.code, error.message, error);
    else this.#halt('BE_VIEW_FAILED', `this member does not understand itself: ${String(error)}`, error);
  }

  /**
   * Looks through the peers' rows for what no correct member could have written: all of the domain's, and some subgroups' each time, so
   * that a thousand topics cost no more than a few.
   */
  #scrutinise(): void {
    const { ids, me } = this.#table;
    for (let rank = 0; rank < ids.length; rank++) {
      if (rank === me || this.#suspicions.ranks.has(rank)) continue;
      try {
        this.#table.check(rank);
        this.#boardWatch.look(ids[rank]!);
      } catch (error) {
        this.#blame(error);
      }
    }
    const subgroups = [...this.#subgroups.values()];
    const count = Math.min(subgroups.length, scrutinyMax);
    for (let i = 0; i < count; i++)
      this.#scrutiniseSubgroup(subgroups[this.#scrutinised++ % subgroups.length]!);
  }

  #scrutiniseSubgroup(subgroup: Subgroup): void {
    const found = subgroup.findCorruption();
    if (found !== undefined)
      this.#blame(new CorruptPeerError(found.member, found.where, found.seen, found.why));
  }

  // ---- changing the view (section 6, steps 4 to 7) ----

  #change(): boolean {
    if (this.#next === undefined) {
      const changes = this.#agreement.decided;
      if (changes === undefined) return false;
      if (changes.some(({ kind, member }) => kind === 'remove' && member === this.#transport.self)) {
        this.#evicted('silent');
        return false;
      }
      this.#next = nextView(this.view, changes, this.#events.admit);
      this.#ends = [...this.#subgroups.values()]
        .filter(({ layout }) => !continues(layout, this.#next!))
        .map((subgroup) => new EpochEnd(subgroup));
      if (Preparation.isNeeded(this.view, this.#next))
        this.#preparation = new Preparation(
          this.#table,
          this.#suspicions,
          this.#next,
          this.#ends,
          this.#events.viewLog?.(),
        );
    }
    const ends = this.#ends!;
    if (!this.#haveEnded(this.#next, ends) || !this.#isPrepared(ends) || !this.#selfCheck()) return false;
    this.#install(this.#next, this.#ends!);
    return true;
  }

  /**
   * Whether the epochs that end before `next` have ended at every survivor in the domain, in the subgroup or not: nobody acts on a trim
   * before, nor installs, so that there is nobody left behind who might end them otherwise.
   */
  #haveEnded(next: View, ends: readonly EpochEnd[]): boolean {
    if (this.view.topics.every((topic) => continues(topic, next))) return true;
    const table = this.#table;
    if (!table.hasEnded(table.me)) {
      const survivors = this.#survivors();
      let agreed = true;
      for (const end of ends) if (!end.evaluate(survivors)) agreed = false;
      if (!agreed || !this.#suspicions.areShared() || !this.#selfCheck()) return false;
      table.markEnded();
    }
    return table.ids.every((_, rank) => this.#suspicions.ranks.has(rank) || table.hasEnded(rank));
  }

  /** Where a topic is persistent: whether the next view is on the disks of all survivors, and then what the trims bring on those of the replicas. */
  #isPrepared(ends: readonly EpochEnd[]): boolean {
    if (this.#preparation === undefined) return true;
    if (!this.#preparation.evaluate(() => this.#selfCheck())) return false;
    const left = this.#suspicions.survivors();
    let persisted = true;
    for (const end of ends) if (!end.persist(left)) persisted = false;
    return persisted;
  }

  #survivors(): Survivors {
    return {
      self: this.#transport.self,
      ids: this.#suspicions.survivors(),
      barrier: () => this.#suspicions.barrier(),
      selfCheck: () => this.#selfCheck(),
    };
  }

  #install(next: View, ends: readonly EpochEnd[]): void {
    for (const { subgroup, trim } of ends) subgroup.deliverUpTo(trim!);
    const old = this.#table;
    this.#retired.push({ table: old, subgroups: ends.map(({ subgroup }) => subgroup) });
    this.#next = undefined;
    this.#ends = undefined;
    if (this.#preparation !== undefined) this.#events.viewLog?.()?.installed(next.viewId);
    this.#preparation = undefined;
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
    const { ranks } = this.#suspicions;
    const suspected = [...ranks].map((rank) => [old.ids[rank]!, this.#suspicions.reasonFor(rank)] as const);
    try {
      this.#beginView(new ViewTable(this.#transport, this.#board, next));
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
    for (const [member, reason] of suspected) {
      const rank = next.members.findIndex(({ id }) => id === member);
      if (rank >= 0) this.#suspicions.add(rank, reason);
    }
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
    return rank < 0 ? this.#state === 'member' : this.#suspicions.ranks.has(rank);
  }

  /** What this member has to keep durably could not be written: it stops, and the others go on without it. */
  fail(failure: LogFailure): void {
    this.#halt(
      'BE_LOG_FAILED',
      `this member cannot keep what it is to keep, and leaves the domain: ${failure.message}`,
      failure,
    );
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

/** Whether that epoch of the slot's subgroup runs on in `next`. */
function continues(old: { slot: number; epoch: number }, next: View): boolean {
  return next.topics.some(({ slot, epoch }) => slot === old.slot && epoch === old.epoch);
}
