import assert from 'node:assert/strict';
import { casesOn, sendersMax, sizes } from '../../bench/scale/cases.js';
import { networks, type Performance } from '../../bench/scale/network.js';
import { playSchedule, type ScheduleOf } from '../../bench/scale/rdmc.js';
import { smallMulticast } from '../../bench/scale/smc.js';
import { lineChart } from '../../bench/harness/line-chart.js';
import { BinomialPipeline } from '../../runtime/multicast/rdmc/binomial-pipeline.js';
import { BinomialTree, Sequential } from '../../runtime/multicast/rdmc/plain-schedules.js';
import { blockBytesFor } from '../../runtime/multicast/rdmc/block-size.js';
import { transfersOf } from '../runtime/rdmc/group.js';
import { type Put, putsOf } from './puts.js';

/** A megabyte a second, and next to no other cost: times can be told in one's head. */
const slow = { name: 'slow', latency: 0, bandwidth: 1e6, perMessage: 1e-4 };
/** Where messages cost nothing, blocks are the smallest, of 4 KiB. */
const free = { ...slow, perMessage: 0 };
/** Eight such seconds, and a bit. What marks cost besides is looked at by itself. */
const large = { members: 8, senders: 1, bytes: 8 << 20, marks: 'peers' } as const;
const copyMs = large.bytes / 1000;
const binomial: ScheduleOf = (n, k, m) => new BinomialPipeline(n, k, m);
/** Of each put, beside its bytes. */
const headers = 56;

/** Of all but the blocks themselves. */
function bytesOf(puts: readonly Put[]): number {
  return puts.reduce((sum, { bytes, isPayload }) => sum + (isPayload ? 0 : headers + bytes), 0);
}

/** How often a member moves a block, or two, in a step. */
function movesOf(of: ScheduleOf, members: number, blocks: number): number {
  const group = Array.from({ length: members }, (_, member) => of(members, blocks, member));
  const moves = transfersOf(group, blocks).flatMap(({ step, from, to }) => [
    `${step} ${from}`,
    `${step} ${to}`,
  ]);
  return new Set(moves).size;
}

function isFinite({ rate, latency, control }: Performance): boolean {
  return [rate, latency, control].every((figure) => Number.isFinite(figure) && figure > 0);
}

describe('Bench: how the protocols scale, in simulated time', () => {
  it('sequential takes n − 1 times as long as one copy, a tree log2 n times', () => {
    const sequential = playSchedule((n, k, m) => new Sequential(n, k, m), large, slow);
    assert.ok(Math.abs(sequential.latency - 7 * copyMs) < 1500, `${sequential.latency} ms`);
    const tree = playSchedule((n, k, m) => new BinomialTree(n, k, m), large, slow);
    assert.ok(Math.abs(tree.latency - 3 * copyMs) < 1500, `${tree.latency} ms`);
  });

  it('the binomial pipeline takes hardly longer than one copy, alone or with all as senders', () => {
    for (const senders of [1, 8]) {
      const all = playSchedule(binomial, { ...large, senders }, slow);
      const ideal = (senders === 1 ? 1 : 7) * copyMs;
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

  it('a large message: counters, announcement, frame, rows and marks are as many as the code puts', () => {
    for (const members of [3, 5, 8, 13]) {
      const blocks = 6;
      const { spread, row, mark } = putsOf(members, blocks);
      const peers = members - 1;
      assert.equal(spread.filter(({ isPayload }) => isPayload).length, peers * blocks);
      assert.equal(
        spread.length,
        peers * (blocks + 2 * blocks + 2),
        'sent, taken, and two of the announcement',
      );
      const frame = peers * (headers + 56);
      const rows = 2 * members * (bytesOf(row) + bytesOf(mark));
      const fixed = bytesOf(spread) + frame + rows;
      const messages = { members, senders: 1, bytes: blocks * 4096 };
      const toAll = playSchedule(binomial, messages, free).control;
      assert.equal(toAll, fixed + movesOf(binomial, members, blocks) * bytesOf(mark), `${members} members`);
      const toPeers = playSchedule(binomial, { ...messages, marks: 'peers' }, free).control;
      assert.equal(toPeers, fixed + (2 * peers * blocks * bytesOf(mark)) / peers, `${members} members`);
    }
  });

  it('small messages: rows and marks are as many as the code puts, shared by all that a round brings', () => {
    for (const members of [2, 5, 16]) {
      const { row, mark } = putsOf(members, 1);
      const round = 2 * members * (bytesOf(row) + bytesOf(mark)) + (members - 1) * headers;
      const perRound = Math.floor((2 << 20) / (32 + 1024));
      const { control } = smallMulticast({ members, senders: 1, bytes: 1024, ringBytes: 4 << 20 }, slow);
      assert.ok(Math.abs(control / (round / perRound) - 1) < 1e-9, `${members} members: ${control}`);
    }
  });

  it('small messages: a message waits for a round, and then for the counters, there and back', () => {
    const quick = { name: 'quick', latency: 0.25, bandwidth: 1e12, perMessage: 0 };
    const small = { members: 3, senders: 3, bytes: 1024, ringBytes: 4096 };
    assert.equal(smallMulticast(small, quick).latency, 1000 * (2 + 2) * 0.25);
    // Two rings of one frame each, and nothing else that takes time but what each message costs.
    const costly = { name: 'costly', latency: 0, bandwidth: 1e12, perMessage: 1 };
    assert.ok(Math.abs(smallMulticast(small, costly).latency - 2 * 2 * 1000) < 1e-3);
  });

  it('what is drawn goes up to 1,024 members, 16 of which send at most, and all of a smaller group', () => {
    assert.equal(Math.max(...sizes), 1024);
    assert.equal(sendersMax, 16);
    for (const network of networks) {
      const curves = casesOn(network).flatMap(({ curves }) => curves);
      for (const members of sizes)
        assert.equal(Math.max(...curves.map(({ sendersOf }) => sendersOf(members))), Math.min(16, members));
    }
  });

  for (const network of networks) {
    const [one, many, small] = casesOn(network);
    const curve = (of: typeof one, name: string) => of!.curves.find((curve) => curve.name === name)!;

    it(`1,024 members: what they deliver, and when, is in proportion, ${network.name}`, () => {
      const two = curve(one, 'marks to peers').at(2);
      const all = curve(one, 'marks to peers').at(1024);
      assert.ok(all.latency < 1.5 * two.latency, `${all.latency} ms against ${two.latency}`);
      const sixteen = curve(many, 'marks to peers').at(1024);
      assert.ok(isFinite(two) && isFinite(all) && isFinite(sixteen));
      assert.ok(sixteen.rate > 0.75 * network.bandwidth && sixteen.rate <= network.bandwidth);
      assert.ok(sixteen.latency > 14 * all.latency && sixteen.latency < 17 * all.latency);
    });

    it(`1,024 members: marks to all cost a message to each in each step, ${network.name}`, () => {
      const { latency, control } = curve(one, 'binomial pipeline').at(1024);
      const sixteen = curve(many, 'binomial pipeline').at(1024);
      assert.ok(isFinite(sixteen) && Math.abs(sixteen.latency / latency / 16 - 1) < 0.05);
      assert.ok(Math.abs(sixteen.control / control - 1) < 0.05);
      // Of 256 KiB each: so many steps, and in each what a member puts to all others.
      const steps = 256 + 9;
      const seconds = steps * 1023 * (network.perMessage + 128 / network.bandwidth);
      const bytes = steps * 1024 * 1023 * 128;
      assert.ok(latency > 1000 * seconds && latency < 1100 * seconds, `${latency} ms`);
      assert.ok(control > 0.95 * bytes && control < 1.1 * bytes, `${control} bytes`);
    });

    it(`1,024 members: small messages are sent n − 1 times, by 16 as by one, ${network.name}`, () => {
      for (const name of ['1 sender', '16 senders']) {
        const at = (members: number) => curve(small, name).at(members);
        assert.ok(isFinite(at(1024)));
        assert.ok(Math.abs(at(64).rate / at(1024).rate / (1023 / 63) - 1) < 0.01, name);
        assert.ok(Math.abs(at(1024).latency / at(64).latency / (1023 / 63) - 1) < 0.01, name);
        const control = at(1024).control / at(64).control;
        assert.ok(Math.abs(control / ((1024 * 1023) / (64 * 63)) - 1) < 0.02, `${name}: ${control}`);
      }
      const ratio = curve(small, '16 senders').at(1024).rate / curve(small, '1 sender').at(1024).rate;
      assert.ok(Math.abs(ratio / 16 - 1) < 0.01, `${ratio}`);
    });
  }

  it('draws', () => {
    const lines = [{ name: 'a <b>', points: [[2, 1] as const, [4, 100] as const] }];
    const svg = lineChart('t', [{ title: 'panel', unit: 'ms', along: 'members', lines }], 1);
    assert.match(svg, /<polyline points="76\.0,238\.0 406\.0,76\.0"/);
    assert.match(svg, /a &lt;b&gt;/);
  });
});
