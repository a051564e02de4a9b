import type { MemberReport } from '../topics.js';

/** What the members' reports together say. */
export interface Agreement {
  /** The last place in the order that all have passed, or undefined where there is none yet. */
  readonly place: number | undefined;
  /** Each member's hash of everything up to that place. */
  readonly hashes: ReadonlyMap<string, string>;
  readonly agree: boolean;
}

/**
 * Members are never equally far when they report, so what is compared is the hash that each had at the last place that all of them
 * have passed.
 */
export function compare(reports: readonly MemberReport[]): Agreement {
  const passed = reports.map(({ checkpoints }) => new Map(checkpoints));
  const [first, ...others] = passed;
  const places = [...(first?.keys() ?? [])].filter((place) =>
    others.every((checkpoints) => checkpoints.has(place)),
  );
  const place = places.length > 0 ? Math.max(...places) : undefined;
  if (place === undefined) return { place, hashes: new Map(), agree: false };
  const hashes = new Map(reports.map(({ name }, i) => [name, passed[i]!.get(place)!]));
  return { place, hashes, agree: new Set(hashes.values()).size === 1 };
}
