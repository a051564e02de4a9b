import assert from 'node:assert/strict';
import type { LogOrigin } from '../../runtime/membership/log-origins.js';
import { SimulatedNetwork } from '../../transport/simulated/network.js';
import { append, layoutOf, originOf, Replica } from './replicas.js';

describe('a replica and its log', () => {
  const network = () => new SimulatedNetwork({ seed: 1, mode: 'aliased' });
  const run = (net: SimulatedNetwork, replicas: readonly Replica[]) => {
    for (let turn = 0; turn < 300; turn++) {
      for (const { catchUp } of replicas) catchUp.step();
      net.runFor(100);
    }
  };
  const idsOf = (replicas: readonly Replica[]) => replicas.map(({ transport }) => transport.self);
  const begin = (
    replicas: readonly Replica[],
    epoch: number,
    known: LogOrigin,
    whole = known.ended < 0 ? replicas : replicas.filter(({ replica }) => replica.isWhole),
  ) => {
    const ids = idsOf(replicas);
    const layout = { ...layoutOf(epoch, ids), whole: idsOf(whole) };
    for (const { catchUp } of replicas) catchUp.begin(layout, known);
  };
  it('takes nothing before its lineage is durable', () => {
    const net = network();
    const one = new Replica(net, 1);
    begin([one], 1, originOf(-1));
    assert.equal(one.replica.full, true);
    net.runFor(1000);
    assert.equal(one.replica.full, false);
    assert.deepEqual(one.disk.replica('t').noted, { lineage: 'l', wholeBefore: 1, ended: -1 });
  });

  it('says nothing of an epoch in which nobody has all of the topic: a restart may know nothing of it', () => {
    const net = network();
    const one = new Replica(net, 1);
    begin([one], 1, originOf(-1), []);
    net.runFor(1000);
    assert.deepEqual(one.disk.replica('t').noted, { lineage: 'l', wholeBefore: -1, ended: -1 });
    begin([one], 2, originOf(-1));
    net.runFor(1000);
    assert.deepEqual(one.disk.replica('t').noted, { lineage: 'l', wholeBefore: 2, ended: -1 });
  });

  it('that is back while nobody counts gathers nothing any more once it does', () => {
    const net = network();
    const one = new Replica(net, 1);
    begin([one], 1, originOf(-1));
    net.runFor(1000);
    append([one], 1, 0);
    net.runFor(1000);
    one.restart();
    begin([one], 2, originOf(1, true), []);
    net.runFor(1000);
    assert.equal(one.disk.replica('t').gathered.size, 1);
    begin([one], 3, originOf(1, true), [one]);
    append([one], 3, 0);
    net.runFor(1000);
    assert.deepEqual(one.log, ['1.0', '3.0']);
    assert.equal(one.disk.replica('t').gathered.size, 0);
  });

  it('is cut where it is longer than the one that it catches up from, and then goes on with that', () => {
    const net = network();
    const [one, two] = [new Replica(net, 1), new Replica(net, 2)];
    begin([one, two], 1, originOf(-1));
    net.runFor(1000);
    append([one, two], 1, 0, 2, 4);
    append([two], 1, 6, 7);
    net.runFor(1000);
    one.replica.end(1, 4);
    two.restart();
    begin([one], 2, originOf(1));
    append([one], 2, 0, 1);
    net.runFor(1000);
    one.replica.end(2, 1);
    begin([one, two], 3, originOf(2));
    net.runFor(1000);
    append([one, two], 3, 5);
    run(net, [one, two]);
    assert.deepEqual(two.log, ['1.0', '1.2', '1.4', '2.0', '2.1', '3.5']);
    assert.deepEqual(two.log, one.log);
    assert.equal(two.replica.samplesTaken, 2);
    assert.equal(two.replica.isWhole, true);
  });

  it('that crashes in the midst of it begins where its log ends, and what it had gathered counts for nothing before it is in the log', () => {
    for (let stop = 1; stop < 40; stop++) {
      const net = network();
      const [one, two] = [new Replica(net, 1), new Replica(net, 2)];
      begin([one], 1, originOf(-1));
      net.runFor(1000);
      append([one], 1, ...Array.from({ length: 200 }, (_, i) => i));
      net.runFor(1000);
      one.replica.end(1, 199);
      begin([one, two], 2, originOf(1));
      net.runFor(1000);
      append([one, two], 2, 0, 1, 2);
      for (let turn = 0; turn < stop; turn++) {
        for (const { catchUp } of [one, two]) catchUp.step();
        net.runFor(25);
      }
      two.restart();
      const before = two.log;
      assert.deepEqual(before, one.log.slice(0, before.length));
      one.replica.end(2, 2);
      begin([one, two], 3, originOf(2));
      if (before.length < 203) assert.equal(two.replica.isWhole, false);
      net.runFor(1000);
      append([one, two], 3, 0);
      run(net, [one, two]);
      assert.deepEqual(two.log, one.log);
      assert.equal(two.replica.samplesTaken, 203 - before.length);
      assert.equal(two.disk.replica('t').gathered.size, 0);
    }
  });

  for (const first of [0, 1, 2])
    it(`of three that all failed, number ${first} is back first, and its log is all there is`, () => {
      const net = network();
      const replicas = [1, 2, 3].map((id) => new Replica(net, id));
      begin(replicas, 1, originOf(-1));
      net.runFor(1000);
      append(replicas, 1, 0, 1);
      append(replicas.slice(1), 1, 2);
      append(replicas.slice(1, 2), 1, 3);
      net.runFor(1000);
      for (const replica of replicas) replica.restart();
      const all = [...replicas[first]!.log, '2.0'];
      begin(replicas, 2, originOf(1, true), [replicas[first]!]);
      net.runFor(1000);
      append(replicas, 2, 0);
      // What is committed now is where a restart looks for it.
      net.runFor(1000);
      assert.deepEqual(replicas[first]!.log, all);
      run(net, replicas);
      for (const { log, replica } of replicas) {
        assert.deepEqual(log, all);
        assert.equal(replica.isWhole, true);
      }
    });

  it('that was whole, and goes on where only the failed know the end, lacks something, and is cut', () => {
    const net = network();
    const [one, two, three] = [1, 2, 3].map((id) => new Replica(net, id)) as [Replica, Replica, Replica];
    begin([one, two, three], 1, originOf(-1));
    net.runFor(1000);
    append([one, two, three], 1, 0, 1);
    append([two], 1, 2, 3);
    net.runFor(1000);
    one.restart();
    // The domain went by `one` alone, and so it does again.
    begin([two, three], 2, originOf(1, true), []);
    assert.equal(two.replica.isWhole, false);
    net.runFor(1000);
    begin([one, two, three], 3, originOf(1, true), [one]);
    net.runFor(1000);
    append([one, two, three], 3, 0);
    run(net, [one, two, three]);
    for (const { log } of [one, two, three]) assert.deepEqual(log, ['1.0', '1.1', '3.0']);
  });

  it('that crashed while it moved what it had gathered into its log is not all there is', () => {
    let met = 0;
    for (let stop = 1; stop < 60; stop++) {
      const net = network();
      const [one, two] = [new Replica(net, 1), new Replica(net, 2)];
      begin([one], 1, originOf(-1));
      net.runFor(1000);
      append([one], 1, 0);
      net.runFor(1000);
      one.replica.end(1, 0);
      begin([one, two], 2, originOf(1));
      net.runFor(1000);
      append([one, two], 2, 0, 1, 2);
      for (let turn = 0; turn < stop; turn++) {
        for (const { catchUp } of [one, two]) catchUp.step();
        net.runFor(10);
      }
      two.restart();
      if (two.replica.isWhole || two.disk.replica('t').gathered.size === 0) continue;
      if (two.log.includes('2.0') && !two.log.includes('2.2')) met++;
      begin([two], 3, originOf(2, true));
      assert.equal(two.replica.isWhole, false);
    }
    assert.ok(met > 0);
  });

  it('does not count what it gathered where it was no replica in between', () => {
    const net = network();
    const [one, two] = [new Replica(net, 1), new Replica(net, 2)];
    begin([one], 1, originOf(-1));
    net.runFor(1000);
    append([one], 1, 0);
    one.replica.end(1, 0);
    begin([one, two], 2, originOf(1));
    net.runFor(1000);
    append([one, two], 2, 0);
    // Not a step of it was made when the other ceases to be a replica.
    one.replica.end(2, 0);
    two.catchUp.release();
    begin([one], 3, originOf(2));
    append([one], 3, 0);
    net.runFor(1000);
    one.replica.end(3, 0);
    begin([one, two], 4, originOf(3));
    net.runFor(1000);
    append([one, two], 4, 0);
    run(net, [one, two]);
    assert.deepEqual(two.log, ['1.0', '2.0', '3.0', '4.0']);
    assert.deepEqual(two.log, one.log);
  });
});
