import assert from 'node:assert/strict';
import { endAll, MemberProcess, newDomain, until } from './member-process.js';

const count = 5;
const MiB = 1 << 20;

describe('large samples that spread from member to member over TCP', () => {
  afterEach(endAll);

  /** The first writes `large`, and all read it. */
  async function begin(schedule: 'binomial' | 'chain', qos: 'atomic' | 'raw'): Promise<MemberProcess[]> {
    const spreading = { schedule, blockBytesMax: 65_536 };
    const options = { suspicionMs: 60_000, tcp: { spreading } };
    const members = await MemberProcess.joinAll(newDomain('tcp'), count, options);
    await members[0]!.call('open', 'large', qos);
    for (const member of members) await member.call('read', 'large', 'contents', qos);
    await members[0]!.call('whenMatched', 'large', count);
    return members;
  }

  async function assertAllHave(members: readonly MemberProcess[], digests: readonly string[]): Promise<void> {
    for (const member of members)
      await until(
        async () => (await member.call('contents', 'large')).length >= digests.length,
        'all samples',
        25_000,
      );
    const all = await Promise.all(members.map((member) => member.call('contents', 'large')));
    assert.deepEqual(
      all,
      members.map(() => digests),
    );
  }

  for (const schedule of ['binomial', 'chain'] as const)
    for (const qos of ['atomic', 'raw'] as const)
      it(`are the same at all, in their order, by ${schedule}: ${qos}`, async () => {
        const members = await begin(schedule, qos);
        const digests: string[] = [];
        for (const [seed, bytes] of [100, MiB, 5 * MiB + 5, 3 * MiB].entries())
          digests.push(await members[0]!.call('writeRandom', 'large', bytes, seed));
        await assertAllHave(members, digests);
      });

  for (const qos of ['atomic', 'raw'] as const)
    it(`are with all who are left where one dies that passes blocks on: ${qos}`, async () => {
      const members = await begin('chain', qos);
      const written: Promise<string>[] = [];
      for (let seed = 0; seed < 6; seed++)
        written.push(members[0]!.call('writeRandom', 'large', 4 * MiB + seed, seed));
      await written[0];
      await members[2]!.kill();
      const digests = await Promise.all(written);
      await assertAllHave(
        members.filter((_, i) => i !== 2),
        digests,
      );
    });
});
