import { SeededRandom } from '../../transport/simulated/random.js';
import { diskRandom, drawPersistent } from './persistent.js';
import { type Disturbance, type DisturbanceKind, type Phase, type Scenario } from './scenario.js';

/** What a domain goes through before all die, and what it is like. */
interface Course {
  readonly like?: Partial<Pick<Scenario, 'mode' | 'singleHost' | 'members' | 'writeEveryUs'>>;
  /** So many of five members have a disk; default: all. */
  readonly stored?: number;
  /** How long a sync takes, at most; default: not long. */
  readonly syncUs?: number;
  /** From its first moment on, times in microseconds. */
  readonly strikes: Disturbance[];
  readonly blackout: Disturbance;
  /** What befalls it in a second life, before all die again. */
  readonly again?: Disturbance[];
}

/** By then all have opened what they open. */
const formedUs = 60_000;
const delayed = { mode: 'delayed', singleHost: false } as const;
const oneHost = { mode: 'aliased', singleHost: true, writeEveryUs: 1_000 } as const;

/**
 * What `seed` stands for among domains that few of their disks go on with before all die: what is committed then lies on these alone, and the others, which may
 * well be a majority of those that there were, have to know that they do not know it.
 */
export function drawFewDisks(seed: number): Scenario {
  const random = new SeededRandom(seed * 37 + 17);
  const courses = [leftAlone, leftAlone, retired, unpersisted, unpersisted, unrecorded, unrecorded];
  const course = (seed % 6 === 5 ? leftBehind : courses[random.below(courses.length)]!)(random);
  const base = quietly(drawPersistent(seed), course);
  const last = quietly(drawPersistent(seed + 1_000_003), { ...course, strikes: [] });
  const ends = { crashesMax: random.below(3) };
  const second = {
    ...last,
    disturbances: at(last, [...(course.again ?? []), blackout(random, random.between(8_000, 50_000))]),
  };
  const lives = { scenario: { ...second, members: 1, next: { scenario: last, ...ends } }, ...ends };
  const next = course.again === undefined ? { scenario: last, ...ends } : lives;
  return { ...base, disturbances: at(base, [...course.strikes, course.blackout]), next };
}

/** Its members, topics and disks, and nothing else that befalls them. */
function quietly(scenario: Scenario, { like = {}, stored, syncUs }: Course): Scenario {
  const topics = scenario.topics.slice(0, 2).map((topic) => ({
    ...topic,
    terms: { ...topic.terms, ordered: true, persistent: 'commit' as const },
  }));
  const share = stored === undefined ? 100 : shareFor(scenario.seed, stored);
  return {
    ...scenario,
    ...{ topics, members: 3, writeEveryUs: 3_000, ...like, bystanders: 0, sparing: false },
    disks: {
      ...scenario.disks!,
      share,
      syncUs: { min: 1, max: syncUs ?? Math.min(scenario.disks!.syncUs.max, 1_000) },
    },
    delayUs: { min: 1, max: Math.min(scenario.delayUs.max, 300) },
    slowLinks: 0,
    deathDelayUs: { min: 1, max: 3_000 },
    burstMax: Math.min(scenario.burstMax, 3),
    writeUntilEvents: 50_000,
    faultsUntilUs: scenario.startUs + 150_000,
    disturbances: [],
  };
}

/** The share by which so many of the first five members have a disk. */
function shareFor(seed: number, stored: number): number {
  const drawn = [1, 2, 3, 4, 5].map((id) => diskRandom(seed, id).below(100));
  return drawn.sort((a, b) => a - b)[stored - 1]! + 1;
}

function at({ startUs }: Scenario, strikes: readonly Disturbance[]): Disturbance[] {
  return strikes
    .map((strike) => ({ ...strike, afterUs: startUs + strike.afterUs }))
    .sort((a, b) => a.afterUs - b.afterUs);
}

/** Most disks are lost at once; where the others may, they go on. */
function leftAlone(random: SeededRandom): Course {
  const isOneHost = random.below(2) === 0;
  return {
    // Elsewhere members without a disk are to be the majority.
    like: isOneHost ? { ...oneHost, members: random.between(3, 4) } : { ...delayed, members: 5 },
    ...(!isOneHost && { stored: 3 }),
    strikes: [strike(random, 'decimation', formedUs + random.below(15_000))],
    blackout: blackout(random, formedUs + random.between(35_000, 70_000)),
  };
}

/** All but one keep a topic no more. */
function retired(random: SeededRandom): Course {
  const mine = { ...strike(random, 'retirement', formedUs + random.below(10_000)) };
  return {
    like: { ...delayed, members: random.between(3, 5) },
    strikes: [{ ...mine, draw: mine.draw | 1 }],
    blackout: blackout(random, formedUs + random.between(30_000, 60_000)),
  };
}

/** A member that keeps a topic no more, and one that dies between having prepared the end of its epoch and having all of it on its disk. */
function unpersisted(random: SeededRandom): Course {
  const retirement = strike(random, 'retirement', formedUs);
  const topic = retirement.draw & 0xffff_fffe;
  const changesUs = formedUs + 20_000;
  return {
    like: { ...delayed, members: random.between(3, 4), writeEveryUs: 1_500 },
    strikes: [
      { ...retirement, draw: topic },
      { ...strike(random, 'diskSlow', changesUs - 1_000), lengthUs: 8_000 },
      { ...strike(random, 'grow', changesUs), draw: topic },
      { ...strike(random, 'crash', changesUs, 'trimmed'), skip: random.below(50) },
    ],
    blackout: {
      ...blackout(random, changesUs + 2_000),
      phase: 'installing',
      skip: random.below(12),
      lengthUs: random.between(1, 600),
    },
  };
}

/** All die while much is on its way: the disks that come back late may have more of it than those with which the others have begun again. */
function leftBehind(random: SeededRandom): Course {
  return {
    like: { ...delayed, members: 5, writeEveryUs: 1_500 },
    syncUs: 4_000,
    strikes: [],
    blackout: { ...blackout(random, formedUs + random.between(1_000, 10_000)), lengthUs: 600 },
  };
}

/** A majority of five disks begins again, and loses one of them before it has come to another view. */
function unrecorded(random: SeededRandom): Course {
  return {
    like: { ...delayed, members: 5 },
    strikes: [],
    blackout: blackout(random, formedUs + random.between(5_000, 20_000)),
    again: [{ ...strike(random, 'crash', 0), skip: random.below(12) }],
  };
}

function strike(random: SeededRandom, kind: DisturbanceKind, afterUs: number, phase?: Phase): Disturbance {
  return {
    kind,
    afterUs,
    phase,
    skip: random.below(20),
    when: random.below(2) === 0 ? 'before' : 'after',
    role: 'any',
    lengthUs: 1,
    draw: random.next(),
  };
}

function blackout(random: SeededRandom, afterUs: number): Disturbance {
  return { ...strike(random, 'blackout', afterUs), lengthUs: random.between(1, 3_000) };
}
