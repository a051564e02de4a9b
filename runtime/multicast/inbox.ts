import type { RegionMemory } from '../../transport/transport.js';
import { LargeReplicas } from './large.js';
import type { LogicalClock } from './logical-clock.js';
import type { Outbox } from './outbox.js';
import { largeRegionsMax } from './row.js';
import { type SubgroupMemory, turnsInFlightMax } from './subgroup-memory.js';
import { type Sink, Walk } from './walk.js';

/** What a receiver does in one epoch: it takes what the senders made public, and delivers what may be delivered. */
export class Inbox {
  /** By sender; undefined where that is this member. */
  readonly large: readonly (LargeReplicas | undefined)[];
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
  constructor(memory: SubgroupMemory, sink: Sink, clock: LogicalClock, outbox: Outbox | undefined) {
    this.#memory = memory;
    this.#sink = sink;
    this.#clock = clock;
    const { layout, columns, transport, regionName, row } = memory;
    this.large = layout.senders.map((sender) =>
      sender === transport.self ? undefined : new LargeReplicas(transport, sender, regionName),
    );
    // Of a raw topic, others may need what I have delivered: see `Relay`.
    const isLast = layout.ordered || transport.aliased;
    this.#walk = new Walk(memory, sink, outbox, this.large, isLast);
    this.#numReceived = row.slice(columns.numReceived, columns.numReceived + layout.senders.length);
    this.#mostReceived = layout.senders.length > 0 ? memory.first(columns.numReceived) : 0;
    this.#aheadMax = turnsInFlightMax(layout);
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
      numReceived[s] = sent;
      this.#clock.observe(senderRows[s]![columns.stabilityClock]!);
      if (sent > this.#mostReceived) this.#mostReceived = sent;
      row[columns.numReceived + s] = sent;
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

  /** A large message counts as received once its region is attached. */
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

  // ---- what a relay needs (protocol.md, section 6, step 5) ----

  /** Turns of sender `s` that are here, all that it sent in this epoch, once it has wedged: whatever it put before has come. 0 as long as it has not. */
  allOf(s: number): number {
    const { layout, columns } = this.#memory;
    const row = this.#memory.rowOf(layout.senders[s]!);
    return row?.[columns.wedged] === 1 && this.#attachLarge(s, row) ? row[columns.sent]! : 0;
  }

  /** Where the first `turns` turns of sender `s` end in its ring. */
  endOf(s: number, turns: number): number {
    return this.#walk.endOf(s, turns);
  }

  /** Reads on in what another member shows in the stead of sender `s`. */
  continueIn(s: number, ring: RegionMemory, large: LargeReplicas): void {
    this.#walk.continueIn(s, ring, large);
  }

  release(): void {
    for (const large of this.large) large?.release();
  }
}
