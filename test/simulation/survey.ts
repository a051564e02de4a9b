import { type Draw, draws } from './draws.js';
import { runSeed, type RunResult } from './run-seed.js';
import {
  type DisturbanceKind,
  type DisturbancePair,
  disturbanceKinds,
  diskKinds,
  returnKinds,
  possiblePairs,
  restartKinds,
  stormKinds,
} from './scenario.js';

/** What one seed came to, as far as a survey needs it. */
export type SeedOutcome = Pick<
  RunResult,
  'seed' | 'events' | 'viewChanges' | 'faults' | 'coverage' | 'met'
> & {
  /** CPU time that it took: of the whole process, its compiler and its garbage collector included. */
  readonly cpuUs: number;
  readonly failed?: FailedSeed;
};

export interface FailedSeed {
  readonly seed: number;
  readonly oracle: string;
  readonly message: string;
  /** Virtual time. */
  readonly atUs: number;
}

/** What many seeds came to. */
export interface Survey {
  readonly seeds: number;
  readonly violations: number;
  /** On one core: a second of CPU time counts, however long others had the core. */
  readonly seedsPerSecond: number;
  readonly eventsMedian: number;
  readonly viewChangesMedian: number;
  /** How often each struck. */
  readonly faults: Partial<Record<DisturbanceKind, number>>;
  /** Pairs of a protocol phase and a fault that struck in it. */
  readonly coverage: {
    readonly seen: number;
    readonly possible: number;
    readonly missing: readonly DisturbancePair[];
  };
  /** What befell runs beside faults, by the number of seeds in which it did. */
  readonly met: Readonly<Record<string, number>>;
  readonly failed: readonly FailedSeed[];
}

/** Runs one seed, and keeps of it what a survey needs. */
export function outcomeOf(seed: number, draw: Draw): SeedOutcome {
  const began = process.cpuUsage();
  const { events, viewChanges, faults, coverage, met, violation } = runSeed(seed, {
    scenario: draws[draw](seed),
  });
  const { user, system } = process.cpuUsage(began);
  const failed = violation && {
    seed,
    oracle: violation.oracle,
    message: violation.message,
    atUs: violation.atUs,
  };
  return {
    seed,
    events,
    viewChanges,
    faults,
    coverage,
    met,
    cpuUs: user + system,
    ...(failed && { failed }),
  };
}

/** Runs the seeds from `from` on; `progress` hears how many of them are done. */
export function survey(from: number, seeds: number, draw: Draw, progress?: (done: number) => void): Survey {
  const outcomes: SeedOutcome[] = [];
  for (let done = 0; done < seeds; done++) {
    outcomes.push(outcomeOf(from + done, draw));
    progress?.(done + 1);
  }
  return summarise(outcomes);
}

export function summarise(outcomes: readonly SeedOutcome[]): Survey {
  const faults: Partial<Record<DisturbanceKind, number>> = {};
  const met: Record<string, number> = {};
  const pairs = new Set<DisturbancePair>();
  let cpuUs = 0;
  for (const outcome of outcomes) {
    cpuUs += outcome.cpuUs;
    for (const kind of [...disturbanceKinds, ...stormKinds, ...diskKinds, ...returnKinds, ...restartKinds])
      if (outcome.faults[kind] !== undefined) faults[kind] = (faults[kind] ?? 0) + outcome.faults[kind];
    for (const what of outcome.met) met[what] = (met[what] ?? 0) + 1;
    for (const pair of outcome.coverage) pairs.add(pair);
  }
  const failed = outcomes.flatMap(({ failed: found }) => found ?? []).sort((a, b) => a.seed - b.seed);
  return {
    seeds: outcomes.length,
    violations: failed.length,
    seedsPerSecond: Math.round((outcomes.length * 1e7) / cpuUs) / 10,
    eventsMedian: median(outcomes.map(({ events }) => events)),
    viewChangesMedian: median(outcomes.map(({ viewChanges }) => viewChanges)),
    faults,
    coverage: {
      seen: possiblePairs.filter((pair) => pairs.has(pair)).length,
      possible: possiblePairs.length,
      missing: possiblePairs.filter((pair) => !pairs.has(pair)),
    },
    met,
    failed,
  };
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0;
}
