import { type FoundViolation, runSeed } from './run-seed.js';
import { type DisturbanceKind, disturbanceKinds, drawScenario, phases, type Scenario } from './scenario.js';

export interface FailedSeed extends FoundViolation {
  readonly seed: number;
}

/** What many seeds came to. */
export interface Survey {
  readonly seeds: number;
  readonly violations: number;
  /** Of this thread's own CPU time. */
  readonly seedsPerSecond: number;
  readonly eventsMedian: number;
  readonly viewChangesMedian: number;
  readonly faults: Partial<Record<DisturbanceKind, number>>;
  /** Pairs of a protocol phase and a fault that struck in it. */
  readonly coverage: { readonly seen: number; readonly possible: number };
  readonly failed: readonly FailedSeed[];
}

/** Runs the seeds from `from` on; `progress` hears how many of them are done. */
export function survey(
  from: number,
  seeds: number,
  progress?: (done: number) => void,
  draw: (seed: number) => Scenario = drawScenario,
): Survey {
  const began = process.cpuUsage();
  const events: number[] = [];
  const viewChanges: number[] = [];
  const faults: Partial<Record<DisturbanceKind, number>> = {};
  const pairs = new Set<string>();
  const failed: FailedSeed[] = [];
  for (let done = 0; done < seeds; done++) {
    const result = runSeed(from + done, { scenario: draw(from + done) });
    events.push(result.events);
    viewChanges.push(result.viewChanges);
    for (const kind of disturbanceKinds)
      if (result.faults[kind] !== undefined) faults[kind] = (faults[kind] ?? 0) + result.faults[kind];
    for (const pair of result.coverage) pairs.add(pair);
    if (result.violation !== undefined) failed.push({ seed: result.seed, ...result.violation });
    progress?.(done + 1);
  }
  const { user, system } = process.cpuUsage(began);
  return {
    seeds,
    violations: failed.length,
    seedsPerSecond: Math.round((seeds * 1e7) / (user + system)) / 10,
    eventsMedian: median(events),
    viewChangesMedian: median(viewChanges),
    faults,
    coverage: { seen: pairs.size, possible: phases.length * disturbanceKinds.length },
    failed,
  };
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0;
}
