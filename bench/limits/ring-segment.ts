/**
 * The memory of one member of the bare ring: its counters, then its ring. Only the owner stores into it; every other member has it
 * mapped read-only. Counters are plain 8-byte floats, each group on cache lines of its own, because each is polled by all.
 */
export class RingSegment {
  static readonly controlBytes = 4096;

  readonly counters: Float64Array;
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly floats: Float64Array;

  constructor(memory: ArrayBuffer) {
    this.counters = new Float64Array(memory, 0, RingSegment.controlBytes / 8);
    this.bytes = new Uint8Array(memory, RingSegment.controlBytes);
    this.words = new Int32Array(memory, RingSegment.controlBytes);
    this.floats = new Float64Array(memory, RingSegment.controlBytes);
  }
}

/** Indexes into `counters`. */
export const counter = {
  /** Turns this member has written: messages and nulls. */
  sent: 0,
  /** How many sequences it has without a gap, over all senders. */
  received: 8,
  /** From here, one for each sender: the byte position in that sender's ring up to which it has consumed. */
  consumed: 16,
} as const;

/** length, kind, instance, turns (each u32), writer sequence, source time (each f64): what the product's header holds. */
export const headerBytes = 32;

export const kind = { data: 1, nulls: 2, wrap: 3 } as const;
