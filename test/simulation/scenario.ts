import type { DelayRange } from '../../transport/simulated/link.js';
import type { Spreading } from '../../transport/transport.js';
import { SeededRandom } from '../../transport/simulated/random.js';
import type { BacklogPlan } from './backlog.js';
import type { DiskPlan } from './persistent.js';
import { drawTopics, type TopicPlan } from './topics.js';

/**
 * Where a member stands, told from what it puts: from its first view until it has all of its memory, it forms; then it is in the course of
 * its view; and it transfers while history is given to it, or by it.
 */
export const phases = [
  'forming',
  'steady',
  'suspecting',
  'proposing',
  'committed',
  'wedged',
  'trimmed',
  'installing',
  'transferring',
] as const;
/**
 * A member gives, or has got, what only some survivors received of a raw topic: too seldom among other seeds to strike into, but not in those
 * that are about it (`raw.ts`).
 */
export const relaying = 'relaying';
/** A member puts blocks of a large message, or what it says of them: only in those that let large messages spread (`large.ts`). */
export const spreading = 'spreading';
export type Phase = (typeof phases)[number] | typeof relaying | typeof spreading;

/** What may happen to a domain: faults, and changes that its members ask for. */
export const disturbanceKinds = [
  'crash',
  'leaderCrash',
  'successorCrash',
  'sourceCrash',
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
export const stormKinds = ['partialCrash', 'estrangement', 'division'] as const;
/** Where members have disks: one is slow for a while, fails, or has no room any more. */
export const diskKinds = ['diskSlow', 'diskFails', 'diskFull'] as const;
/** And who is gone comes back with its disk, or crashes in the midst of what its disk does for it. */
export const returnKinds = ['return', 'diskCrash'] as const;
/**
 * Where domains have several lives: all members die, at once or one soon after the other; most of those with disks do, at once; a member, or all but one, is no
 * replica of a topic any more.
 */
export const restartKinds = ['blackout', 'decimation', 'retirement'] as const;
export type DisturbanceKind =
  | (typeof disturbanceKinds)[number]
  | (typeof stormKinds)[number]
  | (typeof diskKinds)[number]
  | (typeof returnKinds)[number]
  | (typeof restartKinds)[number];
/** Something that happened to a member in a phase. */
export type DisturbancePair = `${Phase}/${DisturbanceKind}`;

/**
 * What cannot be. Whoever gives history has put some of it, and forms no more. Whoever leads in its first view has founded it, or has put that it
 * suspects those who rank before it, and forms no more.
 */
const impossible: readonly DisturbancePair[] = ['forming/sourceCrash', 'forming/successorCrash'];

/** All pairs of a phase and what may happen in it. */
export const possiblePairs: readonly DisturbancePair[] = phases
  .flatMap((phase) => disturbanceKinds.map((kind) => `${phase}/${kind}` as const))
  .filter((pair) => !impossible.includes(pair));

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
  readonly role: 'leader' | 'source' | 'any';
  /** How long it lasts, where it lasts. */
  readonly lengthUs: number;
  /** What else it needs to choose. */
  readonly draw: number;
}

/** Everything that a seed decides about a run, beside what the network draws on the way. */
export interface Scenario {
  readonly seed: number;
  readonly mode: 'delayed' | 'aliased' | 'mixed';
  readonly singleHost: boolean;
  readonly tornPuts: boolean;
  readonly delayUs: DelayRange;
  readonly startUs: number;
  /** View and endpoint numbers, the founder's requests, writers' sequences, and what a board counts start here. */
  readonly countFrom: number;
  /** The turns, sequences and ring positions of each epoch start just below this; 0: with 0. */
  readonly edge: number;
  readonly beatUs: number;
  readonly suspicionUs: number;
  /** How long a silent member lives on that is to be killed. */
  readonly killUs: number;
  /** How long after a death a member learns of it. */
  readonly deathDelayUs: DelayRange;
  /** In percent: links on which anything may take much longer. */
  readonly slowLinks: number;
  /** Members at the start; others join later. */
  readonly members: number;
  /** Of these, by number: the one that only votes. */
  readonly witness?: number;
  readonly topics: readonly TopicPlan[];
  /** Where topics are persistent. */
  readonly disks?: DiskPlan;
  /** In percent: members that take no part in any topic from the start. */
  readonly bystanders: number;
  /** Virtual time at which faults end. */
  readonly faultsUntilUs: number;
  /** How often, and how much, every writer writes. */
  readonly writeEveryUs: number;
  readonly burstMax: number;
  /** Once so much has happened, nobody writes any more. */
  readonly writeUntilEvents: number;
  readonly largeShare: number;
  /** Where writers have more to write than there is room for. */
  readonly backlog?: BacklogPlan;
  /** Where large messages spread from member to member. */
  readonly spreading?: Spreading;
  /** Where members stand in so many racks, which they say, but for some perhaps. */
  readonly racks?: number;
  readonly disturbances: readonly Disturbance[];
  /** What might cost the last majority is withheld, so that somebody is left to make progress. */
  readonly sparing: boolean;
  /** Where the run ends with the death of all: the life after it. */
  readonly next?: NextLife;
}

/** The life of a domain after a total failure. */
export interface NextLife {
  readonly scenario: Scenario;
  /** How often all die again in the midst of the restart, at most. */
  readonly crashesMax: number;
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
    edge: chance(25) ? 2 ** random.between(31, 32) : 0,
    // Members of one host see each other's memory.
    singleHost: chance(75) && mode === 'aliased',
    tornPuts: chance(50),
    delayUs: { min: 1, max: slow ? random.between(500, 3000) : random.between(20, 400) },
    startUs,
    beatUs: 8_000,
    suspicionUs: 40_000,
    killUs: 0,
    deathDelayUs: { min: 500, max: 5_000 },
    slowLinks: 0,
    members,
    topics: drawTopics(random),
    bystanders: 0,
    faultsUntilUs,
    writeEveryUs: random.between(500, 3000),
    burstMax: random.between(1, 12),
    writeUntilEvents: random.between(1_800, 4_800),
    largeShare: chance(50) ? random.between(1, 20) : 0,
    disturbances: drawDisturbances(random, startUs, faultsFromUs, faultsUntilUs),
    sparing: chance(75),
  };
}

function drawDisturbances(
  random: SeededRandom,
  startUs: number,
  fromUs: number,
  untilUs: number,
): Disturbance[] {
  const count = random.between(1, 9);
  const drawn = Array.from({ length: count }, () => drawDisturbance(random, startUs, fromUs, untilUs));
  return drawn.sort((a, b) => a.afterUs - b.afterUs);
}

const roles: Partial<Record<DisturbanceKind, Disturbance['role']>> = {
  leaderCrash: 'leader',
  sourceCrash: 'source',
};

function drawDisturbance(
  random: SeededRandom,
  startUs: number,
  fromUs: number,
  untilUs: number,
): Disturbance {
  const kind = disturbanceKinds[random.below(disturbanceKinds.length)]!;
  const phase = random.below(100) < 70 ? phases[random.below(phases.length)] : undefined;
  // The founder forms at the very beginning, and nobody else leads while it forms.
  const early = phase === 'forming' && random.below(2) === 0;
  return {
    kind,
    afterUs: early ? startUs : random.between(fromUs, fromUs + Math.floor((untilUs - fromUs) * 0.8)),
    phase,
    skip: phase !== undefined ? random.below(4) : random.below(200),
    when: random.below(2) === 0 ? 'before' : 'after',
    role: roles[kind] ?? 'any',
    lengthUs: random.between(2_000, 120_000),
    draw: random.next(),
  };
}
