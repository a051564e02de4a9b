import { mapPrivate } from '../memory/system.js';
import type { RegionMemory } from '../transport.js';

/** Memory of ours, by the address and the key that its device knows it by. */
export interface Source {
  readonly address: number;
  readonly localKey: number;
}

/** Registers memory that requests point to; see `Device.register`. */
export type Register = (buffer: ArrayBuffer) => Source & { release(): void };

const BYTES_AT_FIRST = 64 * 1024;
const ALIGNMENT = 8;
/** From this length on a copy by the engine is quicker than a loop, though it makes an object. */
const LOOP_BYTES_MAX = 512;

/** Registered memory, used as a ring, that holds the bytes of small puts, as they were, until these have arrived. */
export class Staging {
  /** Of the newest copy. */
  address = 0;
  localKey = 0;
  /** Where the newest copy ends, in bytes since the beginning. */
  end = 0;
  readonly #register: Register;
  readonly #bytesMax: number;
  /** The last one is in use; requests that are under way may point into those before it. */
  readonly #memories: ReturnType<Register>[] = [];
  #bytes = new Uint8Array(0);
  #u32 = new Uint32Array(0);
  #begin = 0;

  constructor(register: Register, bytesMax: number) {
    this.#register = register;
    this.#bytesMax = bytesMax;
    this.#renew(BYTES_AT_FIRST);
  }

  /** Copies bytes of `memory`; `address` and `localKey` tell where to, until the next time. False where there is no room. */
  copy(memory: RegionMemory, from: number, byteLength: number): boolean {
    let start = this.#startOf(byteLength);
    while (start + byteLength - this.#begin > this.#bytes.length) {
      if (this.#bytes.length * 2 > this.#bytesMax) return false;
      this.#renew(this.#bytes.length * 2);
      start = this.#startOf(byteLength);
    }
    const place = start % this.#bytes.length;
    if (byteLength > LOOP_BYTES_MAX) {
      this.#bytes.set(memory.bytes.subarray(from, from + byteLength), place);
    } else if (((from | byteLength) & 3) === 0) {
      const words = byteLength >>> 2;
      for (let i = 0; i < words; i++) this.#u32[(place >>> 2) + i] = memory.u32[(from >>> 2) + i]!;
    } else {
      for (let i = 0; i < byteLength; i++) this.#bytes[place + i] = memory.bytes[from + i]!;
    }
    const { address, localKey } = this.#memories[this.#memories.length - 1]!;
    this.address = address + place;
    this.localKey = localKey;
    this.end = Math.ceil((start + byteLength) / ALIGNMENT) * ALIGNMENT;
    return true;
  }

  /** Nobody reads what was copied before `end`. */
  release(end: number): void {
    this.#begin = Math.max(this.#begin, end);
  }

  close(): void {
    for (const memory of this.#memories) memory.release();
    this.#memories.length = 0;
  }

  /** A copy is never wrapped around. */
  #startOf(byteLength: number): number {
    const size = this.#bytes.length;
    const place = this.end % size;
    return place + byteLength > size ? this.end + size - place : this.end;
  }

  #renew(byteLength: number): void {
    const buffer = mapPrivate(byteLength);
    this.#memories.push(this.#register(buffer));
    this.#bytes = new Uint8Array(buffer);
    this.#u32 = new Uint32Array(buffer);
    this.#begin = this.end;
  }
}
