import assert from 'node:assert/strict';
import type { QosSpec } from '../../runtime/dds/index.js';
import { sleep } from './local-domain.js';
import { endAll, MemberProcess, newDomain, until } from './member-process.js';

const suspicionMs = 60_000;
/** More than is written here: a late reader gets all of it. */
const kept: QosSpec = {
  base: 'atomic',
  durability: 'transientLocal',
  resourceLimits: { maxSamples: 1_000_000 },
};
const pushing = { count: 300_000, bytes: 64 };

describe('history for late readers over shared memory', () => {
  afterEach(endAll);

  /** Two early readers, a writer, and a process that is in the domain and reads nothing yet. */
  async function begin() {
    const members = await MemberProcess.joinAll(newDomain('memory'), 4, { suspicionMs });
    const [first, second, writer, late] = members as [
      MemberProcess,
      MemberProcess,
      MemberProcess,
      MemberProcess,
    ];
    for (const early of [first, second]) await early.call('read', 't', 'samples$', kept);
    await writer.call('open', 't', kept);
    await writer.call('start', 't', pushing);
    await until(async () => (await writer.call('written', 't')) > 50_000, 'a history', 20_000);
    return { first, second, writer, late };
  }

  async function assertSame(writer: MemberProcess, late: MemberProcess, early: MemberProcess) {
    const written = await writer.call('finish', 't');
    const report = async (member: MemberProcess) => await member.call('report', 't');
    for (const member of [early, late])
      await until(async () => (await report(member)).count >= written, 'all of it', 20_000);
    const [had, got] = [await report(early), await report(late)];
    assert.deepEqual([...had.faults, ...got.faults], []);
    assert.deepEqual([got.count, got.hash], [had.count, had.hash]);
    assert.equal(got.count, pushing.count);
    assert.deepEqual(await late.call('endings'), []);
  }

  it('a late reader under a writer at full speed gets exactly what the early ones had, no gap, no repeat', async () => {
    const { second, writer, late } = await begin();
    const before = await writer.call('written', 't');
    await late.call('read', 't', 'samples$', kept);
    const after = await writer.call('written', 't');
    console.log(`      ${before} written before it came, ${after} when it was open, ${pushing.count} in all`);
    assert.ok(after < pushing.count, 'the writer was done before the reader came');
    await assertSame(writer, late, second);
  });

  for (const delayMs of [0, 2, 5, 10, 20]) {
    it(`SIGKILL of the source ${delayMs} ms after the reader is asked for: another gives the rest`, async () => {
      const { first, second, writer, late } = await begin();
      const reading = late.call('read', 't', 'samples$', kept);
      await sleep(delayMs);
      await first.kill();
      await reading;
      await assertSame(writer, late, second);
    });
  }
});
