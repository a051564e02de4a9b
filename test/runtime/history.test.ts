import assert from 'node:assert/strict';
import { EntryRef, entryBytes, entryHeadBytes } from '../../runtime/history/entry.js';
import { TopicHistory } from '../../runtime/history/topic-history.js';
import type { Delivery } from '../../runtime/multicast/delivery.js';
import { frameKind } from '../../runtime/multicast/frame.js';
import { SimulatedNetwork } from '../../transport/simulated/network.js';
import { regionMemory } from '../../transport/transport.js';
import { HistoryCluster, type HistoryMember, faultOf, unlimited } from './history-cluster.js';

const modes = ['aliased', 'delayed'] as const;

/** 1 reads, 2 reads and writes, 3 writes; all of them hold the topic. */
function threeHolders(mode: (typeof modes)[number], seed: number, limits = unlimited) {
  const cluster = new HistoryCluster({ seed, mode });
  const members = [1, 2, 3].map((id) => cluster.add(id));
  const order = members[0]!.read();
  cluster.network.runFor(20_000);
  const second = members[1]!.read();
  members[1]!.write(limits);
  members[2]!.write(limits);
  cluster.network.runFor(50_000);
  cluster.write([2, 3], 150);
  return { cluster, members, order, second };
}

/** A late reader of a fourth member, while the others write; `order` is whose log is what was agreed. */
function late(cluster: HistoryCluster, depth = Infinity) {
  const member = cluster.add(cluster.members.size + 1);
  const reader = member.read(depth);
  cluster.write([2, 3], 100);
  cluster.network.runFor(300_000);
  return { member, reader };
}

function assertExact(member: HistoryMember, reader: ReturnType<HistoryMember['read']>, order: typeof reader) {
  assert.ok(order.got.length > 200 && reader.epoch > 0);
  assert.equal(faultOf(member, reader, order.got), undefined);
  assert.equal(reader.ended, true);
}

describe('state transfer', () => {
  for (const mode of modes) {
    it(`${mode}: a late reader gets the history, then the live stream, while writers write`, () => {
      for (let seed = 1; seed <= 5; seed++) {
        const { cluster, order } = threeHolders(mode, seed);
        const { member, reader } = late(cluster);
        assertExact(member, reader, order);
        assert.deepEqual(reader.errors, []);
        assert.ok(reader.got.filter(({ epoch }) => epoch < reader.epoch).length >= 200);
      }
    });

    it(`${mode}: as deep as the writers keep it, and as the reader asks for it`, () => {
      const limits = { ...unlimited, depth: 7 };
      const { cluster, order } = threeHolders(mode, 3, limits);
      const { member, reader } = late(cluster, 3);
      assertExact(member, reader, order);
      assert.equal(reader.got.filter(({ epoch }) => epoch < reader.epoch).length, 5 * 3);
    });

    it(`${mode}: within the bounds of each writer`, () => {
      for (const limits of [
        { ...unlimited, samplesMax: 40 },
        { ...unlimited, bytesMax: 20_000 },
        { ...unlimited, instancesMax: 3 },
        { ...unlimited, samplesPerInstanceMax: 4 },
      ]) {
        const { cluster, order } = threeHolders(mode, 4, limits);
        const { member, reader } = late(cluster);
        assertExact(member, reader, order);
      }
    });

    it(`${mode}: the source dies at each of its puts, and the next one takes over`, () => {
      let reached = true;
      for (let step = 0; reached; step++) {
        const { cluster, order, second } = threeHolders(mode, 10 + step);
        cluster.write([2, 3], 250);
        const member = cluster.add(4);
        const reader = member.read();
        let puts = 0;
        reached = false;
        // Whoever gives first is the victim.
        cluster.crashAt = (_, region) => region.includes('.to') && puts++ === step && (reached = true);
        cluster.write([2, 3], 50);
        cluster.network.runFor(400_000);
        assertExact(member, reader, cluster.members.get(1)!.state === 'member' ? order : second);
        assert.deepEqual(reader.errors, []);
        assert.equal(cluster.alive().length, reached ? 3 : 4);
        if (!reached) assert.ok(step > 10, `only ${step} puts`);
      }
    });

    it(`${mode}: one source after another dies, and the last one, which only writes, gives the history of the living`, () => {
      let deaths = 0;
      for (let step = 0; step < 6; step++) {
        const { cluster } = threeHolders(mode, 40 + step);
        const member = cluster.add(4);
        // With whom those that are left are a majority.
        const others = [5, 6].map((id) => cluster.add(id));
        const reader = member.read();
        const puts = new Map<number, number>();
        cluster.crashAt = (source) => {
          puts.set(source, (puts.get(source) ?? 0) + 1);
          return source < 3 && puts.get(source)! > step;
        };
        cluster.write([2, 3], 60);
        cluster.network.runFor(600_000);
        const third = cluster.members.get(3)!.history!;
        const kept = third
          .contents()
          .filter(({ sender }) => sender === 3)
          .map((entry) => `${entry.epoch}.${entry.sequence}`);
        const mine = reader.got.filter(({ member: id }) => id === 3).map((s) => `${s.epoch}.${s.sequence}`);
        deaths += 4 + others.length - cluster.alive().length;
        assert.deepEqual(mine, kept);
        assert.deepEqual(reader.errors, []);
        assert.equal(reader.ended, true);
      }
      assert.ok(deaths >= 4, `${deaths} deaths`);
    });

    it(`${mode}: where every holder dies before it has given it, the reader is told, and gets what follows`, () => {
      const cluster = new HistoryCluster({ seed: 5, mode });
      const [first, , third] = [1, 2, 3].map((id) => cluster.add(id));
      first!.write(unlimited);
      cluster.network.runFor(50_000);
      cluster.write([1], 200);
      const reader = third!.read();
      let puts = 0;
      cluster.crashAt = (source) => source === 1 && puts++ === 3;
      cluster.network.runFor(400_000);
      assert.equal(first!.state, 'crashed');
      assert.deepEqual(
        reader.errors.map(({ code }) => code),
        ['BE_HISTORY_LOST'],
      );
      assert.deepEqual(reader.got, []);
      const second = cluster.members.get(2)!;
      second.write(unlimited);
      cluster.network.runFor(100_000);
      cluster.write([2], 20);
      cluster.network.runFor(100_000);
      assert.deepEqual(
        reader.got.map(({ number }) => number),
        Array.from({ length: 20 }, (_, i) => i + 1),
      );
    });

    it(`${mode}: a late reader that dies, and one that comes while another is being served, disturb nobody`, () => {
      for (let step = 0; step < 8; step++) {
        const { cluster, order } = threeHolders(mode, 60 + step);
        const four = cluster.add(4);
        const five = cluster.add(5);
        four.read();
        let puts = 0;
        cluster.crashAt = (source) => source === 4 && puts++ === step;
        cluster.network.runFor(300 * step);
        const reader = five.read(20);
        cluster.write([2, 3], 60);
        cluster.network.runFor(400_000);
        assertExact(five, reader, order);
        const six = late(cluster);
        assertExact(six.member, six.reader, order);
      }
    });

    it(`${mode}: the source goes on being one when the end closes by which it became it`, () => {
      const cluster = new HistoryCluster({ seed: 11, mode });
      const source = cluster.add(1);
      source.write(unlimited);
      cluster.network.runFor(20_000);
      cluster.write([1], 1200, 5, 900);
      const member = cluster.add(2);
      const reader = member.read();
      const runUntil = (what: () => boolean) => {
        for (let step = 0; step < 5000 && !what(); step++) cluster.network.runFor(10);
        assert.ok(what());
      };
      runUntil(() => member.history?.whole === false);
      source.read();
      runUntil(() => source.membership.view.endpoints.length === 3);
      source.close(1);
      runUntil(
        () => source.membership.view.endpoints.length === 2 && member.membership.view === member.views.at(-1),
      );
      assert.equal(member.history!.whole, false, 'the history has come too early');
      cluster.network.runFor(300_000);
      assert.deepEqual(reader.errors, []);
      assert.equal(reader.got.length, 1200);
    });

    it(`${mode}: portions that make no sense are told, and another source gives the history`, () => {
      for (const column of [0, 1, 2]) {
        const { cluster, order } = threeHolders(mode, 80);
        const member = cluster.add(4);
        const spoiler = spoilFirstChannel(cluster, [1, 2, 3], column);
        const reader = member.read();
        cluster.write([2, 3], 60);
        cluster.network.runFor(300_000);
        assert.notEqual(spoiler.id, undefined);
        assertExact(member, reader, order);
      }
    });

    it(`${mode}: who ceases to hold the topic while it waits for the history hands out what it held back, and may begin again`, () => {
      const { old, between: young, begin, goOn } = unsettled(mode);
      const got: string[] = [];
      const target = {
        holding: true,
        accept: ({ epoch, sequence }: Delivery) => got.push(`${epoch}.${sequence}`),
      };
      assert.equal(young.pass(sampleAt(2, 0), [target]), false);
      young.cease();
      assert.equal(young.pass(sampleAt(3, 0), [target]), false);
      young.step(() => true);
      assert.deepEqual([got, young.gated, young.over], [[], true, false]);
      target.holding = false;
      young.step(() => true);
      assert.deepEqual([got, young.gated, young.over], [['2.0', '3.0'], false, true]);
      assert.equal(young.pass(sampleAt(3, 1), [target]), true);
      assert.deepEqual(versionsOf(young), []);
      begin(4, { 1: 1, 2: 4 }, undefined, old, young);
      goOn(old, young);
      assert.deepEqual([versionsOf(young), young.lost, young.over], [['1.0'], undefined, false]);
    });

    it(`${mode}: who has lost some of it is not asked while another has it all`, () => {
      const network = new SimulatedNetwork({ seed: 12, mode });
      const [old, unlucky, whole, late] = [1, 2, 3, 4].map(
        (id) => new TopicHistory(network.addMember(id), 't', () => undefined),
      ) as [TopicHistory, TopicHistory, TopicHistory, TopicHistory];
      const begin = (epoch: number, since: Record<number, number>, ...histories: TopicHistory[]) => {
        const holders = Object.entries(since).map(([id, first]) => ({ member: Number(id), since: first }));
        for (const history of histories) history.begin({ slot: 1, epoch, holders, writers: [] });
      };
      const goOn = (...histories: TopicHistory[]) => {
        for (let round = 0; round < 10; round++) {
          network.runFor(1000);
          for (const history of histories) history.step(() => true);
        }
      };
      begin(1, { 1: 1 }, old);
      begin(2, { 1: 1, 2: 2 }, old, unlucky);
      begin(3, { 1: 1, 2: 2, 3: 3 }, old, unlucky, whole);
      goOn(old, whole);
      assert.deepEqual([unlucky.whole, whole.whole], [false, true]);
      // The first holder is gone, and the third has nothing of what was before the second came.
      begin(4, { 2: 2, 3: 3, 4: 4 }, unlucky, whole, late);
      goOn(unlucky, whole, late);
      assert.equal(unlucky.lost?.code, 'BE_HISTORY_LOST');
      assert.deepEqual([late.whole, late.lost], [true, undefined]);
      // Where nobody else is left, something is better than nothing.
      const last = new TopicHistory(network.addMember(5), 't', () => undefined);
      begin(5, { 2: 2, 5: 5 }, unlucky, last);
      goOn(unlucky, last);
      assert.deepEqual([last.whole, last.lost?.code], [true, 'BE_HISTORY_LOST']);
      assert.match(last.lost!.message, /is not whole/);
    });

    it(`${mode}: who came while only the failed knew where an epoch ended has the rest of it once that is known, and gives it to others`, () => {
      const { old, between, late, begin, goOn } = unsettled(mode);
      goOn(old, between);
      assert.deepEqual([versionsOf(between), between.whole], [['1.0'], false]);
      old.pass(sampleAt(1, 1), []);
      begin(3, { 1: 1, 2: 2, 3: 3 }, undefined, old, between, late);
      goOn(old, between, late);
      for (const history of [old, between, late]) assertHasBoth(history);
    });

    it(`${mode}: so has who had not even got what was kept before, one after the other`, () => {
      const { old, between, begin, goOn } = unsettled(mode);
      old.pass(sampleAt(1, 1), []);
      begin(3, { 1: 1, 2: 2 }, undefined, old, between);
      goOn(old, between);
      for (const history of [old, between]) assertHasBoth(history);
    });

    it(`${mode}: where nobody is left who was in that epoch, those who came later are told`, () => {
      const { old, between, late, begin, goOn } = unsettled(mode);
      goOn(old, between);
      begin(3, { 2: 2, 3: 3 }, undefined, between, late);
      goOn(between, late);
      assert.deepEqual(
        [between, late].map(({ lost }) => lost?.code),
        ['BE_HISTORY_LOST', 'BE_HISTORY_LOST'],
      );
      // So is who comes alone.
      const alone = unsettled(mode);
      alone.begin(3, { 2: 2 }, undefined, alone.between);
      assert.deepEqual([alone.between.lost?.code, alone.between.gated], ['BE_HISTORY_LOST', false]);
    });
  }
});

/** Epoch 1, in which member 1 was, and of which only the failed know where it ended; member 2 begins to hold the topic with epoch 2. */
function unsettled(mode: (typeof modes)[number]) {
  const network = new SimulatedNetwork({ seed: 13, mode });
  const histories = [1, 2, 3].map((id) => new TopicHistory(network.addMember(id), 't', () => undefined));
  const [old, between, late] = histories as [TopicHistory, TopicHistory, TopicHistory];
  const writers = [{ member: 1, number: 1, limits: unlimited }];
  const begin = (
    epoch: number,
    since: Record<number, number>,
    lost: number | undefined,
    ...those: TopicHistory[]
  ) => {
    const holders = Object.entries(since).map(([id, first]) => ({ member: Number(id), since: first }));
    for (const history of those) history.begin({ slot: 1, epoch, holders, writers, unsettled: lost });
  };
  const goOn = (...those: TopicHistory[]) => {
    for (let round = 0; round < 20; round++) {
      network.runFor(1000);
      for (const history of those) history.step(() => true);
    }
  };
  begin(1, { 1: 1 }, undefined, old);
  old.pass(sampleAt(1, 0), []);
  begin(2, { 1: 1, 2: 2 }, 1, old, between);
  return { old, between, late, begin, goOn };
}

/** A sample without payload of writer 1 of member 1. */
function sampleAt(epoch: number, sequence: number): Delivery {
  const memory = regionMemory(new ArrayBuffer(entryBytes(0)));
  memory.f64.set([epoch, sequence, 1]);
  memory.u32[(entryHeadBytes >>> 2) + 1] = (1 << 16) | frameKind.data;
  return new EntryRef(memory, 0).asDelivery();
}

/** And nothing is under way any more. */
function assertHasBoth(history: TopicHistory): void {
  assert.deepEqual(versionsOf(history), ['1.0', '1.1']);
  assert.deepEqual([history.whole, history.lost, history.active], [true, undefined, false]);
}

function versionsOf(history: TopicHistory): string[] {
  return history.contents().map(({ epoch, sequence }) => `${epoch}.${sequence}`);
}

/** The first of `ids` that is asked gives portions whose length (column 0), sum (1) or first sample (2) is wrong. */
function spoilFirstChannel(cluster: HistoryCluster, ids: readonly number[], column: number) {
  const spoiler: { id: number | undefined } = { id: undefined };
  for (const id of ids) {
    const transport = cluster.transportOf(id);
    const allocate = transport.allocate.bind(transport);
    transport.allocate = (name, byteLength, peers) => {
      const region = allocate(name, byteLength, peers);
      if (!/^history.*\.to/.test(name) || (spoiler.id ?? id) !== id) return region;
      spoiler.id = id;
      const put = region.put.bind(region);
      region.put = (start, end) => {
        if (start > 0) {
          if (column < 2) region.memory.f64[(start >>> 3) + column] = column === 0 ? 2 ** 40 : 1;
          else region.memory.bytes[start + 64 + 120]! ^= 0x80;
        }
        put(start, end);
      };
      return region;
    };
  }
  return spoiler;
}
