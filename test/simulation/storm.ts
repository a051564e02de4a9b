import { SeededRandom } from '../../transport/simulated/random.js';
import {
  type Disturbance,
  type DisturbanceKind,
  drawScenario,
  type Phase,
  type Scenario,
} from './scenario.js';
import { allOrdered } from './topics.js';

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
/** What else strikes into it. */
const blows: readonly DisturbanceKind[] = [
  'partialCrash',
  'leaderCrash',
  'successorCrash',
  'falseSuspicion',
  'estrangement',
  'cutMidPut',
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
  'committed',
  'wedged',
  'trimmed',
  'trimmed',
  'installing',
];
const suspicionUs = 10_000;

/**
 * What `seed` stands for among scenarios that are view changes above all: one after the other, with faults that strike into each of them, most
 * often at who leads it. That is where the rules are that look as if they could go.
 */
export function drawStorm(seed: number): Scenario {
  const random = new SeededRandom(seed * 11 + 5);
  const scenario = drawScenario(seed);
  const changes = random.between(1, 4);
  const apartUs = random.between(20_000, 40_000);
  const fromUs = scenario.startUs + 25_000;
  return {
    ...scenario,
    members: random.below(5) === 0 ? 2 : random.between(3, 5),
    // One host shares its memory.
    singleHost: scenario.singleHost && scenario.mode === 'aliased',
    beatUs: 2_500,
    suspicionUs,
    killUs: random.between(1, 3_000),
    deathDelayUs: { min: 1, max: random.between(200, 4_000) },
    slowLinks: random.below(2) * random.below(50),
    // Where memory is not aliased, `raw.ts` has the others.
    topics: scenario.mode === 'aliased' ? scenario.topics : allOrdered(scenario.topics),
    faultsUntilUs: fromUs + changes * apartUs + 20_000,
    writeEveryUs: random.between(100, 800),
    burstMax: random.between(1, 4),
    writeUntilEvents: 12_000,
    bystanders: random.below(4) === 0 ? 50 : 0,
    disturbances: Array.from({ length: changes }, (_, i) => drawChange(random, fromUs + i * apartUs)).flat(),
  };
}

function drawChange(random: SeededRandom, atUs: number): Disturbance[] {
  const changes = [
    takeover,
    takeover,
    unheardTrim,
    succession,
    estranged,
    estranged,
    divided,
    divided,
    unaware,
    dwindling,
    mixed,
  ];
  return one(random, changes)(random, atUs).sort((a, b) => a.afterUs - b.afterUs);
}

/** Its leader dies in its midst, heard by some, and perhaps the next one does. */
function takeover(random: SeededRandom, atUs: number): Disturbance[] {
  return [
    begin(random, atUs),
    ...several(random.between(1, 2), () => leaderDies(random, atUs, one(random, phasesOfChange))),
    ...several(random.below(2), () => strike(random, atUs, 'slowMember')),
  ];
}

/** A leader that has received less than the others puts a trim that only some hear of, and dies; whoever leads next hears late of the rest. */
function unheardTrim(random: SeededRandom, atUs: number): Disturbance[] {
  return [
    { ...begin(random, atUs), kind: 'slowMember', role: 'leader', skip: 0, lengthUs: 25_000 },
    begin(random, atUs + 1_000),
    { ...leaderDies(random, atUs + 1_000, 'trimmed'), kind: 'partialCrash' },
  ];
}

/** What its leader wants for itself is heard by one that looks late; then the leader dies, and the next one with its own view. */
function succession(random: SeededRandom, atUs: number): Disturbance[] {
  return [
    { ...begin(random, atUs), kind: one(random, ['open', 'close', 'grow']), role: 'leader' },
    { ...begin(random, atUs), kind: 'slowMember', skip: random.below(4), lengthUs: 30_000 },
    leaderDies(random, atUs, 'proposing'),
    leaderDies(random, atUs, one(random, ['committed', 'installing'])),
  ];
}

/** Two come to suspect each other while it is under way, and another one is slow to hear of it. */
function estranged(random: SeededRandom, atUs: number): Disturbance[] {
  const suspectedUs = atUs + random.between(suspicionUs - 3_000, suspicionUs + 3_000);
  return [
    { ...begin(random, atUs), kind: 'estrangement', skip: random.below(3), lengthUs: 2 * suspicionUs },
    begin(random, suspectedUs),
    {
      ...strike(random, suspectedUs, 'pause'),
      phase: 'proposing',
      role: 'any',
      lengthUs: random.between(500, 8_000),
    },
  ];
}

/** The first two ranks come to suspect each other at the same moment, when somebody has asked for something that one of them has not heard of. */
function divided(random: SeededRandom, atUs: number): Disturbance[] {
  const suspectedUs = atUs + suspicionUs;
  return [
    { ...begin(random, atUs), kind: 'division', role: 'leader', skip: 0, lengthUs: 2 * suspicionUs },
    ...several(random.between(1, 2), () => ({
      ...begin(random, suspectedUs - random.between(0, 3_000)),
      kind: one(random, ['join', 'join', 'joinStorm', 'open', 'close'] as const),
      skip: 0,
    })),
  ];
}

/** The lowest rank is suspected, without a reason, while others want something of the domain and one of them is slow. */
function unaware(random: SeededRandom, atUs: number): Disturbance[] {
  const suspectedUs = () => atUs + random.between(suspicionUs - 1_000, suspicionUs + 4_000);
  return [
    {
      ...begin(random, atUs),
      kind: 'falseSuspicion',
      skip: random.below(3),
      draw: 0,
      lengthUs: 2 * suspicionUs,
    },
    { ...begin(random, atUs), kind: 'slowMember', skip: random.below(8), lengthUs: 30_000 },
    ...several(random.between(2, 4), () => begin(random, suspectedUs())),
  ];
}

/** So many go, or come, that it is a question who is a majority. */
function dwindling(random: SeededRandom, atUs: number): Disturbance[] {
  const kinds: readonly DisturbanceKind[] = ['leave', 'leave', 'crash', 'crash', 'joinStorm'];
  return several(random.between(2, 4), () => ({ ...begin(random, atUs), kind: one(random, kinds) }));
}

function mixed(random: SeededRandom, atUs: number): Disturbance[] {
  return [
    ...several(random.between(1, 2), () => begin(random, atUs)),
    ...several(random.between(1, 3), () => strike(random, atUs, one(random, blows))),
  ];
}

/** Somebody's wish for another view, at any put. */
export function begin(random: SeededRandom, afterUs: number): Disturbance {
  return {
    ...drawn(random),
    kind: one(random, beginnings),
    afterUs,
    phase: undefined,
    skip: random.below(20),
    role: 'any',
    lengthUs: 0,
  };
}

function strike(random: SeededRandom, atUs: number, kind: DisturbanceKind): Disturbance {
  return {
    ...drawn(random),
    kind,
    afterUs: atUs + random.below(2) * random.below(2_000),
    phase: one(random, phasesOfChange),
    skip: random.below(2) * random.below(8),
    role: random.below(3) > 0 ? 'leader' : 'any',
    lengthUs: lasting.includes(kind) ? random.between(1_000, 30_000) : random.between(1, 2_000),
  };
}

/** Whoever leads dies once it has come to `phase`. */
export function leaderDies(random: SeededRandom, atUs: number, phase: Phase): Disturbance {
  const kind = random.below(4) > 0 ? 'partialCrash' : 'leaderCrash';
  return {
    ...strike(random, atUs, kind),
    afterUs: atUs,
    phase,
    skip: random.below(2) * random.below(3),
    role: 'leader',
  };
}

function drawn(random: SeededRandom): Pick<Disturbance, 'when' | 'draw'> {
  return { when: random.below(2) === 0 ? 'before' : 'after', draw: random.next() };
}

function one<T>(random: SeededRandom, list: readonly T[]): T {
  return list[random.below(list.length)]!;
}

function several<T>(length: number, make: () => T): T[] {
  return Array.from({ length }, make);
}
