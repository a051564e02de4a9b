import type { Delivery } from '../multicast/delivery.js';
import { Chunk, EntryRef, chunkBytes, entryBytes, writeEntry } from './entry.js';

/** What is kept of one writer's samples, as its QoS says: a bound may be Infinity, but for the bytes. */
export interface HistoryLimits {
  /** HISTORY: KEEP_LAST keeps so many of each instance; KEEP_ALL is Infinity. */
  readonly depth: number;
  /** RESOURCE_LIMITS. */
  readonly samplesMax: number;
  readonly instancesMax: number;
  readonly samplesPerInstanceMax: number;
  /** Bytes of all that is kept, headers included. */
  readonly bytesMax: number;
}

/** One sample that is kept; the objects are used again. */
class Kept {
  chunk!: Chunk;
  at = 0;
  bytes = 0;
  instance!: Instance;
  older: Kept | undefined;
  newer: Kept | undefined;
  /** The next newer one of the same instance. */
  next: Kept | undefined;
}

class Instance {
  readonly high: number;
  oldest: Kept | undefined;
  newest: Kept | undefined;
  count = 0;
  /** Another instance with the same low half. */
  sibling: Instance | undefined;

  constructor(high: number) {
    this.high = high;
  }
}

/**
 * What is kept of one writer, by HISTORY and by bounds: a function of the writer's samples alone, so that all who have delivered the same
 * keep the same. What a bound pushes out is the oldest, and it is counted; what KEEP_LAST replaces is not.
 */
export class WriterHistory {
  readonly #limits: HistoryLimits;
  readonly #depth: number;
  /** By the low half. */
  readonly #instances = new Map<number, Instance>();
  #instanceCount = 0;
  #oldest: Kept | undefined;
  #newest: Kept | undefined;
  #free: Kept | undefined;
  #chunk = new Chunk(4096);
  #spare: Chunk | undefined;
  #chunkBytes = 4096;
  count = 0;
  bytes = 0;
  /** Samples that a bound pushed out. */
  samplesDropped = 0;
  /** How often a bound pushed out the last sample of an instance. */
  instancesDropped = 0;

  constructor(limits: HistoryLimits) {
    this.#limits = limits;
    // A bound by instance pushes out what is oldest of the instance, as KEEP_LAST does, but is told.
    this.#depth = Math.min(limits.depth, limits.samplesPerInstanceMax);
  }

  add(message: Delivery): void {
    const bytes = entryBytes(message.length);
    const word = message.header >>> 2;
    const { u32 } = message.ring;
    const instance = this.#instanceOf(u32[word + 2]!, u32[word + 3]!);
    const kept = this.#take();
    const chunk = this.#room(bytes);
    kept.chunk = chunk;
    kept.at = chunk.used;
    kept.bytes = bytes;
    writeEntry(chunk.memory, kept.at, message, bytes);
    chunk.used += bytes;
    chunk.live++;
    this.#link(kept, instance);
    if (instance.count > this.#depth) {
      if (this.#depth < this.#limits.depth) this.samplesDropped++;
      this.#remove(instance.oldest!);
    }
    this.#keepBounds();
  }

  #keepBounds(): void {
    const { samplesMax, instancesMax, bytesMax } = this.#limits;
    while (this.count > samplesMax || this.bytes > bytesMax || this.#instanceCount > instancesMax) {
      const oldest = this.#oldest!;
      this.samplesDropped++;
      if (oldest.instance.count === 1) this.instancesDropped++;
      this.#remove(oldest);
    }
    if (this.#chunkBytes > 4 * this.bytes + 4 * chunkBytes) this.#compact();
  }

  #instanceOf(low: number, high: number): Instance {
    const first = this.#instances.get(low);
    for (let instance = first; instance !== undefined; instance = instance.sibling)
      if (instance.high === high) return instance;
    const instance = new Instance(high);
    instance.sibling = first;
    this.#instances.set(low, instance);
    return instance;
  }

  #take(): Kept {
    const kept = this.#free;
    if (kept === undefined) return new Kept();
    this.#free = kept.next;
    kept.next = undefined;
    return kept;
  }

  #link(kept: Kept, instance: Instance): void {
    kept.instance = instance;
    kept.older = this.#newest;
    if (this.#newest === undefined) this.#oldest = kept;
    else this.#newest.newer = kept;
    this.#newest = kept;
    if (instance.newest === undefined) instance.oldest = kept;
    else instance.newest.next = kept;
    instance.newest = kept;
    if (++instance.count === 1) this.#instanceCount++;
    this.count++;
    this.bytes += kept.bytes;
  }

  /** Forgets `kept`, the oldest of its instance. */
  #remove(kept: Kept): void {
    const { instance, older, newer, chunk } = kept;
    instance.oldest = kept.next;
    if (kept.next === undefined) instance.newest = undefined;
    if (--instance.count === 0) this.#forget(kept);
    if (older === undefined) this.#oldest = newer;
    else older.newer = newer;
    if (newer === undefined) this.#newest = older;
    else newer.older = older;
    this.count--;
    this.bytes -= kept.bytes;
    if (--chunk.live === 0 && chunk !== this.#chunk) this.#giveBack(chunk);
    kept.older = kept.newer = undefined;
    kept.next = this.#free;
    this.#free = kept;
  }

  #forget({ instance, chunk, at }: Kept): void {
    this.#instanceCount--;
    const low = new EntryRef(chunk.memory, at).instanceLow;
    let other = this.#instances.get(low);
    if (other === instance) {
      if (instance.sibling === undefined) this.#instances.delete(low);
      else this.#instances.set(low, instance.sibling);
      return;
    }
    while (other!.sibling !== instance) other = other!.sibling;
    other!.sibling = instance.sibling;
  }

  // ---- memory ----

  #room(bytes: number): Chunk {
    if (this.#chunk.room >= bytes) return this.#chunk;
    const full = this.#chunk;
    const spare = this.#spare;
    if (spare !== undefined && spare.room >= bytes) {
      this.#spare = undefined;
      this.#chunk = spare;
    } else {
      this.#chunk = new Chunk(Math.max(bytes, Math.min(chunkBytes, 2 * full.byteLength)));
    }
    this.#chunkBytes += this.#chunk.byteLength;
    if (full.live === 0) this.#giveBack(full);
    return this.#chunk;
  }

  #giveBack(chunk: Chunk): void {
    this.#chunkBytes -= chunk.byteLength;
    if (chunk.shared || chunk.byteLength !== chunkBytes) return;
    chunk.used = 0;
    this.#spare = chunk;
  }

  /** A few old samples among many replaced ones keep whole chunks: what is left is moved together. */
  #compact(): void {
    this.#chunk = new Chunk(chunkBytes);
    this.#spare = undefined;
    this.#chunkBytes = chunkBytes;
    for (let kept = this.#oldest; kept !== undefined; kept = kept.newer) {
      const from = kept.chunk.memory.bytes.subarray(kept.at, kept.at + kept.bytes);
      if (this.#chunk.room < kept.bytes) {
        this.#chunk = new Chunk(Math.max(kept.bytes, chunkBytes));
        this.#chunkBytes += this.#chunk.byteLength;
      }
      this.#chunk.memory.bytes.set(from, this.#chunk.used);
      kept.chunk = this.#chunk;
      kept.at = this.#chunk.used;
      this.#chunk.used += kept.bytes;
      this.#chunk.live++;
    }
  }

  /** Adds what is kept, oldest first, to `refs`; it stays as it is from now on. */
  collect(refs: EntryRef[]): void {
    for (let kept = this.#oldest; kept !== undefined; kept = kept.newer) {
      kept.chunk.shared = true;
      refs.push(new EntryRef(kept.chunk.memory, kept.at));
    }
  }
}
