import type { Pacing } from './pacing.js';
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
  /** Places in the order that it is known to have passed, and the hash at each. */
  readonly checkpoints: readonly Checkpoint[];
}

/** Kills count where they fall into the middle of the run: neither before the load nor after it. */
export const fractionMin = 0.2;
export const fractionMax = 0.8;

/** Kills processes at their time, by the samples that were sent and not by a clock. */
export class Chaos {
  readonly #kills: readonly Kill[];
  readonly #known = new Map<MemberProcess, Checkpoint[]>();
  readonly #casualties: Casualty[] = [];

  constructor(kills: readonly Kill[]) {
    this.#kills = kills;
    for (const { victim } of kills) {
      const checkpoints: Checkpoint[] = [];
      this.#known.set(victim, checkpoints);
      // All that can be known of the dead is what they said while they lived.
      victim.onWord((word) => {
        if (word.kind === 'checkpoint') checkpoints.push(word.checkpoint);
      });
    }
  }

  dooms(member: MemberProcess): boolean {
    return this.#kills.some(({ victim }) => victim === member);
  }

  /** Resolves when all that were to be killed are dead. */
  async run(pacing: Pacing): Promise<readonly Casualty[]> {
    await Promise.all(this.#kills.map((kill) => this.#carryOut(kill, pacing)));
    return this.#casualties;
  }

  async #carryOut({ victim, at }: Kill, pacing: Pacing): Promise<void> {
    await pacing.whenSent(at);
    const { fraction, sent } = pacing;
    victim.kill();
    await victim.ended;
    // What it had said before its end may have been heard only now.
    const checkpoints = this.#known.get(victim)!;
    this.#casualties.push({ victim, fraction, sent, ownSent: pacing.sentBy(victim), checkpoints });
    pacing.grant();
  }
}

/** A checkpoint of the dead that the living do not confirm: the dead delivered something that they did not, or in another order. */
export function contradiction(
  dead: readonly Checkpoint[],
  living: readonly Checkpoint[],
): Checkpoint | undefined {
  const hashes = new Map(living);
  return dead.find(([delivered, hash]) => hashes.get(delivered) !== hash);
}
