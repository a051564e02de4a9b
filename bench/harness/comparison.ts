import type { Json } from './json.js';
import { type RoleSpec, roleExists, runRoles } from './session.js';

/** How long and how often to measure. */
export interface Settings {
  /** Length of one measurement, after the warm-up. */
  readonly seconds: number;
  readonly warmupSeconds: number;
  /** Runs of each contender; the median counts. */
  readonly runs: number;
}

/** What one run of a contender measured, by name: `{ rate: 181000 }`, `{ p50: 340, p99: 620 }`. */
export type Readings = Readonly<Record<string, number>>;

/** Something that can be measured: the product in one of its forms, or a reference. */
export interface Contender {
  readonly name: string;
  /** Why it cannot be measured here; asked once, before the first run. May install what is missing. */
  readonly absent?: () => Promise<string | undefined>;
  readonly run: (settings: Settings) => Promise<Readings>;
}

/** One of our own forms, under the name that its case has in the results. */
export interface Entry {
  readonly case: string;
  readonly contender: Contender;
}

/** Which reading becomes a line. */
export interface Metric {
  readonly reading: string;
  readonly unit: string;
  /** Appended to the name of the case, where one run gives several lines: `p50`. */
  readonly label?: string;
}

/**
 * Contenders that are measured side by side: in every run each of ours, then each reference, so that whatever else the
 * machine does falls on all alike. Several forms of ours share one measurement of the references.
 */
export interface Comparison {
  readonly metrics: readonly Metric[];
  readonly ours: readonly Entry[];
  readonly references: readonly Contender[];
  /** Where 2 are not enough: a thousand messages a second are no load, and V8 takes seconds to compile what they need. */
  readonly warmupSeconds?: number;
}

export interface Suite {
  readonly name: string;
  readonly about: string;
  readonly comparisons: () => readonly Comparison[];
}

/** A contender made of role processes whose results are reduced to its readings. */
export function processes(
  name: string,
  cast: (settings: Settings) => readonly RoleSpec[],
  reduce: (results: readonly Json[]) => Readings,
  options: { absent?: () => Promise<string | undefined>; extraMs?: number } = {},
): Contender {
  const graceMs = 20_000 + (options.extraMs ?? 0);
  return {
    name,
    absent: async () => {
      const missing = cast({ seconds: 0, warmupSeconds: 0, runs: 0 }).find(
        ({ script }) => !roleExists(script),
      );
      if (missing) return `${missing.script.pathname.split('/').slice(-3).join('/')} is not there`;
      return options.absent?.();
    },
    run: async (settings) => {
      const timeoutMs = (settings.seconds + settings.warmupSeconds) * 1000 + graceMs;
      return reduce(await runRoles(cast(settings), timeoutMs));
    },
  };
}

/** The readings of the role that gave any, e.g. of the one that asks in a round trip. */
export function onlyReadings(results: readonly Json[]): Readings {
  const found = results.filter((result): result is Readings => result !== null);
  if (found.length !== 1) throw new Error(`Expected the readings of one role, got ${found.length}.`);
  return found[0]!;
}

/** The lowest of each reading over all roles that gave any: what every receiver got at least. */
export function lowestReadings(results: readonly Json[]): Readings {
  const found = results.filter((result): result is Readings => result !== null);
  if (found.length === 0) throw new Error('No role gave a reading.');
  const names = Object.keys(found[0]!);
  return Object.fromEntries(names.map((name) => [name, Math.min(...found.map((each) => each[name]!))]));
}
