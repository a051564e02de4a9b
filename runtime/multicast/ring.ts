import type { RegionMemory } from '../../transport/transport.js';
import type { Delivery } from './delivery.js';
import { type FrameHeader, frameBytes, frameKind, headerBytes } from './frame.js';

/**
 * The sender's end of its small-message ring: frames are written in place, and count once `commit` is called. Positions are bytes
 * since the epoch began and only grow; `at` is the place of the next frame within the ring.
 */
export class RingWriter {
  readonly memory: RegionMemory;
  readonly #start: number;
  readonly #bytes: number;
  /** No frame is longer than an eighth of the ring. */
  readonly payloadMax: number;
  /** Whether anything may be written now: not before the others are there, nor once a view change has stopped the subgroup. */
  writable = false;
  /** Bytes committed. */
  position = 0;
  /** Turns committed. */
  turns = 0;
  /** Turns committed up to and with the last real message. */
  real = 0;
  /** Bytes that every receiver is done with: room is measured from here. */
  freed = 0;
  #at = 0;
  /** Up to here, from the next frame on, the region was found to be free: it is still. */
  #freeEnd = 0;
  /** Where the payload of the frame opened by `open` begins, and the byte that it must not reach. */
  payloadStart = 0;
  payloadLimit = 0;

  /** `position` and `turns` are where the epoch's counters begin. */
  constructor(memory: RegionMemory, start: number, bytes: number, position = 0, turns = 0) {
    this.memory = memory;
    this.#start = start;
    this.#bytes = bytes;
    this.payloadMax = (bytes >> 3) - headerBytes;
    this.position = position;
    this.freed = position;
    this.turns = turns;
    this.real = turns;
    this.#at = position % bytes;
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
    const frame = frameBytes(length);
    const contiguous = this.#bytes - this.#at;
    if (frame > contiguous) {
      if (this.room < contiguous + frame) return false;
      this.#pad(contiguous);
    } else if (this.room < frame) {
      return false;
    }
    this.payloadStart = this.#start + this.#at + headerBytes;
    this.payloadLimit = this.payloadStart + length;
    return true;
  }

  /**
   * Opens a frame for a payload whose length is not known yet: as much as is contiguous and allowed, from `payloadStart` to
   * `payloadLimit`. False where there is not even room for a header.
   */
  openMost(): boolean {
    const start = this.#start + this.#at + headerBytes;
    if (start + this.payloadMax > this.#freeEnd) return this.#openWhatIsLeft();
    this.payloadStart = start;
    this.payloadLimit = start + this.payloadMax;
    return true;
  }

  /** Looks how much is free now; that is then known for the frames that follow. */
  #openWhatIsLeft(): boolean {
    const left = this.#bytes - this.#at;
    if (left <= headerBytes && this.room > left) this.#pad(left);
    const contiguous = Math.min(this.#bytes - this.#at, this.room);
    this.#freeEnd = this.#start + this.#at + contiguous;
    if (contiguous <= headerBytes) return false;
    this.payloadStart = this.#start + this.#at + headerBytes;
    this.payloadLimit = this.payloadStart + Math.min(contiguous - headerBytes, this.payloadMax);
    return true;
  }

  /** Counts the open frame: `length` bytes of payload, of `kind`, as `header` has it otherwise. */
  commit(kind: number, length: number, header: FrameHeader): void {
    const { u32, f64 } = this.memory;
    const { words, floats } = header;
    const word = (this.#start + this.#at) >>> 2;
    u32[word] = length;
    u32[word + 1] = (words[1]! & ~0xff) | kind;
    u32[word + 2] = words[2]!;
    u32[word + 3] = words[3]!;
    f64[(word >>> 1) + 2] = floats[2]!;
    f64[(word >>> 1) + 3] = floats[3]!;
    this.#advance(frameBytes(length));
    this.turns++;
    this.real = this.turns;
  }

  /** Counts the open frame as `turns` turns in which nothing is said. */
  commitNulls(turns: number): void {
    const word = (this.#start + this.#at) >>> 2;
    this.memory.u32[word] = turns;
    this.memory.u32[word + 1] = frameKind.nulls;
    this.#advance(headerBytes);
    this.turns += turns;
  }

  #pad(bytes: number): void {
    const word = (this.#start + this.#at) >>> 2;
    this.memory.u32[word] = bytes;
    this.memory.u32[word + 1] = frameKind.pad;
    this.#advance(bytes);
  }

  #advance(bytes: number): void {
    this.position += bytes;
    this.#at += bytes;
    if (this.#at === this.#bytes) {
      this.#at = 0;
      this.#freeEnd = 0;
    }
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
  /** Bytes passed since the epoch began. */
  position = 0;
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
    this.#end = start + bytes;
    this.at = start + (position % bytes);
    this.position = position;
    this.payloadMax = (bytes >> 3) - headerBytes;
  }

  /** Passes over a pad, which ends where the ring ends; false where this is none that could have been written. */
  passPad(bytes: number): boolean {
    if (bytes < 8 || this.at + bytes !== this.#end) return false;
    this.advance(bytes);
    return true;
  }

  /** Passes over `bytes` bytes, the whole of one frame. */
  advance(bytes: number): void {
    this.position += bytes;
    this.at += bytes;
    if (this.at === this.#end) this.at = this.#start;
  }
}
