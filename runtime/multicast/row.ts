import { RowLayout } from '../table/layout.js';

/** Regions for large messages that a sender may allocate in one epoch. */
export const largeRegionsMax = 48;

/** What `trimReady` says beside 0: the trim ends the epoch, or only the failed know what else is committed in it. */
export const trimEnds = 1;
export const trimLoses = 2;

/**
 * The columns of a member's row in one subgroup. All counters; see protocol.md, section 2. What is polled together stands
 * together.
 */
export class SubgroupColumns {
  /** Turns up to and with the last real message: only those are answered with nulls. Put before `sent`. */
  readonly real: number;
  /**
   * The time of my clock: all that I wrote up to it is in `real`, and whatever I write from now on is later. Put before `sent`, after `real`,
   * and so in this order in the row.
   */
  readonly stabilityClock: number;
  /** Turns put into the ring and made public. */
  readonly sent: number;
  /** Regions for large messages that exist. Put before the frames that refer to them. */
  readonly largeRegions: number;
  /** Contiguous round-robin sequences received. */
  readonly received: number;
  /** Sequences delivered. */
  readonly delivered: number;
  readonly wedged: number;
  /** Replicas: sequences up to which every message is on my disk. */
  readonly persisted: number;
  /** My reader takes nothing until a handler returns, and the handler waits for room in the topic of this slot (0: none). */
  readonly waitsOn: number;
  /** Whose ring it waits for. Put before `waitsOn`. */
  readonly waitsFor: number;
  /** I want to know how far the past is settled: everyone is to show a `stabilityClock` that is not behind this time. */
  readonly asked: number;
  readonly trimReady: number;
  /** [sender]: turns received. */
  readonly numReceived: number;
  /** [sender]: bytes of the sender's ring that I am done with. */
  readonly consumed: number;
  /** [sender]: turns that a relay has brought me to, beyond those that I received (raw topics, on memory that is not aliased). */
  readonly held: number;
  /** [sender]: turns of each sender that the epoch ends with. */
  readonly trim: number;
  readonly largeBytes: number;
  readonly byteLength: number;
  /** Where the ring begins: on a page of its own. */
  readonly ringStart: number;
  readonly #senders: number;

  constructor(senders: number) {
    const layout = new RowLayout();
    this.real = layout.counter();
    this.stabilityClock = layout.counter();
    this.sent = layout.counter();
    this.largeRegions = layout.counter();
    this.received = layout.counter();
    this.delivered = layout.counter();
    this.persisted = layout.counter();
    this.wedged = layout.counter();
    layout.cacheLine();
    this.trimReady = layout.counter();
    this.asked = layout.counter();
    this.waitsOn = layout.counter();
    this.waitsFor = layout.counter();
    layout.cacheLine();
    this.numReceived = layout.counters(senders);
    layout.cacheLine();
    this.consumed = layout.counters(senders);
    layout.cacheLine();
    this.held = layout.counters(senders);
    this.trim = layout.counters(senders);
    this.largeBytes = layout.counters(largeRegionsMax);
    this.byteLength = layout.byteLength;
    this.ringStart = Math.ceil(this.byteLength / 4096) * 4096;
    this.#senders = senders;
  }

  /** What a column is called in messages. */
  nameOf(column: number): string {
    const { numReceived, consumed, held, trim } = this;
    const arrays = { numReceived, consumed, held, trim };
    for (const [name, first] of Object.entries(arrays))
      if (column >= first && column < first + this.#senders) return `${name}[${column - first}]`;
    if (column >= this.largeBytes) return `largeBytes[${column - this.largeBytes}]`;
    return Object.entries(this).find(([, index]) => index === column)?.[0] ?? `column ${column}`;
  }
}

/** The least that `rows`, of which there is one at least, have in `column`. */
export function least(rows: readonly Float64Array[], column: number): number {
  let result = rows[0]![column]!;
  for (let r = 1; r < rows.length; r++) {
    const value = rows[r]![column]!;
    if (value < result) result = value;
  }
  return result;
}
