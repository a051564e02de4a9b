import type { TopicType } from '../../codegen/support/index.js';
import type { ReaderQos } from '../../qos/index.js';
import type { Sample } from './sample-info.js';

/** Samples of a cache that may be full at any time. */
const smallCache = 256;

/**
 * A reader's cache: samples that nobody has taken yet, oldest first, within HISTORY and RESOURCE_LIMITS. KEEP_LAST keeps the newest
 * `depth` of each instance.
 */
export class SampleQueue<T> {
  readonly #samplesMax: number;
  readonly #depth: number;
  readonly #keyOf: ((sample: T) => string | number) | undefined;
  /** KEEP_LAST: samples of each instance in the cache, oldest first. */
  readonly #instances = new Map<string | number, Sample<T>[]>();
  #samples: (Sample<T> | undefined)[] = [];
  #first = 0;
  #count = 0;

  constructor(qos: ReaderQos, type: TopicType<T>) {
    this.#samplesMax = qos.resourceLimits.maxSamples;
    this.#depth = qos.history.kind === 'keepLast' ? qos.history.depth : Infinity;
    this.#keyOf = type.key?.of.bind(type.key);
  }

  /** A KEEP_ALL cache with no room left; a KEEP_LAST cache is never full. */
  get full(): boolean {
    return this.#depth === Infinity && this.#count >= this.#samplesMax;
  }

  /** A KEEP_ALL cache that may be full soon: a quarter is taken, or it is small. */
  get filling(): boolean {
    return this.#depth === Infinity && (this.#count * 4 >= this.#samplesMax || this.#samplesMax < smallCache);
  }

  /**
   * Puts a sample at the end; gives how many older ones were dropped for it. With `keepAll`, none is dropped by a KEEP_ALL cache, even beyond
   * its limit: its owner stops the topic instead.
   */
  push(sample: Sample<T>, keepAll: boolean): number {
    let dropped = 0;
    if (this.#depth < Infinity) dropped += this.#dropOldOfInstance(sample);
    if (this.#count >= this.#samplesMax && !(keepAll && this.#depth === Infinity)) {
      this.shift();
      dropped++;
    }
    this.#samples.push(sample);
    this.#count++;
    return dropped;
  }

  #dropOldOfInstance(sample: Sample<T>): number {
    const key = this.#keyOf?.(sample.data) ?? 0;
    const held = this.#instances.get(key) ?? [];
    this.#instances.set(key, held);
    held.push(sample);
    if (held.length <= this.#depth) return 0;
    const oldest = held.shift()!;
    this.#samples[this.#samples.indexOf(oldest, this.#first)] = undefined;
    this.#count--;
    this.#compact();
    return 1;
  }

  /** Closes the gaps that replaced samples left, once they outnumber the samples. */
  #compact(): void {
    if (this.#samples.length - this.#first < 64 + 2 * this.#count) return;
    this.#samples = this.#samples.slice(this.#first).filter((sample) => sample !== undefined);
    this.#first = 0;
  }

  shift(): Sample<T> | undefined {
    while (this.#first < this.#samples.length) {
      const sample = this.#samples[this.#first];
      this.#samples[this.#first++] = undefined;
      if (this.#first > 1024 && this.#first * 2 > this.#samples.length) {
        this.#samples = this.#samples.slice(this.#first);
        this.#first = 0;
      }
      if (sample === undefined) continue;
      this.#count--;
      if (this.#depth < Infinity) this.#forget(sample);
      return sample;
    }
    this.#samples.length = 0;
    this.#first = 0;
    return undefined;
  }

  #forget(sample: Sample<T>): void {
    const key = this.#keyOf?.(sample.data) ?? 0;
    const held = this.#instances.get(key);
    held?.splice(held.indexOf(sample), 1);
    if (held?.length === 0) this.#instances.delete(key);
  }
}
