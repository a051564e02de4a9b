import {
  type Codec,
  type KeyCodec,
  type Memory,
  putOctets,
  type TopicType,
} from '../../codegen/support/index.js';
import { FrameHeader, frameKind, kindWord } from '../multicast/frame.js';
import type { Outbox } from '../multicast/outbox.js';
import type { RingWriter } from '../multicast/ring.js';
import type { HybridClock } from './clock.js';
import type { Representation } from '../../qos/index.js';
import { BowechoError } from './errors.js';
import { instanceOf } from './instances.js';
import { representationFlags } from './representation.js';
import { Scratch } from './scratch.js';
import type { TopicHub } from './topic-hub.js';

// What is imported is looked up at each use; a constant of the module is compiled in.
const timeFloat = FrameHeader.timeFloat;

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
  readonly #clock: HybridClock;
  readonly #scratch = new Scratch();
  readonly #instances = new Map<string | number, bigint>();
  /** Bytes of the last sample: the next one is likely to be as long. */
  #lastLength = 0;
  #closed = false;

  constructor(hub: TopicHub, type: TopicType<T>, writer: number, representation: Representation) {
    this.#hub = hub;
    this.#clock = hub.engine.clock;
    this.#type = type;
    this.#codec = type[representation]!;
    this.#key = type.key;
    this.#header = new FrameHeader(kindWord(frameKind.data, representationFlags[representation], writer));
  }

  /** Encodes `sample` into the ring and commits it; false where there is no room now. To be called while the ring is writable. */
  tryWrite(sample: T): boolean {
    this.#clock.stampInto(this.#header.floats, timeFloat);
    if (!this.#tryPlace(sample) && !this.#tryFurther(sample)) return false;
    this.#hub.committed();
    return true;
  }

  /**
   * Writes what `samples` gives, `count` at most, as long as that can be done in the usual way; gives what it took and did not write,
   * which is to be written by itself, or the end of `samples`. All of a run are of one time.
   */
  writeRun(samples: Iterator<T>, count: number): IteratorResult<T> | undefined {
    this.#clock.stampInto(this.#header.floats, timeFloat);
    const { ring } = this.#hub;
    try {
      for (let i = 0; i < count; i++) {
        const next = samples.next();
        if (next.done === true || !this.#place(next.value)) return next;
      }
      return undefined;
    } catch (error) {
      ring?.giveUp();
      throw error;
    } finally {
      this.#hub.committed();
    }
  }

  /** The usual way, so short that it is compiled into the loop around it: false where there may be another, and nothing has happened. */
  #place(sample: T): boolean {
    const { ring, loaned } = this.#hub;
    if (ring === undefined || ring.writable === false || loaned === true || this.#closed === true)
      return false;
    if (this.#lastLength > predictedFrom || !ring.openMost()) return false;
    const start = ring.payloadStart;
    ring.filling = true;
    const end = this.#codec.encode(sample, ring.memory, start, ring.payloadLimit);
    ring.filling = false;
    if (end < 0) return false;
    if (this.#key !== undefined) this.stampInstance(sample);
    this.#header.count();
    ring.commit(end - start, this.#header);
    return true;
  }

  /** As `#place`, by itself: where the sample is refused, the frame that was opened for it is free again. */
  #tryPlace(sample: T): boolean {
    const { ring } = this.#hub;
    try {
      return this.#place(sample);
    } catch (error) {
      ring?.giveUp();
      throw error;
    }
  }

  /** Reading a sample may run code of the application, which may write another: that one finds no room until this one is in. */
  #encodeAt(ring: RingWriter, sample: T, memory: Memory, start: number, limit: number): number {
    ring.filling = true;
    try {
      return this.#codec.encode(sample, memory, start, limit);
    } finally {
      ring.filling = false;
    }
  }

  /** A sample that is as long as the last one, or longer than what is left, or the ring is full as far as is known. */
  #tryFurther(sample: T): boolean {
    if (this.#hub.ring!.filling) return false;
    if (this.#lastLength > predictedFrom) return this.#tryPredicted(sample, this.#lastLength);
    this.#hub.outbox!.refreshRoom();
    return this.#hub.ring!.openMost() && (this.#place(sample) || this.#trySideways(sample));
  }

  #stamp(sample: T): void {
    this.#header.next(this.#clock);
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
    const end = this.#encodeAt(ring, sample, ring.memory, start, ring.payloadLimit);
    if (end < 0) return this.#trySideways(sample);
    this.#lastLength = end - start;
    this.#stamp(sample);
    ring.commit(end - start, this.#header);
    return true;
  }

  #tryLarge(sample: T, length: number, outbox: Outbox): boolean {
    const memory = outbox.openLarge(length);
    if (memory === undefined) return false;
    const start = outbox.largeOffset;
    const end = this.#encodeAt(outbox.ring, sample, memory, start, outbox.largeLimit);
    if (end < 0) return this.#trySideways(sample);
    this.#lastLength = end - start;
    this.#stamp(sample);
    outbox.commitLarge(end - start, this.#header);
    return true;
  }

  /** It did not fit where it was to go: its length is found out on the side, and it is copied. */
  #trySideways(sample: T): boolean {
    return this.#put(this.encode(sample));
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
  send(sample: Encoded): boolean {
    if (!this.#put(sample)) return false;
    this.#hub.committed();
    return true;
  }

  #put({ memory, length, instanceLow, instanceHigh }: Encoded): boolean {
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
      putOctets(large.bytes, source, outbox.largeOffset);
    } else {
      if (!outbox.open(length)) return false;
      outbox.ring.memory.bytes.set(source, outbox.ring.payloadStart);
    }
    header.setInstance(instanceLow, instanceHigh);
    header.next(this.#clock);
    if (isLarge) outbox.commitLarge(length, header);
    else outbox.ring.commit(length, header);
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
    this.#header.next(this.#clock);
    if (isLarge) outbox.commitLarge(length, this.#header);
    else outbox.ring.commit(length, this.#header);
    this.#hub.committed();
  }

  /** Nothing is written any more. */
  close(): void {
    this.#closed = true;
  }

  /** Goes nowhere, but counts. */
  skip(): void {
    this.#header.next(this.#clock);
  }

  /** Whether there is room for a sample as long as the last one, and a bit more: enough to begin writing again. */
  hasRoom(): boolean {
    const { outbox } = this.#hub;
    return outbox !== undefined && outbox.hasRoom(this.#lastLength);
  }
}
