import { type RegionMemory, regionMemory } from '../../transport/transport.js';
import { Delivery } from '../multicast/delivery.js';
import { frameBytes, frameKind, headerBytes } from '../multicast/frame.js';

/**
 * A sample as it is kept and handed on: epoch, sequence and sender (three floats), then its frame (multicast/frame.ts) with the payload in it,
 * padded to 8 bytes. Its version and its header travel with it, so a late reader sees what the others saw.
 */
export const entryHeadBytes = 24;

/** Bytes of an entry whose payload has `length` bytes. */
export function entryBytes(length: number): number {
  return entryHeadBytes + frameBytes(length);
}

/** Payloads up to here are copied word by word: a view of them would cost more. */
const copiedByWordMax = 256;

/** Writes `message` as an entry of `bytes` bytes at `at`. */
export function writeEntry(memory: RegionMemory, at: number, message: Delivery, bytes: number): void {
  const { f64, u32 } = memory;
  f64[at >>> 3] = message.epoch;
  f64[(at >>> 3) + 1] = message.sequence;
  f64[(at >>> 3) + 2] = message.sender;
  const from = message.ring.u32;
  const source = message.header >>> 2;
  const target = (at + entryHeadBytes) >>> 2;
  u32[target] = message.length;
  u32[target + 1] = (from[source + 1]! & ~0xff) | frameKind.data;
  for (let word = 2; word < headerBytes >>> 2; word++) u32[target + word] = from[source + word]!;
  copyPayload(message, memory, at + entryHeadBytes + headerBytes, bytes - entryHeadBytes - headerBytes);
}

function copyPayload({ memory, offset, length }: Delivery, into: RegionMemory, at: number, padded: number) {
  if (length > copiedByWordMax) {
    into.bytes.set(memory.bytes.subarray(offset, offset + length), at);
    return;
  }
  const from = memory.u32;
  const { u32 } = into;
  const words = padded >>> 2;
  for (let word = 0; word < words; word++) u32[(at >>> 2) + word] = from[(offset >>> 2) + word]!;
}

/** An entry where it lies. What is there never changes while anyone refers to it. */
export class EntryRef {
  readonly memory: RegionMemory;
  readonly at: number;

  constructor(memory: RegionMemory, at: number) {
    this.memory = memory;
    this.at = at;
  }

  get epoch(): number {
    return this.memory.f64[this.at >>> 3]!;
  }
  get sequence(): number {
    return this.memory.f64[(this.at >>> 3) + 1]!;
  }
  get sender(): number {
    return this.memory.f64[(this.at >>> 3) + 2]!;
  }
  /** The number of the writer at its member. */
  get writer(): number {
    return this.#word(1) >>> 16;
  }
  get kind(): number {
    return this.#word(1) & 0xff;
  }
  get instanceLow(): number {
    return this.#word(2);
  }
  get instanceHigh(): number {
    return this.#word(3);
  }
  /** Microseconds of the hybrid clock. */
  get sourceTimeUs(): number {
    return this.memory.f64[((this.at + entryHeadBytes) >>> 3) + 3]!;
  }
  /** Bytes of the payload. */
  get length(): number {
    return this.#word(0);
  }
  get bytes(): number {
    return entryBytes(this.length);
  }

  #word(index: number): number {
    return this.memory.u32[((this.at + entryHeadBytes) >>> 2) + index]!;
  }

  /** As it was delivered once. */
  asDelivery(): Delivery {
    const message = new Delivery(this.epoch, this.sender, -1, this.memory);
    message.sequence = this.sequence;
    message.header = this.at + entryHeadBytes;
    message.offset = message.header + headerBytes;
    message.length = this.length;
    return message;
  }
}

/** Below zero where `a` comes first in the topic's order. */
export function compareVersions(a: EntryRef, b: EntryRef): number {
  return a.epoch - b.epoch || a.sequence - b.sequence;
}

/** Memory into which entries are written one after another. */
export class Chunk {
  readonly memory: RegionMemory;
  used = 0;
  /** Entries in it that are still kept. */
  live = 0;
  /** Somebody else refers to what is in it: it is not to be used again. */
  shared = false;

  constructor(byteLength: number) {
    this.memory = regionMemory(new ArrayBuffer(byteLength));
  }

  get byteLength(): number {
    return this.memory.bytes.length;
  }

  get room(): number {
    return this.byteLength - this.used;
  }
}

export const chunkBytes = 256 * 1024;
