import { addressOf, mapPrivate } from '../memory/system.js';
import type { RegionMemory } from '../transport.js';
import { Staging } from './staging.js';
import type { Register, Source } from './staging.js';
import { opcode, scatterEntry, sendFlag, sendRequest } from './structs.js';

/** Memory of a peer's that it lets us write. */
export interface Target {
  readonly address: number;
  /** Undefined while the peer has not told: until then, nothing that was put since goes either. */
  readonly remoteKey: number | undefined;
}

/** What is put after it waits until it is open. */
export interface Gate {
  readonly position: number;
  open: boolean;
}

/** A request with its scatter entry, in memory that is a multiple of a cache line. */
const SLOT_WORDS = 48;
const ENTRY_WORD = sendRequest.byteLength / 4;
const SLOTS_AT_FIRST = 128;
const HIGH_WORD = 2 ** 32;

/**
 * The puts to one peer that have not arrived yet: WRITE requests in the order of the puts, in memory that the device's driver reads. Those that are
 * not handed to it yet wait here, however many: a peer that is busy holds up nobody. The queue grows by doubling, so that a put allocates nothing.
 *
 * A position counts requests; its slot is the position modulo the number of slots.
 */
export class SendQueue {
  readonly #listener: number;
  readonly #slotsMax: number;
  readonly #staging: Staging;
  #slots = SLOTS_AT_FIRST;
  #words: Uint32Array;
  #address: number;
  /** [slot]: where its snapshot ends, as a position of the staging. */
  #stagedEnd = new Float64Array(SLOTS_AT_FIRST);
  /** [slot]: where it goes, and at which offset. */
  #targets: (Target | undefined)[] = new Array<undefined>(SLOTS_AT_FIRST).fill(undefined);
  #offsets = new Float64Array(SLOTS_AT_FIRST);
  /** Requests written, those of them that may go, those handed over, and those done. */
  #written = 0;
  #bytes = 0;
  #flushed = 0;
  #posted = 0;
  #done = 0;
  #listEnd = -1;
  /** Oldest first; the first one is closed. */
  readonly #gates: Gate[] = [];

  /**
   * @param listener what the completions are told by
   * @param slotsMax most requests that wait; a power of two
   */
  constructor(listener: number, register: Register, slotsMax: number, stagedBytesMax: number) {
    this.#listener = listener;
    this.#slotsMax = slotsMax;
    this.#staging = new Staging(register, stagedBytesMax);
    const buffer = mapPrivate(this.#slots * SLOT_WORDS * 4);
    this.#words = new Uint32Array(buffer);
    this.#address = Number(addressOf(buffer));
    this.#chainAll();
  }

  /** Requests that were handed over and are not done. */
  get underWay(): number {
    return this.#posted - this.#done;
  }

  /** Requests that may go, and were not handed over yet. */
  get waiting(): number {
    return this.#flushed - this.#posted;
  }

  /** Puts that were made since the beginning, and those of them that have arrived. */
  get puts(): number {
    return this.#written;
  }

  get arrived(): number {
    return this.#done;
  }

  /** Of all puts. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Adds a WRITE of `byteLength` bytes, which are read when it is sent: they are to stay, or to be newer by then.
   * False where the queue is full.
   */
  add(source: Source, from: number, byteLength: number, target: Target, to: number): boolean {
    if (this.#written - this.#done === this.#slots && !this.#grow()) return false;
    this.#write(source.address + from, source.localKey, byteLength, target, to, 0);
    return true;
  }

  /** The same with the bytes as they are now. With `inline` the driver takes them along with the request. */
  addSnapshot(
    memory: RegionMemory,
    from: number,
    byteLength: number,
    target: Target,
    to: number,
    inline: boolean,
  ): boolean {
    if (this.#written - this.#done === this.#slots && !this.#grow()) return false;
    const staging = this.#staging;
    if (!staging.copy(memory, from, byteLength)) return false;
    this.#write(staging.address, staging.localKey, byteLength, target, to, inline ? sendFlag.inline : 0);
    return true;
  }

  #write(
    address: number,
    localKey: number,
    byteLength: number,
    target: Target,
    to: number,
    flags: number,
  ): void {
    const words = this.#words;
    const slot = this.#written & (this.#slots - 1);
    const at = slot * SLOT_WORDS;
    this.#written++;
    this.#bytes += byteLength;
    words[at + sendRequest.id] = this.#written;
    words[at + sendRequest.opcode] = opcode.write;
    words[at + sendRequest.flags] = flags;
    // A number above 2^32 is stored as its low word.
    words[at + ENTRY_WORD + scatterEntry.address] = address;
    words[at + ENTRY_WORD + scatterEntry.address + 1] = address / HIGH_WORD;
    words[at + ENTRY_WORD + scatterEntry.length] = byteLength;
    words[at + ENTRY_WORD + scatterEntry.localKey] = localKey;
    this.#stagedEnd[slot] = this.#staging.end;
    this.#targets[slot] = target;
    this.#offsets[slot] = to;
  }

  /** Holds back what is added from now on, and not what was before. */
  close(): Gate {
    const gate = { position: this.#written, open: false };
    this.#gates.push(gate);
    return gate;
  }

  /** What was added so far may go. */
  flush(): void {
    this.#flushed = this.#written;
  }

  /**
   * Makes a list of the next requests, `count` at most, to be handed over at once, and gives the address of the first; 0 where none can go. The last
   * one tells the peer (with an immediate value, which it has a receive for), and is signalled, as is each one after `signalEvery` others.
   */
  beginList(count: number, signalEvery: number): number {
    const first = this.#posted;
    const end = this.#aim(first, Math.min(first + count, this.#flushed, this.#gate));
    if (end === first) return 0;
    const words = this.#words;
    for (let position = first + signalEvery; position < end; position += signalEvery) {
      words[this.#wordOf(position - 1) + sendRequest.flags]! |= sendFlag.signaled;
    }
    const last = this.#wordOf(end - 1);
    words[last + sendRequest.opcode] = opcode.writeWithImmediate;
    words[last + sendRequest.flags]! |= sendFlag.signaled | sendFlag.solicited;
    words[last + sendRequest.next] = 0;
    words[last + sendRequest.next + 1] = 0;
    this.#listEnd = end;
    return this.#addressOf(first);
  }

  /** The position that nothing may pass. */
  get #gate(): number {
    while (this.#gates[0]?.open === true) this.#gates.shift();
    return this.#gates[0]?.position ?? Infinity;
  }

  /** Fills in where requests go, up to the first of which that is not known. */
  #aim(first: number, end: number): number {
    const words = this.#words;
    for (let position = first; position < end; position++) {
      const slot = position & (this.#slots - 1);
      const { address, remoteKey } = this.#targets[slot]!;
      if (remoteKey === undefined) return position;
      const at = slot * SLOT_WORDS;
      const remote = address + this.#offsets[slot]!;
      words[at + sendRequest.remoteAddress] = remote;
      words[at + sendRequest.remoteAddress + 1] = remote / HIGH_WORD;
      words[at + sendRequest.remoteKey] = remoteKey;
    }
    return end;
  }

  /** The list was handed over; the driver has its own copy of the requests now. */
  endList(): void {
    this.#chain((this.#listEnd - 1) & (this.#slots - 1));
    this.#posted = this.#listEnd;
  }

  /** The low word of a position: it and all requests before it are done. */
  complete(id: number): void {
    const done = this.#done + ((id - this.#done) >>> 0);
    if (done > this.#posted) return;
    this.#done = done;
    this.#staging.release(this.#stagedEnd[(done - 1) & (this.#slots - 1)]!);
  }

  end(): void {
    this.#staging.close();
  }

  #wordOf(position: number): number {
    return (position & (this.#slots - 1)) * SLOT_WORDS;
  }

  #addressOf(position: number): number {
    return this.#address + this.#wordOf(position) * 4;
  }

  /** What is the same at each use of a slot: the list of one entry, and the next slot. */
  #chainAll(): void {
    for (let slot = 0; slot < this.#slots; slot++) {
      const words = this.#words;
      const at = slot * SLOT_WORDS;
      const entry = this.#address + (at + ENTRY_WORD) * 4;
      words[at + sendRequest.id + 1] = this.#listener * 2;
      words[at + sendRequest.list] = entry;
      words[at + sendRequest.list + 1] = entry / HIGH_WORD;
      words[at + sendRequest.listLength] = 1;
      this.#chain(slot);
    }
  }

  #chain(slot: number): void {
    const next = this.#addressOf(slot + 1);
    this.#words[slot * SLOT_WORDS + sendRequest.next] = next;
    this.#words[slot * SLOT_WORDS + sendRequest.next + 1] = next / HIGH_WORD;
  }

  /** Twice as many slots; what is not done moves over. */
  #grow(): boolean {
    if (this.#slots === this.#slotsMax) return false;
    const [oldWords, oldStagedEnd, oldSlots] = [this.#words, this.#stagedEnd, this.#slots];
    const [oldTargets, oldOffsets] = [this.#targets, this.#offsets];
    this.#slots *= 2;
    const buffer = mapPrivate(this.#slots * SLOT_WORDS * 4);
    this.#words = new Uint32Array(buffer);
    this.#address = Number(addressOf(buffer));
    this.#stagedEnd = new Float64Array(this.#slots);
    this.#targets = new Array<undefined>(this.#slots).fill(undefined);
    this.#offsets = new Float64Array(this.#slots);
    this.#chainAll();
    for (let position = this.#done; position < this.#written; position++) {
      const [from, to] = [position & (oldSlots - 1), position & (this.#slots - 1)];
      for (const [start, end] of MOVED) {
        const words = oldWords.subarray(from * SLOT_WORDS + start, from * SLOT_WORDS + end);
        this.#words.set(words, to * SLOT_WORDS + start);
      }
      this.#stagedEnd[to] = oldStagedEnd[from]!;
      this.#targets[to] = oldTargets[from];
      this.#offsets[to] = oldOffsets[from]!;
    }
    return true;
  }
}

/** The words of a slot that belong to its request, and not to its place. */
const MOVED = [
  [sendRequest.id, sendRequest.id + 1],
  [sendRequest.opcode, sendRequest.remoteKey + 1],
  [ENTRY_WORD, ENTRY_WORD + scatterEntry.byteLength / 4],
] as const;
