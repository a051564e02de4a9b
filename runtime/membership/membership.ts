import { type MemberId, type Transport, fence } from '../../transport/transport.js';
import type { LogicalClock } from '../multicast/logical-clock.js';
import type { Subgroup } from '../multicast/subgroup.js';
import type { LogFailure } from '../multicast/topic-log.js';
import type { Board } from '../table/board.js';
import type { Poller, Predicates } from '../table/poller.js';
import { Agreement } from './agreement.js';
import { CorruptPeerError, MembershipError } from './errors.js';
import { Installed } from './installed.js';
import type { MembershipEvents, MembershipOptions } from './membership-events.js';
import { Requests } from './requests.js';
import { Scrutiny } from './scrutiny.js';
import { Silence } from './silence.js';
import type { SuspicionReason } from './suspicion-reason.js';
import { Suspicions } from './suspicions.js';
import { nextView, type RequestItem, type View } from './view.js';
import { ViewEnd } from './view-end.js';
import { areLost } from './view-parts.js';
import type { ViewTable } from './view-table.js';

const reasonTexts: Record<SuspicionReason, string> = {
  died: 'it seemed to be dead',
  silent: 'its heart stood still: it was stopped, or its host was overloaded',
  blocked: 'its event loop stood still for longer than the progress limit',
  corrupt: 'its memory said what no correct member could have written',
};

/**
 * The membership of a domain at one member: protocol.md, sections 5 and 6, as predicates over the domain's table. Evaluating is
 * re-entrant: each call goes as far as it can, and nobody waits for a peer that may die.
 */
export class Membership implements Predicates {
  readonly #transport: Transport;
  readonly #board: Board;
  readonly #poller: Poller;
  readonly #clock: LogicalClock;
  readonly #options: MembershipOptions;
  readonly #events: MembershipEvents;
  readonly #silence: Silence;
  readonly #scrutiny: Scrutiny;
  readonly #requests: Requests;
  readonly #installed: Installed;
  #suspicions!: Suspicions;
  #agreement!: Agreement;
  #ending: ViewEnd | undefined;
  #state: 'member' | 'left' | 'halted' = 'member';

  /**
   * Becomes a member in `view`, which has us in it.
   * @throws TransportError BE_NO_MEMORY
   */
  constructor(
    transport: Transport,
    board: Board,
    poller: Poller,
    clock: LogicalClock,
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
    this.#requests = new Requests(board, view.members.find(({ id }) => id === transport.self)!.applied);
    this.#installed = new Installed(transport, board, poller, clock, view, events);
    this.#scrutiny = new Scrutiny(this.#installed, board, (error) => this.#blame(error));
    this.#beginView();
    poller.assign(0, this);
    board.mark(0);
  }

  get view(): View {
    return this.#table.view;
  }

  get #table(): ViewTable {
    return this.#installed.table;
  }

  /** Asks for a change of the view; the answer is a view in which this member's `applied` has reached the returned id. */
  request(items: readonly RequestItem[]): number {
    const id = this.#requests.add(items);
    this.#poller.wake(0);
    return id;
  }

  /** Whether everyone who was in the view that this member has left can do without it. */
  get mayGo(): boolean {
    return this.#installed.isNeededNoMore;
  }

  subgroup(slot: number): Subgroup | undefined {
    return this.#installed.subgroups.get(slot);
  }

  /** To be called now and then (about twice in the suspicion time): time passes for the silent. */
  tick(): void {
    if (this.#state !== 'member') return;
    const silent = this.#silence.look(this.#peers(), this.#clock.nowUs());
    for (const [member, reason] of silent) this.#suspicions.add(this.#table.ids.indexOf(member), reason);
    this.#scrutiny.look(this.#suspicions.ranks);
    this.#poller.wake(0);
  }

  evaluate(): boolean {
    if (this.#state === 'member') while (this.#step());
    this.#installed.releaseRetired((id) => this.#isGone(id));
    return this.waits;
  }

  /** For memory that peers are about to make. */
  get waits(): boolean {
    return this.#state === 'member' && this.#installed.isAttaching;
  }

  /** That the others go along with a change of the view. */
  get expects(): boolean {
    return this.#state === 'member' && this.#suspicions.ranks.size > 0;
  }

  /** Goes as far as it can in one view; true where it installed the next. */
  #step(): boolean {
    this.#installed.attach(this.#peers());
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

  // ---- suspicion (section 5) ----

  #beginView(): void {
    const { table } = this.#installed;
    this.#suspicions = new Suspicions(table, this.#transport, {
      freeze: (member) => {
        for (const subgroup of this.#installed.subgroupsOf(member)) subgroup.freeze(member);
      },
      stop: (member, reason, error) => {
        for (const subgroup of this.#installed.subgroupsOf(member)) {
          subgroup.drop(member);
          subgroup.stop();
        }
        this.#board.unwatch(member);
        this.#silence.forget(member);
        this.#scrutiny.forget(member);
        this.#events.suspected?.(member, reason, error);
      },
    });
    this.#agreement = new Agreement(table, this.#suspicions, this.#requests, () => this.#selfCheck());
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
    if (alive * 2 > length && (this.#mayAsOneHost || this.#keepersAreLeft())) return true;
    if (!this.#mayAsOneHost) {
      this.#halt(
        'BE_NO_MAJORITY',
        `only ${alive} of the ${length} members of view ${this.view.viewId} are left, and with them too few of its disks to go on. Join again once the others are back`,
      );
      return false;
    }
    const silent = this.#suspicions.silent();
    for (const member of silent) this.#events.silent(member);
    return silent.length === 0;
  }

  /** On one host the proven death of the others is enough. */
  get #mayAsOneHost(): boolean {
    return this.#options.singleHost && this.#transport.aliased;
  }

  /** Where members keep the views on disks: whether a majority of these is left, so that no restart can miss what follows (protocol.md, section 8). */
  #keepersAreLeft(): boolean {
    const { members } = this.view;
    if (areLost(this.view)) return true;
    const kept = new Set(members.flatMap(({ disk }) => disk ?? []));
    const left = new Set(
      members.flatMap(({ disk }, rank) => (this.#suspicions.ranks.has(rank) ? [] : (disk ?? []))),
    );
    return kept.size === 0 || left.size * 2 > kept.size;
  }

  /** What could not be: a peer's failure, where its memory was read, or else this member's own. */
  #blame(error: unknown): void {
    const rank = error instanceof CorruptPeerError ? this.#table.ids.indexOf(error.member) : -1;
    if (rank >= 0 && rank !== this.#table.me)
      this.#suspicions.add(rank, 'corrupt', error as CorruptPeerError);
    else if (error instanceof MembershipError) this.#halt(error.code, error.message, error);
    else this.#halt('BE_VIEW_FAILED', `this member does not understand itself: ${String(error)}`, error);
  }

  // ---- changing the view (section 6, steps 4 to 7) ----

  #change(): boolean {
    if (this.#ending === undefined) {
      const changes = this.#agreement.decided;
      if (changes === undefined) return false;
      if (changes.some(({ kind, member }) => kind === 'remove' && member === this.#transport.self)) {
        this.#evicted('silent');
        return false;
      }
      const next = nextView(this.view, changes, this.#events.admit, this.#events.mayJoin);
      this.#ending = new ViewEnd(this.#installed, this.#suspicions, next, this.#events.viewLog?.());
    }
    if (!this.#ending.evaluate(() => this.#selfCheck())) return false;
    this.#install(this.#ending);
    return true;
  }

  #install({ next, ends, isPrepared }: ViewEnd): void {
    // Whoever writes from now on, though it may be new, is later than all that anyone has called settled, and than what others pass on.
    this.#clock.observe(this.#table.latestClock());
    for (const { subgroup, trim, loses } of ends) subgroup.deliverUpTo(trim!, loses);
    this.#installed.settleLost(next);
    const old = this.#table;
    this.#ending = undefined;
    if (isPrepared) this.#events.viewLog?.()?.installed(next.viewId);
    this.#installed.retire(ends);
    if (!next.members.some(({ id }) => id === this.#transport.self)) {
      this.#state = 'left';
      old.markInstalled();
      this.#events.left();
      return;
    }
    const { ranks } = this.#suspicions;
    const suspected = [...ranks].map((rank) => [old.ids[rank]!, this.#suspicions.reasonFor(rank)] as const);
    try {
      this.#installed.beginView(next);
      this.#beginView();
      this.#installed.beginEpochs(next, ends);
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
    for (const subgroup of this.#installed.subgroups.values()) subgroup.stop();
    this.#events.halted(new MembershipError(code, message, { cause }));
  }

  /** Gives all memory back; nothing may be called after it. */
  release(): void {
    this.#installed.release();
  }
}
