import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BinomialPipeline } from '../../../runtime/multicast/rdmc/binomial-pipeline.js';
import { Hierarchical } from '../../../runtime/multicast/rdmc/hierarchical.js';
import { BinomialTree, Chain, Sequential } from '../../../runtime/multicast/rdmc/plain-schedules.js';
import { transfersOf } from './group.js';

const most = 64;
const few = 20;
const manyMax = 1024;
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

/** Ways to divide members into racks: the rack of each of n. */
const divisions: Readonly<Record<string, (member: number, n: number) => number>> = {
  'racks of 1': (member) => member,
  'racks of 2': (member) => member >> 1,
  'racks of 4': (member) => member >> 2,
  'racks of 8': (member) => member >> 3,
  'racks of 16': (member) => member >> 4,
  'racks of 1, 2, 4, 8 and so on': (member) => Math.floor(log2(member + 1)),
  'the sender alone, all others in one rack': (member) => Math.min(member, 1),
  'the last alone': (member, n) => (member === n - 1 ? 1 : 0),
  'three racks, in turn': (member) => member % 3,
  'eight racks, in turn': (member) => member % 8,
};

/** Each member gets each block once, from one who has it; each rack from outside, too; and it takes no more steps than protocol.md says. */
function checkRacks(racks: readonly number[], k: number): void {
  const what = `k = ${k}, racks ${racks.join(' ')}`;
  const group = racks.map((_, member) => new Hierarchical(racks, k, member));
  const sizes = [...new Set(racks)].map((rack) => racks.filter((other) => other === rack).length);
  const early = (members: number): number => Math.max(0, Math.ceil(log2(members)) - 1);
  const steps = 2 * (k + early(sizes.length) + early(Math.max(...sizes)));
  assert.ok(group[0]!.steps <= steps, `${group[0]!.steps} steps, not ${steps}: ${what}`);
  const transfers = transfersOf(group, k);
  assert.equal(transfers.length, (racks.length - 1) * k, what);
  const entered = new Set<number>();
  for (const { from, to, block } of transfers) {
    if (racks[from] === racks[to]) continue;
    const entry = racks[to]! * k + block;
    assert.ok(!entered.has(entry), `block ${block} comes into rack ${racks[to]} twice: ${what}`);
    entered.add(entry);
  }
  assert.equal(entered.size, (sizes.length - 1) * k, what);
}

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

  // All would take minutes: each way for all small n and k, and for a tenth of the larger ones, where many racks do not meet with many blocks.
  Object.entries(divisions).forEach(([name, rackOf], place, { length: ways }) => {
    it(`hierarchical: each block comes into each rack once: ${name}`, () => {
      for (let n = 1; n <= most; n++) {
        const racks = Array.from({ length: n }, (_, member) => rackOf(member, n));
        for (let k = 1; k <= most; k++)
          if ((n <= few && k <= few) || ((n + k) % ways === place && k * new Set(racks).size <= manyMax))
            checkRacks(racks, k);
      }
    });
  });

  it('hierarchical: the same, whatever the racks are', () => {
    const racksOfMembers = fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 1, maxLength: 40 });
    fc.assert(fc.property(racksOfMembers, fc.integer({ min: 1, max: 40 }), checkRacks), { numRuns: 300 });
  });

  it('hierarchical: takes about two steps a block', () => {
    const racks = Array.from({ length: 64 }, (_, member) => member >> 3);
    const schedule = new Hierarchical(racks, 100, 0);
    assert.ok(schedule.steps <= 2 * (100 + 3 + 3 + 2), `${schedule.steps} steps`);
  });
});
