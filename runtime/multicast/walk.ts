import type { RegionMemory } from '../../transport/transport.js';
import { Delivery } from './delivery.js';
import { frameBytes, frameKind, headerBytes as frameHeaderBytes } from './frame.js';
import { framesOf } from './frames.js';
import { type LargeReplicas, largeReferenceBytes } from './large.js';
import type { Outbox } from './outbox.js';
import { RingReader } from './ring.js';
import type { SubgroupMemory } from './subgroup-memory.js';

// What is imported is looked up at each use; a constant of the module is compiled in.
const headerBytes = frameHeaderBytes;
const dataKind = frameKind.data;

/** Who takes a subgroup's messages at this member. */
export interface Sink {
  /** While true, nothing more is handed out: this is how a slow reader holds its writers back. */
  readonly full: boolean;
  /** Takes a message; its memory is lent until the call returns. Never throws. */
  deliver(message: Delivery): void;
}

/**
 * Turns, and bytes, handed out before their room is given back. Where messages are large, cores that write while others read what they wrote hinder each other:
 * with two members and 100 KiB, 1 MiB in a row gave 6 % more than 256 KiB.
 */
const batchTurnsMax = 512;
const batchBytesMax = 1 << 20;

/** More turns than an epoch lasts once it is at its end. A small integer, as the field of the loop that delivers. */
const nullsForEver = 0x3fff_ffff;

/** One past the last sequence that `trim` keeps. */
export function trimEnd(trim: readonly number[]): number {
  let end = 0;
  for (let s = 0; s < trim.length; s++)
    if (trim[s]! > 0) end = Math.max(end, (trim[s]! - 1) * trim.length + s + 1);
  return end;
}

/** Goes through the senders' rings, once, in one epoch, and hands what is in them to a sink: in the order of sequences, or each sender's in its own. */
export class Walk {
  /** Sequences passed. */
  passed: number;
  readonly #memory: SubgroupMemory;
  readonly #sink: Sink;
  readonly #outbox: Outbox | undefined;
  readonly #readers: (RingReader | undefined)[];
  readonly #large: (LargeReplicas | undefined)[];
  /** Whatever this walk has passed is needed no more. */
  readonly #isLast: boolean;
  /** Raw: turns passed, by sender. */
  readonly #taken: Float64Array;
  /** The sender whose turn is next. */
  #turnOf = 0;

  /** To be made once `memory` is attached, or the epoch ends before it is: what is missing then, nobody has received. */
  constructor(
    memory: SubgroupMemory,
    sink: Sink,
    outbox: Outbox | undefined,
    large: readonly (LargeReplicas | undefined)[],
    isLast: boolean,
  ) {
    this.#memory = memory;
    this.#sink = sink;
    this.#outbox = outbox;
    this.#large = [...large];
    this.#isLast = isLast;
    const { layout, columns, row } = memory;
    this.#readers = layout.senders.map((sender, s) => {
      const ring = memory.memoryOf(sender);
      return ring && this.#readerOf(s, ring, memory.first(columns.consumed + s));
    });
    this.#taken = row.slice(columns.numReceived, columns.numReceived + layout.senders.length);
    this.passed = memory.first(columns.delivered);
  }

  #readerOf(s: number, ring: RegionMemory, position: number): RingReader {
    const { layout, columns } = this.#memory;
    const message = new Delivery(layout.epoch, layout.senders[s]!, s, ring);
    return new RingReader(ring, columns.ringStart, layout.ringBytes, message, position);
  }

  /** Reads on in what another member shows in the stead of sender `s`, from where it is. */
  continueIn(s: number, ring: RegionMemory, large: LargeReplicas): void {
    const position = this.#readers[s]?.position ?? this.#memory.first(this.#memory.columns.consumed + s);
    this.#readers[s] = this.#readerOf(s, ring, position);
    this.#large[s] = large;
  }

  /** The position in the ring of sender `s` where its first `turns` turns end, or where its frames make no sense any more. */
  endOf(s: number, turns: number): number {
    const { memory, position } = this.#readers[s]!;
    let left = turns - this.#taken[s]!;
    let end = position;
    for (const frame of framesOf(
      this.#memory.ringIn(memory),
      position,
      position + this.#memory.layout.ringBytes,
    )) {
      if (left <= 0) break;
      left -= frame.turns;
      end = frame.end;
    }
    return end;
  }

  /** Says how far into each ring it has come. */
  showConsumed(): void {
    const { row, columns } = this.#memory;
    const readers = this.#readers;
    for (let s = 0; s < readers.length; s++) {
      const reader = readers[s];
      if (reader !== undefined) row[columns.consumed + s] = reader.position;
    }
  }

  /** Sequences below `limit`, a batch of them at most. `regardless`: though the sink is full. */
  inOrder(limit: number, regardless: boolean): void {
    const readers = this.#readers;
    const senders = readers.length;
    const sink = this.#sink;
    let sequence = this.passed;
    let s = this.#turnOf;
    let bytes = 0;
    // A small integer, which what is read from the table is not.
    let turns = Math.min(limit - sequence, batchTurnsMax) | 0;
    for (; turns > 0 && bytes < batchBytesMax && (!sink.full || regardless); turns--) {
      const reader = readers[s]!;
      if (reader.nulls > 0) reader.nulls--;
      else bytes += this.#take(reader, s, sequence);
      sequence++;
      if (++s === senders) s = 0;
    }
    this.passed = sequence;
    this.#turnOf = s;
  }

  /** All sequences below `limit`, though the sink is full: what follows may come later. */
  upTo(limit: number): void {
    while (this.passed < limit) this.inOrder(limit, true);
  }

  /** Each sender's messages in its own order, up to the turns in `limits`; a batch of them at most. */
  raw(limits: Float64Array): void {
    const senders = this.#readers.length;
    const sink = this.#sink;
    let turns = 0;
    let bytes = 0;
    for (let s = 0; s < senders; s++) {
      const upTo = limits[s]!;
      let taken = this.#taken[s]!;
      while (taken < upTo && turns < batchTurnsMax && bytes < batchBytesMax && !sink.full) {
        bytes += this.#take(this.#readers[s]!, s, taken * senders + s);
        turns++;
        taken++;
      }
      this.passed += taken - this.#taken[s]!;
      this.#taken[s] = taken;
    }
  }

  /** Whether `limits` are beyond what was passed of some sender. */
  isBehind(limits: Float64Array): boolean {
    return this.#taken.some((taken, s) => taken < limits[s]!);
  }

  /** Passes over the next frame of sender `s`, and hands it out where it is a message; gives its bytes. */
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
    const { f64 } = memory;
    return this.#large[s]?.holds(f64[word]!, f64[word + 1]!, f64[word + 2]!) ?? true;
  }

  /**
   * No correct member wrote this frame: nobody knows where the next one begins, so this turn of `s` and all that follow in the epoch
   * count as nothing, for everyone alike.
   */
  #takeGarbage(s: number): number {
    const memory = this.#memory;
    const reader = this.#readers[s]!;
    const seen = reader.u32[(reader.at >>> 2) + 1]!;
    memory.accuse(
      memory.layout.senders[s]!,
      `the frame at ${reader.position}`,
      seen,
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
    message.memory = large === undefined ? this.#outbox!.largeMemory(index) : large.memoryAt(index);
    message.offset = f64[word + 1]!;
    message.length = f64[word + 2]!;
    message.sequence = sequence;
    this.#sink.deliver(message);
    message.memory = message.ring;
    if (this.#isLast) large?.releaseBefore(index);
    reader.advance(frameBytes(largeReferenceBytes));
    return message.length;
  }

  /**
   * Goes on to where an ordered epoch ends, and hands out nothing after it: true once it is there. By the loop that delivers always: another
   * would be compiled in the midst of the view change, at its expense. Turns past the trim are passed over as nulls are.
   */
  toTrim(trim: readonly number[], regardless: boolean): boolean {
    const senders = trim.length;
    const ends = trim.map((turns, s) => ({ s, end: turns === 0 ? 0 : (turns - 1) * senders + s + 1 }));
    for (const { s, end } of ends.sort((a, b) => a.end - b.end)) {
      while (this.passed < end) {
        if (this.#sink.full && !regardless) return false;
        this.inOrder(end, regardless);
      }
      const reader = this.#readers[s];
      if (reader !== undefined) reader.nulls = nullsForEver;
    }
    return true;
  }

  /** The same of a raw epoch. */
  toRawTrim(trim: readonly number[]): void {
    trim.forEach((turns, s) => {
      for (let taken = this.#taken[s]!; taken < turns; taken++) {
        this.#take(this.#readers[s]!, s, taken * trim.length + s);
        this.passed++;
      }
      this.#taken[s] = Math.max(this.#taken[s]!, turns);
    });
  }
}
