import { rmSync } from 'node:fs';
import { readHistory } from '../record.js';
import { Group } from './group.js';
import { readOrder } from './logged.js';
import { describe, type Spread, spread, type Tally } from './tally.js';
import { judge } from './verdict.js';

export interface PersistentSoakOptions {
  readonly minutes: number;
  readonly members: number;
  /** Of the members, so many keep a log. Default: all. */
  readonly keepers?: number;
  readonly seed: number;
  /** Of all members together. */
  readonly samplesPerSecond?: number;
  /** On a disk. */
  readonly base: string;
  readonly progress?: (text: string) => void;
}

export interface PersistentSoakResult {
  readonly minutes: number;
  readonly members: number;
  readonly keepers: number;
  readonly seed: number;
  /** How often one, some, and all members were killed at once. */
  readonly kills: Tally['kills'];
  /** Of the kills, those after which the next came before all were back. */
  readonly early: number;
  readonly restarts: number;
  readonly halts: Tally['halts'];
  readonly viewChanges: number;
  /** Samples that their writers were told are committed. */
  readonly acknowledged: number;
  readonly acknowledgedPerSecond: number;
  /** Samples in the log, and how many were handed to readers in all. */
  readonly logged: number;
  readonly delivered: number;
  readonly allToFirstMs: Spread;
  readonly allToWorkingMs: Spread;
  readonly killToWorkingMs: Spread;
  readonly violations: readonly string[];
  /** Where logs, histories and a timeline are kept; only where there is a violation. */
  readonly kept?: string;
}

const samplesPerSecondDefault = 4000;
const progressMs = 5000;

/** Kills a group of real processes with a persistent topic, again and again, and then judges it by its logs and by what its members wrote down. */
export async function soakPersistent(options: PersistentSoakOptions): Promise<PersistentSoakResult> {
  const { minutes, members, seed, samplesPerSecond = samplesPerSecondDefault, base } = options;
  const keepers = options.keepers ?? members;
  const group = await Group.start({
    members,
    keepers,
    seed,
    samplesPerSecond: samplesPerSecond / members,
    base,
  });
  const begin = performance.now();
  const timer = setInterval(
    () => options.progress?.(describe(group.tally, performance.now() - begin)),
    progressMs,
  );
  await group.trouble(begin + minutes * 60_000);
  clearInterval(timer);
  const seconds = (performance.now() - begin) / 1000;
  await group.finish();
  options.progress?.('reading the logs');
  const histories = group.histories.map(readHistory);
  const violations = [...group.faults];
  let logged = 0;
  // Only after a clean end there is something to judge.
  if (violations.length === 0)
    try {
      const logs = await Promise.all(
        group.logs.map(({ name, folder }) => readOrder(folder, `log of ${name}`)),
      );
      logged = logs[0]!.epoch.length;
      violations.push(...judge(logs, histories).map(({ property, where }) => `${property}: ${where}`));
    } catch (error) {
      violations.push(String((error as Error).message));
    }
  if (violations.length === 0) rmSync(group.directory, { recursive: true });
  const acknowledged = histories.reduce((sum, history) => sum + history.acknowledged, 0);
  const { tally } = group;
  return {
    minutes,
    members,
    keepers,
    seed,
    kills: tally.kills,
    early: tally.early,
    restarts: tally.restarts,
    halts: tally.halts,
    viewChanges: tally.viewChanges,
    acknowledged,
    acknowledgedPerSecond: Math.round(acknowledged / seconds),
    logged,
    delivered: histories.reduce((sum, history) => sum + history.epoch.length, 0),
    allToFirstMs: spread(tally.allToFirstMs),
    allToWorkingMs: spread(tally.allToWorkingMs),
    killToWorkingMs: spread(tally.killToWorkingMs),
    violations,
    ...(violations.length > 0 && { kept: group.directory }),
  };
}
