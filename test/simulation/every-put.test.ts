import assert from 'node:assert/strict';
import { runSeed } from './run-seed.js';
import {
  type Disturbance,
  type DisturbancePair,
  drawScenario,
  type Phase,
  type Scenario,
} from './scenario.js';
import { depthOf, roleOf } from './topics.js';

const strikesAtUs = 60_000;
/** So many puts lie between two runs: the seeds of a survey crash members at all others. */
const stride = 4;
const changing: readonly Phase[] = [
  'suspecting',
  'proposing',
  'committed',
  'wedged',
  'trimmed',
  'installing',
  'transferring',
];

/** All members read and write, the one that joins included. */
const seed = [...Array(10_000).keys()].find((drawn) =>
  [1, 2, 3, 4, 5].every((id) => roleOf(drawn, id, 0) === 3 && depthOf(drawn, id, 't0') === Infinity),
)!;

/** Four members who read and write a topic that keeps history, and a change of the view that begins at `strikesAtUs`. */
function scenarioOf(mode: 'aliased' | 'delayed', disturbances: readonly Disturbance[]): Scenario {
  const limits = {
    depth: 8,
    samplesMax: 40,
    instancesMax: 40,
    samplesPerInstanceMax: 40,
    bytesMax: 65_536,
  };
  return {
    ...drawScenario(seed),
    mode,
    singleHost: mode === 'aliased',
    countFrom: 0,
    startUs: 0,
    delayUs: { min: 1, max: 200 },
    members: 4,
    topics: [
      {
        name: 't0',
        terms: { ordered: true, ringBytes: 4096, largeBytes: 16_384, info: null },
        history: { limits, instances: 3 },
      },
    ],
    faultsUntilUs: 90_000,
    writeEveryUs: 6_000,
    burstMax: 2,
    writeUntilEvents: 100_000,
    largeShare: 0,
    disturbances,
  };
}

function strike(kind: Disturbance['kind'], skip: number, role: Disturbance['role'] = 'any'): Disturbance {
  return {
    kind,
    afterUs: strikesAtUs,
    phase: undefined,
    skip,
    when: 'before',
    role,
    lengthUs: 5_000,
    draw: 0,
  };
}

describe('a member that crashes', () => {
  for (const mode of ['aliased', 'delayed'] as const) {
    // After so many puts the change is over, and what it began has come to its end.
    const changes = {
      'in the midst of a join': { change: strike('join', 0), puts: 400, without: 'suspecting' },
      'right after its leader': {
        change: strike('leaderCrash', 0, 'leader'),
        // A topic's mark is no put where memory is aliased.
        puts: mode === 'aliased' ? 160 : 220,
        without: 'transferring',
      },
    };
    for (const [when, { change, puts, without }] of Object.entries(changes))
      it(`${mode}: ${when}, wherever in the change and what follows, harms nobody`, function () {
        this.timeout(120_000);
        const seen = new Set<DisturbancePair>();
        let struck = 0;
        for (let put = 0; put < puts; put += stride) {
          const scenario = scenarioOf(mode, [change, strike('crash', put)]);
          const { violation, coverage, faults } = runSeed(seed, { scenario });
          assert.deepEqual(violation, undefined, `put ${put}`);
          struck += faults.crash ?? 0;
          for (const pair of coverage) seen.add(pair);
        }
        assert.ok(struck >= puts / stride - 10, `${struck} crashes`);
        for (const phase of changing)
          assert.ok(phase === without || seen.has(`${phase}/crash`), `no crash in phase ${phase}`);
      });
  }
});
