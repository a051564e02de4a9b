import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BinomialPipeline } from '../../../runtime/multicast/rdmc/binomial-pipeline.js';
import { Hierarchical } from '../../../runtime/multicast/rdmc/hierarchical.js';
import { BinomialTree, Chain, Sequential } from '../../../runtime/multicast/rdmc/plain-schedules.js';
import { transfersOf } from './group.js';

const most = 64;
const log2 = (n: number): number => Math.log2(n);

/** The steps that each schedule is known to take with n members and k blocks, n > 1. */
const schedules = [
  {
    of: BinomialPipeline,
    steps: (n: number, k: number) => (Number.isInteger(log2(n)) ? log2(n) + k - 1 : Math.floor(log2(n)) + k),
  },
  { of: Chain, steps: (n: number, k: number) => k + n - 2 },
  { of: BinomialTree, steps: (n: number, k: number) => k * Math.ceil(log2(n)) },
  { of: Sequential, steps: (n: number, k: number) => k * (n - 1) },
];

describe('RDMC schedules', function () {
  this.timeout(60_000);

  for (const { of: Schedule, steps } of schedules) {
    it(`${Schedule.name}: each member gets each block once, for every n and k up to ${most}`, () => {
      for (let n = 1; n <= most; n++)
        for (let k = 1; k <= most; k++) {
          const group = Array.from({ length: n }, (_, member) => new Schedule(n, k, member));
          assert.equal(group[0]!.steps, n === 1 ? 0 : steps(n, k), `steps of n = ${n}, k = ${k}`);
          const transfers = transfersOf(group, k);
          assert.equal(transfers.length, (n - 1) * k, `transfers of n = ${n}, k = ${k}`);
        }
    });
  }

  it('binomial pipeline: no member sends more than k + ⌈log2 n⌉ blocks', () => {
    for (let n = 2; n <= most; n++) {
      const k = 50;
      const group = Array.from({ length: n }, (_, member) => new BinomialPipeline(n, k, member));
      const sent = Array<number>(n).fill(0);
      for (const { from } of transfersOf(group, k)) sent[from]!++;
      assert.ok(Math.max(...sent) <= k + Math.ceil(log2(n)), `n = ${n}: ${Math.max(...sent)} blocks`);
    }
  });

  it('hierarchical: each block comes into each rack once, whatever the racks are', () => {
    const racksOfMembers = fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(racksOfMembers, fc.integer({ min: 1, max: 40 }), (racks, k) => {
        const group = racks.map((_, member) => new Hierarchical(racks, k, member));
        const across = transfersOf(group, k).filter(({ from, to }) => racks[from] !== racks[to]);
        assert.equal(across.length, (new Set(racks).size - 1) * k);
      }),
      { numRuns: 300 },
    );
  });

  it('hierarchical: takes about two steps a block', () => {
    const racks = Array.from({ length: 64 }, (_, member) => member >> 3);
    const schedule = new Hierarchical(racks, 100, 0);
    assert.ok(schedule.steps <= 2 * (100 + 3 + 3 + 2), `${schedule.steps} steps`);
  });
});
