import assert from 'node:assert/strict';
import { sleep } from './local-domain.js';
import { hostMs, endAll, MemberProcess, newDomain, until } from './member-process.js';

/** Nobody is suspected for silence here: a new view shows that the kernel told of the death. The target is 100 ms, on a quiet machine. */
const suspicionMs = 60_000;

describe('SIGKILL under load', () => {
  afterEach(endAll);

  /** Four members read, the middle two write: one is killed while they do, or several at once. */
  async function kill(victims: number[], qos: 'atomic' | 'raw' = 'atomic') {
    const members = await MemberProcess.joinAll(newDomain('memory'), 4, { suspicionMs });
    for (const member of members) await member.call('read', 't', 'samples$', qos);
    const writers = [members[1]!, members[2]!];
    for (const writer of writers) {
      await writer.call('open', 't', qos);
      await writer.call('whenMatched', 't', 4);
    }
    for (const writer of writers) await writer.call('start', 't', { batch: 20, pauseMs: 1, bytes: 200 });
    await sleep(150);
    const dead = victims.map((victim) => members[victim]!);
    const survivors = members.filter((member) => !dead.includes(member));
    const killedAt = hostMs();
    await Promise.all(dead.map((member) => member.kill()));
    const delays = await Promise.all(
      survivors.map(async (member) => {
        let view: { atMs: number } | undefined;
        await until(async () => {
          view = (await member.call('views')).find(
            ({ members: ids, atMs }) => atMs > killedAt && !dead.some(({ id }) => ids.includes(id)),
          );
          return view !== undefined;
        }, 'the view without it');
        return view!.atMs - killedAt;
      }),
    );
    console.log(`      from kill to new view: ${delays.map((ms) => `${ms.toFixed(1)} ms`).join(', ')}`);
    await sleep(100);
    const writtenBy = new Map<number, number>();
    for (const writer of writers)
      if (!dead.includes(writer)) writtenBy.set(writer.id, await writer.call('stop', 't'));
    return { survivors, dead, writtenBy };
  }

  async function assertAgreed({ survivors, dead, writtenBy }: Awaited<ReturnType<typeof kill>>) {
    const totals = [...writtenBy.entries()];
    for (const member of survivors)
      await until(async () => {
        const { byMember } = await member.call('report', 't');
        return totals.every(([id, written]) => (byMember[id] ?? 0) >= written);
      }, 'all of the surviving writers');
    const reports = await Promise.all(survivors.map((member) => member.call('report', 't')));
    for (const { hash, byMember, faults } of reports) {
      assert.deepEqual(faults, []);
      assert.equal(hash, reports[0]!.hash);
      for (const [id, written] of totals) assert.equal(byMember[id], written);
      for (const { id } of dead) assert.equal(byMember[id], reports[0]!.byMember[id]);
    }
  }

  it('of a reader: survivors agree, and nothing of the writers is lost or doubled', async () => {
    await assertAgreed(await kill([3]));
  });

  it('of a writer: survivors agree on what they have of it, and nothing of the other is lost or doubled', async () => {
    const outcome = await kill([2]);
    await assertAgreed(outcome);
    assert.ok((await outcome.survivors[0]!.call('report', 't')).byMember[outcome.dead[0]!.id]! > 0);
  });

  it('of a writer, raw: survivors have the same set, and nothing of the other is lost or doubled', async () => {
    const { survivors, dead, writtenBy } = await kill([2], 'raw');
    const [[id, written]] = [...writtenBy] as [[number, number]];
    for (const member of survivors)
      await until(
        async () => ((await member.call('report', 't')).byMember[id] ?? 0) >= written,
        'all of the other',
      );
    const reports = await Promise.all(survivors.map((member) => member.call('report', 't', true)));
    const set = [...reports[0]!.order].sort();
    for (const { order, byMember, faults } of reports) {
      // Each writer has versions of its own.
      assert.deepEqual(
        faults.filter((fault) => !fault.startsWith('version')),
        [],
      );
      assert.equal(byMember[id], written);
      assert.ok(byMember[dead[0]!.id]! > 0);
      assert.deepEqual([...order].sort(), set);
    }
  });

  it('of the leader and a writer at once: the two that are left, half of the view, go on and agree', async () => {
    await assertAgreed(await kill([0, 1]));
  });

  it('of the leader: the next one leads, survivors agree, nothing of the writers is lost or doubled', async () => {
    const outcome = await kill([0]);
    await assertAgreed(outcome);
    const views = await Promise.all(outcome.survivors.map((member) => member.call('views')));
    const ids = (views[0]!.at(-1) ?? { members: [] }).members;
    assert.deepEqual(
      ids,
      outcome.survivors.map(({ id }) => id),
    );
  });
});
