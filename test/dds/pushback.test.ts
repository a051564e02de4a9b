import assert from 'node:assert/strict';
import { sleep } from './local-domain.js';
import { endAll, MemberProcess, newDomain, until } from './member-process.js';

for (const transport of ['memory', 'tcp'] as const) {
  describe(`a slow reader in another process, over ${transport}`, () => {
    afterEach(endAll);

    it('KEEP_ALL: holds the writer back, which uses no CPU while it waits, and loses nothing', async () => {
      const domain = newDomain(transport);
      const [reading, writing] = await MemberProcess.joinAll(domain, 2);
      const qos = { resourceLimits: { maxSamples: 100 } };
      await reading!.call('read', 't', 'gated', qos);
      await writing!.call('open', 't', { transport: { ringBytesMax: 65_536 } });
      await writing!.call('start', 't', { count: 5000, bytes: 1000 });
      let written = -1;
      const standsStill = async () => {
        const before = written;
        await sleep(500);
        written = await writing!.call('written', 't');
        return written === before;
      };
      await until(standsStill, 'held back');
      const shares = await Promise.all([writing!.call('cpuShare', 1000), reading!.call('cpuShare', 1000)]);
      console.log(
        `      held back after ${written}; CPU: writer ${percent(shares[0])}, reader ${percent(shares[1])}`,
      );
      assert.ok(shares[0] < 0.1 && shares[1] < 0.1);
      assert.equal(await writing!.call('written', 't'), written);
      assert.ok(written < 1000);
      await reading!.call('openGate');
      await writing!.call('finish', 't');
      await until(async () => (await reading!.call('report', 't')).count === 5000, 'all consumed');
      assert.deepEqual((await reading!.call('report', 't')).faults, []);
    });

    it('KEEP_LAST: holds nobody back', async () => {
      const domain = newDomain(transport);
      const [reading, writing] = await MemberProcess.joinAll(domain, 2);
      await reading!.call('read', 't', 'gated', { history: { kind: 'keepLast', depth: 5 } });
      await writing!.call('open', 't', { transport: { ringBytesMax: 65_536 } });
      await writing!.call('start', 't', { count: 5000, bytes: 1000 });
      assert.equal(await writing!.call('finish', 't'), 5000);
      await reading!.call('openGate');
      await until(async () => (await reading!.call('report', 't')).count === 6, 'the first and the newest');
    });
  });
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
