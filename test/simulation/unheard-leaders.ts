import { SeededRandom } from '../../transport/simulated/random.js';
import type { Disturbance, DisturbanceKind, Phase, Scenario } from './scenario.js';
import { begin, drawStorm, leaderDies } from './storm.js';
import { allOrdered, drawTopics } from './topics.js';

/** All members but the next one hear what a dying leader puts; the next hears late of them. */
const allOthersHear = 0xffff_fffe;

/**
 * What `seed` stands for among storms in which two leaders die one after the other, and what each of them has decided is hardly heard: the
 * first with a proposal that only members know that were too slow to copy it, the second once it has installed the next view, alone.
 * Or all but the second know the first one's proposal, and nobody the second's. Whoever leads then has to know whose proposal counts, and the
 * second who has acknowledged which.
 */
export function drawUnheardLeaders(seed: number): Scenario {
  const random = new SeededRandom(seed * 13 + 9);
  const storm = drawStorm(seed);
  const atUs = storm.startUs + 30_000;
  return {
    ...storm,
    // On aliased memory, whatever is put is heard.
    mode: 'delayed',
    singleHost: false,
    topics: allOrdered(drawTopics(random)),
    // A majority outlives the two.
    members: 5,
    // Where the leader takes part in a topic, its removal ends an epoch: then nobody installs before the others have heard of it.
    bystanders: random.between(50, 100),
    deathDelayUs: { min: 1, max: random.between(100, 1_000) },
    faultsUntilUs: atUs + 60_000,
    disturbances: drawDisturbances(random, atUs),
  };
}

function drawDisturbances(random: SeededRandom, atUs: number): Disturbance[] {
  const slow = Array.from({ length: random.between(1, 4) }, () => ({
    ...begin(random, atUs),
    kind: 'slowMember' as const,
    lengthUs: 30_000,
  }));
  const askedUs = atUs + random.between(3_000, 6_000);
  const wishes: readonly DisturbanceKind[] = ['open', 'grow', 'join'];
  const wish = wishes[random.below(wishes.length)]!;
  const asked: Disturbance = { ...begin(random, askedUs), kind: wish, role: 'leader', skip: 0 };
  const hardlyHeard = [
    { ...diesUnheard(random, askedUs, 'proposing'), draw: random.next() },
    { ...diesUnheard(random, askedUs, 'committed'), draw: random.below(2) * random.next() },
  ];
  const acknowledgedLate = [
    { ...diesUnheard(random, askedUs, 'proposing'), draw: allOthersHear },
    { ...diesUnheard(random, askedUs, 'suspecting'), draw: 0, lengthUs: random.between(1_000, 6_000) },
  ];
  return [...slow, asked, ...(random.below(2) === 0 ? hardlyHeard : acknowledgedLate)];
}

/** Whoever leads next hears nothing of what it puts from now on; who else does, the bits of `draw` say. */
function diesUnheard(random: SeededRandom, afterUs: number, phase: Phase): Disturbance {
  return {
    ...leaderDies(random, afterUs, phase),
    kind: 'partialCrash',
    skip: 0,
    lengthUs: random.between(1, 1_000),
  };
}
