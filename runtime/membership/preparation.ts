import { trimEnd } from '../multicast/walk.js';
import { CorruptPeerError, MembershipError } from './errors.js';
import type { EpochEnd } from './epoch-end.js';
import type { EndOfView, NotedTrim } from './notes.js';
import type { Suspicions } from './suspicions.js';
import { type EndedEpoch, settlePasts, wholeDisks } from './topic-past.js';
import { keepersOf } from './view-parts.js';
import { subgroupLayout, type Topic, type View } from './view.js';
import type { ViewLog } from './view-log.js';
import type { ViewRecord } from './view-record.js';
import type { ViewTable } from './view-table.js';

/**
 * Where a topic is persistent, a view ends so that even the loss of all members leaves behind who followed it, and where its epochs ended
 * (protocol.md, section 6, step 6): the leader gathers the trims of the persistent subgroups that change into one record; every survivor
 * of the domain echoes it, makes it durable together with the next view, and says so; and nobody acts on a trim before all have. Evaluated
 * anew each time, so that a leader that dies is followed by the next.
 */
export class Preparation {
  readonly #table: ViewTable;
  readonly #suspicions: Suspicions;
  readonly #next: View;
  readonly #log: ViewLog | undefined;
  /** The persistent topics whose epochs end. */
  readonly #ending: readonly Topic[];
  /** By slot: those of them that this member is in. */
  readonly #ends = new Map<number, EpochEnd>();
  #ended: readonly EndedEpoch[] | undefined;
  #begun = false;

  constructor(
    table: ViewTable,
    suspicions: Suspicions,
    next: View,
    ends: readonly EpochEnd[],
    log: ViewLog | undefined,
  ) {
    this.#table = table;
    this.#suspicions = suspicions;
    this.#next = next;
    this.#log = log;
    const goesOn = new Set(next.topics.map(({ slot, epoch }) => `${slot}@${epoch}`));
    this.#ending = table.view.topics.filter(
      ({ slot, epoch, persistent }) => persistent !== undefined && !goesOn.has(`${slot}@${epoch}`),
    );
    for (const end of ends)
      if (end.subgroup.layout.persistent !== undefined) this.#ends.set(end.subgroup.layout.slot, end);
  }

  /** Whether a view that is followed by `next` ends so: once there was a persistent topic, all who keep its views have to know who may go on with it. */
  static isNeeded(view: View, next: View): boolean {
    const topics = [...view.topics, ...next.topics];
    return view.pasts !== undefined || topics.some(({ persistent }) => persistent !== undefined);
  }

  /**
   * One step further where possible, once the trims of all epochs that end here are agreed; true once every survivor has made the record durable.
   * @throws CorruptPeerError where the leader's record is not what its members agreed on
   */
  evaluate(selfCheck: () => boolean): boolean {
    const table = this.#table;
    this.#noteTrims();
    if (this.#recordOf(table.me) === undefined) {
      const record = this.#leadersRecord();
      if (record === undefined || !selfCheck()) return false;
      this.#check(record);
      this.#note(record);
    }
    const record = this.#recordOf(table.me)!;
    this.#settle(record);
    if (!this.#isDurable(record)) return false;
    if (!table.hasPrepared(table.me)) table.markPrepared();
    return this.#survivors().every((rank) => table.hasPrepared(rank) && this.#recordOf(rank) === record);
  }

  #survivors(): number[] {
    return [...this.#table.ids.keys()].filter((rank) => !this.#suspicions.ranks.has(rank));
  }

  #recordOf(rank: number): string | undefined {
    return this.#table.notesOf(rank)?.record;
  }

  #note(text: string): void {
    if (this.#table.note(text)) return;
    throw new MembershipError(
      'BE_VIEW_FAILED',
      `view ${this.#table.view.viewId} ends the epochs of more persistent topics than there is room for`,
    );
  }

  /** Tells those who are not in a subgroup what its members agreed on. */
  #noteTrims(): void {
    const noted = this.#table.notesOf(this.#table.me)!.trims;
    for (const [slot, { trim, loses }] of this.#ends)
      if (!noted.has(slot))
        this.#note(JSON.stringify({ slot, trim: trim!, ...(loses && { loses }) } satisfies NotedTrim));
  }

  /** The leader's; mine, where I lead: what a survivor shows, or else what I gather. */
  #leadersRecord(): string | undefined {
    const leader = this.#suspicions.leader();
    if (leader !== this.#table.me) return this.#recordOf(leader);
    if (!this.#suspicions.barrier()) return undefined;
    for (const rank of this.#survivors()) {
      const shown = this.#recordOf(rank);
      if (shown !== undefined) return shown;
    }
    return this.#gather();
  }

  #gather(): string | undefined {
    const trims: EndOfView['trims'][number][] = [];
    for (const topic of this.#ending) {
      const { slot } = topic;
      const members = this.#membersOf(topic);
      const noting = members.find((rank) => this.#table.notesOf(rank)?.trims.has(slot) === true);
      if (noting === undefined && members.length > 0) return undefined;
      trims.push(noting === undefined ? { slot, trim: null } : this.#table.notesOf(noting)!.trims.get(slot)!);
    }
    return JSON.stringify({ leader: this.#table.me, trims } satisfies EndOfView);
  }

  /** The survivors in the subgroup of `topic`, by rank. */
  #membersOf(topic: Topic): number[] {
    const { senders, receivers } = subgroupLayout(this.#table.view, topic);
    return this.#survivors().filter((rank) => {
      const id = this.#table.ids[rank]!;
      return senders.includes(id) || receivers.includes(id);
    });
  }

  /** What was agreed here has to stand in the record. */
  #check(record: string): void {
    const { trims } = JSON.parse(record) as EndOfView;
    const recorded = new Map(trims.map(({ slot, trim }) => [slot, JSON.stringify(trim)]));
    for (const { slot } of this.#ending) {
      const agreed = JSON.stringify(this.#ends.get(slot)?.trim);
      if (recorded.has(slot) && (agreed === undefined || recorded.get(slot) === agreed)) continue;
      const leader = this.#table.ids[this.#suspicions.leader()]!;
      const where = `the record of the end of view ${this.#table.view.viewId}`;
      throw new CorruptPeerError(leader, where, record, `slot ${slot} ends with the trim ${agreed}`);
    }
  }

  /** The next view says where the epochs before it ended, for all views that follow. */
  #settle(record: string): void {
    if (this.#ended !== undefined) return;
    this.#ended = this.#endsIn(JSON.parse(record) as EndOfView);
    settlePasts(this.#next, this.#ended);
  }

  /** The epochs of the record, and the disks with logs of them. Where only the failed know the end, there is none. */
  #endsIn({ trims }: EndOfView): EndedEpoch[] {
    return trims.map(({ slot, trim, loses }) => {
      const { name: topic, epoch } = this.#ending.find((ending) => ending.slot === slot)!;
      const lastSequence = trim === null || loses === true ? null : trimEnd(trim) - 1;
      return { topic, epoch, lastSequence, disks: wholeDisks(this.#table.view, topic) };
    });
  }

  /** Whether the record is on my disk, where I have one. */
  #isDurable(record: string): boolean {
    if (this.#log === undefined) return true;
    if (!this.#begun) {
      this.#begun = true;
      const { leader } = JSON.parse(record) as EndOfView;
      const before = keepersOf(this.#table.view);
      const kept: ViewRecord = { view: this.#next, leader, ended: this.#ended!, before };
      this.#log.prepare(this.#next.viewId, JSON.stringify(kept));
    }
    return this.#log.prepared >= this.#next.viewId;
  }
}
