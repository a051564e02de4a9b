import { rmSync } from 'node:fs';
import { checkHistories, type Violation } from './check.js';
import { Group, type Tally } from './group.js';
import { type History, readHistory } from './record.js';

export interface SoakOptions {
  readonly minutes: number;
  readonly members: number;
  readonly seed: number;
  /** Of all members together; where some are out, the others go on at their pace. */
  readonly samplesPerSecond?: number;
  /** Between two faults, on average. Default: 1.3 s. */
  readonly faultMs?: number;
  readonly progress?: (text: string) => void;
}

export interface SoakResult {
  readonly minutes: number;
  readonly members: number;
  readonly seed: number;
  readonly kills: number;
  readonly stops: number;
  /** Of the stopped, by survivors that were no majority without its death. */
  readonly killsForSilence: number;
  readonly restarts: number;
  readonly leaves: number;
  readonly viewChanges: number;
  /** Samples in the one order that all agree on. */
  readonly delivered: number;
  readonly deliveredPerSecond: number;
  readonly killToViewMs: { readonly median: number; readonly worst: number };
  readonly stopToViewMs: { readonly median: number; readonly worst: number };
  readonly violations: readonly string[];
  /** Where the histories are kept; only where there is a violation. */
  readonly kept?: string;
}

/**
 * Each member's share is such that half of the group makes 10,000 a second: faults take members out, and view changes
 * hold writers back.
 */
const samplesPerSecondDefault = 25_000;
const faultMsDefault = 1300;
const progressMs = 5000;

/** Lets a group of real processes deliver while they are killed, stopped and started again; then checks what they delivered. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { minutes, members, seed, samplesPerSecond = samplesPerSecondDefault } = options;
  const group = await Group.start({
    members,
    seed,
    samplesPerSecond: samplesPerSecond / members,
    faultMs: options.faultMs ?? faultMsDefault,
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
  options.progress?.('checking');
  const histories = group.histories.map(readHistory);
  const violations = [...group.faults, ...checkHistories(histories).map(tell)];
  if (violations.length === 0) rmSync(group.directory, { recursive: true });
  const { tally } = group;
  const delivered = samplesInOrder(histories);
  return {
    minutes,
    members,
    seed,
    kills: tally.kills,
    stops: tally.shortStops + tally.longStops,
    killsForSilence: tally.killsForSilence,
    restarts: tally.restarts,
    leaves: tally.leaves,
    viewChanges: tally.viewChanges,
    delivered,
    deliveredPerSecond: Math.round(delivered / seconds),
    killToViewMs: spread(tally.killToViewMs),
    stopToViewMs: spread(tally.stopToViewMs),
    violations,
    ...(violations.length > 0 && { kept: group.directory }),
  };
}

function tell({ property, where }: Violation): string {
  return `${property}: ${where}`;
}

/** Of each epoch, the longest stretch. */
function samplesInOrder(histories: readonly History[]): number {
  const counts = new Map<number, number>();
  for (const { epoch } of histories)
    for (let i = 0, from = 0; i < epoch.length; i++) {
      if (epoch[i + 1] === epoch[i]) continue;
      counts.set(epoch[i]!, Math.max(counts.get(epoch[i]!) ?? 0, i + 1 - from));
      from = i + 1;
    }
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

function spread(values: readonly number[]): { median: number; worst: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const round = (ms: number | undefined) => Math.round((ms ?? 0) * 10) / 10;
  return { median: round(sorted[sorted.length >> 1]), worst: round(sorted.at(-1)) };
}

function describe(tally: Tally, ms: number): string {
  const { median, worst } = spread(tally.killToViewMs);
  return (
    `${(ms / 1000).toFixed(0)} s: ${tally.kills} kills, ${tally.shortStops} short and ${tally.longStops} long stops, ` +
    `${tally.leaves} leaves, ${tally.restarts} restarts, ${tally.viewChanges} view changes; ` +
    `kill to view ${median} ms, worst ${worst} ms`
  );
}
