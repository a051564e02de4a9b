import type { Codec, KeyCodec, Memory, TopicType } from '../../codegen/support/index.js';
import { FrameHeader, frameKind, kindWord } from '../multicast/frame.js';
import type { Outbox } from '../multicast/outbox.js';
import type { Representation } from '../../qos/index.js';
import { BowechoError } from './errors.js';
import { instanceOf } from './instances.js';
import { representationFlags } from './representation.js';
import { Scratch } from './scratch.js';
import type { TopicHub } from './topic-hub.js';

/** A sample that is encoded and not sent yet; its instance is known, its sequence is not. */
export interface Encoded {
  memory: Memory;
  length: number;
  instanceLow: number;
  instanceHigh: number;
}

/** Room in which a sample is filled in place. */
export interface OpenFrame {
  memory: Memory;
  offset: number;
  isLarge: boolean;
}

/** Samples up to here are encoded into whatever room there is; longer ones into room for as much as the last one took. */
const predictedFrom = 1024;

/** Instances whose hash a writer remembers. */
const instancesMax = 65_536;

/** Turns one writer's samples into frames: encoded where they go, whenever that can be. */
export class Framer<T> {
  readonly #hub: TopicHub;
  readonly #type: TopicType<T>;
  readonly #codec: Codec<T>;
  readonly #key: KeyCodec<T> | undefined;
  readonly #header: FrameHeader;
  readonly #scratch = new Scratch();
  readonly #instances = new Map<string | number, bigint>();
  /** Bytes of the last sample: the next one is likely to be as long. */
  #lastLength = 0;

  constructor(hub: TopicHub, type: TopicType<T>, writer: number, representation: Representation) {
    this.#hub = hub;
    this.#type = type;
    this.#codec = type[representation]!;
    this.#key = type.key;
    this.#header = new FrameHeader(kindWord(frameKind.data, representationFlags[representation], writer));
  }

  /** Encodes `sample` into the ring and commits it; false where there is no room now. To be called while the ring is writable. */
  tryWrite(sample: T): boolean {
    if (this.#lastLength > predictedFrom) return this.#tryPredicted(sample, this.#lastLength);
    const hub = this.#hub;
    const ring = hub.ring!;
    if (!ring.openMost()) {
      hub.outbox!.refreshRoom();
      if (!ring.openMost()) return false;
    }
    const start = ring.payloadStart;
    const end = this.#codec.encode(sample, ring.memory, start, ring.payloadLimit);
    if (end < 0) return this.#trySideways(sample);
    this.#stamp(sample);
    ring.commit(frameKind.data, end - start, this.#header);
    hub.committed();
    return true;
  }

  #stamp(sample: T): void {
    this.#header.next(this.#hub.engine.clock);
    if (this.#key !== undefined) this.stampInstance(sample);
  }

  /** The key's hash is made once an instance: it costs more than writing a sample. */
  stampInstance(sample: T): void {
    const key = this.#key!.of(sample);
    let instance = this.#instances.get(key);
    if (instance === undefined) {
      // Forgotten ones are made again: the same key gives the same instance.
      if (this.#instances.size >= instancesMax) this.#instances.clear();
      instance = instanceOf(this.#key!.hash(sample));
      this.#instances.set(key, instance);
    }
    this.#header.setInstance(Number(instance & 0xffffffffn), Number(instance >> 32n));
  }

  /** Room is made for a sample as long as the last one, in the ring or beside it; then it is encoded there. */
  #tryPredicted(sample: T, length: number): boolean {
    const outbox = this.#hub.outbox!;
    const { ring } = outbox;
    if (length > ring.payloadMax) return this.#tryLarge(sample, length, outbox);
    if (!outbox.open(length)) return false;
    ring.openMost();
    const start = ring.payloadStart;
    const end = this.#codec.encode(sample, ring.memory, start, ring.payloadLimit);
    if (end < 0) return this.#trySideways(sample);
    this.#lastLength = end - start;
    this.#stamp(sample);
    ring.commit(frameKind.data, end - start, this.#header);
    this.#hub.committed();
    return true;
  }

  #tryLarge(sample: T, length: number, outbox: Outbox): boolean {
    const memory = outbox.openLarge(length);
    if (memory === undefined) return false;
    const start = outbox.largeOffset;
    const end = this.#codec.encode(sample, memory, start, outbox.largeLimit);
    if (end < 0) return this.#trySideways(sample);
    this.#lastLength = end - start;
    this.#stamp(sample);
    outbox.commitLarge(end - start, this.#header);
    this.#hub.committed();
    return true;
  }

  /** It did not fit where it was to go: its length is found out on the side, and it is copied. */
  #trySideways(sample: T): boolean {
    return this.send(this.encode(sample));
  }

  /**
   * Encodes `sample` into memory of the framer's own, which the next call reuses.
   * @throws SampleError, BowechoError BE_TOO_LARGE
   */
  encode(sample: T): Encoded {
    const limit = this.#hub.topic?.largeBytes ?? Infinity;
    const length = this.#scratch.encode(this.#codec, sample, limit);
    if (length < 0) {
      throw new BowechoError(
        'BE_TOO_LARGE',
        `a sample of ${this.#type.name} takes more than the ${limit} bytes that topic ${this.#hub.name} allows: raise transport.largeBytesMax of its QoS, or send it in parts`,
      );
    }
    this.#lastLength = length;
    if (this.#key !== undefined) this.stampInstance(sample);
    const [, , instanceLow, instanceHigh] = this.#header.words;
    return { memory: this.#scratch.memory, length, instanceLow: instanceLow!, instanceHigh: instanceHigh! };
  }

  /** Copies an encoded sample into the ring, or beside it, and commits it; false where there is no room now. */
  send({ memory, length, instanceLow, instanceHigh }: Encoded): boolean {
    const hub = this.#hub;
    if (hub.loaned) hub.unloan();
    const { outbox } = hub;
    if (outbox === undefined) return false;
    const header = this.#header;
    const source = memory.bytes.subarray(0, length);
    const isLarge = length > outbox.ring.payloadMax;
    if (isLarge) {
      const large = outbox.openLarge(length);
      if (large === undefined) return false;
      large.bytes.set(source, outbox.largeOffset);
    } else {
      if (!outbox.open(length)) return false;
      outbox.ring.memory.bytes.set(source, outbox.ring.payloadStart);
    }
    header.setInstance(instanceLow, instanceHigh);
    header.next(hub.engine.clock);
    if (isLarge) outbox.commitLarge(length, header);
    else outbox.ring.commit(frameKind.data, length, header);
    hub.committed();
    return true;
  }

  /** Opens room for exactly `length` bytes, in the ring or beside it; undefined while there is none. */
  openFrame(outbox: Outbox, length: number): OpenFrame | undefined {
    this.#lastLength = length;
    if (length <= outbox.ring.payloadMax) {
      return outbox.open(length)
        ? { memory: outbox.ring.memory, offset: outbox.ring.payloadStart, isLarge: false }
        : undefined;
    }
    const memory = outbox.openLarge(length);
    return memory && { memory, offset: outbox.largeOffset, isLarge: true };
  }

  /** Commits `length` bytes that were filled into an open frame. */
  commitFilled(outbox: Outbox, { memory, offset, isLarge }: OpenFrame, length: number): void {
    if (this.#key !== undefined) this.stampInstance(this.#codec.decode(memory, offset, length));
    this.#header.next(this.#hub.engine.clock);
    if (isLarge) outbox.commitLarge(length, this.#header);
    else outbox.ring.commit(frameKind.data, length, this.#header);
    this.#hub.committed();
  }

  /** Goes nowhere, but counts. */
  skip(): void {
    this.#header.next(this.#hub.engine.clock);
  }

  /** Whether there is room for a sample as long as the last one, and a bit more: enough to begin writing again. */
  hasRoom(): boolean {
    const { outbox } = this.#hub;
    return outbox !== undefined && outbox.hasRoom(this.#lastLength);
  }
}
