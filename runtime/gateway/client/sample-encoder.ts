import type { Memory, TopicType } from '../../../codegen/support/index.js';
import { type WrittenSample } from '../wire/index.js';
import { ClientError } from './errors.js';

/** Hashes of keys that are kept: making one costs more than encoding a small sample. */
const keptHashesMax = 4096;
const keptBytesMax = 1 << 20;

/** Encodes samples of one type: payload, and the hash of the key where the type has one. */
export class SampleEncoder<T> {
  readonly #type: TopicType<T>;
  readonly #hashes = new Map<string | number, Uint8Array>();
  #memory = memoryOf(1024);

  constructor(type: TopicType<T>) {
    this.#type = type;
  }

  /** @throws SampleError; ClientError BE_TOO_LARGE */
  encode(sample: T, payloadMax: number): WrittenSample {
    const length = this.#encodePayload(sample, payloadMax);
    const payload = this.#memory.bytes.slice(0, length);
    if (this.#memory.bytes.length > keptBytesMax) this.#memory = memoryOf(1024);
    return { payload, keyHash: this.#keyHash(sample) };
  }

  #encodePayload(sample: T, payloadMax: number): number {
    for (;;) {
      const room = this.#memory.bytes.length;
      const length = this.#type.protobuf.encode(sample, this.#memory, 0, Math.min(room, payloadMax));
      if (length >= 0) return length;
      if (room >= payloadMax) {
        const problem = `a sample of ${this.#type.name} takes more than the ${payloadMax} bytes that the gateway allows`;
        throw new ClientError(
          'BE_TOO_LARGE',
          `${problem}: raise the gateway's sampleBytesMax, or send it in parts`,
        );
      }
      this.#memory = memoryOf(Math.min(payloadMax, room * 4));
    }
  }

  #keyHash(sample: T): Uint8Array | undefined {
    const { key } = this.#type;
    if (key === undefined) return undefined;
    const of = key.of(sample);
    let hash = this.#hashes.get(of);
    if (hash === undefined) {
      hash = key.hash(sample).slice();
      if (this.#hashes.size >= keptHashesMax) this.#hashes.clear();
      this.#hashes.set(of, hash);
    }
    return hash;
  }
}

function memoryOf(byteLength: number): Memory {
  const buffer = new ArrayBuffer(byteLength);
  return { bytes: new Uint8Array(buffer), view: new DataView(buffer) };
}
