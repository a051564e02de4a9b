import assert from 'node:assert/strict';
import { killAll } from '../transport/processes/called-process.js';
import { soon } from './domain.js';
import { Member } from './participants.js';

const largeBytes = 1_000_000;
/** A machine of its own, as far as shared memory goes. */
const elsewhere = ['unshare', '-m', 'sh', '-c', 'mount -t tmpfs tmpfs /dev/shm && exec "$@"', 'sh'];

describe('a domain over RDMA', function () {
  this.timeout(200_000);
  afterEach(killAll);

  async function begin(members: readonly Member[]): Promise<void> {
    for (const member of members) {
      await member.call('read', 't', 'samples$');
      await member.call('read', 'large', 'contents');
      for (const topic of ['t', 'large']) await member.call('open', topic);
    }
    for (const member of members)
      for (const topic of ['t', 'large']) await member.call('whenMatched', topic, members.length);
  }

  async function start(members: readonly Member[]): Promise<void> {
    for (const member of members) await member.call('start', 't', { batch: 20, pauseMs: 5, bytes: 200 });
  }

  /** All that `members` have written since `before` is with all of them, in one order. */
  async function assertAgreed(
    members: readonly Member[],
    before: Readonly<Record<number, number>> = {},
  ): Promise<void> {
    const written = await Promise.all(members.map((member) => member.call('stop', 't')));
    for (const member of members) {
      await soon(
        () => member.call('report', 't'),
        ({ byMember }) =>
          written.every((count, i) => byMember[members[i]!.id] === (before[members[i]!.id] ?? 0) + count),
      );
    }
    const reports = await Promise.all(members.map((member) => member.call('report', 't')));
    console.log(`      ${written.join(' and ')} samples`);
    for (const { hash, faults } of reports) assert.deepEqual([hash, faults], [reports[0]!.hash, []]);
    assert.ok(Math.min(...written) > 0);
  }

  async function assertLarge(members: readonly Member[], writer: Member): Promise<void> {
    const digest = await writer.call('writeRandom', 'large', largeBytes, 7);
    for (const member of members) {
      await soon(
        () => member.call('contents', 'large'),
        (contents) => contents.length === 1 && contents[0] === digest,
      );
    }
  }

  it('delivers the same to all in one order, large samples too; and who loses the other halts, for want of a majority', async () => {
    const members = await Member.joinAll(2);
    const [one, two] = members as [Member, Member];
    await begin(members);
    await start(members);
    await assertLarge(members, two);
    await assertAgreed(members);

    await two.kill();
    await soon(
      () => one.call('endings'),
      (endings) => endings.includes('view$ BE_NO_MAJORITY'),
    );
  });

  it('is one with members that share pages: for a neighbour the device gets nothing, and all agree, whoever is killed', async () => {
    const members = await Member.joinAll(3, { tcp: { sharePages: true } }, [[], [], elsewhere]);
    const [one, two, far] = members as [Member, Member, Member];
    await begin(members);
    await start(members);
    await assertLarge(members, two);
    await assertAgreed(members);
    for (const [member, peer] of [
      [one, two],
      [two, one],
    ] as const) {
      const { by, socket, pages, rdma } = await member.trafficWith(peer);
      assert.deepEqual(
        [by, socket.framesSent, socket.bytesSent, rdma],
        ['pages', 0, 0, { puts: 0, bytes: 0 }],
      );
      assert.ok(pages.puts > 100, String(pages.puts));
    }
    for (const member of [one, two]) {
      const { by, pages } = await member.trafficWith(far);
      assert.deepEqual([by, pages], ['rdma', { puts: 0, bytes: 0 }]);
    }
    assert.ok((await two.trafficWith(far)).rdma.bytes > largeBytes);

    const { byMember } = await one.call('report', 't');
    await start(members);
    await two.kill();
    for (const member of [one, far])
      await soon(
        () => member.call('views'),
        (views) => views.at(-1)!.members.length === 2,
      );
    await assertAgreed([one, far], byMember);
  });
});
