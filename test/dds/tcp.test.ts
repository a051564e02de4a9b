import assert from 'node:assert/strict';
import type { ParticipantOptions } from '../../runtime/dds/index.js';
import { Authority } from '../transport/certificates.js';
import { sleep } from './local-domain.js';
import { endAll, hostMs, MemberProcess, newDomain, until } from './member-process.js';

type Options = Omit<ParticipantOptions, 'domain'>;

/** Nobody is suspected for silence where a death is looked for: the broken connection tells. */
const suspicionMs = 60_000;

for (const [title, protection] of [
  ['in plain', () => Promise.resolve({})],
  ['with certificates', async () => ({ tcp: { tls: await (await Authority.create()).issue('member') } })],
  ['by members that share pages', () => Promise.resolve({ tcp: { sharePages: true } })],
] as const) {
  describe(`a domain over TCP ${title}`, () => {
    afterEach(endAll);

    /** So many members that read `t`; the second and the third write it too, and do. */
    async function begin(
      count: number,
      options: Options = { suspicionMs },
      qos: 'atomic' | 'raw' = 'atomic',
    ) {
      const domain = newDomain('tcp');
      const all = { ...options, ...(await protection()) };
      const members = await MemberProcess.joinAll(domain, count, all);
      for (const member of members) await member.call('read', 't', 'samples$', qos);
      const writers = [members[1]!, members[2]!];
      for (const writer of writers) {
        await writer.call('open', 't', qos);
        await writer.call('whenMatched', 't', count);
      }
      for (const writer of writers) await writer.call('start', 't', { batch: 20, pauseMs: 1, bytes: 200 });
      await sleep(150);
      return { members, writers, join: () => MemberProcess.join(domain, all) };
    }

    async function viewWithout(
      member: MemberProcess,
      gone: readonly MemberProcess[],
      sinceMs: number,
    ): Promise<number> {
      let view: { atMs: number } | undefined;
      await until(async () => {
        view = (await member.call('views')).find(
          ({ members, atMs }) => atMs > sinceMs && !gone.some(({ id }) => members.includes(id)),
        );
        return view !== undefined;
      }, 'the view without it');
      return view!.atMs - sinceMs;
    }

    /** All of `survivors` have the same, in the same order, and all that the writers among them wrote. */
    async function assertAgreed(survivors: readonly MemberProcess[], writers: readonly MemberProcess[]) {
      const totals = new Map<number, number>();
      for (const writer of writers)
        if (survivors.includes(writer)) totals.set(writer.id, await writer.call('stop', 't'));
      for (const member of survivors)
        await until(async () => {
          const { byMember } = await member.call('report', 't');
          return [...totals].every(([id, written]) => (byMember[id] ?? 0) >= written);
        }, 'all of the surviving writers');
      const reports = await Promise.all(survivors.map((member) => member.call('report', 't')));
      for (const { hash, byMember, faults } of reports) {
        assert.deepEqual(faults, []);
        assert.equal(hash, reports[0]!.hash);
        for (const [id, written] of totals) assert.equal(byMember[id], written);
      }
    }

    it('delivers the same to all, in one order, large samples too', async () => {
      const { members, writers } = await begin(3);
      await members[0]!.call('open', 'large');
      for (const member of members) await member.call('read', 'large', 'contents');
      await members[0]!.call('whenMatched', 'large', 3);
      const digests: string[] = [];
      for (const [seed, bytes] of [100, 1_000_000, 9_000_000, 3_000_000].entries())
        digests.push(await members[0]!.call('writeRandom', 'large', bytes, seed));
      for (const member of members)
        await until(async () => (await member.call('contents', 'large')).length === 4, 'all large samples');
      for (const member of members) assert.deepEqual(await member.call('contents', 'large'), digests);
      await assertAgreed(members, writers);
    });

    for (const [who, victim] of [
      ['a reader', 3],
      ['a writer', 2],
      ['the leader', 0],
    ] as const) {
      it(`goes on without ${who} that is killed: nothing is lost or doubled`, async () => {
        const { members, writers } = await begin(4);
        const dead = members[victim]!;
        const survivors = members.filter((member) => member !== dead);
        const killedAt = hostMs();
        await dead.kill();
        const delays = await Promise.all(survivors.map((member) => viewWithout(member, [dead], killedAt)));
        console.log(`      from kill to new view: ${delays.map((ms) => `${ms.toFixed(1)} ms`).join(', ')}`);
        await sleep(100);
        await assertAgreed(survivors, writers);
      });
    }

    it('delivers the same set of a raw topic at all who are left, where a writer is killed', async () => {
      const { members, writers } = await begin(4, { suspicionMs }, 'raw');
      const dead = writers[1]!;
      const survivors = members.filter((member) => member !== dead);
      const killedAt = hostMs();
      await dead.kill();
      for (const member of survivors) await viewWithout(member, [dead], killedAt);
      const written = await writers[0]!.call('stop', 't');
      for (const member of survivors)
        await until(
          async () => ((await member.call('report', 't')).byMember[writers[0]!.id] ?? 0) >= written,
          'all of the other',
        );
      const reports = await Promise.all(survivors.map((member) => member.call('report', 't', true)));
      const set = [...reports[0]!.order].sort();
      for (const { order, byMember } of reports) {
        assert.equal(byMember[writers[0]!.id], written);
        assert.ok(byMember[dead.id]! > 0);
        assert.deepEqual([...order].sort(), set);
      }
    });

    it('lets a member in while others write, and another leave', async () => {
      const { members, writers, join } = await begin(3);
      const late = await join();
      await late.call('read', 't', 'samples$');
      const leftAt = hostMs();
      await members[0]!.call('close');
      for (const member of [...members.slice(1), late]) await viewWithout(member, [members[0]!], leftAt);
      await assertAgreed(members.slice(1), writers);
      const { faults, byMember } = await late.call('report', 't');
      assert.deepEqual(faults, []);
      for (const { id } of writers) assert.ok(byMember[id]! > 0);
    });

    it('is gone on with by a majority only: two of four that are left halt', async () => {
      const { members } = await begin(4);
      await Promise.all([members[0]!.kill(), members[3]!.kill()]);
      for (const member of members.slice(1, 3))
        await until(
          async () => (await member.call('endings')).includes('view$ BE_NO_MAJORITY'),
          'a member that halts',
        );
    });

    it('goes on without a member that is stopped, which halts once it runs again', async () => {
      const { members, writers } = await begin(4, { suspicionMs: 1_000 });
      const stopped = members[3]!;
      const stoppedAt = hostMs();
      stopped.signal('SIGSTOP');
      for (const member of members.slice(0, 3)) await viewWithout(member, [stopped], stoppedAt);
      await assertAgreed(members.slice(0, 3), writers);
      stopped.signal('SIGCONT');
      await until(
        async () =>
          (await stopped.call('endings')).some((ending) => /BE_EVICTED|BE_NO_MAJORITY/.test(ending)),
        'the stopped member halts',
      );
    });
  });
}
