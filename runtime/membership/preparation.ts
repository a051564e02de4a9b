import { trimEnd } from '../multicast/walk.js';
import { CorruptPeerError, MembershipError } from './errors.js';
import type { EpochEnd } from './epoch-end.js';
import type { Suspicions } from './suspicions.js';
import { subgroupLayout, type Topic, type View } from './view.js';
import type { ViewLog } from './view-log.js';
import type { ViewTable } from './view-table.js';

/** What a member notes: where it has seen the members of a subgroup agree that its epoch ends; or the record that a leader put together of all of that. */
type Note = { slot: number; trim: number[] } | { leader: number; trims: EndOfEpoch[] };

interface EndOfEpoch {
  slot: number;
  /** Null where all members of the subgroup have failed, so that only they know. */
  trim: number[] | null;
}

/**
 * Where a topic is persistent, a view ends so that even the loss of all members leaves behind who followed it, and where its epochs ended
 * (protocol.md, section 6, step 5): the leader gathers the trims of the persistent subgroups that change into one record; every survivor
 * of the domain echoes it, makes it durable together with the next view, and says so; and nobody acts on a trim before all have. Evaluated
 * anew each time, so that a leader that dies is followed by the next.
 */
export class Preparation {
  readonly #table: ViewTable;
  readonly #suspicions: Suspicions;
  readonly #next: View;
  readonly #log: ViewLog | undefined;
  readonly #ending: readonly Topic[];
  #begun = false;

  constructor(table: ViewTable, suspicions: Suspicions, next: View, log: ViewLog | undefined) {
    this.#table = table;
    this.#suspicions = suspicions;
    this.#next = next;
    this.#log = log;
    this.#ending = table.view.topics.filter(
      ({ slot, epoch, persistent }) =>
        persistent !== undefined &&
        !next.topics.some((topic) => topic.slot === slot && topic.epoch === epoch),
    );
  }

  /** Whether a view that is followed by `next` ends so. */
  static isNeeded(view: View, next: View): boolean {
    return [...view.topics, ...next.topics].some(({ persistent }) => persistent !== undefined);
  }

  /**
   * One step further where possible, once the trims of all of `ends` are agreed; true once every survivor has made the record durable.
   * @throws CorruptPeerError where the leader's record is not what its members agreed on
   */
  evaluate(ends: readonly EpochEnd[], selfCheck: () => boolean): boolean {
    this.#noteTrims(ends);
    if (this.#recordOf(this.#table.me) === undefined) {
      const record = this.#leadersRecord();
      if (record === undefined || !selfCheck()) return false;
      this.#check(record, ends);
      this.#note(record);
    }
    const record = this.#recordOf(this.#table.me)!;
    if (!this.#isDurable(record)) return false;
    if (!this.#table.hasPrepared(this.#table.me)) this.#table.markPrepared();
    return this.#survivors().every(
      (rank) => this.#table.hasPrepared(rank) && this.#recordOf(rank) === record,
    );
  }

  #survivors(): number[] {
    return [...this.#table.ids.keys()].filter((rank) => !this.#suspicions.ranks.has(rank));
  }

  // ---- notes ----

  #note(text: string): void {
    if (this.#table.note(text)) return;
    throw new MembershipError(
      'BE_VIEW_FAILED',
      `view ${this.#table.view.viewId} ends the epochs of more persistent topics than there is room for`,
    );
  }

  /** Tells those who are not in a subgroup what its members agreed on. */
  #noteTrims(ends: readonly EpochEnd[]): void {
    for (const { slot } of this.#ending) {
      const trim = trimIn(ends, slot);
      if (trim === undefined || this.#trimNotedBy(this.#table.me, slot) !== undefined) continue;
      this.#note(JSON.stringify({ slot, trim } satisfies Note));
    }
  }

  #notesOf(rank: number): Note[] {
    try {
      return this.#table.notesOf(rank).map((text) => JSON.parse(text) as Note);
    } catch (error) {
      throw new CorruptPeerError(this.#table.ids[rank]!, 'its notes', '', String(error));
    }
  }

  #trimNotedBy(rank: number, slot: number): number[] | undefined {
    for (const note of this.#notesOf(rank)) if ('trim' in note && note.slot === slot) return note.trim;
    return undefined;
  }

  #recordOf(rank: number): string | undefined {
    return this.#table.notesOf(rank).find((text) => 'trims' in (JSON.parse(text) as Note));
  }

  // ---- the record ----

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
    const trims: EndOfEpoch[] = [];
    for (const topic of this.#ending) {
      const { slot } = topic;
      const members = this.#membersOf(topic);
      const trim = members.map((rank) => this.#trimNotedBy(rank, slot)).find((noted) => noted !== undefined);
      if (trim === undefined && members.length > 0) return undefined;
      trims.push({ slot, trim: trim ?? null });
    }
    return JSON.stringify({ leader: this.#table.me, trims } satisfies Note);
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
  #check(record: string, ends: readonly EpochEnd[]): void {
    const note = JSON.parse(record) as Note;
    const trims = 'trims' in note ? note.trims : [];
    for (const { slot } of this.#ending) {
      const mine = trimIn(ends, slot);
      const theirs = trims.find((end) => end.slot === slot);
      if (
        theirs !== undefined &&
        (mine === undefined || JSON.stringify(theirs.trim) === JSON.stringify(mine))
      )
        continue;
      const leader = this.#table.ids[this.#suspicions.leader()]!;
      const why = `the members of slot ${slot} agreed on ${JSON.stringify(mine)}`;
      throw new CorruptPeerError(
        leader,
        `the record of the end of view ${this.#table.view.viewId}`,
        record,
        why,
      );
    }
  }

  /** Whether the record is on my disk, where I have one. */
  #isDurable(record: string): boolean {
    if (this.#log === undefined) return true;
    if (!this.#begun) {
      this.#begun = true;
      this.#log.prepare(this.#next.viewId, this.#textOf(JSON.parse(record) as Note));
    }
    return this.#log.prepared >= this.#next.viewId;
  }

  /** What a restart has to know: the view that follows, and the last sequence of each epoch that ends. */
  #textOf(note: Note): string {
    const { leader, trims } = note as { leader: number; trims: EndOfEpoch[] };
    const ended = trims.map(({ slot, trim }) => {
      const { name, epoch } = this.#ending.find((topic) => topic.slot === slot)!;
      return { topic: name, epoch, lastSequence: trim && trimEnd(trim) - 1 };
    });
    return JSON.stringify({ view: this.#next, leader, ended });
  }
}

function trimIn(ends: readonly EpochEnd[], slot: number): number[] | undefined {
  return ends.find(({ subgroup }) => subgroup.layout.slot === slot)?.trim;
}
