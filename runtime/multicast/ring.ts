import type { RegionMemory } from '../../transport/transport.js';
import type { Delivery } from './delivery.js';
import { type FrameHeader, frameKind, headerBytes as frameHeaderBytes } from './frame.js';

// What is imported is looked up at each use; a constant of the module is compiled in.
const headerBytes = frameHeaderBytes;

/**
 * The sender's end of its small-message ring: frames are written in place, and count once `commit` is called. Positions are bytes
 * since the epoch began and only grow.
 */
export class RingWriter {
  readonly memory: RegionMemory;
  readonly #start: number;
  readonly #end: number;
  readonly #bytes: number;
  /** No frame is longer than an eighth of the ring. */
  readonly payloadMax: number;
  /** Whether anything may be written now: not before the others are there, nor once a view change has stopped the subgroup. */
  writable = false;
  /** A frame is being filled: none is opened meanwhile. */
  filling = false;
  /** Bytes committed before the present lap. In an array: a field that outgrew the small integers would have everything compiled anew. */
  readonly #passed = new Float64Array(1);
  /** Turns committed. */
  turns = 0;
  /** Turns committed up to and with the last real message. */
  real = 0;
  /** Bytes that every receiver is done with: room is measured from here. */
  freed = 0;
  /** Of the next frame, within the region. */
  #next: number;
  /** Up to here, from the next frame on, the region was found to be free: it is still. */
  #freeEnd = 0;
  /** Where the payload of the frame opened by `open` begins, and the byte that it must not reach. */
  payloadStart = 0;
  payloadLimit = 0;

  /** `position` and `turns` are where the epoch's counters begin. */
  constructor(memory: RegionMemory, start: number, bytes: number, position = 0, turns = 0) {
    this.memory = memory;
    this.#start = start;
    // Small integers, which what comes from the table is not: all that is added to them would be counted as floats.
    this.#next = (start + (position % bytes)) | 0;
    this.#passed[0] = position - (position % bytes);
    this.#end = (start + bytes) | 0;
    this.#bytes = bytes | 0;
    this.payloadMax = (bytes >> 3) - headerBytes;
    this.freed = position;
    this.turns = turns;
    this.real = turns;
  }

  /** Bytes committed. Added up only when it is asked for, since it outgrows what the engine counts fast. */
  get position(): number {
    return this.#passed[0]! + (this.#next - this.#start);
  }

  /** Bytes of room left, whether contiguous or not. */
  get room(): number {
    return this.#bytes - (this.position - this.freed);
  }

  /** Bytes that have not been freed: what a view change may have to send again. */
  get used(): number {
    return this.position - this.freed;
  }

  /**
   * Opens a frame for a payload of `length` bytes: `payloadStart` is then where it goes. False where there is no room now.
   */
  open(length: number): boolean {
    if (this.filling) return false;
    const frame = (headerBytes + length + 7) & ~7;
    const contiguous = this.#end - this.#next;
    if (frame > contiguous) {
      if (this.room < contiguous + frame) return false;
      this.#pad(contiguous);
    } else if (this.room < frame) {
      return false;
    }
    this.payloadStart = this.#next + headerBytes;
    this.payloadLimit = this.payloadStart + length;
    return true;
  }

  /**
   * Opens a frame for a payload whose length is not known yet: as much as is contiguous and allowed, from `payloadStart` to
   * `payloadLimit`. False where there is not even room for a header.
   */
  openMost(): boolean {
    const start = this.#next + headerBytes;
    if (start >= this.#freeEnd || this.filling === true) return this.#openWhatIsLeft();
    const most = start + this.payloadMax;
    this.payloadStart = start;
    this.payloadLimit = most < this.#freeEnd ? most : this.#freeEnd;
    return true;
  }

  /** Looks how much is free now; that is then known for the frames that follow. */
  #openWhatIsLeft(): boolean {
    if (this.filling) return false;
    const left = this.#end - this.#next;
    if (left <= headerBytes && this.room > left) this.#pad(left);
    const contiguous = Math.min(this.#end - this.#next, this.room) | 0;
    this.#freeEnd = this.#next + contiguous;
    if (contiguous <= headerBytes) return false;
    this.payloadStart = this.#next + headerBytes;
    this.payloadLimit = this.payloadStart + Math.min(contiguous - headerBytes, this.payloadMax);
    return true;
  }

  /** The open frame is not filled after all. */
  giveUp(): void {
    this.filling = false;
  }

  /** Counts the open frame: `length` bytes of payload, and what `header` says. */
  commit(length: number, header: FrameHeader): void {
    const { u32, f64 } = this.memory;
    const { words, floats } = header;
    const word = this.#next >>> 2;
    u32[word] = length;
    u32[word + 1] = words[1]!;
    u32[word + 2] = words[2]!;
    u32[word + 3] = words[3]!;
    f64[(word >>> 1) + 2] = floats[2]!;
    f64[(word >>> 1) + 3] = floats[3]!;
    this.#advance((headerBytes + length + 7) & ~7);
    this.turns++;
    this.real = this.turns;
  }

  /** Counts the open frame as `turns` turns in which nothing is said. */
  commitNulls(turns: number): void {
    const word = this.#next >>> 2;
    this.memory.u32[word] = turns;
    this.memory.u32[word + 1] = frameKind.nulls;
    this.#advance(headerBytes);
    this.turns += turns;
  }

  #pad(bytes: number): void {
    const word = this.#next >>> 2;
    this.memory.u32[word] = bytes;
    this.memory.u32[word + 1] = frameKind.pad;
    this.#advance(bytes);
  }

  #advance(bytes: number): void {
    const next = this.#next + bytes;
    if (next === this.#end) this.#wrap();
    else this.#next = next;
  }

  #wrap(): void {
    this.#passed[0]! += this.#bytes;
    this.#next = this.#start;
    this.#freeEnd = 0;
  }

  /** Where position `position` is within the region. */
  offsetOf(position: number): number {
    return this.#start + (position % this.#bytes);
  }
}

/** A receiver's place in one sender's ring. Steps over pads; a run of nulls is left turn by turn. */
export class RingReader {
  readonly memory: RegionMemory;
  /** What is handed out of this ring. */
  readonly message: Delivery;
  readonly u32: Uint32Array;
  readonly #start: number;
  readonly #end: number;
  /** Byte offset, within the region, of the next frame. */
  at: number;
  /** Bytes passed since the epoch began, before the present lap began. In an array, as the writer's. */
  readonly #passed = new Float64Array(1);
  /** Turns left of the run of nulls that was entered last. */
  nulls = 0;
  /** No frame that was written right has more. */
  readonly payloadMax: number;

  /** `position` is where the epoch's counters begin. */
  constructor(memory: RegionMemory, start: number, bytes: number, message: Delivery, position = 0) {
    this.memory = memory;
    this.message = message;
    this.u32 = memory.u32;
    this.#start = start;
    // Small integers, as the writer's.
    this.#end = (start + bytes) | 0;
    this.at = (start + (position % bytes)) | 0;
    this.#passed[0] = position - (position % bytes);
    this.payloadMax = (bytes >> 3) - headerBytes;
  }

  /** Bytes passed since the epoch began. */
  get position(): number {
    return this.#passed[0]! + (this.at - this.#start);
  }

  /** Passes over a pad, which ends where the ring ends; false where this is none that could have been written. */
  passPad(bytes: number): boolean {
    if (bytes < 8 || this.at + bytes !== this.#end) return false;
    this.advance(bytes);
    return true;
  }

  /** Passes over `bytes` bytes, the whole of one frame. */
  advance(bytes: number): void {
    const at = this.at + bytes;
    if (at === this.#end) this.#wrap();
    else this.at = at;
  }

  #wrap(): void {
    this.#passed[0]! += this.#end - this.#start;
    this.at = this.#start;
  }
}
