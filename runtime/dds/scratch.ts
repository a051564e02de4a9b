import type { Codec, Memory } from '../../codegen/support/index.js';

/** Memory of a writer's own, for samples whose length is to be found out before they go anywhere. Grows, and is given back when large. */
export class Scratch {
  memory: Memory = memoryOf(4096);
  #encoding = false;

  /** Makes sure of `byteLength` bytes; what was there may be gone. */
  reserve(byteLength: number): void {
    if (this.memory.bytes.length < byteLength) this.memory = memoryOf(byteLength);
  }

  /** Encodes `sample` from offset 0 of `memory`; gives its length, or -1 where it is longer than `limit`. */
  encode<T>(codec: Codec<T>, sample: T, limit: number): number {
    // Reading a sample may run code of the application, which may have another one encoded: in other memory.
    const nested = this.#encoding;
    let memory = nested || this.memory.bytes.length > keptBytesMax ? memoryOf(4096) : this.memory;
    this.#encoding = true;
    try {
      for (;;) {
        const length = codec.encode(sample, memory, 0, Math.min(limit, memory.bytes.length));
        this.memory = memory;
        if (length >= 0) return length;
        if (memory.bytes.length >= limit) return -1;
        memory = memoryOf(Math.min(limit, memory.bytes.length * 4));
      }
    } finally {
      this.#encoding = nested;
    }
  }
}

const keptBytesMax = 4 << 20;

function memoryOf(byteLength: number): Memory {
  const buffer = new ArrayBuffer(byteLength);
  return { bytes: new Uint8Array(buffer), view: new DataView(buffer) };
}
