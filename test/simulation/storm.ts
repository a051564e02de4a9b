import { SeededRandom } from '../../transport/simulated/random.js';
import {
  type Disturbance,
  type DisturbanceKind,
  drawScenario,
  type Phase,
  type Scenario,
} from './scenario.js';

/** What begins a view change. */
const beginnings: readonly DisturbanceKind[] = [
  'join',
  'open',
  'close',
  'grow',
  'leave',
  'crash',
  'joinStorm',
];
/** What strikes into it, the likely more than once. */
const blows: readonly DisturbanceKind[] = [
  'partialCrash',
  'partialCrash',
  'partialCrash',
  'leaderCrash',
  'successorCrash',
  'falseSuspicion',
  'estrangement',
  'estrangement',
  'cutMidPut',
  'pause',
  'pause',
  'slowMember',
  'slowReader',
];
/** What lasts: shorter, it would have no effect. */
const lasting: readonly DisturbanceKind[] = [
  'falseSuspicion',
  'estrangement',
  'pause',
  'slowMember',
  'slowReader',
];
const phasesOfChange: readonly Phase[] = [
  'suspecting',
  'proposing',
  'proposing',
  'committed',
  'wedged',
  'trimmed',
  'installing',
];

/**
 * What `seed` stands for among scenarios that are view changes above all: one after the other, with faults that strike into each of them, most
 * often at who leads it. That is where the rules are that look as if they could go.
 */
export function drawStorm(seed: number): Scenario {
  const random = new SeededRandom(seed * 11 + 5);
  const scenario = drawScenario(seed);
  const { startUs } = scenario;
  const changes = random.between(1, 4);
  const apartUs = random.between(20_000, 45_000);
  const fromUs = startUs + 25_000;
  return {
    ...scenario,
    members: random.between(3, 5),
    // One host shares its memory.
    singleHost: scenario.singleHost && scenario.mode === 'aliased',
    beatUs: 2_500,
    suspicionUs: 10_000,
    killUs: random.between(1, 3_000),
    faultsUntilUs: fromUs + changes * apartUs + 20_000,
    writeEveryUs: random.between(300, 2_000),
    disturbances: Array.from({ length: changes }, (_, i) => drawChange(random, fromUs + i * apartUs)).flat(),
  };
}

function drawChange(random: SeededRandom, fromUs: number): Disturbance[] {
  const one = <T>(list: readonly T[]): T => list[random.below(list.length)]!;
  const common = () => ({
    when: random.below(2) === 0 ? ('before' as const) : ('after' as const),
    draw: random.next(),
  });
  const began: Disturbance[] = Array.from({ length: random.between(1, 2) }, () => ({
    ...common(),
    kind: one(beginnings),
    afterUs: fromUs,
    phase: undefined,
    skip: random.below(20),
    role: 'any',
    lengthUs: 0,
  }));
  const struck: Disturbance[] = Array.from({ length: random.between(1, 4) }, () => one(blows)).map(
    (kind) => ({
      ...common(),
      kind,
      afterUs: fromUs + random.below(2) * random.below(2_000),
      phase: one(phasesOfChange),
      skip: random.below(2) * random.below(8),
      role: random.below(3) > 0 ? 'leader' : 'any',
      lengthUs: lasting.includes(kind) ? random.between(1_000, 30_000) : random.between(50, 4_000),
    }),
  );
  return [...began, ...struck].sort((a, b) => a.afterUs - b.afterUs);
}
