import type { SampleInfo } from 'bowecho';
import type { Flight } from './generated/flights.js';

/** The value of an order hash: 64 bits, as two halves. */
export interface Digest {
  readonly low: number;
  readonly high: number;
}

/**
 * A running hash over all that a member delivered, in the order in which it did. Two members that delivered the same samples in
 * another order get different hashes, so one line on a screen shows that all agree.
 *
 * Two 32-bit lanes of MurmurHash3's mixing step, with different constants: JavaScript multiplies 32 bits without a bigint.
 */
export class OrderHash {
  #low = 0x9747b28c;
  #high = 0x3c6ef372;

  add(word: number): void {
    this.#low = mix(this.#low, Math.imul(word, 0xcc9e2d51), 0x1b873593);
    this.#high = mix(this.#high, Math.imul(word, 0x239b961b), 0xab0e9789);
  }

  get digest(): Digest {
    return { low: this.#low >>> 0, high: this.#high >>> 0 };
  }

  get hex(): string {
    return hexOf(this.digest);
  }
}

export function hexOf({ low, high }: Digest): string {
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
}

function mix(lane: number, word: number, factor: number): number {
  const k = Math.imul((word << 15) | (word >>> 17), factor);
  const h = lane ^ k;
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

/** Who may have written a sample, and as its how manieth: the same at every member, whatever views came and went. */
export type Origin = Pick<SampleInfo, 'member' | 'writer' | 'writerSequence'>;

/** Folds one delivered flight: who wrote it, as its how manieth, and every field. */
export function foldFlight(hash: OrderHash, flight: Flight, origin: Origin): void {
  hash.add(origin.member);
  hash.add(Math.floor(origin.member / 2 ** 32));
  hash.add(origin.writer);
  hash.add(origin.writerSequence);
  hash.add(Math.floor(origin.writerSequence / 2 ** 32));
  hash.add(flight.id);
  const date = Number(flight.date);
  hash.add(date);
  hash.add(Math.floor(date / 2 ** 32));
  hash.add((flight.delay << 16) | flight.distance);
  foldText(hash, flight.origin);
  foldText(hash, flight.destination);
}

/** The length first: 'AB' then 'C' is not 'A' then 'BC'. */
function foldText(hash: OrderHash, text: string): void {
  hash.add(text.length);
  for (let i = 0; i < text.length; i++) hash.add(text.charCodeAt(i));
}
