import assert from 'node:assert/strict';
import { playSchedule } from '../../bench/scale/rdmc.js';
import { smallMulticast } from '../../bench/scale/smc.js';
import { lineChart } from '../../bench/harness/line-chart.js';
import { BinomialPipeline } from '../../runtime/multicast/rdmc/binomial-pipeline.js';
import { BinomialTree, Sequential } from '../../runtime/multicast/rdmc/plain-schedules.js';
import { blockBytesFor } from '../../runtime/multicast/rdmc/block-size.js';

/** A megabyte a second, and no other cost: times can be told in one's head. */
const slow = { name: 'slow', latency: 0, bandwidth: 1e6, perMessage: 0 };
const large = { members: 8, senders: 1, bytes: 8_000_000 };

describe('Bench: how the protocols scale, in simulated time', () => {
  it('sequential takes n − 1 times as long as one copy, a tree log2 n times', () => {
    const sequential = playSchedule((n, k, m) => new Sequential(n, k, m), large, slow);
    assert.ok(Math.abs(sequential.latency - 7 * 8000) < 1500, `${sequential.latency} ms`);
    const tree = playSchedule((n, k, m) => new BinomialTree(n, k, m), large, slow);
    assert.ok(Math.abs(tree.latency - 3 * 8000) < 1500, `${tree.latency} ms`);
  });

  it('the binomial pipeline takes hardly longer than one copy, alone or with all as senders', () => {
    for (const senders of [1, 8]) {
      const all = playSchedule((n, k, m) => new BinomialPipeline(n, k, m), { ...large, senders }, slow);
      const ideal = (senders === 1 ? 1 : 7) * 8000;
      assert.ok(all.latency >= ideal && all.latency < ideal * 1.2, `${senders}: ${all.latency} ms`);
    }
  });

  it('small messages: the sender of one has to send it n − 1 times', () => {
    const at = (members: number) =>
      smallMulticast({ members, senders: 1, bytes: 1024, ringBytes: 4 << 20 }, slow).rate;
    assert.ok(Math.abs(at(2) / at(9) - 8) < 0.01);
    assert.ok(at(2) < slow.bandwidth && at(2) > 0.95 * slow.bandwidth);
  });

  it('the size of a block is near the best of all', () => {
    for (const perMessage of [1e-7, 1e-5, 1e-3])
      for (const members of [2, 8, 1000]) {
        const cost = { perMessage, bandwidth: 1e9 };
        const steps = (k: number) => new BinomialPipeline(members, k, 0).steps;
        const time = (block: number) => steps(Math.ceil((64 << 20) / block)) * (perMessage + block / 1e9);
        const chosen = time(blockBytesFor(64 << 20, steps, cost));
        for (let block = 4096; block <= 64 << 20; block *= 1.3)
          assert.ok(chosen < 1.05 * time(block), `${members} members, ${perMessage} s: ${block} is better`);
      }
  });

  it('draws', () => {
    const lines = [{ name: 'a <b>', points: [[2, 1] as const, [4, 100] as const] }];
    const svg = lineChart('t', [{ title: 'panel', unit: 'ms', along: 'members', lines }], 1);
    assert.match(svg, /<polyline points="76\.0,238\.0 406\.0,76\.0"/);
    assert.match(svg, /a &lt;b&gt;/);
  });
});
