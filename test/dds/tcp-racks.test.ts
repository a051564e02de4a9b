import assert from 'node:assert/strict';
import { Hosts } from '../../bench/net/hosts.js';
import { needsHosts } from '../needs-hosts.js';
import { endAll, MemberProcess, until } from './member-process.js';

const MiB = 1 << 20;
const bytes = 8 * MiB;
/** Headers of packets (66 bytes of each 1,514), the frames and counters of all, heartbeats, and one member's share of the views. */
const overhead = 1.1;

describe('hosts in two racks', function () {
  this.timeout(60_000);
  let hosts: Hosts;
  let members: MemberProcess[];

  before(function () {
    needsHosts(this);
  });

  afterEach(async () => {
    await Promise.all(members.map((member) => member.kill()));
    hosts.close();
    await endAll();
  });

  /** Lets the first member write, and gives how often the bytes of what it wrote came into the other rack, and left its own. */
  async function crossings(said: readonly (string | undefined)[]): Promise<{ into: number; out: number }> {
    const racks = [0, 0, 1, 1, 1];
    hosts = Hosts.open(racks.length, { racks });
    const domain = `tcp://${hosts.address(0)}:7400/racks`;
    members = [];
    for (const [host, rack] of said.entries()) {
      const tcp = { plain: true, ...(rack !== undefined && { rack }) };
      const { execPath, execArgv } = hosts.within(host);
      const under = [execPath, ...execArgv.slice(0, -1)];
      members.push(
        await MemberProcess.joinUnder(under, domain, { tcp, suspicionMs: 60_000, timeoutMs: 30_000 }),
      );
    }
    await members[0]!.call('open', 'large', 'atomic');
    for (const member of members) await member.call('read', 'large', 'contents', 'atomic');
    await members[0]!.call('whenMatched', 'large', members.length);
    const before = [hosts.uplinkBytes(0).sent, hosts.uplinkBytes(1).received];
    const digest = await members[0]!.call('writeRandom', 'large', bytes, 1);
    for (const member of members) {
      await until(async () => (await member.call('contents', 'large')).length === 1, 'the sample', 25_000);
      assert.deepEqual(await member.call('contents', 'large'), [digest]);
    }
    const out = (hosts.uplinkBytes(0).sent - before[0]!) / bytes;
    const into = (hosts.uplinkBytes(1).received - before[1]!) / bytes;
    return { into, out };
  }

  it('a large sample comes into the other rack once, where all say theirs', async () => {
    const { into, out } = await crossings(['a', 'a', 'b', 'b', 'b']);
    assert.ok(into > 1 && into < overhead, `${into} times into the second rack`);
    assert.ok(out > 1 && out < overhead, `${out} times out of the first rack`);
  });

  it('and more often where one says none', async () => {
    const { into } = await crossings(['a', 'a', 'b', undefined, 'b']);
    assert.ok(into > 1.5, `${into} times into the second rack`);
  });
});
