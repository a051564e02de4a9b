import assert from 'node:assert/strict';
import type { SimulatedMember } from '../../transport/simulated/member.js';
import { Cluster, rawTerms, type SimulatedMemberCore } from './cluster.js';

const topic = 'a';
const KiB = 1024;
/** Room for several regions of large messages. */
const terms = { ...rawTerms, largeBytes: 16 * KiB * KiB };

/** Members 1, 2, … that read a raw topic, which the last of them alone writes. */
function domainOf(
  count: number,
  mode: 'delayed' | 'aliased' | 'mixed',
): [Cluster, SimulatedMemberCore[], SimulatedMemberCore] {
  // Members 1 and 2 on a host of their own where it is mixed.
  const cluster = new Cluster({ seed: 1, mode, singleHost: false, hostOf: (id) => (id <= 2 ? 0 : id) });
  const first = cluster.add(1);
  const members = [first];
  for (let id = 2; id <= count; id++) members.push(cluster.add(id, first));
  cluster.runFor(100_000);
  for (const member of members) {
    member.open(topic, 'reader', terms);
    if (member.id === count) member.open(topic, 'writer', terms);
    member.run();
  }
  cluster.runFor(200_000);
  return [cluster, members, members.at(-1)!];
}

/** `writer` sends `lengths`, of which only `hearers` hear; then it dies. */
function dieHeardBy(
  cluster: Cluster,
  members: readonly SimulatedMemberCore[],
  writer: SimulatedMemberCore,
  hearers: readonly number[],
  lengths: readonly number[],
): void {
  const deaf = members.filter((member) => member !== writer && !hearers.includes(member.id));
  for (const { id } of deaf) cluster.network.cut(writer.id, id);
  for (const length of lengths) assert.ok(writer.send(topic, length));
  writer.run();
  cluster.runFor(1_000);
  for (const { id } of deaf) cluster.network.lose(writer.id, id);
  cluster.crash(writer.id);
  for (const { id } of deaf) cluster.network.heal(writer.id, id);
}

function deliveredAt(member: SimulatedMemberCore): number[] {
  return member.delivered.get(topic)!.map((entry) => Number(entry.split(/[:@]/)[1]));
}

function relaysOf(member: SimulatedMemberCore): string[] {
  return [...member.regions.keys()].filter((name) => name.includes('.relay'));
}

/** Which of them it has not given back yet. */
function keptBy({ transport }: SimulatedMemberCore): string[] {
  return [...(transport as SimulatedMember).regions.keys()].filter((name) => name.includes('.relay'));
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

/** Lets `member` crash when it makes a relay, before it has put any of it. */
function crashAtRelay(cluster: Cluster, member: SimulatedMemberCore): void {
  const allocate = member.transport.allocate.bind(member.transport);
  member.transport.allocate = (name, byteLength, peers) => {
    if (name.includes('.relay')) cluster.crash(member.id);
    return allocate(name, byteLength, peers);
  };
}

for (const mode of ['delayed', 'mixed'] as const) {
  describe(`what only some survivors received of a raw topic, over ${mode} memory`, () => {
    it('is passed on by one of them to the others, who deliver it once and in order', () => {
      const [cluster, members, writer] = domainOf(5, mode);
      assert.ok(writer.send(topic));
      writer.run();
      cluster.runFor(1_000);
      dieHeardBy(cluster, members, writer, [3, 4], [16, 100, 16]);
      cluster.runFor(500_000);
      for (const member of members.slice(0, 4)) {
        assert.equal(member.membership.view.members.length, 4);
        assert.deepEqual(deliveredAt(member), upTo(4), `member ${member.id}`);
      }
      assert.deepEqual(
        members.map((member) => relaysOf(member).length),
        [0, 0, 1, 0, 0],
      );
    });

    it('is passed on where it wraps around the end of the ring', () => {
      const [cluster, members, writer] = domainOf(3, mode);
      for (let i = 0; i < 9; i++) {
        assert.ok(writer.send(topic, 400));
        writer.run();
        cluster.runFor(1_000);
      }
      dieHeardBy(cluster, members, writer, [2], [16, 400, 400, 30]);
      cluster.runFor(500_000);
      for (const member of members.slice(0, 2)) assert.deepEqual(deliveredAt(member), upTo(13));
      assert.equal(relaysOf(members[1]!).length, 1);
    });

    it('is passed on with the messages that are larger than a frame, whatever regions they were in', () => {
      const [cluster, members, writer] = domainOf(3, mode);
      // Each of these needs larger memory than the one before.
      dieHeardBy(cluster, members, writer, [2], [300 * KiB, 16, 900 * KiB, 1_800 * KiB, 32]);
      cluster.runFor(500_000);
      for (const member of members.slice(0, 2)) assert.deepEqual(deliveredAt(member), upTo(5));
      assert.deepEqual(relaysOf(members[1]!).length, 2);
      assert.deepEqual(keptBy(members[1]!), []);
    });

    it('is passed on by the next that has it where the first one dies over it', () => {
      const [cluster, members, writer] = domainOf(6, mode);
      crashAtRelay(cluster, members[2]!);
      dieHeardBy(cluster, members, writer, [3, 4], [16, 16]);
      cluster.runFor(800_000);
      for (const member of [members[0]!, members[1]!, members[3]!, members[4]!]) {
        assert.equal(member.membership.view.members.length, 4);
        assert.deepEqual(deliveredAt(member), upTo(2), `member ${member.id}`);
      }
      assert.equal(relaysOf(members[3]!).length, 1);
    });

    it('is lost with those who have it where all of them die: nobody waits for it', () => {
      const [cluster, members, writer] = domainOf(6, mode);
      assert.ok(writer.send(topic));
      writer.run();
      cluster.runFor(1_000);
      crashAtRelay(cluster, members[2]!);
      dieHeardBy(cluster, members, writer, [3], [16, 16]);
      cluster.runFor(800_000);
      for (const member of [members[0]!, members[1]!, members[3]!, members[4]!]) {
        assert.equal(member.membership.view.members.length, 4);
        assert.deepEqual(deliveredAt(member), [1], `member ${member.id}`);
      }
    });
  });
}

describe('a raw topic where nobody lacks anything', () => {
  it('has no relay, on aliased memory not even where a writer dies', () => {
    for (const mode of ['delayed', 'aliased'] as const) {
      const [cluster, members, writer] = domainOf(3, mode);
      const hearers = mode === 'delayed' ? [1, 2] : [2];
      dieHeardBy(cluster, members, writer, hearers, [16, 16]);
      cluster.runFor(500_000);
      for (const member of members.slice(0, 2)) {
        assert.deepEqual(deliveredAt(member), upTo(2), mode);
        assert.deepEqual(relaysOf(member), []);
      }
    }
  });
});
