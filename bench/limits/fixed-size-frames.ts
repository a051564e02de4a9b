const prefixBytes = 4;

/** A message of so many bytes behind its length: what a byte stream needs to carry messages at all. */
export function frameOf(bytes: number): Buffer {
  const frame = Buffer.alloc(prefixBytes + bytes, 1);
  frame.writeUInt32LE(bytes, 0);
  return frame;
}

/** Finds the messages in the chunks of a byte stream, reading each length as a real receiver must. */
export class FixedSizeFrames {
  count = 0;
  readonly #bytes: number;
  readonly #prefix = Buffer.alloc(prefixBytes);
  #prefixFilled = 0;
  #payloadLeft = 0;

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  /** Gives how many messages the chunk completed. */
  take(chunk: Buffer): number {
    const before = this.count;
    let at = 0;
    while (at < chunk.length) {
      if (this.#payloadLeft === 0) at = this.#readPrefix(chunk, at);
      const step = Math.min(this.#payloadLeft, chunk.length - at);
      if (step === 0) continue;
      at += step;
      this.#payloadLeft -= step;
      if (this.#payloadLeft === 0) this.count += 1;
    }
    return this.count - before;
  }

  #readPrefix(chunk: Buffer, from: number): number {
    let at = from;
    let length: number;
    if (this.#prefixFilled === 0 && chunk.length - at >= prefixBytes) {
      length = readUInt32(chunk, at);
      at += prefixBytes;
    } else {
      while (at < chunk.length && this.#prefixFilled < prefixBytes)
        this.#prefix[this.#prefixFilled++] = chunk[at++]!;
      if (this.#prefixFilled < prefixBytes) return at;
      length = readUInt32(this.#prefix, 0);
      this.#prefixFilled = 0;
    }
    if (length !== this.#bytes)
      throw new Error(`A frame of ${length} bytes arrived instead of ${this.#bytes}.`);
    this.#payloadLeft = length;
    return at;
  }
}

function readUInt32(bytes: Buffer, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}
