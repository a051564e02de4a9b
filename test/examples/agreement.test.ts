import { deepEqual, equal } from 'node:assert/strict';
import { compare } from '../../examples/flights/page/agreement.js';
import type { MemberReport } from '../../examples/flights/topics.js';

const report = (name: string, checkpoints: [number, string][]): MemberReport => ({
  name,
  pid: 1,
  delivered: checkpoints.at(-1)?.[0] ?? 0,
  samplesPerSecond: 10,
  hash: '',
  checkpoints,
  viewId: 1,
  view: [],
});

describe('the comparison of members', () => {
  it('is made at the last place that all have passed', () => {
    const { place, hashes, agree } = compare([
      report('west', [
        [4, 'a'],
        [8, 'b'],
        [12, 'c'],
      ]),
      report('board', [
        [2, 'x'],
        [4, 'a'],
        [6, 'y'],
        [8, 'b'],
      ]),
    ]);
    equal(place, 8);
    equal(agree, true);
    deepEqual(
      [...hashes],
      [
        ['west', 'b'],
        ['board', 'b'],
      ],
    );
  });

  it('shows who differs', () => {
    const { agree, hashes } = compare([
      report('west', [[4, 'a']]),
      report('east', [[4, 'b']]),
      report('board', [[4, 'a']]),
    ]);
    equal(agree, false);
    equal(hashes.get('east'), 'b');
  });

  it('waits where there is no place in common', () => {
    equal(compare([report('west', [[4, 'a']]), report('east', [[5, 'b']])]).place, undefined);
    equal(compare([]).place, undefined);
  });
});
