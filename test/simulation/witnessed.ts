import { SeededRandom } from '../../transport/simulated/random.js';
import type { Scenario } from './scenario.js';
import { drawTotalFailures } from './total-failures.js';

/**
 * What `seed` stands for where a domain of several hosts has a witness, which votes and keeps the views, and holds nothing: it dies as a whole, and begins again by
 * a majority of its disks, that of the witness among them or not. Half of the domains begin with two members and the witness.
 */
export function drawWitnessed(seed: number): Scenario {
  const random = new SeededRandom(seed * 31 + 17);
  const scenario = drawTotalFailures(seed);
  const members = random.below(2) === 0 ? 3 : Math.max(3, scenario.members);
  return withWitness(scenario, members, random.between(1, 3));
}

function withWitness(scenario: Scenario, members: number, witness: number): Scenario {
  const { next } = scenario;
  const later = next && { ...next, scenario: withWitness(next.scenario, members, witness) };
  return { ...scenario, members, witness, singleHost: false, ...(later && { next: later }) };
}
