import { SeededRandom } from '../../transport/simulated/random.js';
import { drawPersistent } from './persistent.js';
import { type Disturbance, phases, type Scenario } from './scenario.js';

/** Lives of a domain in one run. */
const livesMax = 4;

/**
 * What `seed` stands for where all members of a domain die, and some of them, in some order, come back with their disks: several scenarios of persistent topics, one
 * after the other, each of which ends with the death of all.
 */
export function drawTotalFailures(seed: number): Scenario {
  const random = new SeededRandom(seed * 23 + 5);
  const first = drawPersistent(seed);
  const lives = random.between(2, livesMax);
  let next: Scenario['next'];
  for (let life = lives; life > 1; life--) {
    const later = drawPersistent(seed + life * 1_000_003);
    const { topics, mode, singleHost, countFrom, edge, disks, startUs } = first;
    const shiftUs = startUs - later.startUs;
    const scenario = {
      ...later,
      ...{ topics, mode, singleHost, countFrom, edge, startUs },
      ...(disks && { disks }),
      faultsUntilUs: later.faultsUntilUs + shiftUs,
      disturbances: later.disturbances.map((strike) => ({ ...strike, afterUs: strike.afterUs + shiftUs })),
    };
    next = { scenario: withEnd(scenario, next, random), crashesMax: random.below(3) };
  }
  return withEnd(first, next, random);
}

/** Shorter than by itself, and with the death of all where another life follows. */
function withEnd(scenario: Scenario, next: Scenario['next'], random: SeededRandom): Scenario {
  const writeUntilEvents = Math.min(scenario.writeUntilEvents, 2_500);
  if (next === undefined) return { ...scenario, writeUntilEvents };
  const { startUs, faultsUntilUs, disturbances } = scenario;
  const end = drawBlackout(random, startUs + 30_000, faultsUntilUs);
  const all = [...disturbances, end].sort((a, b) => a.afterUs - b.afterUs);
  return { ...scenario, writeUntilEvents, disturbances: all, next };
}

function drawBlackout(random: SeededRandom, fromUs: number, untilUs: number): Disturbance {
  const phase = random.below(100) < 60 ? phases[random.below(phases.length)] : undefined;
  return {
    kind: 'blackout',
    afterUs: random.between(fromUs, fromUs + Math.floor((untilUs - fromUs) * 0.8)),
    phase,
    skip: phase !== undefined ? random.below(8) : random.below(200),
    when: random.below(2) === 0 ? 'before' : 'after',
    role: random.below(3) === 0 ? 'leader' : 'any',
    lengthUs: random.between(1, random.below(2) === 0 ? 3_000 : 60_000),
    draw: random.next(),
  };
}
