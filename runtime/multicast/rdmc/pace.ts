import type { Spreading } from '../../../transport/transport.js';
import { windowMax } from './spread-rows.js';

/** So many messages count: one that was held up by something else is made good by those after it. */
const rememberedMax = 4;
/** From fewer steps nothing is learnt: until the links are busy, they take longer. */
const stepsMin = 8 * windowMax;
/**
 * A shorter message (microseconds) does not show that a link is slow: the first that a process sends finds code that was never run and memory that is new, which holds it up for
 * a part of this. That a link is fast it does show.
 */
const slowUsMin = 1e6;
/** However quick a step was, its block took this part of it to arrive. */
const arrivingPartMin = 1 / 8;

/** By so much what is assumed has to be out: sizes of blocks are powers of two that go with the root of the rate, and busy cores make links look slow, too. */
const factorMin = 4;

/**
 * How fast this member's large messages have spread, where that is far from what its transport assumes of a link, or was told. A step takes (seconds for each block) + (bytes of a
 * block) / (bytes a second): so the steps of a message tell the latter. The best of the last few messages counts, since whatever else goes on makes them slower, and nothing faster.
 */
export class Pace {
  readonly #bandwidths: number[] = [];
  #best: number | undefined;

  /** A message took `us` microseconds for `steps` steps, in each of which a block of `blockBytes` was sent, once those before it had been taken. */
  learn(blockBytes: number, steps: number, us: number, assumed: Spreading): void {
    if (steps < stepsMin || !(us > 0)) return;
    const step = us / 1e6 / steps;
    const bandwidth = blockBytes / Math.max(step - assumed.perBlock, step * arrivingPartMin);
    if (us < slowUsMin && bandwidth < assumed.bandwidth) return;
    this.#bandwidths.push(bandwidth);
    if (this.#bandwidths.length > rememberedMax) this.#bandwidths.shift();
    this.#best = Math.max(...this.#bandwidths);
  }

  /** What is known now of what `assumed` says. */
  of(assumed: Spreading): Spreading {
    if (this.#best === undefined) return assumed;
    const factor = this.#best / assumed.bandwidth;
    return factor < factorMin && factor > 1 / factorMin ? assumed : { ...assumed, bandwidth: this.#best };
  }
}
