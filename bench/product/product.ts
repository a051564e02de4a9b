import { type Contender, type Readings, processes } from '../harness/comparison.js';
import type { Json } from '../harness/json.js';
import { roleScript } from '../harness/session.js';
import type { Settings } from '../harness/comparison.js';

/** One of our own processes: its script in this folder, and what it is told. */
export interface ProductRole {
  readonly script: string;
  readonly args: { readonly [key: string]: Json };
  readonly mayDie?: boolean;
}

let domains = 0;

/**
 * Bowecho itself, through its public API, as a contender. Every role is told, besides its own arguments: `domain` (a new one for
 * each run), `seconds` and `warmupSeconds`.
 */
export function product(
  form: string,
  cast: (settings: Settings) => readonly ProductRole[],
  reduce: (results: readonly Json[]) => Readings,
  options: { absent?: () => Promise<string | undefined>; extraMs?: number } = {},
): Contender {
  return processes(
    form,
    (settings) => {
      const domain = `bench-${process.pid}-${++domains}`;
      const { seconds, warmupSeconds } = settings;
      return cast(settings).map(({ script, args, mayDie = false }) => ({
        script: roleScript(import.meta.url, script),
        args: { domain, seconds, warmupSeconds, ...args },
        mayDie,
      }));
    },
    reduce,
    options,
  );
}

/** The same role so many times. */
export function times(count: number, role: ProductRole): readonly ProductRole[] {
  return Array.from({ length: count }, () => role);
}
