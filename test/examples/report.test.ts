import { deepEqual, equal } from 'node:assert/strict';
import type { Result } from '../../examples/flights/messages.js';
import { judge, type Run, summary } from '../../examples/flights/report.js';
import type { MemberProcess } from '../../examples/flights/team.js';

const result = (name: string, change: Partial<Result> = {}): Result => ({
  name,
  delivered: 30,
  deliveredByFeed: [
    [1, 10],
    [2, 20],
  ],
  hash: 'aa',
  checkpoints: [
    [10, 'c10'],
    [20, 'c20'],
  ],
  outOfSequence: 0,
  lastMs: 3000,
  remarks: [],
  ...change,
});

const run = (results: Result[], change: Partial<Run> = {}): Run => ({
  results,
  feeds: [
    { name: 'west', id: 1, written: 10 },
    { name: 'east', id: 2, written: 20 },
  ],
  planned: 30,
  startedMs: 1000,
  casualties: [],
  chaos: false,
  ...change,
});

const dead = (name: string, fraction: number) => ({
  victim: { name } as MemberProcess,
  fraction,
  sent: 15,
  ownSent: undefined,
  checkpoints: [[10, 'c10']] as const,
});

describe('the judgement of a run', () => {
  it('is well when all delivered all in the same order', () => {
    deepEqual(judge(run([result('board'), result('stats')])), []);
    const { samples, seconds, deliveredPerSecond } = summary(run([result('board')]));
    deepEqual([samples, seconds, deliveredPerSecond], [30, 2, 15]);
  });

  it('names who delivered too little, in another order, or out of sequence', () => {
    deepEqual(judge(run([result('board'), result('stats', { delivered: 29 })])), [
      'stats delivered 29 of 30 samples',
    ]);
    deepEqual(judge(run([result('board'), result('stats', { hash: 'bb' })])), [
      'stats delivered in another order than board: bb, not aa',
    ]);
    deepEqual(judge(run([result('board', { outOfSequence: 1 })])), [
      "board delivered 1 samples out of their writer's sequence",
    ]);
  });

  it('counts of a dead feed what was delivered, and wants that to be the same everywhere', () => {
    const feeds = [
      { name: 'west', id: 1, written: undefined },
      { name: 'east', id: 2, written: 20 },
    ];
    const casualties = [dead('stats', 0.3), dead('west', 0.5)];
    equal(summary(run([result('board'), result('east')], { feeds, casualties, chaos: true })).samples, 30);
    deepEqual(judge(run([result('board'), result('east')], { feeds, casualties, chaos: true })), []);
    const fewer = result('east', {
      deliveredByFeed: [
        [1, 9],
        [2, 20],
      ],
      delivered: 29,
      hash: 'bb',
    });
    deepEqual(judge(run([result('board'), fewer], { feeds, casualties, chaos: true })), [
      'east delivered 29 of 30 samples',
      'east delivered in another order than board: bb, not aa',
      'east delivered 9 samples of west, board 10',
    ]);
  });

  it('does not count kills at the edges of the run, nor fewer than two', () => {
    const casualties = [dead('stats', 0.19), dead('west', 0.81)];
    deepEqual(judge(run([result('board')], { casualties, chaos: true })), [
      'stats was killed after 19.0 % of the samples, not between 20.0 % and 80.0 %',
      'west was killed after 81.0 % of the samples, not between 20.0 % and 80.0 %',
    ]);
    deepEqual(judge(run([result('board')], { casualties: [dead('stats', 0.5)], chaos: true })), [
      '1 members were killed, not 2',
    ]);
  });

  it('finds out when the dead delivered what the living did not', () => {
    const casualties = [dead('stats', 0.3), { ...dead('west', 0.5), checkpoints: [[20, 'other']] as const }];
    deepEqual(judge(run([result('board')], { casualties, chaos: true })), [
      'west had delivered 20 samples with hash other when it died: board did not',
    ]);
  });
});
