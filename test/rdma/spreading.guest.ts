import assert from 'node:assert/strict';
import { killAll } from '../transport/processes/called-process.js';
import { soon } from './domain.js';
import { Member } from './participants.js';

const MiB = 1 << 20;

/** By row and column: the bytes that each has put to each by its device. */
async function putBetween(members: readonly Member[]): Promise<number[][]> {
  const rows: number[][] = [];
  for (const member of members) {
    const traffic = await member.call('traffic');
    rows.push(members.map(({ id }) => traffic.find(({ peer }) => peer === id)?.rdma.bytes ?? 0));
  }
  return rows;
}

describe('large samples that spread from member to member by RDMA', function () {
  this.timeout(200_000);
  afterEach(killAll);

  /** The first writes `large`, and all read it. */
  async function begin(count: number, schedule: 'binomial' | 'chain'): Promise<Member[]> {
    const members = await Member.joinAll(count, { tcp: { spreading: { schedule, blockBytesMax: 65_536 } } });
    for (const member of members) await member.call('read', 'large', 'contents');
    await members[0]!.call('open', 'large');
    await members[0]!.call('whenMatched', 'large', count);
    return members;
  }

  async function assertAllHave(members: readonly Member[], digests: readonly string[]): Promise<void> {
    for (const member of members) {
      const contents = await soon(
        () => member.call('contents', 'large'),
        ({ length }) => length >= digests.length,
      );
      assert.deepEqual(contents, digests);
    }
  }

  for (const [count, bytes] of [
    [3, 8 * MiB + 5],
    [4, 4 * MiB + 5],
  ] as const)
    it(`are the same at all of ${count}, and no device writes much more than their bytes, nor the sender's alone`, async () => {
      const members = await begin(count, 'binomial');
      const before = await putBetween(members);
      const digest = await members[0]!.call('writeRandom', 'large', bytes, count);
      await assertAllHave(members, [digest]);
      const after = await putBetween(members);
      const written = after.map((row, i) => row.map((value, j) => value - before[i]![j]!));
      const sums = written.map((row) => row.reduce((sum, value) => sum + value, 0));
      console.log(
        `      written by each: ${sums.map((sum) => (sum / bytes).toFixed(3)).join(', ')} of the sample`,
      );
      for (const sum of sums) assert.ok(sum <= 1.05 * bytes, JSON.stringify(written));
      const total = sums.reduce((all, sum) => all + sum, 0);
      assert.ok(total >= (count - 1) * bytes && total <= (count - 1) * 1.05 * bytes, JSON.stringify(written));
    });

  it('are with all who are left where one dies in the midst that passes blocks on', async () => {
    const members = await begin(4, 'chain');
    const [sender, , relay, last] = members as [Member, Member, Member, Member];
    const written: Promise<string>[] = [];
    for (let seed = 0; seed < 4; seed++)
      written.push(sender.call('writeRandom', 'large', 2 * MiB + seed, seed));
    const passed = await soon(
      () => relay.trafficWith(last),
      ({ rdma }) => rdma.bytes > MiB / 2,
    );
    const had = (await last.call('contents', 'large')).length;
    await relay.kill();
    const digests = await Promise.all(written);
    console.log(
      `      killed when it had passed on ${(passed.rdma.bytes / MiB).toFixed(1)} of 8 MiB, and the last had ${had} of 4`,
    );
    assert.ok(had < 4);
    await assertAllHave(
      members.filter((member) => member !== relay),
      digests,
    );
  });
});
