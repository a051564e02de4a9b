import { runSeed, type RunOptions } from './run-seed.js';
import { drawScenario } from './scenario.js';

/**
 * The disturbances of a failing seed, by index, without which it fails by the same oracle still: left out one by one, until every
 * one that is left is needed.
 */
export function dispensable(
  seed: number,
  oracle: string,
  run: typeof runSeed = runSeed,
): ReadonlySet<number> {
  const { disturbances } = drawScenario(seed);
  const without = new Set<number>();
  for (let before = -1; before < without.size;) {
    before = without.size;
    for (let index = 0; index < disturbances.length; index++) {
      if (without.has(index)) continue;
      const options: RunOptions = { without: new Set([...without, index]) };
      if (run(seed, options).violation?.oracle === oracle) without.add(index);
    }
  }
  return without;
}
