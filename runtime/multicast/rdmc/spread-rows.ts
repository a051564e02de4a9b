import type { MemberId, Region, RegionMemory, Replica } from '../../../transport/transport.js';
import { largeRegionsMax } from '../row.js';
import type { SubgroupMemory } from '../subgroup-memory.js';
import { blocksMax, type Group, isKind } from './plan.js';
import { racksOf } from './racks.js';
import type { Announcement } from './transfer.js';

/** Large messages of one sender that may be on their way at once. */
export const announcedMax = 64;
/** Steps that a member may be ahead of those who are to take what it sent. */
export const windowMax = 8;
/** No block of a correct member is larger. */
const slotBytesMax = 1 << 20;

/** The columns of a row. All are counters. */
export const spreadColumns = {
  /** Steps up to the last one in which I sent a block. */
  sent: 0,
  /** Steps up to the last one in which I took a block. */
  taken: 1,
  /** Of the sender: its messages that are on their way, or were. Put after what it says of them. */
  announced: 2,
  /** Of the sender: no block of its messages is larger. Put first, and once. */
  slotBytes: 3,
  /** Of these messages it is shown what I had of them at the beginning. Put after that. */
  shown: 4,
  /** The epoch is over, and it is shown what I have of each message that is not here as a whole. Put after that. */
  wants: 5,
  /** Of the sender, to each peer: whatever that one wanted was put to it. */
  finished: 6,
} as const;
const columns = spreadColumns;
const headerBytes = 64;
/** turn, index, offset, length, kind of schedule, bytes of a block, epoch and turn of its origin. */
const announcementFloats = 8;
export const announcementBytes = announcementFloats * 8;
/** What a member shows of one message: a bit for each block. */
const bitsBytes = blocksMax / 8;

/**
 * What the members of a group tell each other while one sender's large messages spread (protocol.md, section 4): a region for each, with a row of counters.
 * The sender's has its announcements besides; each of the others' says which blocks it has, where that is asked, and has slots from which
 * whoever is to have a block takes it. Each writes its own alone, as with all memory. They are there once the sender has announced something.
 */
export class SpreadRows {
  /** The sender, and then whoever receives. */
  readonly group: readonly MemberId[];
  readonly me: number;
  /** What their schedules go by. */
  readonly spreadsOver: Group;
  #slotBytes = 0;
  readonly #memory: SubgroupMemory;
  readonly #name: string;
  readonly #replicas: (Replica | undefined)[];
  #own: Region | undefined;

  constructor(memory: SubgroupMemory, s: number) {
    const { layout, transport, regionName } = memory;
    const sender = layout.senders[s]!;
    this.#memory = memory;
    this.#name = `${regionName}.rdmc${s}`;
    this.group = [sender, ...layout.receivers.filter((receiver) => receiver !== sender)];
    this.me = this.group.indexOf(transport.self);
    this.spreadsOver = { members: this.group.length, racks: racksOf(this.group, layout.racks) };
    this.#replicas = this.group.map(() => undefined);
  }

  /** Makes my region, where it is not there yet. */
  open(slotBytes: number): void {
    if (this.#own !== undefined) return;
    this.#slotBytes = slotBytes;
    const peers = this.group.filter((_, member) => member !== this.me);
    this.#own = this.#memory.transport.allocate(this.#name, this.#bytesOf(this.me), peers);
    if (this.me === 0) this.#show(columns.slotBytes, slotBytes);
  }

  #bytesOf(member: number): number {
    if (member === 0) return headerBytes + announcedMax * announcementBytes;
    return slotsStart + windowMax * this.#slotBytes;
  }

  /** The memory of member number `member`, or undefined while it is not there. */
  #memoryOf(member: number): RegionMemory | undefined {
    if (member === this.me) return this.#own?.memory;
    const known = this.#replicas[member];
    if (known !== undefined) return known.memory;
    if (member !== 0 && this.#slotBytes === 0) return undefined;
    const replica = this.#memory.transport.attach(this.group[member]!, this.#name, this.#bytesOf(member));
    this.#replicas[member] = replica;
    return replica?.memory;
  }

  #counter(member: number, column: number): number {
    return this.#memoryOf(member)?.f64[column] ?? 0;
  }

  /** Stores and puts a counter of mine, to one member or to all. */
  #show(column: number, value: number, member?: number): void {
    const region = this.#own!;
    region.memory.f64[column] = value;
    region.put(column * 8, (column + 1) * 8, member === undefined ? undefined : this.group[member]);
  }

  // ---- announcements ----

  announce(number: number, announced: Announcement): void {
    const region = this.#own!;
    const { turn, index, offset, length, kind, blockBytes, originEpoch, originTurn } = announced;
    const at = announcementAt(number);
    region.memory.f64.set([turn, index, offset, length, kind, blockBytes, originEpoch, originTurn], at);
    region.put(at * 8, (at + announcementFloats) * 8);
    this.#show(columns.announced, number + 1);
  }

  /** How many messages the sender has announced, of which this member knows `known`. */
  announced(known: number): number {
    const f64 = this.#memoryOf(0)?.f64;
    const announced = f64?.[columns.announced] ?? 0;
    if (f64 === undefined || !(announced > known)) return known;
    const slotBytes = f64[columns.slotBytes]!;
    if (!(slotBytes >= 8 && slotBytes <= slotBytesMax && slotBytes % 8 === 0))
      return this.#accuse('slotBytes', slotBytes, `they are whole words, up to ${slotBytesMax}`, known);
    if (announced - known > announcedMax || announced % 1 !== 0)
      return this.#accuse('announced', announced, `it was ${known} before`, known);
    this.open(slotBytes);
    return announced;
  }

  /** What the sender has announced; undefined where no correct one can have. */
  announcement(number: number, turnMin: number): Announcement | undefined {
    const found = announcementIn(this.#memoryOf(0)!.f64, number);
    const { turn, index, kind, blockBytes, length } = found;
    const isPossible =
      turn >= turnMin &&
      turn % 1 === 0 &&
      index >= 0 &&
      index < largeRegionsMax &&
      index % 1 === 0 &&
      isKind(kind, this.spreadsOver) &&
      blockBytes >= 8 &&
      blockBytes <= this.#slotBytes &&
      blockBytes % 8 === 0 &&
      length > 0 &&
      length <= blocksMax * blockBytes;
    if (isPossible) return found;
    return this.#accuse('an announcement', number, 'it makes no sense', undefined);
  }

  #accuse<T>(column: string, seen: number, why: string, result: T): T {
    this.#memory.accuse(this.group[0]!, `${column} of ${this.#name}`, seen, why);
    return result;
  }

  // ---- blocks ----

  /** Whether member number `member` has sent in this step, as far as is known here. */
  hasSent(member: number, step: number): boolean {
    return this.#counter(member, columns.sent) > step;
  }

  hasTaken(member: number, step: number): boolean {
    return this.#counter(member, columns.taken) > step;
  }

  /** Copies a block that member number `member` has sent in `step` into `target`, from `start` to `end`. */
  takeInto(target: Uint8Array, start: number, end: number, member: number, step: number): void {
    const { bytes } = this.#memoryOf(member)!;
    const slot = this.#slotOf(step);
    target.set(bytes.subarray(slot, slot + end - start), start);
  }

  /** Puts the bytes from `start` to `end` of `source` to member number `member` as what I send in `step`. */
  give(source: Uint8Array, start: number, end: number, member: number, step: number): void {
    const region = this.#own!;
    const slot = this.#slotOf(step);
    region.memory.bytes.set(source.subarray(start, end), slot);
    region.putPayload(slot, slot + end - start, this.group[member]);
  }

  #slotOf(step: number): number {
    return slotsStart + (step % windowMax) * this.#slotBytes;
  }

  /** Tells member number `member` that I have sent it a block in `step`. */
  showSent(step: number, member: number): void {
    this.#show(columns.sent, step + 1, member);
  }

  showTaken(step: number, member: number): void {
    this.#show(columns.taken, step + 1, member);
  }

  // ---- what is there already ----

  /** Shows which blocks of message `number` are here. */
  showHeld(number: number, held: Uint8Array): void {
    const region = this.#own!;
    const { bytes } = region.memory;
    const start = bitsAt(number);
    const length = Math.ceil(held.length / 64) * 8;
    bytes.fill(0, start, start + length);
    for (let block = 0; block < held.length; block++)
      if (held[block] !== 0) bytes[start + (block >> 3)]! |= 1 << (block & 7);
    region.put(start, start + length);
  }

  /** All of the first `count` messages that were on their way in the epoch before is shown. */
  showShown(count: number): void {
    this.#show(columns.shown, count);
  }

  hasShown(member: number, number: number): boolean {
    return this.#counter(member, columns.shown) > number;
  }

  /** Whether member number `member` has a block, as it has shown. */
  hasBlock(member: number, number: number, block: number): boolean {
    const { bytes } = this.#memoryOf(member)!;
    return ((bytes[bitsAt(number) + (block >> 3)]! >> (block & 7)) & 1) === 1;
  }

  showWants(): void {
    this.#show(columns.wants, 1);
  }

  wants(member: number): boolean {
    return this.#counter(member, columns.wants) === 1;
  }

  showFinished(member: number): void {
    this.#show(columns.finished, 1, member);
  }

  /** Whether the sender has put all that was wanted to me. */
  get isFinished(): boolean {
    return this.#counter(0, columns.finished) === 1;
  }

  release(): void {
    this.#own?.release();
    for (const replica of this.#replicas) replica?.release();
    this.#replicas.fill(undefined);
  }
}

/** As it stands in the memory of its sender, whoever wrote that. */
export function announcementIn(f64: Float64Array, number: number): Announcement {
  const [turn, index, offset, length, kind, blockBytes, originEpoch, originTurn] = f64.subarray(
    announcementAt(number),
  ) as unknown as [number, number, number, number, number, number, number, number];
  return { turn, index, offset, length, kind, blockBytes, originEpoch, originTurn };
}

const slotsStart = headerBytes + announcedMax * bitsBytes;

function announcementAt(number: number): number {
  return headerBytes / 8 + (number % announcedMax) * announcementFloats;
}

function bitsAt(number: number): number {
  return headerBytes + (number % announcedMax) * bitsBytes;
}
