import { Worker } from 'node:worker_threads';
import type { SeedReport, Seeds } from './seed-worker.js';

/** A seed takes a tenth of a second. What takes so long comes to no end: a fault of the mutant, like a crash. */
const seedMsMax = 30_000;
const memoryMbMax = 1024;

/**
 * Runs seeds by a bundled `program`, in a thread of its own, until `enough` says so of a report or the last is run. Where a seed comes to
 * no end, or takes the thread down, that is its report, and the next seed gets a new thread.
 */
export async function runSeeds(
  program: string,
  { first, last, draw }: Seeds,
  enough: (report: SeedReport) => boolean,
): Promise<void> {
  for (let next = first; next <= last;) {
    const done = await runThread(program, { first: next, last, draw }, enough);
    if (done === undefined) return;
    next = done + 1;
  }
}

/** Gives the seed with which the thread ended before it should have; undefined where nothing is left to do. */
function runThread(
  program: string,
  seeds: Seeds,
  enough: (report: SeedReport) => boolean,
): Promise<number | undefined> {
  // Without the loader of this process: the program needs none.
  const worker = new Worker(program, {
    eval: true,
    execArgv: [],
    env: {},
    workerData: seeds,
    resourceLimits: { maxOldGenerationSizeMb: memoryMbMax },
  });
  return new Promise((resolve, reject) => {
    let running = seeds.first;
    let over = false;
    const end = (seed: number | undefined) => {
      if (over) return;
      over = true;
      clearTimeout(watchdog);
      worker.terminate().then(() => resolve(seed), reject);
    };
    const fail = (oracle: string, message: string) => {
      end(enough({ seed: running, oracle, message }) ? undefined : running);
    };
    const watchdog = setTimeout(() => fail('hang', `no end within ${seedMsMax} ms`), seedMsMax);
    worker.on('message', (report: SeedReport) => {
      if (over) return;
      watchdog.refresh();
      running = report.seed + 1;
      if (enough(report) || running > seeds.last) end(undefined);
    });
    worker.on('error', (error) => fail('crash', String(error)));
  });
}
