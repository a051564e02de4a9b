import { bundle } from './bundle.js';
import type { Draw } from '../simulation/draws.js';
import type { Mutant, OracleName } from './mutant.js';
import { runSeeds } from './seed-thread.js';
import type { SeedReport, Seeds } from './seed-worker.js';

/** How a mutant fared. */
export interface Hunt {
  readonly mutant: Mutant;
  /** Undefined where it survived. */
  readonly caught?: { readonly oracle: OracleName; readonly seed: number; readonly message: string };
  readonly seeds: number;
  /** How often others found something: an oracle that is not the mutant's, a crash, a run without an end. */
  readonly elsewhere: Readonly<Record<string, number>>;
  readonly seconds: number;
}

/**
 * Looks for a seed with which one of the mutant's oracles finds what is wrong with it, and with which nothing is found without the mutant:
 * the seed that is known first, then `count` seeds in their order.
 * @throws OutOfDateError
 */
export async function hunt(mutant: Mutant, from: number, count: number): Promise<Hunt> {
  const began = performance.now();
  const program = await bundle(mutant);
  const elsewhere: Record<string, number> = {};
  let run = 0;
  let caught: Hunt['caught'];
  const look = (report: SeedReport): boolean => {
    run++;
    const { seed, oracle, message } = report;
    if (oracle === undefined) return false;
    if (!isNamed(mutant, oracle)) {
      elsewhere[oracle] = (elsewhere[oracle] ?? 0) + 1;
      return false;
    }
    caught = { oracle, seed, message: message ?? '' };
    return true;
  };
  const draw = mutant.draw ?? 'storm';
  const ranges: Seeds[] = [{ first: from, last: from + count - 1, draw }];
  if (mutant.seed !== undefined) ranges.unshift({ first: mutant.seed, last: mutant.seed, draw });
  for (let range = ranges.shift(); range !== undefined; range = ranges.shift()) {
    await runSeeds(program, range, look);
    if (caught === undefined) continue;
    if (await isHarmless(mutant, caught.seed, draw)) break;
    // The core itself stumbles there, so that says nothing about the mutant.
    elsewhere['without the mutant, too'] = (elsewhere['without the mutant, too'] ?? 0) + 1;
    if (caught.seed >= range.first && caught.seed < range.last)
      ranges.unshift({ ...range, first: caught.seed + 1 });
    caught = undefined;
  }
  return {
    mutant,
    ...(caught && { caught }),
    seeds: run,
    elsewhere,
    seconds: Math.round((performance.now() - began) / 10) / 100,
  };
}

/** Whether nothing is found without the mutant; where it is unmasked, nothing by its own oracles without those safeguards alone. */
async function isHarmless(mutant: Mutant, seed: number, draw: Draw): Promise<boolean> {
  const program = await bundle(mutant, 'unmasked');
  let harmless = false;
  await runSeeds(program, { first: seed, last: seed, draw }, ({ oracle }) => {
    harmless = mutant.unmasked === undefined ? oracle === undefined : !isNamed(mutant, oracle);
    return true;
  });
  return harmless;
}

function isNamed(mutant: Mutant, oracle: string | undefined): oracle is OracleName {
  return mutant.oracles.some((name) => name === oracle);
}
