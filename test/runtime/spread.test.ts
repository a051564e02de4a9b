import assert from 'node:assert/strict';
import type { Spreading } from '../../transport/transport.js';
import { atomicTerms, Cluster, rawTerms, type SimulatedMemberCore } from './cluster.js';

const topic = 'a';
const KiB = 1024;

export const spreading: Spreading = {
  perBlock: 1e-7,
  bandwidth: 1e9,
  blockBytesMin: 256,
  blockBytesMax: KiB,
};

interface Domain {
  readonly cluster: Cluster;
  readonly members: readonly SimulatedMemberCore[];
}

function domainOf(
  count: number,
  {
    mode = 'delayed',
    terms = atomicTerms,
    schedule = undefined as Spreading['schedule'],
    writers = [1],
  } = {},
): Domain {
  const cluster = new Cluster({
    seed: count,
    mode: mode as 'delayed' | 'mixed',
    singleHost: false,
    spreading: { ...spreading, schedule },
  });
  const first = cluster.add(1);
  const members = [first];
  for (let id = 2; id <= count; id++) members.push(cluster.add(id, first));
  cluster.runFor(200_000);
  for (const member of members) {
    member.open(topic, 'reader', terms);
    if (writers.includes(member.id)) member.open(topic, 'writer', terms);
    member.run();
  }
  cluster.runFor(200_000);
  return { cluster, members };
}

/** Bytes of large messages that each member has put, by member. */
function countPuts({ members }: Domain): Map<number, number> {
  const bytes = new Map<number, number>();
  for (const { transport, id } of members) {
    const allocate = transport.allocate.bind(transport);
    transport.allocate = (name, byteLength, peers) => {
      const region = allocate(name, byteLength, peers);
      if (!/rdmc|large/.test(name)) return region;
      const putPayload = region.putPayload.bind(region);
      region.putPayload = (start, end, to) => {
        bytes.set(id, (bytes.get(id) ?? 0) + (end - start) * (to === undefined ? region.peers.length : 1));
        putPayload(start, end, to);
      };
      return region;
    };
  }
  return bytes;
}

function send({ cluster }: Domain, member: SimulatedMemberCore, lengths: readonly number[]): void {
  for (const length of lengths) {
    for (let i = 0; !member.send(topic, length); i++) {
      assert.ok(i < 100, 'no room');
      cluster.runFor(10_000);
    }
    member.run();
  }
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

function deliveredAt(member: SimulatedMemberCore, sender = 1): number[] {
  return member.delivered
    .get(topic)!
    .map((entry) => entry.split(/[:@]/).map(Number))
    .filter(([from]) => from === sender)
    .map(([, number]) => number!);
}

for (const mode of ['delayed', 'mixed'] as const) {
  describe(`large messages over ${mode} memory that spread block by block`, () => {
    for (const count of [2, 3, 4, 5, 7, 8]) {
      it(`are delivered once and in order at each of ${count}, and nobody puts much more than their bytes`, () => {
        for (const terms of [atomicTerms, rawTerms]) {
          const domain = domainOf(count, { mode, terms });
          const bytes = countPuts(domain);
          const lengths = [30 * KiB, 16, 50 * KiB + 13, 700, 900 * KiB];
          send(domain, domain.members[0]!, lengths);
          domain.cluster.runFor(2_000_000);
          for (const member of domain.members) assert.deepEqual(deliveredAt(member), upTo(5));
          const all = lengths.reduce((sum, length) => sum + (length > 480 ? length : 0), 0);
          for (const [id, put] of bytes) assert.ok(put <= 1.05 * all, `${id} put ${put} of ${all} bytes`);
          const total = [...bytes.values()].reduce((sum, put) => sum + put, 0);
          assert.equal(total, all * (count - 1));
        }
      });
    }
  });
}

describe('schedules by which large messages spread', () => {
  for (const schedule of ['binomial', 'chain', 'tree', 'sequential', 'none'] as const) {
    it(`bring them to all by ${schedule}, from several senders at once`, () => {
      const domain = domainOf(6, { schedule, writers: [1, 4] });
      for (let round = 0; round < 4; round++) {
        send(domain, domain.members[0]!, [20 * KiB, 100]);
        send(domain, domain.members[3]!, [33 * KiB]);
      }
      domain.cluster.runFor(2_000_000);
      for (const member of domain.members) {
        assert.deepEqual(deliveredAt(member, 1), upTo(8));
        assert.deepEqual(deliveredAt(member, 4), upTo(4));
      }
      const [first] = domain.members;
      for (const member of domain.members)
        assert.deepEqual(member.delivered.get(topic), first!.delivered.get(topic));
    });
  }
});

/** Lets `member` crash before its put number `puts` of a block. */
function crashAtBlock({ cluster }: Domain, member: SimulatedMemberCore, puts: number): void {
  let left = puts;
  const { transport } = member;
  const allocate = transport.allocate.bind(transport);
  transport.allocate = (name, byteLength, peers) => {
    const region = allocate(name, byteLength, peers);
    if (!/rdmc|large/.test(name)) return region;
    const putPayload = region.putPayload.bind(region);
    region.putPayload = (start, end, to) => {
      if (left-- === 0) cluster.crash(member.id);
      putPayload(start, end, to);
    };
    return region;
  };
}

describe('large messages that spread while a member dies', () => {
  for (const terms of [atomicTerms, rawTerms]) {
    for (const victim of [2, 5]) {
      it(`are delivered by the others, who get no block again: ${terms.ordered ? 'atomic' : 'raw'}, ${victim} dies`, () => {
        const domain = domainOf(5, { terms });
        const bytes = countPuts(domain);
        const rest = domain.members.filter(({ id }) => id !== victim);
        crashAtBlock(domain, domain.members[victim - 1]!, 60);
        send(domain, domain.members[0]!, [200 * KiB, 16, 100 * KiB + 5]);
        domain.cluster.runFor(3_000_000);
        for (const member of rest) {
          assert.equal(member.membership.view.members.length, 4);
          assert.deepEqual(deliveredAt(member), upTo(3), `member ${member.id}`);
        }
        const all = 300 * KiB + 5;
        const total = [...bytes.values()].reduce((sum, put) => sum + put, 0);
        // What was on its way to, or through, the one that died, or between the others when they stopped.
        assert.ok(total < 4 * all + 40 * KiB, `${total} bytes were put, of ${all} for each of 3 or 4`);
        for (const [id, put] of bytes) if (id !== 1) assert.ok(put <= 1.05 * all, `${id} put ${put}`);
      });
    }

    it(`are delivered at all or none of the others where the sender dies: ${terms.ordered ? 'atomic' : 'raw'}`, () => {
      for (const puts of [3, 20, 100, 190]) {
        const domain = domainOf(5, { terms });
        crashAtBlock(domain, domain.members[0]!, puts);
        send(domain, domain.members[0]!, [200 * KiB, 16]);
        domain.cluster.runFor(3_000_000);
        const rest = domain.members.slice(1);
        for (const member of rest) {
          assert.equal(member.membership.view.members.length, 4);
          assert.deepEqual(deliveredAt(member), deliveredAt(rest[0]!), `${puts} puts`);
        }
      }
    });
  }
});
