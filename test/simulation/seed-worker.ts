import type { Draw } from './draws.js';
import { outcomeOf, type SeedOutcome } from './survey.js';

/** Seeds that one of several processes is to run next. */
export interface Portion {
  readonly from: number;
  readonly seeds: number;
  readonly draw: Draw;
}

// A process of its own, that runs the portions it is sent, and sends back what they came to.
process.on('message', ({ from, seeds, draw }: Portion) => {
  const outcomes: SeedOutcome[] = [];
  for (let seed = from; seed < from + seeds; seed++) outcomes.push(outcomeOf(seed, draw));
  process.send!(outcomes);
});
