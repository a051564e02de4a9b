import { SeededRandom } from '../../transport/simulated/random.js';
import { drawPersistent } from './persistent.js';
import { drawRaw } from './raw.js';
import { type Disturbance, type DisturbanceKind, drawScenario, type Scenario } from './scenario.js';
import { begin, drawStorm } from './storm.js';

/** Writers that have more to write than there is room for. */
export interface BacklogPlan {
  /** In percent: writers that do; the others write as in any scenario. */
  readonly share: number;
  /** Samples that are added to a backlog at a time, at most. */
  readonly samplesMax: number;
}

/** What holds writers back, or ends the epoch while they wait. */
const blows: readonly DisturbanceKind[] = [
  'slowReader',
  'slowReader',
  'slowMember',
  'slowMember',
  'pause',
  'stall',
  'delays',
  'crash',
  'join',
  'leave',
  'open',
  'close',
  'grow',
];

/**
 * What `seed` stands for where writers wait for room: any of its other scenarios, with small rings and slow readers, and writers that have more
 * to write than goes into their rings. Everything else is as in the scenario without, drawn from randomness of its own.
 */
export function drawBacklog(seed: number): Scenario {
  const random = new SeededRandom(seed * 37 + 19);
  const draws = [drawScenario, drawScenario, drawStorm, drawStorm, drawPersistent, drawRaw];
  const scenario = draws[random.below(draws.length)]!(seed);
  const fromUs = scenario.startUs + 25_000;
  const drawn = Array.from({ length: random.between(1, 4) }, () =>
    drawBlow(random, fromUs, scenario.faultsUntilUs),
  );
  return {
    ...scenario,
    members: random.between(2, 5),
    topics: scenario.topics.map((topic) => ({
      ...topic,
      terms: {
        ...topic.terms,
        ordered: topic.terms.ordered || random.below(2) === 0,
        // The smallest there are.
        ringBytes: 4096,
      },
    })),
    backlog: { share: random.between(30, 100), samplesMax: 1 << random.between(4, 8) },
    writeEveryUs: random.between(500, 5_000),
    disturbances: [...scenario.disturbances, ...drawn].sort((a, b) => a.afterUs - b.afterUs),
  };
}

function drawBlow(random: SeededRandom, fromUs: number, untilUs: number): Disturbance {
  return {
    ...begin(random, random.between(fromUs, fromUs + Math.floor((untilUs - fromUs) * 0.9))),
    kind: blows[random.below(blows.length)]!,
    lengthUs: random.between(1_000, 60_000),
  };
}

/** Where it writes to. */
interface BackloggedRing {
  /** False where there is no room for a sample of so many bytes now. */
  write(bytes: number): boolean;
  /** Whether it is worth while to begin again. */
  hasRoom(bytes: number): boolean;
}

/** No more than this waits at a time, so that a run ends. */
const leftMax = 400;

/** What one writer has yet to write: it writes whenever the ring takes it, as `Production` does in `runtime/dds`. */
export class Backlog {
  /** Samples that are not written yet. */
  left = 0;
  readonly #plan: BacklogPlan;
  readonly #random: SeededRandom;
  readonly #bytes: () => number;
  readonly #ring: BackloggedRing;
  /** It fills a full ring again in good portions, unless others wait for its turns. */
  readonly #isPatient: boolean;
  /** Written in a row before others have their turn. */
  readonly #inRow: number;
  #nextBytes: number;
  #isBlocked = false;

  /** The backlog of a writer that has one, of member `id`; undefined for the others. `bytes` draws how long a sample is. */
  static of(
    { seed, backlog }: Scenario,
    id: number,
    topic: string,
    bytes: (random: SeededRandom) => number,
    ring: BackloggedRing,
  ): Backlog | undefined {
    if (backlog === undefined) return undefined;
    const random = new SeededRandom(seed * 10_007 + id * 59 + topic.charCodeAt(1));
    return random.below(100) < backlog.share ? new Backlog(backlog, random, bytes, ring) : undefined;
  }

  private constructor(
    plan: BacklogPlan,
    random: SeededRandom,
    bytes: (random: SeededRandom) => number,
    ring: BackloggedRing,
  ) {
    this.#plan = plan;
    this.#random = random;
    this.#ring = ring;
    this.#isPatient = random.below(2) === 0;
    this.#inRow = random.between(4, 64);
    // All of a length now and then, so that rings fill alike.
    const length = random.below(2) === 0 ? bytes(random) : undefined;
    this.#bytes = () => length ?? bytes(random);
    this.#nextBytes = this.#bytes();
  }

  /** There is more to write. */
  add(): void {
    this.left = Math.min(leftMax, this.left + this.#random.between(1, this.#plan.samplesMax));
  }

  /** Writes what there is room for, `turnsOwed` samples at least where there are so many: what hinders it is told. */
  write(turnsOwed: number): 'room' | 'others' | undefined {
    if (this.#isBlocked && this.#isPatient && turnsOwed === 0 && !this.#ring.hasRoom(this.#nextBytes))
      return 'room';
    this.#isBlocked = false;
    for (let i = 0; this.left > 0; i++) {
      if (i === Math.max(this.#inRow, turnsOwed)) return 'others';
      if (!this.#ring.write(this.#nextBytes)) {
        this.#isBlocked = true;
        return 'room';
      }
      this.left--;
      this.#nextBytes = this.#bytes();
    }
    return undefined;
  }
}
