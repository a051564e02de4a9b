import { SeededRandom } from '../../transport/simulated/random.js';
import type { DiskOptions } from './disk.js';
import { type Disturbance, diskKinds, drawScenario, phases, type Scenario } from './scenario.js';
import { drawStorm } from './storm.js';
import type { TopicPlan } from './topics.js';

/** The disks of a run. */
export interface DiskPlan extends DiskOptions {
  /** In percent: members that have one. */
  readonly share: number;
}

/** What decides of a member whether it has a disk, which draws further from it. */
export function diskRandom(seed: number, id: number): SeededRandom {
  return new SeededRandom(seed * 5_003 + id * 41);
}

/** In which folder a member's disk lies, on one host: in half of the seeds each in its own, else some side by side. */
export function placeOfDisk({ seed, singleHost, mode }: Scenario, id: number): string {
  if (!singleHost || mode !== 'aliased') return '';
  const kind = new SeededRandom(seed * 5_009 + 13).below(6);
  if (kind < 3) return '';
  return kind < 5 && new SeededRandom(seed * 5_011 + id * 41).below(2) === 0 ? '/elsewhere/' : '/here/';
}

/**
 * What `seed` stands for where topics are persistent: its other scenarios, with disks, and with what befalls these. Everything else is as in the
 * scenario without, drawn from randomness of its own.
 */
export function drawPersistent(seed: number): Scenario {
  const random = new SeededRandom(seed * 19 + 11);
  const scenario = random.below(3) === 0 ? drawScenario(seed) : drawStorm(seed);
  const disks: DiskPlan = {
    share: [100, 100, 100, 70, 40][random.below(5)]!,
    syncUs: { min: random.between(1, 400), max: random.between(400, 3_000) },
    // A log that takes less at a time is full most of the time, and writers that wait for it do not come to an end.
    waitingMax: random.below(3) === 0 ? random.between(24, 60) : random.between(60, 300),
  };
  const fromUs = scenario.startUs + 25_000;
  const faults = Array.from({ length: random.below(4) }, () =>
    drawDiskFault(random, fromUs, scenario.faultsUntilUs),
  );
  const returns = drawReturns(new SeededRandom(seed * 23 + 5), fromUs, scenario.faultsUntilUs);
  const disturbances = [...scenario.disturbances, ...faults, ...returns].sort(
    (a, b) => a.afterUs - b.afterUs,
  );
  return { ...scenario, topics: persistentTopics(random, scenario.topics), disks, disturbances };
}

/** One at least; of the others those that are ordered, or not. */
function persistentTopics(random: SeededRandom, topics: readonly TopicPlan[]): TopicPlan[] {
  const sure = random.below(topics.length);
  return topics.map((topic, i) => {
    const persistent = random.below(4) > 0 ? 'commit' : 'stable';
    if (i !== sure && (!topic.terms.ordered || random.below(2) === 0)) return topic;
    return { ...topic, terms: { ...topic.terms, ordered: true, persistent } };
  });
}

/** Who is gone comes back, and may crash again while it gets what it lacks, or while others give it. */
function drawReturns(random: SeededRandom, fromUs: number, untilUs: number): Disturbance[] {
  return Array.from({ length: random.below(7) }, () => {
    const isReturn = random.below(3) > 0;
    const phase = isReturn
      ? undefined
      : random.below(3) > 0
        ? 'transferring'
        : phases[random.below(phases.length)];
    return {
      kind: isReturn ? 'return' : random.below(2) === 0 ? 'diskCrash' : 'crash',
      afterUs: random.between(fromUs, fromUs + Math.floor((untilUs - fromUs) * 0.9)),
      phase,
      skip: isReturn ? random.below(30) : random.below(8),
      when: random.below(2) === 0 ? 'before' : 'after',
      role: 'any',
      lengthUs: 2_000,
      draw: random.next(),
    };
  });
}

function drawDiskFault(random: SeededRandom, fromUs: number, untilUs: number): Disturbance {
  const phase = random.below(100) < 70 ? phases[random.below(phases.length)] : undefined;
  return {
    // Most disks are slow now and then; few fail.
    kind: random.below(2) === 0 ? 'diskSlow' : diskKinds[random.below(diskKinds.length)]!,
    afterUs: random.between(fromUs, fromUs + Math.floor((untilUs - fromUs) * 0.8)),
    phase,
    skip: phase !== undefined ? random.below(4) : random.below(100),
    when: 'before',
    role: random.below(3) === 0 ? 'leader' : 'any',
    lengthUs: random.between(2_000, 40_000),
    draw: random.next(),
  };
}
