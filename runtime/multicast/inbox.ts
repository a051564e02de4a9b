import { Delivery } from './delivery.js';
import { frameBytes, frameKind, headerBytes as frameHeaderBytes } from './frame.js';
import { LargeReplicas, largeReferenceBytes } from './large.js';
import type { Outbox } from './outbox.js';
import { RingReader } from './ring.js';
import { largeRegionsMax } from './row.js';
import { type SubgroupMemory, turnsInFlightMax } from './subgroup-memory.js';

// What is imported is looked up at each use; a constant of the module is compiled in.
const headerBytes = frameHeaderBytes;
const dataKind = frameKind.data;

/** Who takes delivered messages at this member. */
export interface Sink {
  /** While true, nothing more is delivered: this is how a slow reader holds its writers back. */
  readonly full: boolean;
  /** Takes a message; its memory is lent until the call returns. Never throws. */
  deliver(message: Delivery): void;
}

/** Turns, and bytes, delivered before their room is given back. */
const batchTurnsMax = 512;
const batchBytesMax = 256 * 1024;

/** More turns than an epoch lasts once it is at its end. A small integer, as the field of the loop that delivers. */
const nullsForEver = 0x3fff_ffff;

/** What a receiver does in one epoch: it takes what the senders made public, and delivers what is stable. */
export class Inbox {
  readonly #memory: SubgroupMemory;
  readonly #sink: Sink;
  readonly #outbox: Outbox | undefined;
  readonly #readers: (RingReader | undefined)[];
  readonly #large: (LargeReplicas | undefined)[];
  readonly #numReceived: Float64Array;
  /** Raw: turns delivered, by sender. */
  readonly #taken: Float64Array;
  /** No sender can be further ahead of the most that I received. */
  readonly #aheadMax: number;
  #mostReceived = 0;
  /** Sequences delivered. */
  #delivered = 0;
  /** The sender whose turn is next in delivery. */
  #turnOf = 0;
  /** A sender's region is announced and not there yet: nobody will tell, so look again. */
  awaitsRegion = false;

  /** To be made once `memory` is attached, or the epoch ends before it is: what is missing then, nobody has received. */
  constructor(memory: SubgroupMemory, sink: Sink, outbox: Outbox | undefined) {
    this.#memory = memory;
    this.#sink = sink;
    this.#outbox = outbox;
    const { layout, columns, transport, regionName, row } = memory;
    this.#readers = layout.senders.map((sender, s) => {
      const ring = memory.memoryOf(sender);
      if (ring === undefined) return undefined;
      const message = new Delivery(layout.epoch, sender, s, ring);
      const position = memory.first(columns.consumed + s);
      return new RingReader(ring, columns.ringStart, layout.ringBytes, message, position);
    });
    this.#large = layout.senders.map((sender) =>
      sender === transport.self ? undefined : new LargeReplicas(transport, sender, regionName),
    );
    this.#numReceived = row.slice(columns.numReceived, columns.numReceived + layout.senders.length);
    this.#taken = this.#numReceived.slice();
    this.#mostReceived = layout.senders.length > 0 ? memory.first(columns.numReceived) : 0;
    this.#delivered = memory.first(columns.delivered);
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
      if (!this.#attachLarge(s)) continue;
      numReceived[s] = sent;
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
  #attachLarge(s: number): boolean {
    const large = this.#large[s];
    if (large === undefined) return true;
    const { senderRows, columns, layout } = this.#memory;
    const row = senderRows[s]!;
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
  deliver(stable: number): boolean {
    if (this.#sink.full) return false;
    const before = this.#delivered;
    if (this.#memory.layout.ordered) this.#deliverInOrder(stable, false);
    else this.#deliverRaw();
    if (this.#delivered === before) return false;
    this.#publishDelivered();
    return true;
  }

  /** Whether more could be delivered now. */
  more(stable: number): boolean {
    if (this.#sink.full) return false;
    if (this.#memory.layout.ordered) return this.#delivered < stable;
    return this.#taken.some((taken, s) => taken < this.#numReceived[s]!);
  }

  #publishDelivered(): void {
    const { row, columns } = this.#memory;
    const readers = this.#readers;
    for (let s = 0; s < readers.length; s++) {
      const reader = readers[s];
      if (reader !== undefined) row[columns.consumed + s] = reader.position;
    }
    row[columns.delivered] = this.#delivered;
  }

  /** `regardless`: though the reader is full. */
  #deliverInOrder(stable: number, regardless: boolean): void {
    const readers = this.#readers;
    const senders = readers.length;
    const sink = this.#sink;
    let sequence = this.#delivered;
    let s = this.#turnOf;
    let bytes = 0;
    // A small integer, which what is read from the table is not.
    let turns = Math.min(stable - sequence, batchTurnsMax) | 0;
    for (; turns > 0 && bytes < batchBytesMax && (!sink.full || regardless); turns--) {
      const reader = readers[s]!;
      if (reader.nulls > 0) reader.nulls--;
      else bytes += this.#take(reader, s, sequence);
      sequence++;
      if (++s === senders) s = 0;
    }
    this.#delivered = sequence;
    this.#turnOf = s;
  }

  /** At receipt, each sender's messages in its own order. */
  #deliverRaw(): void {
    const senders = this.#readers.length;
    const sink = this.#sink;
    let turns = 0;
    let bytes = 0;
    for (let s = 0; s < senders; s++) {
      const upTo = this.#numReceived[s]!;
      let taken = this.#taken[s]!;
      while (taken < upTo && turns < batchTurnsMax && bytes < batchBytesMax && !sink.full) {
        bytes += this.#take(this.#readers[s]!, s, taken * senders + s);
        turns++;
        taken++;
      }
      this.#delivered += taken - this.#taken[s]!;
      this.#taken[s] = taken;
    }
  }

  /** Passes over the next frame of sender `s`, and delivers it where it is a message; gives its bytes. */
  #take(reader: RingReader, s: number, sequence: number): number {
    const { u32, at } = reader;
    const length = u32[at >>> 2]!;
    if ((u32[(at >>> 2) + 1]! & 0xff) !== dataKind || length > reader.payloadMax)
      return this.#takeOther(s, sequence);
    const { message } = reader;
    message.header = at;
    message.offset = at + headerBytes;
    message.length = length;
    message.sequence = sequence;
    this.#sink.deliver(message);
    const frame = (headerBytes + length + 7) & ~7;
    reader.advance(frame);
    return frame;
  }

  /** A pad is skipped; of a run of nulls, the first turn is taken. */
  #takeOther(s: number, sequence: number): number {
    const reader = this.#readers[s]!;
    const length = reader.u32[reader.at >>> 2]!;
    const kind = reader.u32[(reader.at >>> 2) + 1]! & 0xff;
    if (kind === frameKind.pad && reader.passPad(length)) return this.#take(reader, s, sequence);
    if (kind === frameKind.nulls && length > 0) {
      reader.nulls = length - 1;
      reader.advance(headerBytes);
      return headerBytes;
    }
    if (kind === frameKind.large && this.#isThere(s)) return this.#takeLarge(s, sequence);
    return this.#takeGarbage(s);
  }

  /** Whether the large message that the next frame of `s` refers to is in memory that I have. */
  #isThere(s: number): boolean {
    const { memory, at } = this.#readers[s]!;
    const word = (at + headerBytes) >>> 3;
    const [index, offset, length] = [memory.f64[word]!, memory.f64[word + 1]!, memory.f64[word + 2]!];
    const large = this.#large[s];
    if (large === undefined) return true;
    if (!(offset >= 0 && length >= 0 && offset % 8 === 0 && length % 1 === 0)) return false;
    return offset + length <= (large.has(index) ? large.memory(index).bytes.length : -1);
  }

  /**
   * No correct member wrote this frame: nobody knows where the next one begins, so this turn of `s` and all that follow in the epoch
   * count as nothing, for everyone alike.
   */
  #takeGarbage(s: number): number {
    const reader = this.#readers[s]!;
    this.#accuse(
      s,
      `the frame at ${reader.position}`,
      reader.u32[(reader.at >>> 2) + 1]!,
      'no frame is like that',
    );
    reader.nulls = nullsForEver;
    return 0;
  }

  #takeLarge(s: number, sequence: number): number {
    const reader = this.#readers[s]!;
    const { message, at } = reader;
    const word = (at + headerBytes) >>> 3;
    const { f64 } = reader.memory;
    const index = f64[word]!;
    const large = this.#large[s];
    message.header = at;
    message.memory = large === undefined ? this.#outbox!.largeMemory(index) : large.memory(index);
    message.offset = f64[word + 1]!;
    message.length = f64[word + 2]!;
    message.sequence = sequence;
    this.#sink.deliver(message);
    message.memory = message.ring;
    large?.releaseBefore(index);
    reader.advance(frameBytes(largeReferenceBytes));
    return message.length;
  }

  /**
   * Delivers what the trim brings beyond what was delivered, in order, and nothing after it; the reader takes it all, full or not (a
   * view change never waits for an application).
   */
  deliverUpTo(trim: readonly number[]): void {
    if (this.#memory.layout.ordered) this.#deliverOrderedUpTo(trim);
    else this.#deliverRawUpTo(trim);
    this.#publishDelivered();
  }

  /**
   * By the loop that delivers always: another would be compiled in the midst of the view change, at its expense. Turns past the trim are
   * passed over as nulls are.
   */
  #deliverOrderedUpTo(trim: readonly number[]): void {
    const senders = trim.length;
    const ends = trim.map((turns, s) => ({ s, end: turns === 0 ? 0 : (turns - 1) * senders + s + 1 }));
    for (const { s, end } of ends.sort((a, b) => a.end - b.end)) {
      while (this.#delivered < end) this.#deliverInOrder(end, true);
      const reader = this.#readers[s];
      if (reader !== undefined) reader.nulls = nullsForEver;
    }
  }

  #deliverRawUpTo(trim: readonly number[]): void {
    trim.forEach((turns, s) => {
      this.#attachLarge(s);
      for (let taken = this.#taken[s]!; taken < turns; taken++) {
        this.#take(this.#readers[s]!, s, taken * trim.length + s);
        this.#delivered++;
      }
      this.#taken[s] = Math.max(this.#taken[s]!, turns);
    });
  }

  release(): void {
    for (const large of this.#large) large?.release();
  }
}
