import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import type { MemberMethods } from '../dds/roles/member.js';
import { CalledProcess, killAll } from '../transport/processes/called-process.js';
import { freePort } from '../transport/tcp-domain.js';
import { soon } from './domain.js';

const memberFile = fileURLToPath(new URL('participant.mjs', import.meta.url));

/** Two, since the guest has two processors, and who waits for a third is busy. */
describe('a domain over RDMA', () => {
  after(killAll);

  it('delivers the same to all in one order, large samples too; and who loses the other halts, for want of a majority', async () => {
    const domain = `rdma://127.0.0.1:${await freePort()}/tower`;
    const members = [1, 2].map(() => new CalledProcess<MemberMethods>(memberFile));
    const [one, two] = members as [CalledProcess<MemberMethods>, CalledProcess<MemberMethods>];
    const ids: number[] = [];
    // Nobody is suspected for silence: the failed queue pair, or the broken connection, tells.
    for (const member of members)
      ids.push(await member.call('join', { domain, suspicionMs: 60_000, timeoutMs: 20_000 }));
    await Promise.all(
      members.map(async (member) => {
        await member.call('read', 't', 'samples$');
        await member.call('read', 'large', 'contents');
        for (const topic of ['t', 'large']) {
          await member.call('open', topic);
          await member.call('whenMatched', topic, 2);
        }
      }),
    );
    for (const member of members) await member.call('start', 't', { batch: 20, pauseMs: 5, bytes: 200 });
    const digest = await two.call('writeRandom', 'large', 1_000_000, 7);
    for (const member of members) {
      await soon(
        () => member.call('contents', 'large'),
        (contents) => contents.length === 1 && contents[0] === digest,
      );
    }
    const written = await Promise.all(members.map((member) => member.call('stop', 't')));
    for (const member of members) {
      await soon(
        () => member.call('report', 't'),
        ({ byMember }) => written.every((count, i) => byMember[ids[i]!] === count),
      );
    }
    const reports = await Promise.all(members.map((member) => member.call('report', 't')));
    console.log(`      ${written.join(' and ')} samples`);
    for (const { hash, faults } of reports) assert.deepEqual([hash, faults], [reports[0]!.hash, []]);
    assert.ok(Math.min(...written) > 0);

    await two.kill();
    await soon(
      () => one.call('endings'),
      (endings) => endings.includes('view$ BE_NO_MAJORITY'),
    );
  });
});
