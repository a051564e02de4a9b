import assert from 'node:assert/strict';
import { planRestart } from '../../runtime/membership/restart.js';
import type { LogRecord } from '../simulation/disk.js';
import { atomicTerms, Cluster, persistentTerms, type SimulatedMemberCore } from './cluster.js';

type Disks = 'all' | readonly number[];

/** Members that write and read topic `p`; those with a disk are its replicas. */
function openCluster(
  mode: 'aliased' | 'delayed',
  count: number,
  {
    disks = 'all',
    terms = persistentTerms,
    seed = 7,
  }: { disks?: Disks; terms?: typeof persistentTerms; seed?: number } = {},
): [Cluster, SimulatedMemberCore[]] {
  const cluster = new Cluster({ seed, mode, singleHost: mode === 'aliased' });
  const first = cluster.add(1);
  const members = [first];
  for (let id = 2; id <= count; id++) members.push(cluster.add(id, first));
  cluster.runFor(200_000);
  for (const member of members)
    for (const role of ['reader', 'writer'] as const)
      member.open('p', role, terms, disks === 'all' || disks.includes(member.id));
  cluster.runFor(400_000);
  for (const member of members) assert.equal(member.membership.view.endpoints.length, count * 2);
  return [cluster, members];
}

function subgroupOf(member: SimulatedMemberCore) {
  const topic = member.membership.view.topics.find(({ name }) => name === 'p')!;
  return member.membership.subgroup(topic.slot)!;
}

const deliveredAt = (member: SimulatedMemberCore) => member.delivered.get('p') ?? [];
const recordsOf = (member: SimulatedMemberCore): readonly LogRecord[] => member.disk.log('p').records;
const durableAt = (member: SimulatedMemberCore): number => member.disk.log('p').durable;

for (const mode of ['aliased', 'delayed'] as const) {
  describe(`a persistent topic over ${mode} memory`, () => {
    it('is delivered only once every replica has it on its disk, and all logs are the order of delivery', () => {
      const [cluster, members] = openCluster(mode, 3);
      for (let round = 0; round < 40; round++) {
        for (const member of members) member.send('p');
        for (let i = 0; i < 20; i++) {
          cluster.runFor(50);
          const most = Math.max(...members.map((member) => deliveredAt(member).length));
          const least = Math.min(...members.map(durableAt));
          assert.ok(most <= least, `${most} delivered, and only ${least} on every disk`);
        }
      }
      cluster.runFor(100_000);
      for (const member of members) {
        assert.equal(deliveredAt(member).length, 120);
        assert.deepEqual(deliveredAt(member), deliveredAt(members[0]!));
        assert.deepEqual(recordsOf(member), recordsOf(members[0]!));
        assert.equal(durableAt(member), 120);
      }
    });

    it('is committed for its writer when the slowest disk has it, though it is stable long before', () => {
      const [cluster, [one, two, three]] = openCluster(mode, 3) as [Cluster, SimulatedMemberCore[]];
      three!.disk.slowUs = 200_000;
      one!.send('p');
      one!.run();
      cluster.runFor(50_000);
      const subgroup = subgroupOf(one!);
      assert.equal(subgroup.stableTurns(), 1);
      assert.equal(subgroup.committedTurns(), 0);
      assert.equal(durableAt(two!), 1);
      assert.deepEqual(deliveredAt(two!), []);
      cluster.runFor(200_000);
      assert.equal(subgroup.committedTurns(), 1);
      assert.equal(deliveredAt(two!).length, 1);
    });

    it('that delivers what is stable does not wait for the disks', () => {
      const [cluster, members] = openCluster(mode, 3, {
        terms: { ...persistentTerms, persistent: 'stable' },
      });
      for (const { disk } of members) disk.slowUs = 300_000;
      for (const member of members) member.send('p', 3000);
      cluster.runFor(50_000);
      for (const member of members) assert.equal(deliveredAt(member).length, 3);
      assert.equal(subgroupOf(members[0]!).committedTurns(), 0);
      cluster.runFor(700_000);
      assert.equal(subgroupOf(members[0]!).committedTurns(), 1);
      for (const member of members) assert.deepEqual(recordsOf(member), recordsOf(members[0]!));
    });

    it('is kept by those with a disk alone: the others read it, and do not hold it back', () => {
      const [cluster, members] = openCluster(mode, 3, { disks: [1, 2] });
      const { replicas, receivers } = subgroupOf(members[0]!).layout;
      assert.deepEqual(replicas, [1, 2]);
      assert.deepEqual(receivers, [1, 2, 3]);
      members[2]!.send('p');
      members[2]!.run();
      cluster.runFor(50_000);
      for (const member of members) assert.equal(deliveredAt(member).length, 1);
      assert.equal(subgroupOf(members[2]!).committedTurns(), 1);
      assert.equal(members[2]!.disk.replicas.size, 0);
    });

    it('begins an epoch where a member that reads it becomes a replica, and where it is none any more', () => {
      const [cluster, members] = openCluster(mode, 3, { disks: [1, 2] });
      const { epoch } = subgroupOf(members[0]!).layout;
      const endpoint = members[2]!.open('p', 'reader', persistentTerms);
      cluster.runFor(200_000);
      const replicated = subgroupOf(members[0]!).layout;
      assert.ok(replicated.epoch > epoch);
      assert.deepEqual(replicated.replicas, [1, 2, 3]);
      members[0]!.send('p');
      cluster.runFor(50_000);
      assert.equal(durableAt(members[2]!), 1);
      members[2]!.membership.request([{ op: 'close', endpoint }]);
      cluster.runFor(200_000);
      const after = subgroupOf(members[0]!).layout;
      assert.ok(after.epoch > replicated.epoch);
      assert.deepEqual(after.replicas, [1, 2]);
      assert.deepEqual(after.receivers, [1, 2, 3]);
    });

    it('that rests is gone on with by those who left last: whoever left before knows that there are others', () => {
      const [cluster, members] = openCluster(mode, 3);
      members[0]!.send('p');
      cluster.runFor(100_000);
      for (const { id, membership } of members)
        for (const { id: endpoint } of membership.view.endpoints.filter(({ member }) => member === id))
          membership.request([{ op: 'close', endpoint }]);
      cluster.runFor(200_000);
      assert.equal(members[0]!.membership.view.topics.length, 0);
      const found = ({ id, disk }: SimulatedMemberCore) => ({ ...disk.found(), disk: `of-${id}` });
      for (const member of members.slice(0, 2)) {
        member.membership.request([{ op: 'leave' }]);
        cluster.runFor(200_000);
      }
      const decision = planRestart(members.slice(0, 2).map(found), false);
      assert.ok(Array.isArray(decision));
      assert.deepEqual(decision[0]!.disks, ['of-3']);
      assert.ok(!Array.isArray(planRestart([found(members[2]!)], false)));
    });

    it('without any replica delivers nothing and acknowledges nothing; what was written goes out once there is one', () => {
      const [cluster, members] = openCluster(mode, 2, { disks: [] });
      for (let i = 0; i < 5; i++) members[0]!.send('p');
      cluster.runFor(100_000);
      assert.deepEqual(deliveredAt(members[1]!), []);
      assert.equal(subgroupOf(members[0]!).stableTurns(), 0);
      assert.equal(subgroupOf(members[0]!).committedTurns(), 0);
      members[1]!.open('p', 'reader', persistentTerms);
      cluster.runFor(200_000);
      for (const member of members)
        assert.deepEqual(
          deliveredAt(member).map((text) => text.split('@')[0]),
          [1, 2, 3, 4, 5].map((number) => `1:${number}`),
        );
      assert.equal(durableAt(members[1]!), 5);
    });

    it('whose only reader is gone keeps what is written for the next replica', () => {
      const cluster = new Cluster({ seed: 3, mode, singleHost: mode === 'aliased' });
      const one = cluster.add(1);
      const two = cluster.add(2, one);
      cluster.runFor(200_000);
      one.open('p', 'writer', persistentTerms, false);
      cluster.runFor(200_000);
      assert.ok(one.send('p') && one.send('p'));
      cluster.runFor(50_000);
      assert.equal(subgroupOf(one).stableTurns(), 0);
      two.open('p', 'reader', persistentTerms);
      cluster.runFor(200_000);
      assert.equal(deliveredAt(two).length, 2);
      assert.equal(durableAt(two), 2);
      assert.equal(subgroupOf(one).committedTurns(), 2);
    });

    for (const victim of [1, 2, 3]) {
      it(`survives the crash of replica ${victim} under load: what it had delivered is on the disks of the others, which are alike`, () => {
        const [cluster, members] = openCluster(mode, 3, { seed: 20 + victim });
        for (let round = 0; round < 60; round++) {
          for (const member of members) if (member.state === 'member') member.send('p');
          cluster.runFor(200);
          if (round === 30) cluster.crash(victim);
        }
        cluster.runFor(3_000_000);
        const survivors = members.filter(({ id }) => id !== victim);
        const [left, right] = survivors as [SimulatedMemberCore, SimulatedMemberCore];
        assert.deepEqual(
          left.membership.view.members.map(({ id }) => id),
          survivors.map(({ id }) => id),
        );
        assert.deepEqual(deliveredAt(left), deliveredAt(right));
        assert.deepEqual(recordsOf(left), recordsOf(right));
        assert.equal(durableAt(left), deliveredAt(left).length);
        for (const member of survivors) {
          const own = deliveredAt(left).filter((text) => text.startsWith(`${member.id}:`));
          assert.equal(own.length, member.sent);
        }
        const dead = members[victim - 1]!;
        assert.deepEqual(deliveredAt(dead), deliveredAt(left).slice(0, deliveredAt(dead).length));
        dead.disk.crash();
        assert.deepEqual(recordsOf(dead), recordsOf(left).slice(0, recordsOf(dead).length));
      });
    }

    it('ends an epoch only when every survivor has the next view on its disk', () => {
      const [cluster, members] = openCluster(mode, 3);
      for (const member of members) member.send('p');
      cluster.runFor(50_000);
      const before = members[0]!.membership.view.viewId;
      members[1]!.disk.slowUs = 500_000;
      cluster.crash(3);
      cluster.runFor(300_000);
      assert.deepEqual([...members[0]!.disk.views.records.keys()].at(-1), before + 1);
      assert.equal(members[0]!.disk.views.prepared, before + 1);
      assert.equal(members[0]!.membership.view.viewId, before);
      cluster.runFor(2_000_000);
      assert.equal(members[0]!.membership.view.viewId, before + 1);
      const [mine, theirs] = members.map(({ disk }) => disk.views.records.get(before + 1));
      assert.equal(mine, theirs);
      const record = JSON.parse(mine!) as { view: { viewId: number; members: unknown[] }; ended: unknown[] };
      assert.equal(record.view.viewId, before + 1);
      assert.equal(record.view.members.length, 2);
      const { epoch, sequence } = recordsOf(members[0]!).at(-1)!;
      const disks = ['of-1', 'of-2', 'of-3'];
      assert.deepEqual(record.ended, [{ topic: 'p', epoch, lastSequence: sequence, disks }]);
    });

    it('whose member cannot write to its disk loses that member, and nothing that was promised', () => {
      const [cluster, members] = openCluster(mode, 3);
      for (let round = 0; round < 10; round++) for (const member of members) member.send('p');
      cluster.runFor(2_000);
      members[1]!.disk.roomLeft = 3;
      for (const member of members) member.send('p');
      for (const member of members) member.send('p');
      cluster.runFor(3_000_000);
      assert.equal(members[1]!.state, 'halted');
      assert.match(members[1]!.haltedBecause!.message, /no space/);
      assert.equal((members[1]!.haltedBecause as { code?: string }).code, 'BE_LOG_FAILED');
      const [one, , three] = members as [SimulatedMemberCore, SimulatedMemberCore, SimulatedMemberCore];
      assert.deepEqual(
        one.membership.view.members.map(({ id }) => id),
        [1, 3],
      );
      assert.deepEqual(deliveredAt(one), deliveredAt(three));
      assert.deepEqual(recordsOf(one), recordsOf(three));
      const full = deliveredAt(members[1]!);
      assert.deepEqual(full, deliveredAt(one).slice(0, full.length));
      one.send('p');
      const count = deliveredAt(three).length;
      cluster.runFor(100_000);
      assert.equal(deliveredAt(three).length, count + 1);
    });

    it('does not hold up an atomic topic while its disks are slow', () => {
      const [cluster, members] = openCluster(mode, 2);
      for (const member of members) member.open('a', 'reader', atomicTerms);
      members[0]!.open('a', 'writer', atomicTerms);
      cluster.runFor(300_000);
      for (const { disk } of members) disk.slowUs = 1_000_000;
      members[0]!.send('p');
      members[0]!.send('a');
      cluster.runFor(20_000);
      assert.equal(members[1]!.delivered.get('a')!.length, 1);
      assert.deepEqual(deliveredAt(members[1]!), []);
    });

    it('holds its writers back while a disk is slow, and loses nothing', () => {
      const [cluster, members] = openCluster(mode, 2);
      members[1]!.disk.slowUs = 50_000;
      let sent = 0;
      for (let i = 0; i < 2_000; i++) {
        if (members[0]!.send('p', 200)) sent++;
        cluster.runFor(100);
      }
      assert.ok(sent < 1_000, `${sent} of 2000 found room`);
      cluster.runFor(2_000_000);
      assert.equal(deliveredAt(members[1]!).length, sent);
      assert.equal(durableAt(members[1]!), sent);
    });
  });
}
