import { SeededRandom } from '../../transport/simulated/random.js';
import type { MemberId, Spreading } from '../../transport/transport.js';
import { drawPersistent } from './persistent.js';
import { drawRaw } from './raw.js';
import {
  type Disturbance,
  type DisturbanceKind,
  drawScenario,
  type Scenario,
  spreading,
} from './scenario.js';
import { begin, drawStorm } from './storm.js';

/** What strikes while blocks are on their way. */
const blows: readonly DisturbanceKind[] = [
  'crash',
  'crash',
  'crash',
  'partialCrash',
  'partialCrash',
  'cutMidPut',
  'falseSuspicion',
  'slowMember',
  'slowReader',
  'pause',
  'delays',
  'leave',
  'join',
  'close',
  'grow',
];

/**
 * What `seed` stands for where large messages spread from member to member, in blocks so small that there are many: any of its other scenarios, with more
 * of them, and with what strikes those who pass blocks on. Everything else is as in the scenario without, drawn from randomness of its own.
 */
export function drawLarge(seed: number): Scenario {
  const random = new SeededRandom(seed * 29 + 13);
  const scenario = [drawRaw, drawRaw, drawStorm, drawStorm, drawPersistent, drawScenario][random.below(6)]!(
    seed,
  );
  const mode = random.below(3) === 0 ? ('mixed' as const) : ('delayed' as const);
  const fromUs = scenario.startUs + 25_000;
  const drawn = Array.from({ length: random.between(1, 4) }, () =>
    drawBlow(random, fromUs, scenario.faultsUntilUs),
  );
  return inRacks({
    ...scenario,
    // Seldom on memory that is shared: there, nothing spreads.
    mode: scenario.mode === 'aliased' && random.below(5) > 0 ? mode : scenario.mode,
    singleHost: false,
    members: random.below(4) === 0 ? random.between(6, 9) : random.between(3, 6),
    largeShare: random.between(5, 50),
    spreading: drawSpreading(random, Math.max(...scenario.topics.map(({ terms }) => terms.largeBytes >> 2))),
    disturbances: [...scenario.disturbances, ...drawn].sort((a, b) => a.afterUs - b.afterUs),
  });
}

/** In some seeds its members stand in racks, from randomness of its own: what else a seed stands for is as it was. */
function inRacks(scenario: Scenario): Scenario {
  const random = new SeededRandom(scenario.seed * 37 + 5);
  if (random.below(3) > 0) return scenario;
  const spreading = { ...scenario.spreading!, schedule: undefined };
  return { ...scenario, spreading, racks: random.between(2, 3) };
}

/** What a member says of its rack. Among five domains there is one in which one in eight says nothing. */
export function rackInfoOf({ seed, racks }: Scenario, member: MemberId): { rack: string } | undefined {
  if (racks === undefined) return undefined;
  const random = new SeededRandom(seed * 8_111 + member * 59);
  const rack = `rack ${1 + random.below(racks)}`;
  return seed % 5 === 0 && random.below(8) === 0 ? undefined : { rack };
}

const schedules = [undefined, undefined, 'binomial', 'binomial', 'chain', 'tree', 'sequential'] as const;

/** At most 64 blocks for one of `bytesMax`: with more a run takes long, and shows nothing else. */
function drawSpreading(random: SeededRandom, bytesMax: number): Spreading {
  const blockBytesMin = Math.max(64 << random.below(3), bytesMax >> 6);
  return {
    perBlock: [1e-7, 1e-6, 1e-5][random.below(3)]!,
    bandwidth: 1e8,
    blockBytesMin,
    blockBytesMax: blockBytesMin << random.below(3),
    schedule: schedules[random.below(schedules.length)],
  };
}

function drawBlow(random: SeededRandom, fromUs: number, untilUs: number): Disturbance {
  return {
    ...begin(random, random.between(fromUs, fromUs + Math.floor((untilUs - fromUs) * 0.9))),
    kind: blows[random.below(blows.length)]!,
    phase: spreading,
    skip: random.below(80),
    lengthUs: random.between(500, 20_000),
  };
}
