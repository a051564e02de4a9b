import { type RegionMemory, regionMemory } from '../../transport/transport.js';
import type { TopicType } from '../../codegen/support/index.js';
import { EntryRef } from '../history/entry.js';
import type { HybridClock } from './clock.js';
import { codecOf } from './representation.js';
import { readInfo, type Sample, type Version } from './sample-info.js';

/** A sample that is kept as it lies in the log, and the next one of those whose instances have the same low half. */
interface Kept {
  readonly instanceHigh: number;
  bytes: Uint8Array;
  length: number;
  next: Kept | undefined;
}

/** Gathers the last sample of each instance, out of a log that is read in its order. */
export class SnapshotBuilder {
  readonly #instances = new Map<number, Kept>();

  /** Takes an entry (history/entry.ts) that lies at `at`. */
  take({ memory, at, bytes, instanceLow, instanceHigh }: EntryRef): void {
    let kept = this.#instances.get(instanceLow);
    const first = kept;
    while (kept !== undefined && kept.instanceHigh !== instanceHigh) kept = kept.next;
    if (kept === undefined) {
      kept = { instanceHigh, bytes: new Uint8Array(bytes), length: 0, next: first };
      this.#instances.set(instanceLow, kept);
    }
    if (kept.bytes.length < bytes) kept.bytes = new Uint8Array(bytes);
    kept.bytes.set(memory.bytes.subarray(at, at + bytes));
    kept.length = bytes;
  }

  build<T>(type: TopicType<T>, clock: HybridClock): Snapshot<T> {
    const samples: Sample<T>[] = [];
    for (let kept of this.#instances.values()) {
      for (let next: Kept | undefined = kept; next !== undefined; next = next.next) {
        kept = next;
        samples.push(ownSample(type, entryOf(kept), clock));
      }
    }
    return new Snapshot(
      type,
      samples.sort((a, b) => inOrder(a.info, b.info)),
    );
  }
}

function entryOf({ bytes, length }: Kept): EntryRef {
  const memory: RegionMemory = regionMemory(bytes.slice(0, length).buffer);
  return new EntryRef(memory, 0);
}

/**
 * The sample of an entry, owned.
 * @throws MalformedSampleError
 */
export function ownSample<T>(type: TopicType<T>, entry: EntryRef, clock: HybridClock): Sample<T> {
  const message = entry.asDelivery();
  const data = codecOf(type, message).decode(message.memory, message.offset, message.length);
  return { data, info: readInfo(message, clock) };
}

/** Below zero where `a` comes first in the topic's order. */
function inOrder(a: Version, b: Version): number {
  return a.epoch - b.epoch || a.sequence - b.sequence;
}

/**
 * The state of a topic at one moment of its past: the last sample of each instance, in the topic's order. A type without key has one instance.
 *
 * ```ts
 * const then = await reader.asOf(timeUs);
 * then.get({ id: 7 })?.data;
 * for (const { data } of then) total += data.amount;
 * ```
 */
export class Snapshot<T> implements Iterable<Sample<T>> {
  readonly #type: TopicType<T>;
  readonly #samples: readonly Sample<T>[];
  #byKey: Map<string | number, Sample<T>> | undefined;

  /** Made by `Reader`. */
  constructor(type: TopicType<T>, samples: readonly Sample<T>[]) {
    this.#type = type;
    this.#samples = samples;
  }

  /** Instances. */
  get size(): number {
    return this.#samples.length;
  }

  /** The newest sample of all; undefined where there was none yet. */
  get last(): Sample<T> | undefined {
    return this.#samples.at(-1);
  }

  /** The last sample of the instance that `key` names: all members of the type's key have to be there, and others are not looked at. */
  get(key: Partial<T>): Sample<T> | undefined {
    const keyCodec = this.#type.key;
    if (keyCodec === undefined) return this.last;
    this.#byKey ??= new Map(this.#samples.map((sample) => [keyCodec.of(sample.data), sample]));
    return this.#byKey.get(keyCodec.of(key as T));
  }

  [Symbol.iterator](): IterableIterator<Sample<T>> {
    return this.#samples[Symbol.iterator]();
  }
}
