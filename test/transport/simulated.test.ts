import assert from 'node:assert/strict';
import type { Region, Replica, Transport } from '../../transport/transport.js';
import { SimulatedNetwork } from '../../transport/simulated/network.js';

const delayUs = { min: 1, max: 500 };

function pair(seed: number, mode: 'delayed' | 'aliased' = 'delayed', tornPuts = false) {
  const network = new SimulatedNetwork({ seed, mode, delayUs, tornPuts });
  return { network, one: network.addMember(1), two: network.addMember(2) };
}

function store(region: Region, index: number, value: number): void {
  region.memory.f64[index] = value;
  region.put(index * 8, index * 8 + 8);
}

function attached(transport: Transport, owner: number, name: string, byteLength: number): Replica {
  const replica = transport.attach(owner, name, byteLength);
  assert.ok(replica, `${name} of ${owner} is not there`);
  return replica;
}

describe('the simulated network', () => {
  it('runs the same way again with the same seed, and another way with another', () => {
    const history = (seed: number): string => {
      const network = new SimulatedNetwork({ seed, mode: 'delayed', delayUs });
      const members = [1, 2, 3].map((id) => network.addMember(id));
      const lines: string[] = [];
      network.onDeliver((member) => lines.push(`${network.clock.nowUs}:${member}`));
      const regions = members.map((member) => member.allocate('row', 64, [1, 2, 3]));
      for (let round = 1; round <= 20; round++) {
        for (const region of regions) store(region, round % 8, round);
        network.step();
      }
      network.crash(2);
      while (network.step());
      return lines.join(' ');
    };
    assert.equal(history(5), history(5));
    assert.notEqual(history(5), history(6));
  });

  it('delivers what was in memory at the put, not what was stored since', () => {
    const { network, one, two } = pair(1);
    const region = one.allocate('row', 64, [2]);
    store(region, 0, 1);
    region.memory.f64[0] = 2;
    while (network.step());
    assert.equal(attached(two, 1, 'row', 64).memory.f64[0], 1);
  });

  it('delivers only the range that was put', () => {
    const { network, one, two } = pair(1);
    const region = one.allocate('row', 64, [2]);
    region.memory.f64.fill(7);
    region.put(16, 24);
    while (network.step());
    assert.deepEqual([...attached(two, 1, 'row', 64).memory.f64], [0, 0, 7, 0, 0, 0, 0, 0]);
  });

  it('keeps the order within a pair across all regions, and not between pairs', () => {
    let overtaken = 0;
    for (let seed = 1; seed <= 50; seed++) {
      const network = new SimulatedNetwork({ seed, mode: 'delayed', delayUs });
      const [one, two, three] = [network.addMember(1), network.addMember(2), network.addMember(3)] as const;
      const values = one.allocate('values', 8, [2, 3]);
      const guard = one.allocate('guard', 8, [2, 3]);
      while (network.step());
      const seen = [two, three].map((member) => ({
        values: attached(member, 1, 'values', 8).memory.f64,
        guard: attached(member, 1, 'guard', 8).memory.f64,
      }));
      for (let i = 1; i <= 10; i++) {
        store(values, 0, i);
        store(guard, 0, i);
      }
      while (network.step()) {
        for (const { values: value, guard: counter } of seen) assert.ok(value[0]! >= counter[0]!);
        if (seen[1]!.guard[0]! > seen[0]!.guard[0]!) overtaken++;
      }
      assert.equal(seen[0]!.guard[0], 10);
    }
    assert.ok(overtaken > 0);
  });

  it('gives a region only once its announcement has arrived, with all that arrived before it was attached', () => {
    const { network, one, two } = pair(3);
    const region = one.allocate('row', 16, [2]);
    store(region, 1, 9);
    assert.equal(two.attach(1, 'row', 16), undefined);
    while (network.step());
    assert.equal(attached(two, 1, 'row', 16).memory.f64[1], 9);
  });

  it('tells a later member of the regions that are there', () => {
    const { network, one } = pair(3);
    const region = one.allocate('row', 16, [2]);
    const three = network.addMember(3);
    region.peers.push(3);
    store(region, 0, 5);
    while (network.step());
    assert.equal(attached(three, 1, 'row', 16).memory.f64[0], 5);
  });

  it('crashes a member so that a prefix of its puts arrives at each peer, then the news of its death', () => {
    const lengths = new Set<number>();
    for (let seed = 1; seed <= 60; seed++) {
      const { network, one, two } = pair(seed);
      const region = one.allocate('row', 80, [2]);
      while (network.step());
      const { f64 } = attached(two, 1, 'row', 80).memory;
      for (let i = 0; i < 10; i++) store(region, i, 1);
      network.crash(1);
      store(region, 0, 99);
      while (!two.isDead(1)) assert.ok(network.step());
      const arrived = f64.indexOf(0) < 0 ? 10 : f64.indexOf(0);
      assert.deepEqual(
        [...f64],
        Array.from({ length: 10 }, (_, i) => (i < arrived ? 1 : 0)),
      );
      assert.equal(network.step(), false);
      lengths.add(arrived);
    }
    assert.ok(lengths.has(0) && lengths.has(10) && lengths.size > 6, [...lengths].join());
  });

  it('lets a peer learn of a death after the delay given, never at once', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { network, one, two } = pair(seed);
      store(one.allocate('row', 8, [2]), 0, 1);
      network.crash(1);
      network.run(999);
      assert.equal(two.isDead(1), false);
      network.run(10_001);
      assert.equal(two.isDead(1), true);
    }
  });

  it('can tear the put at which a crash cuts', () => {
    let torn = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const { network, one, two } = pair(seed, 'delayed', true);
      const region = one.allocate('row', 80, [2]);
      while (network.step());
      region.memory.f64.fill(1);
      region.put(0, 80);
      network.crash(1);
      while (network.step());
      const { f64 } = attached(two, 1, 'row', 80).memory;
      const ones = f64.filter((value) => value === 1).length;
      assert.deepEqual(
        [...f64],
        Array.from({ length: 10 }, (_, i) => (i < ones ? 1 : 0)),
      );
      if (ones > 0 && ones < 10) torn++;
    }
    assert.ok(torn > 5);
  });

  it('holds back what is on its way over a cut or to a paused member, and delivers it in order afterwards', () => {
    const { network, one, two } = pair(4);
    const row = one.allocate('row', 8, [2]);
    while (network.step());
    const { f64 } = attached(two, 1, 'row', 8).memory;
    const seen: number[] = [];
    network.onDeliver(() => seen.push(f64[0]!));
    store(row, 0, 1);
    network.cut(1, 2);
    store(row, 0, 2);
    network.runFor(10_000);
    assert.deepEqual(seen, []);
    network.pause(2);
    network.heal(1, 2);
    store(row, 0, 3);
    network.runFor(10_000);
    assert.deepEqual(seen, []);
    network.resume(2);
    while (network.step());
    assert.deepEqual([...new Set(seen.filter((value) => value > 0))], [1, 2, 3]);
  });

  it('cuts one way only', () => {
    const { network, one, two } = pair(4);
    network.cut(1, 2);
    one.allocate('row', 8, [2]);
    two.allocate('row', 8, [1]);
    while (network.step());
    assert.ok(one.attach(2, 'row', 8));
    assert.equal(two.attach(1, 'row', 8), undefined);
  });

  it('takes delays of its own for a pair', () => {
    const { network, one, two } = pair(4);
    network.setDelay(1, 2, { min: 5_000, max: 5_000 });
    one.allocate('row', 8, [2]);
    network.run(4_999);
    assert.equal(two.attach(1, 'row', 8), undefined);
    network.run(5_000);
    assert.ok(two.attach(1, 'row', 8));
    assert.equal(network.clock.nowUs(), 5_000);
  });

  it('runs planned actions at their time', () => {
    const { network } = pair(4);
    const times: number[] = [];
    for (const atUs of [30, 10, 20, 10]) network.schedule(atUs, () => times.push(network.clock.nowUs()));
    while (network.step());
    assert.deepEqual(times, [10, 10, 20, 30]);
  });

  it('lets a fault strike in the midst of a pass', () => {
    let puts = 0;
    const network: SimulatedNetwork = new SimulatedNetwork({
      seed: 1,
      mode: 'delayed',
      faults: {
        beforePut: ({ source }) => {
          if (++puts < 3) return;
          network.crash(source);
          throw new Error('crashed here');
        },
      },
    });
    const region = network.addMember(1).allocate('row', 64, [2]);
    network.addMember(2);
    store(region, 0, 1);
    store(region, 1, 1);
    assert.throws(() => {
      store(region, 2, 1);
    }, /crashed here/);
    assert.ok(network.isCrashed(1));
  });

  it('on aliased memory shows a store at once, and lets a ring of the bell travel', () => {
    const { network, one, two } = pair(4, 'aliased');
    assert.equal(two.attach(1, 'row', 8), undefined);
    const region = one.allocate('row', 8, [2]);
    const { f64 } = attached(two, 1, 'row', 8).memory;
    const told: number[] = [];
    network.onDeliver((member) => told.push(member));
    region.memory.f64[0] = 5;
    assert.equal(f64[0], 5);
    region.put(0, 8);
    region.put(0, 8);
    while (network.step());
    assert.deepEqual(told, [2]);
    network.crash(1);
    while (network.step());
    assert.equal(f64[0], 5);
    assert.ok(two.isDead(1));
  });
});
