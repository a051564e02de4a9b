import assert from 'node:assert/strict';
import { Authority } from '../transport/certificates.js';
import { sleep } from './local-domain.js';
import { endAll, MemberProcess, newDomain, until } from './member-process.js';

/** Nobody is taken for dead who is stopped for a while. */
const suspicionMs = 60_000;
const count = 5_000;
const bytes = 20_000;
const ring = { ringBytesMin: 1 << 20, ringBytesMax: 1 << 20 };

for (const [title, protection] of [
  ['in plain', () => Promise.resolve({ plain: true })],
  ['with certificates', async () => ({ tls: await (await Authority.create()).issue('member') })],
] as const) {
  describe(`a member that reads nothing for a while, over TCP ${title}`, function () {
    this.timeout(60_000);
    afterEach(endAll);

    /** One that writes 100 MB as fast as it goes, and two that read it. */
    async function begin(options: { readonly suspicionMs?: number }) {
      const members = await MemberProcess.joinAll(newDomain('tcp'), 3, {
        ...options,
        tcp: await protection(),
      });
      const [writing, ...reading] = members as [MemberProcess, MemberProcess, MemberProcess];
      for (const member of reading) await member.call('read', 't', 'samples$');
      await writing.call('open', 't', { base: 'atomic', transport: ring });
      await writing.call('whenMatched', 't', 2);
      const sizeBefore = await writing.call('watchSize');
      await writing.call('start', 't', { count, bytes });
      await until(async () => (await writing.call('written', 't')) > 0, 'the first');
      return { members, writing, reading, sizeBefore };
    }

    /** So many are written when no more is. */
    async function heldBack(writing: MemberProcess): Promise<number> {
      let written = -1;
      await until(async () => {
        const before = written;
        written = await writing.call('written', 't');
        await sleep(300);
        return written === before;
      }, 'held back');
      assert.ok(written < count, 'it is in the midst');
      return written;
    }

    async function assertAllThere({
      members,
      writing,
      reading,
      sizeBefore,
    }: Awaited<ReturnType<typeof begin>>) {
      assert.equal(await writing.call('finish', 't'), count);
      const grown = (await writing.call('sizeMax')) - sizeBefore;
      console.log(`      the writer's process grew by ${grown >> 20} MiB at most`);
      assert.ok(grown < 50 << 20);
      for (const member of reading)
        await until(async () => (await member.call('report', 't')).count === count, 'all delivered');
      const reports = await Promise.all(reading.map((member) => member.call('report', 't')));
      for (const { faults, hash } of reports) {
        assert.deepEqual(faults, []);
        assert.equal(hash, reports[0]!.hash);
      }
      for (const member of members) {
        assert.deepEqual(await member.call('endings'), []);
        assert.equal((await member.call('views')).at(-1)!.members.length, 3);
      }
    }

    it('holds the writer back while its process is stopped: that uses no CPU, and little memory, and nothing is lost', async () => {
      const all = await begin({ suspicionMs });
      const { writing, reading } = all;
      const stopped = reading[1]!;
      stopped.signal('SIGSTOP');
      const written = await heldBack(writing);
      const share = await writing.call('cpuShare', 1_000);
      console.log(`      held back after ${written}; CPU of the writer: ${(share * 100).toFixed(1)} %`);
      assert.ok(share < 0.1);
      assert.equal(await writing.call('written', 't'), written);
      stopped.signal('SIGCONT');
      await assertAllThere(all);
    });

    it('holds the writer back while its event loop is blocked, and is not taken for dead', async () => {
      const all = await begin({});
      const { writing, reading } = all;
      const blocked = reading[1]!.call('compute', 5_000);
      const written = await heldBack(writing);
      await sleep(1_000);
      assert.equal(await writing.call('written', 't'), written);
      await blocked;
      await assertAllThere(all);
    });
  });
}
