import assert from 'node:assert/strict';
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
    assert.ok(outAt - stoppedAt < 2500);

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
