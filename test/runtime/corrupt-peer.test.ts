import assert from 'node:assert/strict';
import type { MembershipError } from '../../runtime/membership/errors.js';
import { proposalBytesMax } from '../../runtime/membership/view-table.js';
import { SubgroupColumns } from '../../runtime/multicast/row.js';
import { Cluster, type SimulatedMemberCore } from './cluster.js';

const senders = 3;
const columns = new SubgroupColumns(senders);

/** Four members that write and read one topic, after some messages. */
function talkingMembers(mode: 'aliased' | 'delayed'): [Cluster, SimulatedMemberCore[]] {
  const cluster = new Cluster({ seed: 5, mode });
  const first = cluster.add(1);
  const members = [first, cluster.add(2, first), cluster.add(3, first)];
  cluster.runFor(100_000);
  for (const member of members) {
    member.open('a', 'writer');
    member.open('a', 'reader');
    member.run();
  }
  cluster.runFor(100_000);
  for (let i = 0; i < 10; i++) for (const member of members) assert.ok(member.send('a'));
  cluster.runFor(100_000);
  return [cluster, members];
}

/** A store into `member`'s own memory that none of its code made. */
function scribble(member: SimulatedMemberCore, region: string, column: number, value: number): void {
  const { memory, put } = regionOf(member, region);
  memory.f64[column] = value;
  put(column * 8, column * 8 + 8);
}

function regionOf(member: SimulatedMemberCore, prefix: string) {
  const region = [...member.regions.values()].filter(({ name }) => name.startsWith(prefix)).at(-1)!;
  return { memory: region.memory, put: (start: number, end: number) => region.put(start, end) };
}

/** The others name member 3 and what it said, go on without it, and it is told why. */
function assertNamed(cluster: Cluster, members: SimulatedMemberCore[], where: string): void {
  cluster.runFor(1_500_000);
  const [one, two, culprit] = members as [SimulatedMemberCore, SimulatedMemberCore, SimulatedMemberCore];
  const errors = [one, two].flatMap(({ suspected }) => suspected.flatMap(({ error }) => error ?? []));
  assert.ok(errors.length > 0, `nobody noticed; ${JSON.stringify([one.suspected, two.suspected])}`);
  for (const error of errors) {
    assert.equal((error as MembershipError).code, 'BE_CORRUPT_PEER');
    assert.ok(error.message.startsWith('member 3 '), error.message);
    assert.ok(error.message.includes(where), `${error.message} does not tell of ${where}`);
  }
  for (const member of [one, two]) {
    assert.deepEqual(
      member.suspected.map((suspicion) => [suspicion.member, suspicion.reason]),
      [[3, 'corrupt']],
    );
    assert.equal(member.state, 'member', String(member.haltedBecause));
    assert.deepEqual(
      member.membership.view.members.map(({ id }) => id),
      [1, 2],
    );
  }
  assert.equal(culprit.state, 'halted');
  // It may stumble over its own memory before it reads what the others say.
  assert.match(culprit.haltedBecause!.message, /[Nn]o correct member|does not understand itself/);
  const before = one.delivered.get('a')!.length;
  assert.ok(one.send('a') && two.send('a'));
  cluster.runFor(100_000);
  assert.equal(one.delivered.get('a')!.length, before + 2);
  assert.deepEqual(two.delivered.get('a'), one.delivered.get('a'));
}

const hostileRows: [name: string, column: number, value: number][] = [
  ['sent', columns.sent, -1],
  ['sent', columns.sent, 3],
  ['sent', columns.sent, NaN],
  ['sent', columns.sent, Infinity],
  ['sent', columns.sent, 10.5],
  ['sent', columns.sent, 10 + 2 ** 32],
  ['sent', columns.sent, 2 ** 53 + 2],
  ['real', columns.real, 10 + 2 ** 32],
  ['real', columns.real, 4],
  ['delivered', columns.received, 0],
  ['received', columns.received, NaN],
  ['delivered', columns.delivered, 31],
  ['delivered', columns.delivered, 2 ** 32],
  ['persisted', columns.persisted, 31],
  ['persisted', columns.persisted, NaN],
  ['numReceived[0]', columns.numReceived, 11],
  ['numReceived[0]', columns.numReceived, 9],
  ['consumed[1]', columns.consumed + 1, 1e300],
  ['consumed[1]', columns.consumed + 1, 8],
  // The first thing wrong that is looked at may be the size of a region that is not there.
  ['large', columns.largeRegions, 1000],
  ['largeBytes[0]', columns.largeRegions, 1],
  ['wedged', columns.wedged, 2],
  ['trimReady', columns.trimReady, -7],
  ['stabilityClock', columns.stabilityClock, -1],
  ['asked', columns.asked, 2 ** 60],
];

for (const mode of ['aliased', 'delayed'] as const) {
  describe(`a peer whose memory no correct member could have written, over ${mode} memory`, () => {
    for (const [name, column, value] of hostileRows) {
      it(`is named and removed: ${name} says ${value}`, () => {
        const [cluster, members] = talkingMembers(mode);
        scribble(members[2]!, 'group', column, value);
        if (column === columns.largeRegions) assert.ok(members[2]!.send('a'));
        members[2]!.board.mark(members[2]!.membership.view.topics[0]!.slot);
        assertNamed(cluster, members, name === 'large' ? name : `${name} of group`);
      });
    }

    const viewRows = {
      numChanges: 0,
      numCommitted: 1,
      ended: 3,
      installed: 4,
      notes: 5,
      prepared: 6,
      'suspected[0]': 7,
    };
    for (const [name, column] of Object.entries(viewRows)) {
      // It is a time where it is the end's, and may be great.
      for (const value of [-1, NaN, name === 'ended' ? 2 ** 60 : 2 ** 40]) {
        it(`is named and removed: ${name} of the view says ${value}`, () => {
          const [cluster, members] = talkingMembers(mode);
          scribble(members[2]!, 'view', column, value);
          assertNamed(cluster, members, `view${members[0]!.membership.view.viewId}`);
        });
      }
    }

    it('is named and removed: its log of proposals is no log', () => {
      const [cluster, members] = talkingMembers(mode);
      const { memory, put } = regionOf(members[2]!, 'view');
      memory.bytes.fill(0xa5, 128, 256);
      put(128, 256);
      scribble(members[2]!, 'view', 0, 64);
      assertNamed(cluster, members, 'the log of proposals');
    });

    for (const [what, text] of [
      ['no note', 'x'],
      ['no trim', '{"slot":1,"trim":[-1]}'],
      ['no record', '{"leader":0,"trims":[{"slot":1}]}'],
    ]) {
      it(`is named and removed: its notes have ${what}`, () => {
        const [cluster, members] = talkingMembers(mode);
        const { memory, put } = regionOf(members[2]!, 'view');
        const start = 128 + proposalBytesMax;
        const bytes = new TextEncoder().encode(text);
        memory.u32[start >>> 2] = bytes.length;
        memory.bytes.set(bytes, start + 8);
        put(start, start + 64);
        scribble(members[2]!, 'view', 5, 8 + ((bytes.length + 7) & ~7));
        assertNamed(cluster, members, 'the notes');
      });
    }

    it('is named and removed: its request is none', () => {
      const [cluster, members] = talkingMembers(mode);
      const text = new TextEncoder().encode('[{"op":"conquer"}]');
      members[2]!.board.request(1000, text);
      members[2]!.board.mark(0);
      assertNamed(cluster, members, 'its request');
    });

    it('is named and removed: its view number and its heartbeat go back', () => {
      for (const column of [1, 3]) {
        const [cluster, members] = talkingMembers(mode);
        if (column === 1) scribble(members[2]!, 'board', column, 50);
        cluster.runFor(50_000);
        scribble(members[2]!, 'board', column, 0);
        assertNamed(cluster, members, 'of its board');
      }
    });

    it('is named and removed: a frame that is none is delivered to nobody, and the others go on', () => {
      const [cluster, members] = talkingMembers(mode);
      const culprit = members[2]!;
      const { memory } = regionOf(culprit, 'group');
      const { outbox } = culprit.membership.subgroup(culprit.membership.view.topics[0]!.slot)!;
      assert.ok(outbox!.open(16));
      const word = (outbox!.ring.payloadStart - 32) >>> 2;
      assert.ok(culprit.send('a'));
      memory.u32[word] = 0xffffff;
      cluster.runFor(20_000);
      assertNamed(cluster, members, 'the frame at');
    });
  });
}
