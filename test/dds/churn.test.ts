import assert from 'node:assert/strict';
import { sleep } from './local-domain.js';
import { endAll, MemberProcess, newDomain, until } from './member-process.js';

describe('under load', () => {
  afterEach(endAll);

  it('members join, read, write and leave at any time: each sees one unbroken stretch of one order', async () => {
    const domain = newDomain('memory');
    const [first, second, ...guests] = await Promise.all([1, 2, 3, 4].map(() => MemberProcess.spawn()));
    for (const member of [first!, second!]) {
      await member.joinAgain(domain);
      await member.call('read', 't', 'samples$');
      await member.call('open', 't');
    }
    await second!.call('whenMatched', 't', 2);
    for (const member of [first!, second!]) await member.call('start', 't', { batch: 10, pauseMs: 1 });
    const stretches: (readonly string[])[] = [];
    const written = new Map<number, number>();
    await Promise.all(
      guests.map(async (guest, i) => {
        for (let round = 0; round < 2; round++) {
          await sleep(30 * i);
          await guest.joinAgain(domain);
          await guest.call('read', 't', 'samples$');
          await guest.call('open', 't');
          await guest.call('start', 't', { batch: 5, pauseMs: 1 });
          await sleep(100);
          written.set(guest.id, await guest.call('stop', 't'));
          await guest.call('close');
          const { order, faults } = await guest.call('report', 't', true);
          assert.deepEqual(faults, []);
          assert.ok(order.length > 0);
          stretches.push([...order]);
        }
      }),
    );
    for (const member of [first!, second!]) written.set(member.id, await member.call('stop', 't'));
    const total = [...written.values()].reduce((sum, count) => sum + count);
    const orders = await Promise.all(
      [first!, second!].map(async (member) => {
        await until(async () => (await member.call('report', 't')).count >= total, 'all delivered');
        const { order, faults, byMember } = await member.call('report', 't', true);
        assert.deepEqual(faults, []);
        for (const [id, count] of written) assert.equal(byMember[id], count);
        return order;
      }),
    );
    // The first was alone with its reader before the second wrote or read.
    assert.deepEqual(orders[0], orders[1]);
    for (const stretch of stretches) {
      const start = orders[0]!.indexOf(stretch[0]!);
      assert.deepEqual(stretch, orders[0]!.slice(start, start + stretch.length));
    }
    assert.equal((await first!.call('views')).at(-1)!.members.length, 2);
  });

  it('a reader that starts on topic A delays no sample of topic B', async () => {
    const domain = newDomain('memory');
    const [one, two] = await MemberProcess.joinAll(domain, 2);
    await one!.call('read', 'B', 'samples$');
    await two!.call('read', 'A', 'samples$');
    await two!.call('open', 'A');
    await two!.call('open', 'B');
    for (const topic of ['A', 'B']) await two!.call('start', topic, { batch: 5, pauseMs: 2 });
    await sleep(200);
    const before = await one!.call('report', 'B');
    const views = (await one!.call('views')).length;
    for (let i = 0; i < 5; i++) {
      await one!.call('read', 'A', 'samples$');
      await one!.call('closeReader', 'A');
    }
    const after = await one!.call('report', 'B');
    assert.equal((await one!.call('views')).length, views + 10);
    assert.equal(after.epoch, before.epoch);
    assert.ok(after.count > before.count);
    const written = await two!.call('stop', 'B');
    await until(async () => (await one!.call('report', 'B')).count === written, 'all of B');
    const { gapMsMax, faults } = await one!.call('report', 'B');
    assert.deepEqual(faults, []);
    console.log(
      `      longest gap between deliveries of B: ${before.gapMsMax.toFixed(1)} ms before, ${gapMsMax.toFixed(1)} ms with 10 views`,
    );
    assert.ok(gapMsMax < 250);
  });
});
