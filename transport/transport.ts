/**
 * One-sided memory between the members of a domain: the only thing that the protocol core knows of the world outside.
 *
 * A member allocates regions that it alone writes; its peers attach read-only replicas of them. On shared memory a replica is
 * the region itself; elsewhere `put` copies a byte range into the replicas. Puts from one member to one peer arrive in the
 * order in which they were made, across all regions; nothing is promised between different pairs.
 */

/** A participant's incarnation: a random safe integer, never reused. */
export type MemberId = number;

/** The same bytes, seen four ways. */
export interface RegionMemory {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly u32: Uint32Array;
  readonly f64: Float64Array;
}

/** Memory that this member owns and alone writes. Fresh memory is zero. */
export interface Region {
  readonly name: string;
  readonly memory: RegionMemory;
  /** The peers that `put` reaches. The owner may shorten or lengthen the list at any time. */
  readonly peers: MemberId[];
  /**
   * Makes the bytes from `start` to `end` (exclusive) of this region arrive at `peers`, after every earlier put. They may become visible piece by
   * piece, an aligned counter at a time: what guards others is put after them. With `to`, at that peer alone (where memory is shared, everyone sees
   * it all the same).
   */
  put(start: number, end: number, to?: MemberId): void;
  /**
   * The same for bytes at which nobody looks before a later put, of what guards them, says so. They may arrive in pieces, and in their
   * present form rather than in that of this moment; whatever is put after them arrives after them.
   */
  putPayload(start: number, end: number, to?: MemberId): void;
  /** Nobody will attach it any more; those who have it keep it. */
  seal(): void;
  /** Gives the memory back, once nobody uses a view of it. */
  release(): void;
}

/** A peer's region, read-only. */
export interface Replica {
  readonly memory: RegionMemory;
  /** It is the owner's memory itself, and not a copy of it in this member's own. */
  readonly aliased: boolean;
  release(): void;
}

export interface Transport {
  readonly self: MemberId;
  /** True where a store is visible to the peers at once, without a put (shared memory). */
  readonly aliased: boolean;
  /** Where members pass the blocks of large messages on to each other: what a block costs. Undefined where each sender sends all to all. */
  readonly spreading?: Spreading | undefined;
  /**
   * A new region of this member; its name is unique among the regions that it ever allocates.
   * @throws TransportError BE_NO_MEMORY
   */
  allocate(name: string, byteLength: number, peers: readonly MemberId[]): Region;
  /** The region `name` of `owner`, or undefined while it is not there (yet). */
  attach(owner: MemberId, name: string, byteLength: number): Replica | undefined;
  /** Called after a pass that may have put something: sends what has gathered, and wakes peers that sleep. */
  flush(): void;
  /** Whether `peer` is known to have died: its process is gone, or its connection is. Never true for one that is merely silent. */
  isDead(peer: MemberId): boolean;
  /**
   * Where the kernel can be asked: whether `peer`'s process is there and not stopped, so that its silence means that it gets no core.
   * Asked only of peers that are silent.
   */
  isStarved?(peer: MemberId): boolean;
}

/** What it costs to put a block of a large message to a peer, and how large a block may be (protocol.md, section 4). */
export interface Spreading {
  /** Seconds for each block, however small: until whoever gets it has looked, and passed it on. */
  readonly perBlock: number;
  /** Bytes a second of one member's link, each way. */
  readonly bandwidth: number;
  readonly blockBytesMin: number;
  readonly blockBytesMax: number;
  /** Default: whatever is quickest. */
  readonly schedule?: 'binomial' | 'chain' | 'tree' | 'sequential' | 'none' | undefined;
}

/** Where the core takes the time from. */
export interface Clock {
  /** Microseconds since the epoch; never goes back. */
  nowUs(): number;
}

/** A full fence where memory is aliased; see `ordering.ts`. */
export { fence } from './ordering.js';

/** The four views over one buffer, or over `byteLength` bytes of it from `start` on. */
export function regionMemory(
  buffer: ArrayBuffer,
  start = 0,
  byteLength = buffer.byteLength - start,
): RegionMemory {
  return {
    bytes: new Uint8Array(buffer, start, byteLength),
    view: new DataView(buffer, start, byteLength),
    u32: new Uint32Array(buffer, start, byteLength / 4),
    f64: new Float64Array(buffer, start, byteLength / 8),
  };
}
