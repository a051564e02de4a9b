import type { MemberId, Region, RegionMemory, Replica, Transport } from '../../transport/transport.js';

/** Payload of a frame that refers to a message outside the ring: region, offset, length. */
export const largeReferenceBytes = 24;

/**
 * Messages for which a ring has room: few where all read it in place, so that it stays in the cache; more where copies are on their way, so that
 * a sender does not wait for each to arrive (1 MiB over TCP: 8 give up to 1.5 times as much as 4; more is slower where the caches are busy).
 */
const messagesInFlight = { aliased: 4, copied: 8 } as const;

/**
 * A sender's memory for messages larger than a frame: byte rings outside the small-message ring, which all receivers read in
 * place. Messages are freed in the order of their frames. A ring that is too small is followed by a larger one, up to the budget;
 * while it is large enough it is reused, so it stays in the cache.
 */
export class LargeRing {
  readonly #allocate: (index: number, byteLength: number) => Region;
  readonly #budget: number;
  readonly #window: number;
  readonly #regions: Region[] = [];
  /** Messages in flight, oldest first: where their frame ends, and where they end in the newest ring (or -1 in an older one). */
  readonly #frameEnds: number[] = [];
  readonly #ends: number[] = [];
  #oldest = 0;
  #oldestRegion = 0;
  #capacity = 0;
  #head = 0;
  #tail = 0;
  /** Where the message opened by `open` goes. */
  index = -1;
  offset = 0;
  limit = 0;

  /** @param aliased whether all read the ring itself; see `messagesInFlight` */
  constructor(budget: number, aliased: boolean, allocate: (index: number, byteLength: number) => Region) {
    this.#budget = budget;
    this.#window = aliased ? messagesInFlight.aliased : messagesInFlight.copied;
    this.#allocate = allocate;
  }

  get memory(): RegionMemory {
    return this.#regions[this.index]!.memory;
  }

  memoryAt(index: number): RegionMemory {
    return this.#regions[index]!.memory;
  }

  /** Messages that somebody may not be done with. */
  get inFlight(): number {
    return this.#frameEnds.length - this.#oldest;
  }

  /** Frees what belongs to frames that end at or before `freed`. */
  free(freed: number): void {
    while (this.#oldest < this.#frameEnds.length && this.#frameEnds[this.#oldest]! <= freed) {
      const end = this.#ends[this.#oldest]!;
      if (end >= 0) this.#tail = end;
      this.#oldest++;
    }
    if (this.#frameEnds.length === 0) return;
    if (this.#oldest === this.#frameEnds.length) {
      this.#frameEnds.length = 0;
      this.#ends.length = 0;
      this.#oldest = 0;
      this.#head = 0;
      this.#tail = 0;
      this.#releaseOlder();
    } else if (this.#oldest >= 1024) {
      this.#frameEnds.splice(0, this.#oldest);
      this.#ends.splice(0, this.#oldest);
      this.#oldest = 0;
    }
  }

  /**
   * Finds room for `length` bytes: `index` and `offset` are then where they go, and `limit` the byte that they must not reach. False where
   * there is none now.
   */
  open(length: number): boolean {
    const bytes = (length + 63) & ~63;
    if (this.#capacity < bytes || (this.#capacity < this.#window * bytes && this.#capacity < this.#budget))
      this.#grow(bytes);
    const idle = this.#oldest === this.#frameEnds.length;
    if (this.#head < this.#tail) {
      this.offset = this.#head;
      // Never up to the tail: head and tail alike means empty.
      this.limit = this.#tail - 64;
    } else if (this.#head + bytes <= this.#capacity) {
      this.offset = this.#head;
      this.limit = this.#capacity;
    } else {
      this.offset = 0;
      this.limit = idle ? this.#capacity : this.#tail - 64;
    }
    return this.offset + bytes <= this.limit;
  }

  /** Like `open`, but takes memory where there is no room: for what was within the budget once, in the epoch before. */
  openAnyway(length: number): void {
    if (this.open(length)) return;
    this.#grow((length + 63) & ~63);
    this.open(length);
  }

  /** The message opened last has `length` bytes, and belongs to a frame that ends at `frameEnd`. */
  commit(length: number, frameEnd: number): void {
    this.#head = this.offset + ((length + 63) & ~63);
    this.#frameEnds.push(frameEnd);
    this.#ends.push(this.#head);
  }

  /** Publishes `length` bytes of the message opened last. */
  put(length: number): void {
    this.#regions[this.index]!.putPayload(this.offset, this.offset + length);
  }

  /** Publishes bytes of one of the rings to one peer. */
  putTo(index: number, start: number, end: number, to: MemberId): void {
    this.#regions[index]!.putPayload(start, end, to);
  }

  /** Nothing is in flight: rings that were outgrown are given back. */
  #releaseOlder(): void {
    for (; this.#oldestRegion < this.index; this.#oldestRegion++)
      this.#regions[this.#oldestRegion]!.release();
  }

  #grow(bytes: number): void {
    let capacity = Math.max(this.#capacity * 2, 1 << 20);
    while (capacity < this.#window * bytes) capacity *= 2;
    capacity = Math.max(Math.min(capacity, this.#budget), bytes);
    const region = this.#allocate(this.#regions.length, capacity);
    this.#regions.push(region);
    this.index = this.#regions.length - 1;
    this.#capacity = capacity;
    this.#ends.fill(-1);
    this.#head = 0;
    this.#tail = 0;
  }

  release(): void {
    for (const region of this.#regions.slice(this.#oldestRegion)) region.release();
  }
}

/** A receiver's replicas of one sender's large regions. */
export class LargeReplicas {
  readonly #transport: Transport;
  readonly #sender: MemberId;
  readonly #prefix: string;
  readonly #replicas: (Replica | undefined)[] = [];
  #oldest = 0;

  constructor(transport: Transport, sender: MemberId, prefix: string) {
    this.#transport = transport;
    this.#sender = sender;
    this.#prefix = prefix;
  }

  /** Attaches regions until there are `count`; false while one is not there yet. */
  attach(count: number, bytesOf: (index: number) => number): boolean {
    while (this.#replicas.length < count) {
      const index = this.#replicas.length;
      const replica = this.#transport.attach(
        this.#sender,
        largeRegionName(this.#prefix, index),
        bytesOf(index),
      );
      if (replica === undefined) return false;
      this.#replicas.push(replica);
    }
    return true;
  }

  get count(): number {
    return this.#replicas.length;
  }

  /** Whether the region is attached, and not given back. */
  has(index: number): boolean {
    return this.#replicas[index] !== undefined;
  }

  /** Whether a message can lie there. */
  holds(index: number, offset: number, length: number): boolean {
    if (!this.has(index) || !(offset >= 0 && length >= 0 && offset % 8 === 0 && length % 1 === 0))
      return false;
    return offset + length <= this.memoryAt(index).bytes.length;
  }

  memoryAt(index: number): RegionMemory {
    return this.#replicas[index]!.memory;
  }

  isAliased(index: number): boolean {
    return this.#replicas[index]!.aliased;
  }

  /** No later message refers to a region older than `index`. */
  releaseBefore(index: number): void {
    for (; this.#oldest < index; this.#oldest++) {
      this.#replicas[this.#oldest]!.release();
      this.#replicas[this.#oldest] = undefined;
    }
  }

  release(): void {
    this.releaseBefore(this.#replicas.length);
  }
}

export function largeRegionName(prefix: string, index: number): string {
  return `${prefix}.large${index}`;
}
