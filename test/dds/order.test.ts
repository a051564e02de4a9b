import assert from 'node:assert/strict';
import { endAll, MemberProcess, newDomain, until } from './member-process.js';

describe('two writers in two processes that race on one topic', () => {
  afterEach(endAll);
  const count = 5000;

  async function race(qos: 'atomic' | 'raw') {
    const members = await MemberProcess.joinAll(newDomain('memory'), 3);
    await Promise.all(
      members.map((member, i) =>
        member.call('read', 'race', (['samples$', 'borrow', 'consume'] as const)[i]!, qos),
      ),
    );
    const writers = members.slice(0, 2);
    for (const writer of writers) {
      await writer.call('open', 'race', qos);
      await writer.call('whenMatched', 'race', 3);
    }
    for (const writer of writers) await writer.call('start', 'race', { count });
    for (const writer of writers) await writer.call('finish', 'race');
    for (const member of members)
      await until(async () => (await member.call('report', 'race')).count === 2 * count, 'all delivered');
    return await Promise.all(members.map((member) => member.call('report', 'race', true)));
  }

  it('atomic: every reader delivers the same order, each writer’s samples in the order of writing', async () => {
    const reports = await race('atomic');
    for (const { hash, faults, byMember } of reports) {
      assert.deepEqual(faults, []);
      assert.equal(hash, reports[0]!.hash);
      assert.deepEqual(Object.values(byMember), [count, count]);
    }
  });

  it('raw: every reader delivers the same set, each writer’s samples in the order of writing', async () => {
    const reports = await race('raw');
    const set = [...reports[0]!.order].sort();
    for (const { faults, order } of reports) {
      assert.deepEqual(
        faults.filter((fault) => !fault.startsWith('version')),
        [],
      );
      assert.deepEqual([...order].sort(), set);
    }
    assert.equal(set.length, 2 * count);
  });
});
