import assert from 'node:assert/strict';
import type { Spreading } from '../../transport/transport.js';
import { spreadColumns } from '../../runtime/multicast/rdmc/spread-rows.js';
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
    racks = [] as readonly (string | undefined)[],
  } = {},
): Domain {
  const cluster = new Cluster({
    seed: count,
    mode: mode as 'delayed' | 'mixed',
    singleHost: false,
    spreading: { ...spreading, schedule },
  });
  const rackOf = (id: number) => (racks[id - 1] === undefined ? null : { rack: racks[id - 1]! });
  const first = cluster.add(1, undefined, rackOf(1));
  const members = [first];
  for (let id = 2; id <= count; id++) members.push(cluster.add(id, first, rackOf(id)));
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

/** From now on everything takes so long (microseconds) from one member to another. */
function slowLinks({ cluster, members }: Domain, us: number): void {
  for (const from of members)
    for (const to of members) if (from !== to) cluster.network.setDelay(from.id, to.id, { min: us, max: us });
}

/** How many bytes it puts at a time, of its own large messages. */
function blocksPutBy({ transport }: SimulatedMemberCore): number[] {
  const blocks: number[] = [];
  const allocate = transport.allocate.bind(transport);
  transport.allocate = (name, byteLength, peers) => {
    const region = allocate(name, byteLength, peers);
    if (!name.includes('large')) return region;
    const putPayload = region.putPayload.bind(region);
    region.putPayload = (start, end, to) => {
      blocks.push(end - start);
      putPayload(start, end, to);
    };
    return region;
  };
  return blocks;
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

describe('large messages whose links are slower than assumed', () => {
  it('are cut into smaller blocks once one has shown how slow they are', () => {
    const domain = domainOf(4);
    const [sender] = domain.members;
    const blocks = blocksPutBy(sender!);
    slowLinks(domain, 5_000);
    send(domain, sender!, [900 * KiB]);
    domain.cluster.runFor(60_000_000);
    assert.deepEqual(new Set(blocks.splice(0)), new Set([KiB]));
    send(domain, sender!, [900 * KiB]);
    domain.cluster.runFor(60_000_000);
    assert.deepEqual(new Set(blocks), new Set([KiB / 4]));
    for (const member of domain.members) assert.deepEqual(deliveredAt(member), upTo(2));
  });
});

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

/** Bytes of large messages that are put from a rack into another, by that other one. */
function countAcross({ members }: Domain, racks: readonly string[]): Map<string, number> {
  const bytes = new Map<string, number>();
  for (const { transport, id } of members) {
    const allocate = transport.allocate.bind(transport);
    transport.allocate = (name, byteLength, peers) => {
      const region = allocate(name, byteLength, peers);
      if (!/rdmc|large/.test(name)) return region;
      const putPayload = region.putPayload.bind(region);
      region.putPayload = (start, end, to) => {
        for (const peer of to === undefined ? region.peers : [to]) {
          const into = racks[peer - 1]!;
          if (into !== racks[id - 1]) bytes.set(into, (bytes.get(into) ?? 0) + end - start);
        }
        putPayload(start, end, to);
      };
      return region;
    };
  }
  return bytes;
}

describe('large messages where members say in which rack they are', () => {
  const lengths = [30 * KiB, 700, 900 * KiB + 13];
  const all = lengths.reduce((sum, length) => sum + length, 0);

  for (const [what, racks] of Object.entries({
    'two racks': ['a', 'b', 'a', 'b', 'a', 'b'],
    'three racks, one of them with one member': ['a', 'b', 'c', 'b', 'a', 'b', 'a'],
    'the sender alone in its own': ['a', 'b', 'b', 'b'],
  }))
    for (const mode of ['delayed', 'mixed'] as const)
      it(`come into each rack once, however small they are: ${what}, ${mode}`, () => {
        const domain = domainOf(racks.length, { racks, mode });
        const across = countAcross(domain, racks);
        send(domain, domain.members[0]!, lengths);
        domain.cluster.runFor(2_000_000);
        for (const member of domain.members) assert.deepEqual(deliveredAt(member), upTo(3));
        const others = new Set(racks.filter((rack) => rack !== 'a'));
        assert.deepEqual(Object.fromEntries(across), Object.fromEntries([...others].map((r) => [r, all])));
      });

  it('go as without racks where somebody says none, or another schedule is asked for', () => {
    for (const { schedule, racks } of [
      { schedule: undefined, racks: ['a', 'b', 'a', 'b', undefined, 'b'] },
      { schedule: 'binomial' as const, racks: ['a', 'b', 'a', 'b', 'a', 'b'] },
    ]) {
      const domain = domainOf(6, { racks, schedule });
      const across = countAcross(domain, ['a', 'b', 'a', 'b', 'a', 'b']);
      send(domain, domain.members[0]!, lengths);
      domain.cluster.runFor(2_000_000);
      for (const member of domain.members) assert.deepEqual(deliveredAt(member), upTo(3));
      assert.ok(across.get('b')! > 1.2 * all, `${across.get('b')} bytes of ${all}`);
    }
  });

  it('go on, in the blocks that they began in, where one joins that says none', () => {
    const racks = ['a', 'b', 'a', 'b', 'a'];
    const domain = domainOf(5, { racks });
    const joiner = domain.cluster.add(6, domain.members[0]);
    domain.cluster.runFor(200_000);
    joiner.open(topic, 'reader', atomicTerms);
    send(domain, domain.members[0]!, [900 * KiB, 300 * KiB]);
    joiner.run();
    domain.cluster.runFor(3_000_000);
    for (const member of domain.members) assert.deepEqual(deliveredAt(member), upTo(2));
  });
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

/** By member: bytes of large messages that are put to it, and blocks that it takes. */
function countArrivals({ members }: Domain) {
  const bytes = new Map(members.map(({ id }) => [id, 0]));
  const taken = new Map(bytes);
  for (const { transport, id } of members) {
    const allocate = transport.allocate.bind(transport);
    transport.allocate = (name, byteLength, peers) => {
      const region = allocate(name, byteLength, peers);
      if (!/rdmc|large/.test(name)) return region;
      const put = region.put.bind(region);
      const putPayload = region.putPayload.bind(region);
      region.put = (start, end, to) => {
        if (name.includes('rdmc') && start === spreadColumns.taken * 8) taken.set(id, taken.get(id)! + 1);
        put(start, end, to);
      };
      region.putPayload = (start, end, to) => {
        for (const peer of to === undefined ? region.peers : [to])
          bytes.set(peer, bytes.get(peer)! + end - start);
        putPayload(start, end, to);
      };
      return region;
    };
  }
  return { bytes, taken };
}

describe('large messages of an epoch that ends without them', () => {
  it('come in the blocks that are lacking, also after one that went as a whole before', () => {
    const racks = ['a', 'b', 'a', 'b', 'a', undefined];
    const domain = domainOf(6, { racks, writers: [2] });
    const { cluster, members } = domain;
    const { bytes, taken } = countArrivals(domain);
    // So that member 4 has nothing of these messages when the epoch ends, and another has blocks of the second.
    cluster.network.cut(2, 4);
    const [small, large] = [700, 20 * KiB] as const;
    send(domain, members[1]!, [small, large]);
    cluster.runFor(100_000);
    const before = { bytes: new Map(bytes), taken: new Map(taken) };
    assert.ok(
      [1, 3, 5].some((id) => taken.get(id)! > 0),
      'nobody took anything',
    );
    // Of those who are left all say their racks: so the first goes in blocks now.
    cluster.crash(6);
    cluster.runFor(100_000);
    cluster.network.heal(2, 4);
    cluster.runFor(2_000_000);
    for (const member of members.slice(0, 5)) {
      assert.equal(member.membership.view.members.length, 5);
      assert.deepEqual(deliveredAt(member, 2), [1, 2], `member ${member.id}`);
    }
    for (const id of [1, 3, 5]) {
      const lacking = large - before.taken.get(id)! * spreading.blockBytesMin;
      assert.equal(bytes.get(id)! - before.bytes.get(id)!, small + lacking, `bytes put to ${id}`);
    }
  });
});

describe('a sender that announces what it cannot have', () => {
  /** By name: a place among its announcements' floats, and what stands there. */
  const announcements: Record<string, [at: number, value: number]> = {
    'a turn that has been': [0, 0],
    'a turn between two': [0, 1.5],
    'a region that there is not': [1, NaN],
    'a place beyond its region': [2, 2 ** 40],
    'a place before it': [2, -8],
    'no bytes': [3, 0],
    'more bytes than there are': [3, 2 ** 40],
    'a schedule that nobody knows': [4, 17],
    'blocks of no bytes': [5, 0],
    'blocks larger than it said': [5, 4 * KiB],
    'blocks of half a word': [5, 260],
  };
  for (const [what, [at, value]] of Object.entries(announcements))
    it(`is named and removed, and nothing of it is written anywhere: ${what}`, () => {
      const domain = domainOf(4, { writers: [1, 2] });
      const [hostile, ...others] = domain.members as [SimulatedMemberCore, ...SimulatedMemberCore[]];
      send(domain, hostile, [20 * KiB]);
      domain.cluster.runFor(500_000);
      const { memory, put } = rowsOf(hostile);
      const second = announcementsAt + announcementFloats;
      memory.f64.copyWithin(second, announcementsAt, second);
      memory.f64[second] = 1;
      memory.f64[second + at] = value;
      memory.f64[spreadColumns.announced] = 2;
      put(0, memory.bytes.length);
      hostile.board.mark(hostile.membership.view.topics[0]!.slot);
      domain.cluster.runFor(500_000);
      send(domain, others[0]!, [20 * KiB]);
      domain.cluster.runFor(1_000_000);
      for (const { membership, suspected } of others) {
        assert.equal(membership.view.members.length, 3);
        assert.ok(suspected.some(({ member, error }) => member === hostile.id && error !== undefined));
      }
      for (const member of others) assert.deepEqual(deliveredAt(member, others[0]!.id), [1]);
    });

  it('and one that passes on what it likes, at any time, changes nothing but what it passes on', () => {
    const domain = domainOf(4, { schedule: 'chain' });
    const hostile = domain.members[1]!;
    send(domain, domain.members[0]!, [20 * KiB]);
    domain.cluster.runFor(500_000);
    const { memory, put } = rowsOf(hostile);
    memory.f64[spreadColumns.sent] = Infinity;
    memory.bytes.fill(0xee, 64);
    put(0, memory.bytes.length);
    assert.throws(() => {
      send(domain, domain.members[0]!, [20 * KiB]);
      domain.cluster.runFor(500_000);
    }, /of 1 is not whole/);
    const large = domain.members[2]!.transport.attach(1, largeRegionOf(domain.members[0]!), 1 << 20)!;
    const garbage = large.memory.bytes.reduce((sum, byte) => sum + (byte === 0xee ? 1 : 0), 0);
    assert.ok(garbage > 0 && garbage <= 20 * KiB, `${garbage} bytes`);
  });
});

const announcementsAt = 8;
const announcementFloats = 8;

function rowsOf({ regions }: SimulatedMemberCore) {
  const [, region] = [...regions].find(([name]) => name.includes('.rdmc'))!;
  return { memory: region.memory, put: region.put.bind(region) };
}

function largeRegionOf({ regions }: SimulatedMemberCore): string {
  return [...regions.keys()].find((name) => name.includes('.large'))!;
}
