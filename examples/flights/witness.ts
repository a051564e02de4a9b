import type { Sample } from 'bowecho';
import type { Flight } from './generated/flights.js';
import { nowMs, type Result } from './messages.js';
import { foldFlight, OrderHash } from './order-hash.js';

/** A place in the order, and the hash of all that was delivered up to it. */
export type Checkpoint = readonly [delivered: number, hash: string];

/** Checkpoints that are kept to be compared on the page: a few seconds' worth. */
const kept = 48;

/**
 * What one member can say under oath: how much it delivered, from whom, and the hash of it in order. Members are not equally far at
 * any one moment, so the hashes that are compared are those of places that all have passed: checkpoints.
 */
export class Witness {
  readonly #hash = new OrderHash();
  readonly #fromFeed = new Map<number, number>();
  readonly #keepAll: boolean;
  readonly #onCheckpoint: (checkpoint: Checkpoint) => void;
  #checkpoints: Checkpoint[] = [];
  #every: number;
  #delivered = 0;
  #outOfSequence = 0;
  #lastMs = 0;

  /** A checkpoint every so many samples, all of them kept; with 0, as often as the rate suggests, and the last ones kept. */
  constructor(every: number, onCheckpoint: (checkpoint: Checkpoint) => void = () => undefined) {
    this.#every = every || 1;
    this.#keepAll = every > 0;
    this.#onCheckpoint = onCheckpoint;
  }

  accept({ data, info }: Sample<Flight>): void {
    foldFlight(this.#hash, data, info);
    const next = (this.#fromFeed.get(info.member) ?? 0) + 1;
    if (info.writerSequence !== next) this.#outOfSequence++;
    this.#fromFeed.set(info.member, next);
    this.#lastMs = nowMs();
    if (++this.#delivered % this.#every === 0) this.#check();
  }

  #check(): void {
    const checkpoint = [this.#delivered, this.#hash.hex] as const;
    this.#checkpoints.push(checkpoint);
    if (!this.#keepAll && this.#checkpoints.length > 2 * kept)
      this.#checkpoints = this.#checkpoints.slice(-kept);
    this.#onCheckpoint(checkpoint);
  }

  /**
   * About 16 checkpoints a second, at multiples of a power of two: members whose rates differ a little still have places in common.
   */
  adapt(samplesPerSecond: number): void {
    this.#every = 2 ** Math.max(0, Math.ceil(Math.log2(Math.max(1, samplesPerSecond) / 16)));
  }

  get delivered(): number {
    return this.#delivered;
  }

  get hash(): string {
    return this.#hash.hex;
  }

  get recent(): readonly Checkpoint[] {
    return this.#checkpoints.slice(-kept);
  }

  from(feed: number): number {
    return this.#fromFeed.get(feed) ?? 0;
  }

  result(name: string, remarks: readonly string[]): Result {
    return {
      name,
      delivered: this.#delivered,
      deliveredByFeed: [...this.#fromFeed],
      hash: this.#hash.hex,
      checkpoints: this.#keepAll ? this.#checkpoints : this.recent,
      outOfSequence: this.#outOfSequence,
      lastMs: this.#lastMs,
      remarks,
    };
  }
}
