import { runSeed, type RunOptions } from './run-seed.js';
import type { Scenario } from './scenario.js';

/**
 * The disturbances of a failing scenario, by index, without which it fails by the same oracle still: left out one by one, until every
 * one that is left is needed.
 */
export function dispensable(
  scenario: Scenario,
  oracle: string,
  run: typeof runSeed = runSeed,
): ReadonlySet<number> {
  const { seed, disturbances } = scenario;
  const without = new Set<number>();
  for (let before = -1; before < without.size;) {
    before = without.size;
    for (let index = 0; index < disturbances.length; index++) {
      if (without.has(index)) continue;
      const options: RunOptions = { scenario, without: new Set([...without, index]) };
      if (run(seed, options).violation?.oracle === oracle) without.add(index);
    }
  }
  return without;
}
