/**
 * What travels on a link between two members: frames with a header of 16 bytes, little-endian.
 *
 * | bytes | |
 * | --- | --- |
 * | 0–3 | kind |
 * | 4–7 | number of the region |
 * | 8–11 | payload: where in the region it goes; announce: the region's length |
 * | 12–15 | length of the body in bytes |
 *
 * What gathered since the last write travels as one **batch**: announcements, then payload, then one frame of guards, then what ended. The
 * guards of a batch are taken from memory at one moment, after all payload that was put before, and are applied all at once: the peer
 * goes from one state of my memory to a later one, and sees nothing between, however much was coalesced (docs/protocol.md, section 12).
 */
export const frameKind = {
  /** A region that the peer may attach; the body is its name. */
  announce: 1,
  /** Bytes that nobody looks at before a guard says so: applied as they come. */
  payload: 2,
  /** Ranges of any regions, each with a header of its own: applied together. */
  guards: 3,
  /** Nobody is to attach the region any more. */
  seal: 4,
  /** Nothing is put into it any more. */
  release: 5,
  /** The member leaves in good order. */
  bye: 6,
  /** What the two ends of another way for puts have to say to each other (fabric.ts): text. */
  words: 7,
} as const;

export const headerBytes = 16;
export const nameBytesMax = 128;
export const wordsBytesMax = 1024;
/** All that a member's counters can take; far more than any has. */
export const guardsBytesMax = 64 << 20;
/** Header fields have 32 bits. */
export const regionBytesMax = 0xffff_fff8;
/** Regions of one member that its peer knows at once. */
export const regionsMax = 1 << 16;

/** The peer sent what no correct member could have sent; `message` says what. */
export class LinkError extends Error {
  override readonly name = 'LinkError';
}

/** Frames in the making: one buffer that is used again and again, and grows as it has to. */
export class FrameWriter {
  #buffer = Buffer.allocUnsafeSlow(1 << 14);
  length = 0;
  /** Headers that were ever written. */
  count = 0;

  header(kind: number, region: number, at: number, length: number): void {
    this.count++;
    const start = this.#room(headerBytes);
    this.#buffer.writeUInt32LE(kind, start);
    this.#buffer.writeUInt32LE(region, start + 4);
    this.#buffer.writeUInt32LE(at, start + 8);
    this.#buffer.writeUInt32LE(length, start + 12);
  }

  /** Fills in what was not known yet when the header at `start` was written. */
  setLength(start: number, length: number): void {
    this.#buffer.writeUInt32LE(length, start + 12);
  }

  bytes(source: Uint8Array, from: number, to: number): void {
    const start = this.#room(to - from);
    if (to - from < 64) for (let i = from; i < to; i++) this.#buffer[start + i - from] = source[i]!;
    else this.#buffer.set(source.subarray(from, to), start);
  }

  text(text: string): number {
    const bytes = Buffer.from(text, 'latin1');
    this.bytes(bytes, 0, bytes.length);
    return bytes.length;
  }

  /** What was written from `start` to `end`; valid until the next `reset`. */
  slice(start: number, end: number): Uint8Array {
    return this.#buffer.subarray(start, end);
  }

  reset(): void {
    this.length = 0;
  }

  #room(bytes: number): number {
    const start = this.length;
    this.length += bytes;
    if (this.length > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.length));
      larger.set(this.#buffer.subarray(0, start));
      this.#buffer = larger;
    }
    return start;
  }
}
