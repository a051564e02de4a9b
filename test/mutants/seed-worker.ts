import { parentPort, workerData } from 'node:worker_threads';
import { runSeed } from '../simulation/run-seed.js';
import { drawStorm } from '../simulation/storm.js';

/** What the thread is given. */
export interface Seeds {
  readonly first: number;
  readonly last: number;
}

/** What it says of each seed. */
export interface SeedReport {
  readonly seed: number;
  /** Name of the oracle that found a violation; `crash` where the core threw something. */
  readonly oracle?: string;
  readonly message?: string;
}

const { first, last } = workerData as Seeds;
for (let seed = first; seed <= last; seed++) {
  const { violation } = runSeed(seed, { scenario: drawStorm(seed) });
  const report: SeedReport = {
    seed,
    ...(violation && { oracle: violation.oracle, message: violation.message }),
  };
  parentPort!.postMessage(report);
}
