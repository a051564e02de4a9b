import type { MemberId, Transport } from '../../transport/transport.js';
import type { LogicalClock } from '../multicast/logical-clock.js';
import { Pace } from '../multicast/rdmc/pace.js';
import { Subgroup } from '../multicast/subgroup.js';
import type { Board } from '../table/board.js';
import type { Poller } from '../table/poller.js';
import type { EpochEnd } from './epoch-end.js';
import { type KeptOfMine, LostEnds } from './lost-ends.js';
import type { MembershipEvents } from './membership-events.js';
import { subgroupLayout, type Topic, type View } from './view.js';
import { ViewTable } from './view-table.js';

interface Retired {
  table: ViewTable;
  subgroups: Subgroup[];
}

/**
 * What a member has installed: the domain's table of its view, the subgroups that it is in, and what is left of the view before
 * (protocol.md, section 6, step 7).
 */
export class Installed {
  readonly clock: LogicalClock;
  readonly #transport: Transport;
  readonly #board: Board;
  readonly #poller: Poller;
  readonly #events: MembershipEvents;
  readonly #subgroups = new Map<number, Subgroup>();
  readonly #unopened = new Set<Subgroup>();
  #table: ViewTable;
  #retired: Retired[] = [];
  readonly #lost = new LostEnds();
  /** Over all topics and epochs: they share this member's link. */
  readonly #pace = new Pace();
  /** By topic: what is not to be sent again in the epochs that begin with the next view, though the trim leaves it out. */
  #kept: ReadonlyMap<string, KeptOfMine> = new Map();
  #sealed = false;
  #watching = false;

  /** @throws TransportError BE_NO_MEMORY */
  constructor(
    transport: Transport,
    board: Board,
    poller: Poller,
    clock: LogicalClock,
    view: View,
    events: MembershipEvents,
  ) {
    this.clock = clock;
    this.#transport = transport;
    this.#board = board;
    this.#poller = poller;
    this.#events = events;
    this.#table = new ViewTable(transport, board, view);
    board.showView(view.viewId);
  }

  get table(): ViewTable {
    return this.#table;
  }

  get subgroups(): ReadonlyMap<number, Subgroup> {
    return this.#subgroups;
  }

  subgroupsOf(member: MemberId): Subgroup[] {
    return [...this.#subgroups.values()].filter((subgroup) => subgroup.members.includes(member));
  }

  /** Whether memory of peers is still to be found. */
  get isAttaching(): boolean {
    return this.#unopened.size > 0 || !this.#watching;
  }

  /** Joins the memory of `peers` as far as it is there. */
  attach(peers: readonly MemberId[]): void {
    if (!this.#watching) this.#watching = this.#board.watch(peers);
    for (const subgroup of this.#unopened) {
      if (!subgroup.open && !subgroup.attach()) continue;
      this.#unopened.delete(subgroup);
      this.#poller.wake(subgroup.layout.slot);
      this.#events.opened(subgroup.layout.slot);
    }
    if (this.#sealed || this.isAttaching || !this.#table.attach()) return;
    this.#table.markAttached();
    if (!this.#table.ids.every((_, rank) => this.#table.hasAttached(rank))) return;
    this.#sealed = true;
    this.#table.seal();
    for (const subgroup of this.#subgroups.values())
      if (subgroup.layout.epoch === this.#table.view.viewId) subgroup.seal();
  }

  /** Where `next` says how an epoch ended of which only the failed knew, what is left of it is delivered. */
  settleLost(next: View): void {
    this.#kept = this.#lost.settle(this.#transport.self, next);
  }

  /** The subgroups of `ends` are no more; they and the table are kept for those who are behind, or until it is known where they ended. */
  retire(ends: readonly EpochEnd[]): void {
    const known = ends.filter(({ loses }) => !loses);
    this.#retired.push({ table: this.#table, subgroups: known.map(({ subgroup }) => subgroup) });
    for (const end of ends) if (end.loses) this.#lost.add(this.#topicIn(end.subgroup.layout.slot), end);
    for (const { subgroup } of ends) {
      this.#subgroups.delete(subgroup.layout.slot);
      this.#unopened.delete(subgroup);
      this.#poller.assign(subgroup.layout.slot, undefined);
    }
  }

  /** Begins `next`. @throws TransportError BE_NO_MEMORY */
  beginView(next: View): void {
    this.#table = new ViewTable(this.#transport, this.#board, next);
    this.#board.showView(next.viewId);
    this.#sealed = false;
    this.#watching = false;
  }

  /** The subgroups that begin an epoch with this view; what the old epoch's trim left out of mine is sent again, first. */
  beginEpochs(next: View, ends: readonly EpochEnd[]): void {
    this.#lost.follow(this.#transport.self, next);
    for (const topic of next.topics) {
      if (topic.epoch !== next.viewId) continue;
      const layout = subgroupLayout(next, topic);
      if (![...layout.receivers, ...layout.senders].includes(this.#transport.self)) continue;
      const user = this.#events.userOf(topic);
      const subgroup = new Subgroup(this.#transport, this.#board, layout, user, this.clock, this.#pace);
      const before = ends.find((end) => end.subgroup.layout.slot === topic.slot);
      if (before !== undefined && before.subgroup.layout.epoch === this.#epochBefore(topic)) {
        const { outbox } = before.subgroup;
        const turns = before.subgroup.trimmedTurns(before.trim!);
        if (outbox !== undefined) subgroup.outbox?.resend(outbox, turns, this.#kept.get(topic.name));
        subgroup.keepFrom(before.subgroup, before.trim!);
      }
      this.#subgroups.set(topic.slot, subgroup);
      this.#unopened.add(subgroup);
      this.#poller.assign(topic.slot, subgroup);
    }
  }

  #topicIn(slot: number): string {
    return this.#table.view.topics.find((topic) => topic.slot === slot)!.name;
  }

  /** The epoch that `topic` had in the view before: a slot may have been another topic's. */
  #epochBefore(topic: Topic): number | undefined {
    return this.#retired.at(-1)!.table.view.topics.find(({ name }) => name === topic.name)?.epoch;
  }

  /** Whether everyone who was in the views before can do without this member. */
  get isNeededNoMore(): boolean {
    return this.#retired.length === 0;
  }

  /** Gives back what ended, once everyone who may still need it has installed the next view, or `isGone`. */
  releaseRetired(isGone: (id: MemberId) => boolean): void {
    this.#retired = this.#retired.filter(({ table, subgroups }) => {
      const needed = table.ids.some(
        (id, rank) =>
          rank !== table.me && !table.hasInstalled(rank) && !this.#transport.isDead(id) && !isGone(id),
      );
      if (needed) return true;
      for (const subgroup of subgroups) subgroup.release();
      table.release();
      return false;
    });
  }

  /** Gives all memory back; nothing may be called after it. */
  release(): void {
    for (const { table, subgroups } of this.#retired) {
      for (const subgroup of subgroups) subgroup.release();
      table.release();
    }
    this.#lost.release();
    for (const subgroup of this.#subgroups.values()) subgroup.release();
    this.#table.release();
  }
}
