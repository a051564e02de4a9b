import * as oracles from './oracles.js';
import { missingIn } from './progress.js';
import { purely } from './purity.js';
import { type DisturbanceKind, type DisturbancePair, drawScenario, type Scenario } from './scenario.js';
import type { Meeting } from './tally.js';
import type { Trace } from './trace.js';
import { Violation } from './violation.js';
import { Lives } from './lives.js';
import type { World } from './world.js';

export interface RunOptions {
  /** Disturbances of the scenario, by index, that are left out. */
  readonly without?: ReadonlySet<number>;
  /** Collects what happened, for people. */
  readonly trace?: Trace;
  /** Instead of the one that the seed stands for. */
  readonly scenario?: Scenario;
}

export interface FoundViolation {
  /** Name of the oracle; `crash` where the core threw something. */
  readonly oracle: string;
  readonly message: string;
  readonly saw: unknown;
  /** Virtual time. */
  readonly atUs: number;
}

export interface RunResult {
  readonly seed: number;
  /** What arrived, and what was planned and ran. */
  readonly events: number;
  readonly viewChanges: number;
  /** Puts: the boundaries at which a member may crash. */
  readonly puts: number;
  readonly faults: Partial<Record<DisturbanceKind, number>>;
  readonly coverage: readonly DisturbancePair[];
  /** What befell the run beside faults. */
  readonly met: readonly Meeting[];
  /** Of every put, delivery and installation, with their times. */
  readonly traceHash: string;
  readonly violation?: FoundViolation;
}

const settleUs = 250_000;
const settlesMax = 8;
/** Where large messages spread in small blocks, a few of them for each round trip: as long as anything comes in `settlesMax` times. */
const spreadingSettlesMax = 128;
const idleUs = 30_000;

/**
 * Runs one seed, from its scenario to the oracles' verdict. Pure: the same seed and options give the same result.
 *
 * ```ts
 * runSeed(7).violation; // undefined
 * ```
 */
export function runSeed(seed: number, options: RunOptions = {}): RunResult {
  return purely(() => {
    const scenario = options.scenario ?? drawScenario(seed);
    const lives = new Lives(scenario, options);
    const violation = violationOf(lives);
    const { tally } = lives;
    return {
      seed,
      events: lives.events,
      viewChanges: lives.viewChanges,
      puts: tally.puts,
      faults: tally.faults,
      coverage: [...tally.coverage],
      met: [...tally.met],
      traceHash: (lives.world.hash >>> 0).toString(16).padStart(8, '0'),
      ...(violation && { violation }),
    };
  });
}

function violationOf(lives: Lives): FoundViolation | undefined {
  try {
    while (lives.world.scenario.next !== undefined) {
      untilAllAreDead(lives.world);
      lives.goOn();
    }
    course(lives.world);
    if (lives.world.found === undefined) return undefined;
    throw lives.world.found;
  } catch (thrown) {
    const { world } = lives;
    const error = world.found ?? thrown;
    const atUs = world.nowUs;
    if (error instanceof Violation)
      return { oracle: error.oracle, message: error.message, saw: error.saw, atUs };
    return { oracle: 'crash', message: String(error), saw: (error as Error).stack, atUs };
  }
}

/** Safety under faults, up to the death of all. */
function untilAllAreDead(world: World): void {
  world.start();
  world.network.run(world.scenario.faultsUntilUs);
  world.blackOut();
  if (world.found !== undefined) throw world.found;
}

/** Safety under faults; then, with nothing in the way any more, progress and silence. */
function course(world: World): void {
  world.start();
  world.network.run(world.scenario.faultsUntilUs);
  world.heal();
  world.network.runFor(settleUs);
  world.writeLast();
  const missing = settle(world);
  if ([...world.stations.values()].some(({ state }) => state === 'member')) world.tally.meet('someSurvive');
  oracles.progressAfterHealing(missing);
  oracles.idleIsSilent(world.listen(idleUs));
}

/** Gives it time until nothing is missing; what still is, where it is too long. */
function settle({ network, scenario, stations, history, transfers }: World): string[] {
  const most = scenario.spreading === undefined ? settlesMax : spreadingSettlesMax;
  let missing: string[] = [];
  for (let settled = 0, inVain = 0; settled < most && inVain < settlesMax; settled++) {
    const before = missing.join();
    network.runFor(settleUs / 4);
    missing = missingIn(stations, history, transfers);
    if (missing.length === 0) break;
    inVain = missing.join() === before ? inVain + 1 : 0;
  }
  return missing;
}
