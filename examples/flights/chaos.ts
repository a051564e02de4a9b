import type { MemberProcess } from './team.js';
import type { Checkpoint } from './witness.js';

/** A process to be killed once this fraction of all samples is known to be sent. */
export interface Kill {
  readonly victim: MemberProcess;
  readonly at: number;
}

/** A process that was killed, and what is known of it. */
export interface Casualty {
  readonly victim: MemberProcess;
  /** How much of all that was planned had been sent when it was killed. */
  readonly fraction: number;
  readonly sent: number;
  /** A feed: how much of that was its own, as it last said. */
  readonly ownSent: number | undefined;
}

/** Kills are valid where they fall into the middle of the run: neither before the load nor after it. */
export const fractionMin = 0.2;
export const fractionMax = 0.8;

export const readerKill = (victim: MemberProcess): Kill => ({ victim, at: 0.35 });
export const feedKill = (victim: MemberProcess): Kill => ({ victim, at: 0.5 });

/** A checkpoint of the dead that the living do not confirm: the dead delivered something that they did not, or in another order. */
export function contradiction(
  dead: readonly Checkpoint[],
  living: readonly Checkpoint[],
): Checkpoint | undefined {
  const hashes = new Map(living);
  return dead.find(([delivered, hash]) => hashes.get(delivered) !== hash);
}
