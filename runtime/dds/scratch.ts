import type { Codec, Memory } from '../../codegen/support/index.js';

/** Memory of a writer's own, for samples whose length is to be found out before they go anywhere. Grows, and is given back when large. */
export class Scratch {
  memory: Memory = memoryOf(4096);

  /** Makes sure of `byteLength` bytes; what was there may be gone. */
  reserve(byteLength: number): void {
    if (this.memory.bytes.length < byteLength) this.memory = memoryOf(byteLength);
  }

  /** Encodes `sample` from offset 0; gives its length, or -1 where it is longer than `limit`. */
  encode<T>(codec: Codec<T>, sample: T, limit: number): number {
    if (this.memory.bytes.length > keptBytesMax) this.memory = memoryOf(4096);
    for (;;) {
      const length = codec.encode(sample, this.memory, 0, Math.min(limit, this.memory.bytes.length));
      if (length >= 0) return length;
      if (this.memory.bytes.length >= limit) return -1;
      this.memory = memoryOf(Math.min(limit, this.memory.bytes.length * 4));
    }
  }
}

const keptBytesMax = 4 << 20;

function memoryOf(byteLength: number): Memory {
  const buffer = new ArrayBuffer(byteLength);
  return { bytes: new Uint8Array(buffer), view: new DataView(buffer) };
}
