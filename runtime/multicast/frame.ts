/**
 * A frame of the small-message ring: a header of 32 bytes, then the payload, padded to 8 bytes. A frame never straddles the
 * end of the ring: a pad frame fills what is left there.
 *
 * | bytes | what |
 * | --- | --- |
 * | 0–3 | length of the payload; of a null run: its number of turns; of a pad: bytes of the whole frame |
 * | 4–7 | kind (8 bits), flags (8 bits), number of the writer at its member (16 bits) |
 * | 8–15 | instance: 64 bits made from the key's hash, 0 for a type without key |
 * | 16–23 | the writer's sequence, a float: never reset, also over views |
 * | 24–31 | source time, a float: microseconds of the hybrid logical clock |
 */
export const headerBytes = 32;

export const frameKind = {
  data: 1,
  /** Turns of a sender that had nothing to say, in one header. */
  nulls: 2,
  pad: 3,
  /** The payload is a reference: region, offset and length of a message outside the ring (three floats). */
  large: 4,
} as const;

export const frameFlags = {
  /** The payload is in the fixed in-place layout instead of protobuf. */
  inPlace: 1,
  /** The payload is XCDR2, with its encapsulation header, instead of protobuf. */
  xcdr2: 2,
} as const;

/** Tells the time of what is written, in microseconds. */
export interface StampingClock {
  stampInto(floats: Float64Array, index: number): void;
}

/** Bytes of a whole frame with `payload` bytes in it. */
export function frameBytes(payload: number): number {
  return (headerBytes + payload + 7) & ~7;
}

/**
 * What a sender says of a message beside its bytes: one object a writer, reused, in the layout of the frame itself, so that filling a
 * frame in copies words and makes no number objects.
 */
export class FrameHeader {
  readonly words: Uint32Array;
  readonly floats: Float64Array;

  /** `kind` is the kind's number, the flags and the writer's, as `kindWord` puts them together. */
  constructor(kind: number) {
    const buffer = new ArrayBuffer(headerBytes);
    this.words = new Uint32Array(buffer);
    this.floats = new Float64Array(buffer);
    this.words[1] = kind;
  }

  setInstance(low: number, high: number): void {
    this.words[2] = low;
    this.words[3] = high;
  }

  /** The next sample of the writer, written when `clock` says. */
  next(clock: StampingClock): void {
    this.floats[2]! += 1;
    clock.stampInto(this.floats, 3);
  }

  /** As in the frame at `offset` of `words` and `floats`. */
  static at(words: Uint32Array, floats: Float64Array, offset: number): FrameHeader {
    const header = new FrameHeader(words[(offset >>> 2) + 1]!);
    header.setInstance(words[(offset >>> 2) + 2]!, words[(offset >>> 2) + 3]!);
    header.floats[2] = floats[(offset >>> 3) + 2]!;
    header.floats[3] = floats[(offset >>> 3) + 3]!;
    return header;
  }
}

/** Bytes 4–7 of a header. */
export function kindWord(kind: number, flags: number, writer: number): number {
  return kind | (flags << 8) | (writer << 16);
}
