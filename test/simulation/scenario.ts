import type { DelayRange } from '../../transport/simulated/link.js';
import { SeededRandom } from '../../transport/simulated/random.js';
import type { TopicTerms } from '../../runtime/membership/view.js';

/** Where a member stands in the course of its view, told from what it puts. */
export const phases = [
  'forming',
  'steady',
  'suspecting',
  'proposing',
  'committed',
  'wedged',
  'trimmed',
  'installing',
] as const;
export type Phase = (typeof phases)[number];

/** What may happen to a domain: faults, and changes that its members ask for. */
export const disturbanceKinds = [
  'crash',
  'leaderCrash',
  'successorCrash',
  'pause',
  'stall',
  'slowMember',
  'slowReader',
  'delays',
  'partition',
  'flapping',
  'cutMidPut',
  'falseSuspicion',
  'join',
  'joinStorm',
  'leave',
  'open',
  'close',
  'grow',
] as const;
/** In storms only. */
export const stormKinds = ['partialCrash', 'estrangement'] as const;
export type DisturbanceKind = (typeof disturbanceKinds)[number] | (typeof stormKinds)[number];

/** One disturbance of a run, as data: a failing run is minimised by leaving some out. */
export interface Disturbance {
  readonly kind: DisturbanceKind;
  /** Not before this virtual time. */
  readonly afterUs: number;
  /** When a member enters this phase; at any put where it is undefined. */
  readonly phase: Phase | undefined;
  /** Puts that match and pass before it strikes. */
  readonly skip: number;
  /** Before that put, or once it has been made. */
  readonly when: 'before' | 'after';
  /** Whose put it is. */
  readonly role: 'leader' | 'any';
  /** How long it lasts, where it lasts. */
  readonly lengthUs: number;
  /** What else it needs to choose. */
  readonly draw: number;
}

export interface TopicPlan {
  readonly name: string;
  readonly terms: TopicTerms;
}

/** Everything that a seed decides about a run, beside what the network draws on the way. */
export interface Scenario {
  readonly seed: number;
  readonly mode: 'delayed' | 'aliased' | 'mixed';
  readonly singleHost: boolean;
  readonly tornPuts: boolean;
  readonly delayUs: DelayRange;
  readonly startUs: number;
  /** View, endpoint and dirty counters start here. */
  readonly countFrom: number;
  readonly beatUs: number;
  readonly suspicionUs: number;
  /** How long a silent member lives on that is to be killed. */
  readonly killUs: number;
  /** How long after a death a member learns of it. */
  readonly deathDelayUs: DelayRange;
  /** In percent: links on which anything may take up to `slowLinkUs`. */
  readonly slowLinks: number;
  /** Members at the start; others join later. */
  readonly members: number;
  readonly topics: readonly TopicPlan[];
  /** Virtual time at which faults end. */
  readonly faultsUntilUs: number;
  /** How often, and how much, every writer writes. */
  readonly writeEveryUs: number;
  readonly burstMax: number;
  /** Once so much has happened, nobody writes any more. */
  readonly writeUntilEvents: number;
  readonly largeShare: number;
  readonly disturbances: readonly Disturbance[];
}

const modes = ['delayed', 'aliased', 'mixed'] as const;

/** What `seed` stands for. */
export function drawScenario(seed: number): Scenario {
  const random = new SeededRandom(seed * 7 + 1);
  const chance = (percent: number) => random.below(100) < percent;
  const members = chance(15) ? random.between(6, 9) : chance(5) ? 1 : random.between(2, 5);
  const startUs = chance(20) ? 2 ** 31 * 1000 - 50_000 : 0;
  const faultsFromUs = startUs + 30_000;
  const faultsUntilUs = faultsFromUs + random.between(120_000, 300_000);
  const slow = chance(20);
  const mode = modes[random.below(modes.length)]!;
  return {
    seed,
    mode,
    countFrom: chance(20) ? 2 ** 31 - random.between(1, 40) : 0,
    singleHost: chance(50),
    tornPuts: chance(50),
    delayUs: { min: 1, max: slow ? random.between(500, 3000) : random.between(20, 400) },
    startUs,
    beatUs: 5_000,
    suspicionUs: 40_000,
    killUs: 0,
    deathDelayUs: { min: 500, max: 5_000 },
    slowLinks: 0,
    members,
    topics: drawTopics(random, mode),
    faultsUntilUs,
    writeEveryUs: random.between(500, 3000),
    burstMax: random.between(1, 12),
    writeUntilEvents: random.between(3_500, 9_000),
    largeShare: chance(50) ? random.between(1, 20) : 0,
    disturbances: drawDisturbances(random, faultsFromUs, faultsUntilUs),
  };
}

/** Raw topics need memory that is aliased: elsewhere nobody passes on what only some survivors received. */
function drawTopics(random: SeededRandom, mode: Scenario['mode']): TopicPlan[] {
  return Array.from({ length: random.between(1, 3) }, (_, i) => ({
    name: `t${i}`,
    terms: {
      ordered: random.below(3) > 0 || mode !== 'aliased',
      ringBytes: 4096 << random.below(3),
      largeBytes: 16384 << random.below(3),
      info: null,
    },
  }));
}

function drawDisturbances(random: SeededRandom, fromUs: number, untilUs: number): Disturbance[] {
  const count = random.between(1, 9);
  const drawn = Array.from({ length: count }, () => drawDisturbance(random, fromUs, untilUs));
  return drawn.sort((a, b) => a.afterUs - b.afterUs);
}

function drawDisturbance(random: SeededRandom, fromUs: number, untilUs: number): Disturbance {
  const kind = disturbanceKinds[random.below(disturbanceKinds.length)]!;
  const byPhase = random.below(100) < 70;
  return {
    kind,
    afterUs: random.between(fromUs, fromUs + Math.floor((untilUs - fromUs) * 0.8)),
    phase: byPhase ? phases[random.below(phases.length)] : undefined,
    skip: byPhase ? random.below(4) : random.below(200),
    when: random.below(2) === 0 ? 'before' : 'after',
    role: kind === 'leaderCrash' ? 'leader' : 'any',
    lengthUs: random.between(2_000, 120_000),
    draw: random.next(),
  };
}

/** The part that member `id` takes in topic number `topic` from the start: 0 none, 1 reader, 2 writer, 3 both. */
export function roleOf(seed: number, id: number, topic: number): number {
  const drawn = new SeededRandom(seed * 4099 + id * 31 + topic).below(10);
  return [3, 3, 3, 3, 3, 1, 1, 2, 2, 0][drawn]!;
}
