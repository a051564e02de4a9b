import assert from 'node:assert/strict';
import { endAll, MemberProcess, newDomain, until } from './member-process.js';

describe('large samples', () => {
  afterEach(endAll);

  for (const qos of ['atomic', 'raw'] as const) {
    it(`${qos}: 100 KiB, 1 MiB and 64 MiB arrive intact and in order, here and in another process`, async () => {
      const members = await MemberProcess.joinAll(newDomain('memory'), 2);
      for (const member of members) await member.call('read', 'large', 'contents', qos);
      await members[0]!.call('open', 'large', qos);
      const hashes: string[] = [];
      for (const [i, kib] of [100, 1024, 64 * 1024, 1, 100, 300, 1024].entries())
        hashes.push(await members[0]!.call('writeRandom', 'large', kib * 1024 + i, i));
      for (const member of members) {
        await until(
          async () => (await member.call('contents', 'large')).length === hashes.length,
          'all',
          15_000,
        );
        assert.deepEqual(await member.call('contents', 'large'), hashes);
      }
    });
  }
});
