import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Draw } from './draws.js';
import type { Portion } from './seed-worker.js';
import { type SeedOutcome, summarise, type Survey } from './survey.js';

/** Seeds that a process runs at a time. */
const portionMax = 20;

/** The survey of the seeds from `from` on, by `jobs` processes at once: the same as by one. */
export async function surveyBy(
  jobs: number,
  from: number,
  seeds: number,
  draw: Draw,
  progress: (done: number) => void,
): Promise<Survey> {
  const outcomes: SeedOutcome[] = [];
  let next = from;
  const portion = (): Portion | undefined => {
    const count = Math.min(portionMax, from + seeds - next);
    next += count;
    return count > 0 ? { from: next - count, seeds: count, draw } : undefined;
  };
  const take = (portionOutcomes: readonly SeedOutcome[]) => {
    outcomes.push(...portionOutcomes);
    progress(outcomes.length);
  };
  await Promise.all(Array.from({ length: jobs }, () => work(portion, take)));
  return summarise(outcomes);
}

/** One process, until there is nothing left to do. */
function work(
  portion: () => Portion | undefined,
  take: (outcomes: readonly SeedOutcome[]) => void,
): Promise<void> {
  const worker = fork(fileURLToPath(import.meta.url).replace(/jobs(\.[jt]s)$/, 'seed-worker$1'));
  return new Promise((resolve, reject) => {
    const goOn = () => sendNext(worker, portion());
    worker.on('message', (outcomes: readonly SeedOutcome[]) => {
      take(outcomes);
      goOn();
    });
    worker.on('error', reject);
    worker.on('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`a process that runs seeds ended with ${code}`));
    });
    goOn();
  });
}

/** A worker that hears nothing more ends. */
function sendNext(worker: ChildProcess, portion: Portion | undefined): void {
  if (portion === undefined) worker.disconnect();
  else worker.send(portion);
}
