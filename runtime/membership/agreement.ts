import { CorruptPeerError, MembershipError } from './errors.js';
import type { Proposal } from './proposal-log.js';
import type { Requests } from './requests.js';
import type { Suspicions } from './suspicions.js';
import type { Change, RequestItem } from './view.js';
import { proposalBytesMax, type ViewTable } from './view-table.js';

/** How one view's members agree on the changes that end it: proposing, acknowledging, committing, taking over (protocol.md, section 6). */
export class Agreement {
  readonly #table: ViewTable;
  readonly #suspicions: Suspicions;
  readonly #requests: Requests;
  readonly #selfCheck: () => boolean;

  /** `selfCheck` is asked before each irrevocable step: false means that the others go on without this member. */
  constructor(table: ViewTable, suspicions: Suspicions, requests: Requests, selfCheck: () => boolean) {
    this.#table = table;
    this.#suspicions = suspicions;
    this.#requests = requests;
    this.#selfCheck = selfCheck;
  }

  /**
   * As leader or as follower, one step further where possible.
   * @throws MembershipError BE_VIEW_FAILED; CorruptPeerError where somebody's log or request makes no sense
   */
  evaluate(): void {
    const leader = this.#suspicions.leader();
    if (leader === this.#table.me) this.#lead();
    else this.#follow(leader);
  }

  /** The changes that end this view, once they are committed. */
  get decided(): Change[] | undefined {
    const { log, me } = this.#table;
    const committed = log.entries.slice(0, this.#table.committedBy(me));
    return committed.some(({ endsView }) => endsView) ? committed.map(({ change }) => change) : undefined;
  }

  #isSuspected(rank: number): boolean {
    return this.#suspicions.ranks.has(rank);
  }

  // ---- leading ----

  #lead(): void {
    if (!this.#suspicions.barrier()) return;
    const table = this.#table;
    this.#takeOver();
    const { entries } = table.log;
    if (!entries.some(({ endsView }) => endsView)) this.#propose();
    let committed = entries.length;
    for (let rank = 0; rank < table.ids.length; rank++) {
      if (rank === table.me || this.#isSuspected(rank)) continue;
      committed = Math.min(committed, this.#acknowledgedBy(rank));
    }
    if (committed > table.committedBy(table.me) && this.#selfCheck()) table.commit(committed);
  }

  /** How many changes `rank` has as I proposed them. */
  #acknowledgedBy(rank: number): number {
    const table = this.#table;
    const theirs = table.proposalsOf(rank);
    let count = Math.max(table.committedBy(table.me), table.committedBy(rank));
    while (count < theirs.length && theirs[count]!.leader === table.me) count++;
    return count;
  }

  /** Adopts what is committed anywhere; if that does not end the view, the proposal of the latest leader, and of those the longest, as mine. */
  #takeOver(): void {
    const table = this.#table;
    this.#adoptCommitted();
    if (this.decided !== undefined) return;
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

  /** Puts together the next view's changes: the failed, then what members ask for. The last one ends the view. */
  #propose(): void {
    const table = this.#table;
    const removals: Change[] = [...this.#suspicions.ranks].map((rank) => ({
      kind: 'remove',
      member: table.ids[rank]!,
    }));
    const changes = [...removals, ...this.#askedFor()];
    if (changes.length === 0) return;
    const first = table.log.entries.length;
    changes.forEach((change, i) =>
      this.#append(first + i, { change, leader: table.me, endsView: i === changes.length - 1 }),
    );
    table.publishLog();
  }

  /**
   * The members' requests, in rank order, as far as they fit; no more joiners than there are survivors, whose majority they would
   * dilute. Of a request that does not fit whole, the first items are taken.
   */
  #askedFor(): Change[] {
    const table = this.#table;
    const changes: Change[] = [];
    let joins = this.#suspicions.survivors().length;
    let bytes = proposalBytesMax / (table.ids.length + 2);
    for (let rank = 0; rank < table.ids.length; rank++) {
      if (this.#isSuspected(rank)) continue;
      const { id, applied } = table.view.members[rank]!;
      const items: RequestItem[] = [];
      for (const item of this.#readRequest(rank, applied) ?? []) {
        if (item.op === 'join' && joins-- <= 0) break;
        bytes -= JSON.stringify(item).length * 2;
        if (bytes < 0 && changes.length + items.length > 0) break;
        items.push(item);
      }
      if (items.length > 0)
        changes.push({ kind: 'request', member: id, request: applied + items.length, items });
    }
    return changes;
  }

  #readRequest(rank: number, applied: number): RequestItem[] | undefined {
    try {
      return this.#requests.read(this.#table.ids[rank]!, applied);
    } catch (error) {
      throw new CorruptPeerError(this.#table.ids[rank]!, 'its request', '', String(error));
    }
  }

  // ---- following ----

  /** Copies what the leader proposes as its own, which acknowledges it; then adopts what is committed. */
  #follow(leader: number): void {
    const table = this.#table;
    this.#adoptCommitted();
    const theirs = table.proposalsOf(leader);
    const mine = table.log.entries;
    let copied = false;
    for (let i = table.committedBy(table.me); i < theirs.length && theirs[i]!.leader === leader; i++) {
      if (mine[i]?.leader === leader) continue;
      this.#append(i, theirs[i]!);
      copied = true;
    }
    if (copied) table.publishLog();
  }

  /** What some survivor has seen committed is decided, whoever leads. */
  #adoptCommitted(): void {
    const table = this.#table;
    for (let rank = 0; rank < table.ids.length; rank++) {
      const committed = table.committedBy(rank);
      if (rank === table.me || this.#isSuspected(rank) || committed <= table.committedBy(table.me)) continue;
      const theirs = table.proposalsOf(rank);
      for (let i = table.committedBy(table.me); i < committed; i++) this.#append(i, theirs[i]!);
      table.publishLog();
      table.commit(committed);
    }
  }

  #append(index: number, proposal: Proposal): void {
    if (this.#table.log.append(index, proposal)) return;
    throw new MembershipError(
      'BE_VIEW_FAILED',
      `the proposals of view ${this.#table.view.viewId} take more than ${proposalBytesMax} bytes`,
    );
  }
}

/** Of two logs, the one whose uncommitted part is the later leader's; then the longer. */
function isLater(a: readonly Proposal[], b: readonly Proposal[], committed: number): boolean {
  const leaderOf = (log: readonly Proposal[]) => (log.length > committed ? log.at(-1)!.leader : -1);
  return leaderOf(a) > leaderOf(b) || (leaderOf(a) === leaderOf(b) && a.length > b.length);
}
