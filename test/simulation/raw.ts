import { SeededRandom } from '../../transport/simulated/random.js';
import { type Disturbance, type DisturbanceKind, type Phase, relaying, type Scenario } from './scenario.js';
import { begin, drawStorm } from './storm.js';

/** What else strikes while an epoch of a raw topic ends. */
const blows: readonly DisturbanceKind[] = [
  'crash',
  'crash',
  'partialCrash',
  'partialCrash',
  'successorCrash',
  'cutMidPut',
  'falseSuspicion',
  'slowMember',
  'pause',
  'leave',
  'join',
];
/** When: most often where a holder passes on what others lack. */
const phasesOfEnd: readonly Phase[] = [
  'suspecting',
  'committed',
  'wedged',
  relaying,
  relaying,
  relaying,
  relaying,
  'trimmed',
];

/**
 * What `seed` stands for among storms in which writers of raw topics die, heard by some, on memory that is not aliased: what they had said has to be
 * passed on by those who heard it, who may die as well.
 */
export function drawRaw(seed: number): Scenario {
  const random = new SeededRandom(seed * 23 + 7);
  const storm = drawStorm(seed);
  const deaths = random.between(1, 4);
  const apartUs = random.between(15_000, 40_000);
  const fromUs = storm.startUs + 25_000;
  return {
    ...storm,
    mode: random.below(3) === 0 ? 'mixed' : 'delayed',
    singleHost: false,
    members: random.between(3, 6),
    writeEveryUs: random.between(300, 1_500),
    writeUntilEvents: 20_000,
    bystanders: 0,
    sparing: random.below(5) > 0,
    topics: storm.topics.map((topic, i) => ({
      ...topic,
      terms: { ...topic.terms, ordered: i > 0 && random.below(3) === 0 },
    })),
    faultsUntilUs: fromUs + deaths * apartUs + 20_000,
    largeShare: random.below(2) * random.between(5, 40),
    disturbances: Array.from({ length: deaths }, (_, i) => drawDeath(random, fromUs + i * apartUs)).flat(),
  };
}

/** A member dies, heard by some, perhaps while somebody reads slowly; and more befalls those who are left. */
function drawDeath(random: SeededRandom, atUs: number): Disturbance[] {
  const death: Disturbance = {
    ...begin(random, atUs + random.below(3_000)),
    kind: 'partialCrash',
    lengthUs: random.between(100, 4_000),
  };
  const slow: Disturbance = { ...begin(random, atUs), kind: 'slowReader', lengthUs: 20_000 };
  const others = Array.from({ length: random.below(4) }, () => drawBlow(random, atUs));
  const drawn = random.below(3) === 0 ? [slow, death, ...others] : [death, ...others];
  return drawn.sort((a, b) => a.afterUs - b.afterUs);
}

function drawBlow(random: SeededRandom, atUs: number): Disturbance {
  return {
    ...begin(random, atUs + random.below(5_000)),
    kind: blows[random.below(blows.length)]!,
    phase: phasesOfEnd[random.below(phasesOfEnd.length)]!,
    skip: random.below(5),
    lengthUs: random.between(500, 15_000),
  };
}
