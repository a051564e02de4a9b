import type { MemberId, RegionMemory } from '../../transport/transport.js';
import { LargeReplicas } from './large.js';
import type { LogicalClock } from './logical-clock.js';
import type { Outbox } from './outbox.js';
import { type Kept, Spread } from './rdmc/spread.js';
import { largeRegionsMax } from './row.js';
import { type SubgroupMemory, turnsInFlightMax } from './subgroup-memory.js';
import { type Sink, Walk } from './walk.js';

/** What a receiver does in one epoch: it takes what the senders made public, and delivers what may be delivered. */
export class Inbox {
  /** By sender; undefined where that is this member. */
  readonly large: readonly (LargeReplicas | undefined)[];
  /** By sender, where large messages spread from member to member. */
  readonly #spreads: readonly (Spread | undefined)[];
  readonly #memory: SubgroupMemory;
  readonly #sink: Sink;
  readonly #clock: LogicalClock;
  readonly #walk: Walk;
  readonly #numReceived: Float64Array;
  /** No sender can be further ahead of the most that I received. */
  readonly #aheadMax: number;
  #mostReceived = 0;
  /** A sender's region is announced and not there yet: nobody will tell, so look again. */
  awaitsRegion = false;

  /** To be made once `memory` is attached, or the epoch ends before it is: what is missing then, nobody has received. */
  constructor(
    memory: SubgroupMemory,
    sink: Sink,
    clock: LogicalClock,
    outbox: Outbox | undefined,
    kept: ReadonlyMap<MemberId, readonly Kept[]>,
  ) {
    this.#memory = memory;
    this.#sink = sink;
    this.#clock = clock;
    const { layout, columns, transport, regionName, row } = memory;
    this.large = layout.senders.map((sender) =>
      sender === transport.self ? undefined : new LargeReplicas(transport, sender, regionName),
    );
    this.#spreads = this.large.map(
      (copies, s) =>
        copies && transport.spreading && new Spread(memory, s, { copies }, kept.get(layout.senders[s]!)),
    );
    // Of a raw topic, others may need what I have delivered: see `Relay`.
    const isLast = layout.ordered || transport.aliased;
    this.#walk = new Walk(memory, sink, outbox, this.large, isLast);
    this.#numReceived = row.slice(columns.numReceived, columns.numReceived + layout.senders.length);
    this.#mostReceived = layout.senders.length > 0 ? memory.first(columns.numReceived) : 0;
    this.#aheadMax = turnsInFlightMax(layout);
  }

  /** Takes blocks of large messages, and passes them on; true where anything moved. */
  spread(): boolean {
    let spreads = false;
    for (let s = 0; s < this.#spreads.length; s++) {
      const spread = this.#spreads[s];
      if (spread === undefined || !(this.#memory.senderRows[s]![this.#memory.columns.largeRegions]! > 0))
        continue;
      if (this.#attachLarge(s, this.#memory.senderRows[s]!) && spread.work()) spreads = true;
    }
    return spreads;
  }

  /** Takes every sender's turns that have become public. */
  receive(): boolean {
    const { senderRows, row, columns } = this.#memory;
    const senders = senderRows.length;
    const numReceived = this.#numReceived;
    let moved = false;
    this.awaitsRegion = false;
    for (let s = 0; s < senders; s++) {
      const sent = senderRows[s]![columns.sent]!;
      if (!(sent > numReceived[s]!)) continue;
      if (sent - this.#mostReceived > this.#aheadMax || Math.floor(sent) !== sent) {
        this.#accuse(s, 'sent', sent, `at most ${this.#mostReceived} turns of anyone were received here`);
        continue;
      }
      if (!this.#attachLarge(s, senderRows[s]!)) continue;
      const here = this.#complete(s, sent);
      if (!(here > numReceived[s]!)) continue;
      numReceived[s] = here;
      this.#clock.observe(senderRows[s]![columns.stabilityClock]!);
      if (here > this.#mostReceived) this.#mostReceived = here;
      row[columns.numReceived + s] = here;
      moved = true;
    }
    if (!moved) return false;
    let received = Infinity;
    for (let s = 0; s < senders; s++) {
      const upTo = numReceived[s]! * senders + s;
      if (upTo < received) received = upTo;
    }
    row[columns.received] = received;
    return true;
  }

  /** Of `sent` turns of sender `s`, those that are here as a whole: a large message is once all its blocks are. */
  #complete(s: number, sent: number): number {
    const spread = this.#spreads[s];
    return spread !== undefined && this.large[s]!.count > 0 ? spread.complete(sent) : sent;
  }

  /** Large messages lie in regions, which have to be there first. */
  #attachLarge(s: number, row: Float64Array): boolean {
    const large = this.large[s];
    if (large === undefined) return true;
    const { columns, layout } = this.#memory;
    const count = row[columns.largeRegions]!;
    if (!(count > large.count)) return true;
    for (let index = large.count; index < count; index++) {
      const bytes = row[columns.largeBytes + index]!;
      if (index < largeRegionsMax && bytes > 0 && bytes <= layout.largeBytes + 64 && bytes % 8 === 0)
        continue;
      this.#accuse(s, `largeBytes[${index}]`, bytes, `the topic's budget is ${layout.largeBytes}`);
      return false;
    }
    const complete = large.attach(count, (index) => row[columns.largeBytes + index]!);
    if (!complete) this.awaitsRegion = true;
    return complete;
  }

  #accuse(s: number, column: string, seen: number, why: string): void {
    this.#memory.accuse(this.#memory.layout.senders[s]!, column, seen, why);
  }

  /** Hands out what may be delivered, a batch at most. */
  deliver(limit: number): boolean {
    if (this.#sink.full) return false;
    const walk = this.#walk;
    const before = walk.passed;
    if (this.#memory.layout.ordered) walk.inOrder(limit, false);
    else walk.raw(this.#numReceived);
    if (walk.passed === before) return false;
    this.#publishDelivered();
    return true;
  }

  /** Whether more could be delivered now. */
  more(limit: number): boolean {
    if (this.#sink.full) return false;
    if (this.#memory.layout.ordered) return this.#walk.passed < limit;
    return this.#walk.isBehind(this.#numReceived);
  }

  #publishDelivered(): void {
    const { row, columns } = this.#memory;
    this.#walk.showConsumed();
    row[columns.delivered] = this.#walk.passed;
  }

  /**
   * Delivers what the trim brings beyond what was delivered, in order, and nothing after it; the reader takes it all, full or not (a
   * view change never waits for an application).
   */
  deliverUpTo(trim: readonly number[]): void {
    if (this.#memory.layout.ordered) this.#walk.toTrim(trim, true);
    else {
      if (this.#memory.transport.aliased)
        trim.forEach((_, s) => this.#attachLarge(s, this.#memory.senderRows[s]!));
      this.#walk.toRawTrim(trim);
    }
    this.#publishDelivered();
  }

  /** Delivers all sequences below `limit`, full or not; more of the epoch may follow, once it is known where it ends. */
  deliverInOrder(limit: number): void {
    this.#walk.upTo(limit);
    this.#publishDelivered();
  }

  // ---- what a relay needs (protocol.md, section 6, step 5) ----

  /** Turns of sender `s` that are here, all that it sent in this epoch, once it has wedged: whatever it put before has come. 0 as long as it has not. */
  allOf(s: number): number {
    const { layout, columns } = this.#memory;
    const row = this.#memory.rowOf(layout.senders[s]!);
    if (row?.[columns.wedged] !== 1 || !this.#attachLarge(s, row)) return 0;
    const sent = row[columns.sent]!;
    const here = this.#complete(s, sent);
    return here < sent && this.#spreads[s]!.isFinished ? sent : here;
  }

  /** Shows sender `s`, which has wedged, what it has announced and is not here, once; true where it did. */
  want(s: number): boolean {
    const { layout, columns } = this.#memory;
    const isOver = this.#memory.rowOf(layout.senders[s]!)?.[columns.wedged] === 1;
    return isOver && this.#spreads[s]?.want() === true;
  }

  /** Where the first `turns` turns of sender `s` end in its ring. */
  endOf(s: number, turns: number): number {
    return this.#walk.endOf(s, turns);
  }

  /** Reads on in what another member shows in the stead of sender `s`. */
  continueIn(s: number, ring: RegionMemory, large: LargeReplicas): void {
    this.#walk.continueIn(s, ring, large);
  }

  /** By sender: what is here of its large messages with which the epoch does not end, as `trim` says. */
  keep(trim: readonly number[]): Map<MemberId, readonly Kept[]> {
    const kept = new Map<MemberId, readonly Kept[]>();
    this.#spreads.forEach((spread, s) => {
      if (spread !== undefined) kept.set(this.#memory.layout.senders[s]!, spread.keep(trim[s]!));
    });
    return kept;
  }

  release(): void {
    for (const spread of this.#spreads) spread?.release();
    for (const large of this.large) large?.release();
  }
}
