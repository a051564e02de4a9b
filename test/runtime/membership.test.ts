import assert from 'node:assert/strict';
import type { MembershipError } from '../../runtime/membership/errors.js';
import { Cluster, rawTerms, type SimulatedMemberCore } from './cluster.js';

const modes = ['aliased', 'delayed'] as const;

function threeMembers(mode: (typeof modes)[number], seed = 1): [Cluster, SimulatedMemberCore[]] {
  const cluster = new Cluster({ seed, mode });
  const first = cluster.add(1);
  const others = [cluster.add(2, first), cluster.add(3, first)];
  cluster.runFor(100_000);
  return [cluster, [first, ...others]];
}

function openAll(
  cluster: Cluster,
  members: SimulatedMemberCore[],
  topic: string,
  terms?: typeof rawTerms,
): void {
  for (const member of members) {
    member.open(topic, 'writer', terms);
    member.open(topic, 'reader', terms);
    member.run();
  }
  cluster.runFor(200_000);
}

/** Every live member writes `count` messages in all, as room allows, while time passes. */
function write(
  cluster: Cluster,
  members: SimulatedMemberCore[],
  topic: string,
  count: number,
  length = 16,
): void {
  const goals = members.map((member) => member.sent + count);
  for (let step = 0; step < 2000; step++) {
    let busy = false;
    members.forEach((member, i) => {
      if (member.state !== 'member') return;
      for (let burst = 0; burst < 7 && member.sent < goals[i]! && member.send(topic, length); burst++);
      if (member.sent < goals[i]!) busy = true;
      member.run();
    });
    cluster.runFor(200);
    if (!busy) break;
  }
}

/** The numbers of `sender`'s messages in an order. */
function numbersOf(order: string[], sender: number): number[] {
  return order
    .filter((entry) => entry.startsWith(`${sender}:`))
    .map((entry) => Number(entry.split(/[:@]/)[1]));
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

for (const mode of modes) {
  describe(`membership over ${mode} memory`, () => {
    it('forms a domain in which everyone has the same view', () => {
      const [, members] = threeMembers(mode);
      for (const member of members) {
        assert.deepEqual(member.membership.view, members[0]!.membership.view);
        assert.deepEqual(
          member.membership.view.members.map(({ id }) => id),
          [1, 2, 3],
        );
      }
    });

    it('delivers what three racing senders write in one order, the same everywhere', () => {
      const [cluster, members] = threeMembers(mode);
      openAll(cluster, members, 'a');
      write(cluster, members, 'a', 500);
      cluster.runFor(100_000);
      const order = members[0]!.delivered.get('a')!;
      assert.equal(order.length, 1500);
      for (const member of members) assert.deepEqual(member.delivered.get('a'), order);
    });

    it('delivers messages larger than a frame in their place', () => {
      const [cluster, members] = threeMembers(mode);
      openAll(cluster, members, 'a');
      write(cluster, members.slice(0, 2), 'a', 30, 100_000);
      write(cluster, members, 'a', 10);
      cluster.runFor(100_000);
      const order = members[0]!.delivered.get('a')!;
      assert.equal(order.length, 90);
      for (const member of members) assert.deepEqual(member.delivered.get('a'), order);
    });

    for (const victim of [0, 1, 2]) {
      it(`survives the crash of member ${victim} under load: the others agree, and lose nothing of their own`, () => {
        for (let seed = 1; seed <= 20; seed++) {
          const [cluster, members] = threeMembers(mode, seed);
          openAll(cluster, members, 'a');
          cluster.network.schedule(cluster.network.clock.nowUs() + 3000 + seed * 97, () =>
            cluster.crash(victim + 1),
          );
          write(cluster, members, 'a', 400);
          cluster.runFor(500_000);
          const survivors = members.filter(({ state }) => state === 'member');
          assert.equal(survivors.length, 2, `seed ${seed}: ${survivors.map(({ id }) => id)}`);
          const order = survivors[0]!.delivered.get('a')!;
          assert.deepEqual(survivors[1]!.delivered.get('a'), order, `seed ${seed}`);
          for (const { id } of survivors) {
            const own = order
              .filter((entry) => entry.startsWith(`${id}:`))
              .map((entry) => Number(entry.split(/[:@]/)[1]));
            assert.deepEqual(
              own,
              Array.from({ length: 400 }, (_, i) => i + 1),
              `seed ${seed} member ${id}`,
            );
          }
        }
      });
    }

    it('lets a member leave under load, with all that it wrote delivered', () => {
      const [cluster, members] = threeMembers(mode);
      openAll(cluster, members, 'a');
      write(cluster, members, 'a', 100);
      cluster.runFor(100_000);
      members[0]!.membership.request([{ op: 'leave' }]);
      write(cluster, members.slice(1), 'a', 100);
      cluster.runFor(300_000);
      assert.equal(members[0]!.state, 'left');
      assert.ok(members[0]!.membership.mayGo);
      assert.deepEqual(members[1]!.delivered.get('a'), members[2]!.delivered.get('a'));
      assert.equal(members[1]!.delivered.get('a')!.length, 500);
      assert.deepEqual(
        members[1]!.membership.view.members.map(({ id }) => id),
        [2, 3],
      );
    });

    it('does not stop a subgroup that a view change leaves as it is', () => {
      const [cluster, members] = threeMembers(mode);
      openAll(cluster, members.slice(0, 2), 'b');
      const slot = members[0]!.membership.view.topics[0]!.slot;
      const before = members[0]!.membership.subgroup(slot);
      members[2]!.open('c', 'reader');
      members[2]!.run();
      cluster.runFor(100_000);
      cluster.crash(3);
      cluster.runFor(100_000);
      assert.equal(members[0]!.membership.view.members.length, 2);
      assert.equal(members[0]!.membership.subgroup(slot), before);
    });

    it('delivers on one topic while another waits for its view change to come to an end', () => {
      const [cluster, members] = threeMembers(mode);
      const [first, second, third] = members as [
        SimulatedMemberCore,
        SimulatedMemberCore,
        SimulatedMemberCore,
      ];
      openAll(cluster, [first, second], 'b');
      openAll(cluster, [first, third], 'a');
      const longest = () => {
        let [since, most] = [0, 0];
        for (let step = 0; step < 100; step++) {
          const count = second.delivered.get('b')?.length ?? 0;
          first.send('b', 16);
          first.run();
          cluster.runFor(200);
          since = second.delivered.get('b')!.length > count ? 0 : since + 1;
          most = Math.max(most, since);
        }
        return most;
      };
      const before = longest();
      const a = first.membership.subgroup(
        first.membership.view.topics.find(({ name }) => name === 'a')!.slot,
      )!;
      const { viewId } = first.membership.view;
      second.open('a', 'reader');
      second.run();
      for (let us = 0; us < 100_000 && !a.isWedged(first.id); us++) cluster.runFor(1);
      assert.ok(a.isWedged(first.id), 'a goes on');
      // The epoch of a cannot end: one of its members is stopped, and not yet suspected.
      cluster.network.pause(3);
      const during = longest();
      assert.equal(first.membership.view.viewId, viewId, 'the change was over before');
      assert.ok(!first.send('a', 16), 'a is stopped');
      cluster.network.resume(3);
      cluster.runFor(100_000);
      assert.ok(first.membership.view.viewId > viewId, 'nothing changed');
      assert.ok(before < 5 && during <= before, `b waited for a: ${during} looks, ${before} before`);
    });

    it('grows a ring under load: a new epoch, and nothing lost, repeated or out of order', () => {
      for (let seed = 1; seed <= 20; seed++) {
        const [cluster, members] = threeMembers(mode, seed);
        openAll(cluster, members, 'a');
        cluster.network.schedule(cluster.network.clock.nowUs() + 2000 + seed * 77, () => {
          const { epoch } = members[1]!.membership.view.topics[0]!;
          members[1]!.membership.request([{ op: 'grow', topic: 'a', epoch, ringBytes: 16384 }]);
        });
        write(cluster, members, 'a', 400);
        cluster.runFor(300_000);
        const order = members[0]!.delivered.get('a')!;
        for (const member of members) assert.deepEqual(member.delivered.get('a'), order, `seed ${seed}`);
        assert.equal(new Set(order.map((entry) => entry.split('@')[1])).size, 2, 'two epochs');
        for (const { id } of members)
          assert.deepEqual(numbersOf(order, id), upTo(400), `seed ${seed} member ${id}`);
      }
    });

    it('goes on without a member that is stopped, which halts when it wakes and finds itself evicted', () => {
      const [cluster, members] = threeMembers(mode);
      openAll(cluster, members, 'a');
      cluster.network.pause(3);
      cluster.runFor(3_000_000);
      assert.deepEqual(
        members[0]!.membership.view.members.map(({ id }) => id),
        [1, 2],
      );
      cluster.network.resume(3);
      cluster.runFor(500_000);
      assert.equal(members[2]!.state, 'halted');
      assert.equal((members[2]!.haltedBecause as MembershipError).code, 'BE_EVICTED');
      write(cluster, members.slice(0, 2), 'a', 50);
      cluster.runFor(100_000);
      assert.equal(members[0]!.delivered.get('a')!.length, 100);
    });

    it('takes in a queue of strangers though a member dies: no more in one view than it has survivors', () => {
      const [cluster, [first]] = threeMembers(mode);
      for (let id = 4; id <= 11; id++) cluster.add(id, first);
      cluster.runFor(150);
      cluster.crash(3);
      cluster.runFor(2_000_000);
      const { views } = first!;
      assert.deepEqual(
        views.at(-1)!.members.map(({ id }) => id),
        [1, 2, 4, 5, 6, 7, 8, 9, 10, 11],
      );
      for (let k = 1; k < views.length; k++) {
        const before = new Set(views[k - 1]!.members.map(({ id }) => id));
        const stayed = views[k]!.members.filter(({ id }) => before.has(id)).length;
        assert.ok(views[k]!.members.length - stayed <= before.size, `view ${views[k]!.viewId}`);
      }
    });

    it('is silent when nobody writes', () => {
      const [cluster, members] = threeMembers(mode);
      openAll(cluster, members, 'a');
      write(cluster, members.slice(0, 1), 'a', 10);
      cluster.runFor(200_000);
      let puts = 0;
      for (const member of members) {
        const mark = member.board.mark.bind(member.board);
        member.board.mark = (slot: number) => {
          puts++;
          mark(slot);
        };
      }
      cluster.runFor(500_000);
      assert.equal(puts, 0);
    });
  });
}

describe('a domain whose memory is not aliased', () => {
  it('halts whom the others left behind, though it hears nothing of it: it does not go on alone by killing them', () => {
    const [cluster, members] = threeMembers('delayed');
    openAll(cluster, members, 'a');
    for (const other of [1, 2]) {
      cluster.network.cut(other, 3);
      cluster.network.cut(3, other);
    }
    cluster.runFor(5_000_000);
    assert.deepEqual(
      members.map(({ state }) => state),
      ['member', 'member', 'halted'],
    );
    assert.equal((members[2]!.haltedBecause as MembershipError).code, 'BE_NO_MAJORITY');
    assert.deepEqual(
      members[0]!.membership.view.members.map(({ id }) => id),
      [1, 2],
    );
  });
});

describe('raw subgroups', () => {
  it('deliver each writer in its own order, and survivors of a crash end with the same set', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const [cluster, members] = threeMembers('aliased', seed);
      openAll(cluster, members, 'a', rawTerms);
      cluster.network.schedule(cluster.network.clock.nowUs() + 2000 + seed * 131, () => cluster.crash(2));
      write(cluster, members, 'a', 300);
      cluster.runFor(500_000);
      const [one, three] = [members[0]!, members[2]!].map((member) => member.delivered.get('a')!);
      for (const sender of [1, 2, 3]) {
        const of = (log: string[]) => log.filter((entry) => entry.startsWith(`${sender}:`));
        assert.deepEqual(of(one!), of(three!), `seed ${seed}`);
      }
    }
  });
});
