import { parentPort, workerData } from 'node:worker_threads';
import { runSeed } from '../simulation/run-seed.js';
import { drawScenario } from '../simulation/scenario.js';
import { drawStorm } from '../simulation/storm.js';

/** What the thread is given. */
export interface Seeds {
  readonly first: number;
  readonly last: number;
  /** Plain scenarios instead of storms. */
  readonly plain: boolean;
}

/** What it says of each seed. */
export interface SeedReport {
  readonly seed: number;
  /** Name of the oracle that found a violation; `crash` where the core threw something. */
  readonly oracle?: string;
  readonly message?: string;
}

const { first, last, plain } = workerData as Seeds;
const draw = plain ? drawScenario : drawStorm;
for (let seed = first; seed <= last; seed++) {
  const { violation } = runSeed(seed, { scenario: draw(seed) });
  const report: SeedReport = {
    seed,
    ...(violation && { oracle: violation.oracle, message: violation.message }),
  };
  parentPort!.postMessage(report);
}
