import type { MemberId, Transport } from '../../transport/transport.js';
import type { CorruptPeerError } from './errors.js';
import type { SuspicionReason } from './suspicion-reason.js';
import type { ViewTable } from './view-table.js';

/** What else a suspicion does at this member: before the accusation is put, and after. */
export interface SuspicionEffects {
  /** Copies the member's counters everywhere, once; nothing of it is read any more. */
  freeze(member: MemberId): void;
  /** Stops every subgroup that the member is in. */
  stop(member: MemberId, reason: SuspicionReason, error: CorruptPeerError | undefined): void;
}

/** Whom this member takes for dead in one view (protocol.md, section 5). Monotonic; members are named by rank. */
export class Suspicions {
  readonly ranks = new Set<number>();
  readonly #reasons = new Map<number, SuspicionReason>();
  readonly #table: ViewTable;
  readonly #transport: Transport;
  readonly #effects: SuspicionEffects;

  constructor(table: ViewTable, transport: Transport, effects: SuspicionEffects) {
    this.#table = table;
    this.#transport = transport;
    this.#effects = effects;
  }

  /** Suspects the dead, and adopts the suspicions of everyone who is not suspected. */
  judge(): void {
    const table = this.#table;
    for (let rank = 0; rank < table.ids.length; rank++) {
      if (rank !== table.me && this.#transport.isDead(table.ids[rank]!)) this.add(rank, 'died');
    }
    for (let accuser = 0; accuser < table.ids.length; accuser++) {
      if (accuser === table.me || this.ranks.has(accuser)) continue;
      for (let accused = 0; accused < table.ids.length; accused++) {
        const reason = table.suspicionOf(accuser, accused);
        if (accused !== table.me && reason !== undefined) this.add(accused, reason);
      }
    }
  }

  /** Freeze first; then accuse, which is the last put that the accused gets; then stop what it is in. */
  add(rank: number, reason: SuspicionReason, error?: CorruptPeerError): void {
    if (this.ranks.has(rank)) return;
    this.ranks.add(rank);
    this.#reasons.set(rank, reason);
    const member = this.#table.ids[rank]!;
    this.#table.freeze(rank);
    this.#effects.freeze(member);
    this.#table.suspect(rank, reason);
    this.#table.drop(rank);
    this.#effects.stop(member, reason, error);
  }

  reasonFor(rank: number): SuspicionReason {
    return this.#reasons.get(rank)!;
  }

  /** The members that are not suspected, in rank order. */
  survivors(): MemberId[] {
    return this.#table.ids.filter((_, rank) => !this.ranks.has(rank));
  }

  /** Suspected, but not known to be dead. */
  silent(): MemberId[] {
    return [...this.ranks].map((rank) => this.#table.ids[rank]!).filter((id) => !this.#transport.isDead(id));
  }

  /** The lowest rank that is not suspected. */
  leader(): number {
    let rank = 0;
    while (this.ranks.has(rank)) rank++;
    return rank;
  }

  /** The takeover barrier: every survivor suspects all who rank before me, so nobody acts any more on what they proposed. */
  barrier(): boolean {
    return this.#areShared(this.#table.me);
  }

  /** Whether every survivor suspects all whom I do. Two that suspect each other never both find that it does (protocol.md, section 6). */
  areShared(): boolean {
    return this.#areShared(this.#table.ids.length);
  }

  /** Of the ranks below `end`. Whoever has installed the next view acts no more in this one; its row is final. */
  #areShared(end: number): boolean {
    const table = this.#table;
    for (let rank = 0; rank < table.ids.length; rank++) {
      if (this.ranks.has(rank) || rank === table.me || table.hasInstalled(rank)) continue;
      for (let accused = 0; accused < end; accused++) {
        if (this.ranks.has(accused) && !table.suspects(rank, accused)) return false;
      }
    }
    return true;
  }
}
