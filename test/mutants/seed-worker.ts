import { parentPort, workerData } from 'node:worker_threads';
import { type Draw, draws } from '../simulation/draws.js';
import { runSeed } from '../simulation/run-seed.js';

/** What the thread is given. */
export interface Seeds {
  readonly first: number;
  readonly last: number;
  readonly draw: Draw;
}

/** What it says of each seed. */
export interface SeedReport {
  readonly seed: number;
  /** Name of the oracle that found a violation; `crash` where the core threw something. */
  readonly oracle?: string;
  readonly message?: string;
}

const { first, last, draw } = workerData as Seeds;
for (let seed = first; seed <= last; seed++) {
  const { violation } = runSeed(seed, { scenario: draws[draw](seed) });
  const report: SeedReport = {
    seed,
    ...(violation && { oracle: violation.oracle, message: violation.message }),
  };
  parentPort!.postMessage(report);
}
