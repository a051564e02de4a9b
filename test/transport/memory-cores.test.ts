import assert from 'node:assert/strict';
import { MemoryHost } from '../../transport/memory/host.js';
import { Sandbox } from './processes/sandbox.js';

/** Of `MemoryHost.yieldCore`: what a member sleeps for at least, where it gives way. */
const NAP_US = 20;
const OFTEN = 1_000;

describe('a member that waits on shared memory', () => {
  let sandbox: Sandbox;
  let hosts: MemoryHost[];

  beforeEach(() => {
    sandbox = new Sandbox();
    hosts = [];
  });
  afterEach(async () => {
    await Promise.all(hosts.map((host) => host.close()));
    sandbox.remove();
  });

  /** The first of three awake members, which has put something for the others, on a machine of so many cores. */
  const oneOfThree = async (cores: number): Promise<MemoryHost> => {
    for (let n = 0; n < 3; n++)
      hosts.push(await MemoryHost.open({ domain: 'tower', cores, ...sandbox.options }));
    hosts.forEach((host) => host.lowerSleeping());
    const [one, two, three] = hosts as [MemoryHost, MemoryHost, MemoryHost];
    one.allocate('row', 4096, [two.self, three.self]).put(0, 8);
    one.flush();
    return one;
  };

  const shortestUs = (host: MemoryHost, times: number): number => {
    let shortest = Infinity;
    for (let n = 0; n < OFTEN; n++) {
      const begin = performance.now();
      host.yieldCore(times);
      shortest = Math.min(shortest, (performance.now() - begin) * 1000);
    }
    return shortest;
  };

  it('gives way by sleeping where more of them are awake than there are cores, and it has waited for a while', async () => {
    const host = await oneOfThree(2);
    assert.ok(shortestUs(host, 1) < NAP_US, 'it slept at once');
    assert.ok(shortestUs(host, 10) >= NAP_US, 'it kept its core');
  });

  it('keeps its core where there is one for each', async () => {
    const host = await oneOfThree(3);
    assert.ok(shortestUs(host, 10) < NAP_US);
  });

  it('keeps its core where the others sleep', async () => {
    const host = await oneOfThree(2);
    hosts[2]!.raiseSleeping();
    assert.ok(shortestUs(host, 10) < NAP_US, 'two are awake, on two cores');
    hosts[2]!.lowerSleeping();
    assert.ok(shortestUs(host, 10) >= NAP_US, 'it does not see that the third is awake again');
  });
});
