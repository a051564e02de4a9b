import type { RegionMemory } from '../../transport/transport.js';
import { type FrameHeader, frameBytes, frameKind, headerBytes } from './frame.js';
import { type Frame, framesOf, type Ring } from './frames.js';
import { LargeRing, largeReferenceBytes, largeRegionName } from './large.js';
import { RingWriter } from './ring.js';
import type { LogicalClock } from './logical-clock.js';
import type { Pace } from './rdmc/pace.js';
import { planAgain, planFor } from './rdmc/plan.js';
import { Spread } from './rdmc/spread.js';
import { announcedMax } from './rdmc/spread-rows.js';
import type { Origin } from './rdmc/transfer.js';
import { largeRegionsMax } from './row.js';
import { type SubgroupMemory, turnsInFlightMax } from './subgroup-memory.js';

/** A message of mine: the turn that it took, its writer's number, and its sequence there. */
export interface SentMark {
  readonly turn: number;
  readonly writer: number;
  readonly sequence: number;
}

/** How a message of mine went in the epoch before, which ended without it: its blocks have a size where it was announced there. */
interface SentBefore extends Origin {
  readonly blockBytes?: number;
}

/** What a sender does in one epoch: room, frames, large messages, pushing, and answering others with nulls. */
export class Outbox {
  readonly ring: RingWriter;
  /** Where large messages spread from member to member. */
  readonly spread: Spread | undefined;
  readonly #memory: SubgroupMemory;
  readonly #clock: LogicalClock;
  readonly #pace: Pace;
  readonly #large: LargeRing;
  /** Nobody's real turns can be further ahead of mine: all rings full of the smallest frames, since what I owe was delivered last. */
  readonly #aheadMax: number;
  #pushedTurns = 0;
  #pushedPosition = 0;

  constructor(memory: SubgroupMemory, clock: LogicalClock, pace: Pace) {
    this.#memory = memory;
    this.#clock = clock;
    this.#pace = pace;
    this.#aheadMax = turnsInFlightMax(memory.layout) + 1;
    const { columns, mySender, layout } = memory;
    this.#pushedPosition = memory.first(columns.consumed + mySender);
    this.#pushedTurns = memory.first(columns.sent);
    this.ring = new RingWriter(
      memory.region.memory,
      columns.ringStart,
      layout.ringBytes,
      this.#pushedPosition,
      this.#pushedTurns,
    );
    this.#large = new LargeRing(layout.largeBytes, memory.transport.aliased, (index, byteLength) =>
      this.#allocateLarge(index, byteLength),
    );
    if (memory.transport.spreading !== undefined)
      this.spread = new Spread(memory, mySender, { ring: this.#large, clock, pace });
  }

  /** Measures room anew from what the slowest receiver has consumed. */
  refreshRoom(): void {
    const { receiverRows, columns, mySender } = this.#memory;
    // Nobody receives, so nobody is done with anything.
    if (receiverRows.length === 0) return;
    const column = columns.consumed + mySender;
    let freed = receiverRows[0]![column]!;
    for (let r = 1; r < receiverRows.length; r++) {
      const consumed = receiverRows[r]![column]!;
      if (consumed < freed) freed = consumed;
    }
    // No receiver is done with what was never written: see `SubgroupWatch`, which tells who says so.
    if (!(freed <= this.ring.position)) return;
    this.ring.freed = freed;
    this.#large.free(freed);
  }

  /** Opens a frame for `length` bytes of payload in the ring; false while there is no room. */
  open(length: number): boolean {
    if (this.ring.open(length)) return true;
    this.refreshRoom();
    return this.ring.open(length);
  }

  /** Opens room for a message of `length` bytes outside the ring: its memory, and `largeOffset`. Undefined while there is none. */
  openLarge(length: number): RegionMemory | undefined {
    this.refreshRoom();
    if (!this.ring.open(largeReferenceBytes) || !this.#mayOpenLarge(length)) return undefined;
    return this.#large.memory;
  }

  get largeOffset(): number {
    return this.#large.offset;
  }

  /** The byte of the memory that `openLarge` gave which the message must not reach. */
  get largeLimit(): number {
    return this.#large.limit;
  }

  /** Whether there is room for a message of `length` bytes, with some to spare: an eighth of the ring, twice. */
  hasRoom(length: number): boolean {
    this.refreshRoom();
    // Twice, since the end of the ring may have to be padded.
    if (this.ring.room < 2 * frameBytes(this.ring.payloadMax)) return false;
    return length <= this.ring.payloadMax || this.#mayOpenLarge(length);
  }

  #mayOpenLarge(length: number): boolean {
    return this.#large.inFlight < announcedMax && this.#large.open(length);
  }

  /** Sends the message that `openLarge` made room for; `before`: how it went in an epoch that ended without it. */
  commitLarge(length: number, header: FrameHeader, before?: SentBefore): void {
    const { ring } = this;
    const large = this.#large;
    this.#publishLarge(length, before);
    const word = ring.payloadStart >>> 3;
    const { f64 } = ring.memory;
    f64[word] = large.index;
    f64[word + 1] = large.offset;
    f64[word + 2] = length;
    const word1 = header.words[1]!;
    header.words[1] = (word1 & ~0xff) | frameKind.large;
    ring.commit(largeReferenceBytes, header);
    header.words[1] = word1;
    large.commit(length, ring.position);
  }

  /** To each receiver by itself, or from each to the next. */
  #publishLarge(length: number, before: SentBefore | undefined): void {
    const { spread } = this;
    const { spreading } = this.#memory.transport;
    const plan =
      spread &&
      spreading &&
      (before?.blockBytes === undefined
        ? planFor(length, spread.group, this.#pace.of(spreading))
        : planAgain(before.blockBytes, spread.group, spreading));
    if (spread === undefined || plan === undefined) {
      this.#large.put(length);
      return;
    }
    const { index, offset } = this.#large;
    const { kind, blockBytes } = plan;
    const turn = this.ring.turns;
    const { originEpoch, originTurn } = before ?? this.#originOf(turn);
    const announced = {
      turn,
      index,
      offset,
      length,
      kind,
      blockBytes,
      originEpoch,
      originTurn,
    };
    spread.announce(announced, spreading!.blockBytesMax);
  }

  largeMemory(index: number): RegionMemory {
    return this.#large.memoryAt(index);
  }

  #allocateLarge(index: number, byteLength: number) {
    if (index >= largeRegionsMax)
      throw new RangeError(`more than ${largeRegionsMax} regions for large messages in one epoch`);
    const { transport, regionName, region, row, columns } = this.#memory;
    const allocated = transport.allocate(largeRegionName(regionName, index), byteLength, region.peers);
    row[columns.largeBytes + index] = byteLength;
    this.#memory.putRow();
    row[columns.largeRegions] = index + 1;
    this.#memory.putRow();
    return allocated;
  }

  /** Makes public what was committed: the frames, then the counters. The batch is whatever has gathered. */
  push(): boolean {
    const { ring } = this;
    if (ring.turns === this.#pushedTurns) return false;
    const { region, row, columns, layout } = this.#memory;
    const from = ring.offsetOf(this.#pushedPosition);
    const past = from + (ring.position - this.#pushedPosition) - (columns.ringStart + layout.ringBytes);
    region.putPayload(from, from + (ring.position - this.#pushedPosition) - Math.max(past, 0));
    if (past > 0) region.putPayload(columns.ringStart, columns.ringStart + past);
    row[columns.real] = ring.real;
    this.#clock.showIn(row, columns.stabilityClock);
    row[columns.sent] = ring.turns;
    this.#pushedTurns = ring.turns;
    this.#pushedPosition = ring.position;
    return true;
  }

  /**
   * How many turns I am behind: others have spoken, and I have not. I owe mine up to and including their turn where I come before them in the
   * round, up to but not including it where I come after. Only real messages count, so a silent group is silent.
   */
  turnsOwed(): number {
    const { senderRows, columns, mySender, layout } = this.#memory;
    let wanted = 0;
    for (let s = 0; s < senderRows.length; s++) {
      if (s === mySender) continue;
      const real = senderRows[s]![columns.real]!;
      if (real > this.ring.turns + this.#aheadMax) {
        this.#memory.accuse(layout.senders[s]!, 'real', real, `my turns are ${this.ring.turns}`);
        continue;
      }
      const turns = mySender < s ? real : real - 1;
      if (turns > wanted) wanted = turns;
    }
    return Math.max(0, wanted - this.ring.turns);
  }

  /** Fills `turns` turns with nothing; false while there is no room. */
  sendNulls(turns: number): boolean {
    const { ring } = this;
    if (!ring.open(0)) {
      this.refreshRoom();
      if (!ring.open(0)) return false;
    }
    ring.commitNulls(turns);
    return true;
  }

  /**
   * Sends again, in this new epoch, what the trim of `old` left out of mine: in order, under the same writer sequences, before any
   * new write. Nulls are not carried; nor is what is `kept` nevertheless, by writer up to that sequence.
   */
  resend(old: Outbox, trimmedTurns: number, kept?: ReadonlyMap<number, number>): void {
    for (const { frame, turn } of old.#leftOut(trimmedTurns)) {
      const { writer, sequence } = markOf(frame);
      if (sequence > (kept?.get(writer) ?? -1)) this.#resendFrame(old, frame, turn);
    }
  }

  /** My messages, in order, that a trim leaves out. */
  marksAfter(trimmedTurns: number): SentMark[] {
    return [...this.#leftOut(trimmedTurns)].map(({ frame, turn }) => ({ turn, ...markOf(frame) }));
  }

  *#leftOut(trimmedTurns: number): Generator<{ frame: Frame; turn: number }> {
    const { position, turns } = this.ring;
    const ring = this.#memory.ringIn(this.ring.memory);
    const start = this.#consumed();
    let turn = turns - turnsBetween(ring, start, position);
    for (const frame of framesOf(ring, start, position)) {
      turn += frame.turns;
      if (turn > trimmedTurns && frame.kind !== frameKind.nulls) yield { frame, turn: turn - 1 };
    }
  }

  /** Bytes of my ring that all receivers are done with, as far as their word counts still: what a suspected one says may be anything. */
  #consumed(): number {
    const { receiverRows, columns, mySender, frozen, layout } = this.#memory;
    let consumed = Infinity;
    layout.receivers.forEach((receiver, r) => {
      if (!frozen.has(receiver))
        consumed = Math.min(consumed, receiverRows[r]![columns.consumed + mySender]!);
    });
    return consumed <= this.ring.position ? consumed : this.ring.freed;
  }

  #resendFrame(old: Outbox, { kind, offset, length, header }: Frame, turn: number): void {
    const from = old.ring.memory;
    if (kind === frameKind.large) {
      const word = (offset + headerBytes) >>> 3;
      const [index, start, bytes] = [from.f64[word]!, from.f64[word + 1]!, from.f64[word + 2]!];
      this.ring.open(largeReferenceBytes);
      this.#large.openAnyway(bytes);
      this.#large.memory.bytes.set(
        old.largeMemory(index).bytes.subarray(start, start + bytes),
        this.largeOffset,
      );
      this.commitLarge(bytes, header, old.#sentAs(turn));
      return;
    }
    // What the old ring held fits the new one, which is empty and not smaller.
    this.ring.open(length);
    const payload = offset + headerBytes;
    this.ring.memory.bytes.set(from.bytes.subarray(payload, payload + length), this.ring.payloadStart);
    this.ring.commit(length, header);
  }

  #sentAs(turn: number): SentBefore {
    return this.spread?.find(turn)?.announced ?? this.#originOf(turn);
  }

  #originOf(turn: number): Origin {
    return { originEpoch: this.#memory.layout.epoch, originTurn: turn };
  }

  release(): void {
    this.spread?.release();
    this.#large.release();
  }
}

function markOf({ header }: Frame): { writer: number; sequence: number } {
  return { writer: header.words[1]! >>> 16, sequence: header.floats[2]! };
}

function turnsBetween(ring: Ring, from: number, to: number): number {
  let turns = 0;
  for (const frame of framesOf(ring, from, to)) turns += frame.turns;
  return turns;
}
