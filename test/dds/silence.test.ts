import assert from 'node:assert/strict';
import { sleep } from './local-domain.js';
import { hostMs, endAll, MemberProcess, newDomain, until } from './member-process.js';

describe('a member that is stopped (SIGSTOP)', () => {
  afterEach(endAll);

  it('is out within two seconds, halts with BE_EVICTED once it goes on, and can join again', async () => {
    const domain = newDomain('memory');
    const members = await MemberProcess.joinAll(domain, 3);
    for (const member of members) await member.call('read', 't', 'samples$');
    await members[0]!.call('open', 't');
    await members[0]!.call('start', 't', { batch: 5, pauseMs: 2 });
    const [first, second, stopped] = members as [MemberProcess, MemberProcess, MemberProcess];
    stopped.signal('SIGSTOP');
    const stoppedAt = hostMs();
    const isOut = async (member: MemberProcess) =>
      !(await member.call('views')).at(-1)!.members.includes(stopped.id);
    await until(() => isOut(first), 'out at the first');
    await until(() => isOut(second), 'out at the second');
    const outAt = (await second.call('views')).at(-1)!.atMs;
    console.log(`      out after ${(outAt - stoppedAt).toFixed(0)} ms`);
    assert.ok(outAt - stoppedAt < 2000);

    stopped.signal('SIGCONT');
    await until(async () => (await stopped.call('endings')).length === 2, 'its end is told');
    assert.deepEqual((await stopped.call('endings')).sort(), ['samples$ BE_EVICTED', 'view$ BE_EVICTED']);

    await stopped.joinAgain(domain);
    await stopped.call('read', 't', 'samples$');
    const written = await first.call('stop', 't');
    for (const member of [first, second])
      await until(async () => (await member.call('report', 't')).count === written, 'all delivered');
    await until(
      async () => (await stopped.call('report', 't')).count > 0,
      'delivered to the one that is back',
    );
    assert.equal((await first.call('report', 't')).hash, (await second.call('report', 't')).hash);
    for (const member of members) assert.deepEqual((await member.call('report', 't')).faults, []);
  });
});

describe('a member that is slow', function () {
  this.timeout(60_000);
  afterEach(endAll);

  it('is not taken for dead: not while six keep both cores busy, nor while its application blocks its loop for 5 s', async () => {
    const members = await MemberProcess.joinAll(newDomain('memory'), 6);
    // Its first member is also the leader; what it reads waits for it, and the others have a topic of their own.
    const [blocked, ...others] = members as [MemberProcess, ...MemberProcess[]];
    for (const member of members) await member.call('read', 't', 'samples$');
    await others[0]!.call('open', 't');
    await others[0]!.call('start', 't', { batch: 5, pauseMs: 2 });
    for (const member of others) {
      await member.call('read', 'busy', 'borrow');
      await member.call('open', 'busy');
    }
    for (const member of others) await member.call('start', 'busy', { bytes: 1000 });
    const viewsOf = (member: MemberProcess) => member.call('views');
    const views = await Promise.all(members.map(async (member) => (await viewsOf(member)).at(-1)!));
    for (const { members: ids } of views) assert.equal(ids.length, 6);
    const busyBefore = (await others[1]!.call('report', 'busy')).count;
    await blocked.call('compute', 5000);
    assert.ok((await others[1]!.call('report', 'busy')).count > busyBefore + 10_000);

    const written = await others[0]!.call('stop', 't');
    await Promise.all(others.map((member) => member.call('stop', 'busy')));
    await sleep(200);
    for (const member of members) {
      await until(async () => (await member.call('report', 't')).count === written, 'all delivered');
      const { hash, faults } = await member.call('report', 't');
      assert.deepEqual(faults, []);
      assert.equal(hash, (await blocked.call('report', 't')).hash);
      for (const { members: ids } of (await viewsOf(member)).filter(
        ({ viewId }) => viewId > views[0]!.viewId,
      ))
        assert.equal(ids.length, 6);
      assert.deepEqual(await member.call('endings'), []);
    }
  });
});
