export interface Spread {
  readonly median: number;
  readonly worst: number;
}

/** How often what was done, and what followed. */
export interface Tally {
  readonly kills: { one: number; some: number; all: number };
  /** Of these, such as struck before the members were back from the last. */
  early: number;
  restarts: number;
  /** Members that had to stop, by the code of their error. */
  readonly halts: Record<string, number>;
  viewChanges: number;
  /** From each kill of all to the first sample that was committed afterwards, and until every member has had one. */
  readonly allToFirstMs: number[];
  readonly allToWorkingMs: number[];
  /** The same of other kills: until every member is back and has had a sample committed. */
  readonly killToWorkingMs: number[];
}

export function newTally(): Tally {
  return {
    kills: { one: 0, some: 0, all: 0 },
    early: 0,
    restarts: 0,
    halts: {},
    viewChanges: 0,
    allToFirstMs: [],
    allToWorkingMs: [],
    killToWorkingMs: [],
  };
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: Math.round(sorted[sorted.length >> 1] ?? 0), worst: Math.round(sorted.at(-1) ?? 0) };
}

/** Progress, for whoever waits. */
export function describe(
  { kills, restarts, viewChanges, allToWorkingMs, killToWorkingMs }: Tally,
  ms: number,
): string {
  const [all, other] = [spread(allToWorkingMs), spread(killToWorkingMs)];
  return (
    `${(ms / 1000).toFixed(0)} s: killed one ${kills.one}, some ${kills.some}, all ${kills.all} times, ` +
    `${restarts} restarts, ${viewChanges} view changes; working again after ${other.median} ms, worst ${other.worst} ms, ` +
    `after the death of all ${all.median} ms, worst ${all.worst} ms`
  );
}
