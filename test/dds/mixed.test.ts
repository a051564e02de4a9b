import assert from 'node:assert/strict';
import { Hosts } from '../../bench/net/hosts.js';
import { needsHosts } from '../needs-hosts.js';
import { endAll, hostMs, MemberProcess, until } from './member-process.js';

/** Nobody is suspected for silence where a death is looked for. */
const suspicionMs = 60_000;
/** Keep-alives of connections that carry nothing, for the time that a test takes: 52 bytes each, and each answered. */
const idleBytesMax = 20_000;
const large = 3_000_000;

describe('a domain of two hosts, three members on one of them and two on the other, that share pages', function () {
  this.timeout(60_000);
  let hosts: Hosts;
  let members: MemberProcess[];
  const places = [0, 0, 0, 1, 1];

  before(function () {
    needsHosts(this);
  });

  beforeEach(async () => {
    hosts = Hosts.open(2);
    const domain = `tcp://${hosts.address(0)}:7400,${hosts.address(1)}:7400/shared`;
    const options = {
      tcp: { secret: 'the secret of two hosts', sharePages: true },
      suspicionMs,
      timeoutMs: 30_000,
    };
    members = [];
    for (const place of places)
      members.push(await MemberProcess.joinUnder(hosts.machine(place), domain, options));
    for (const member of members) await member.call('read', 't', 'samples$');
    for (const member of members) await member.call('open', 't');
    for (const member of members) await member.call('whenMatched', 't', members.length);
  });

  afterEach(async () => {
    await Promise.all(members.map((member) => member.kill()));
    await endAll();
    hosts.close();
  });

  const trafficOf = async (member: MemberProcess, peer: MemberProcess) =>
    (await member.call('traffic')).find(({ peer: id }) => id === peer.id)!;

  async function start(): Promise<void> {
    for (const member of members) await member.call('start', 't', { batch: 20, pauseMs: 1, bytes: 200 });
    for (const member of members)
      await until(async () => (await member.call('report', 't')).count > 1_000, 'samples of all', 20_000);
  }

  async function assertAgreed(survivors: readonly MemberProcess[]): Promise<void> {
    const totals = new Map<number, number>();
    for (const writer of survivors) totals.set(writer.id, await writer.call('stop', 't'));
    for (const member of survivors)
      await until(async () => {
        const { byMember } = await member.call('report', 't');
        return [...totals].every(([id, written]) => (byMember[id] ?? 0) >= written);
      }, 'all of the survivors');
    const reports = await Promise.all(survivors.map((member) => member.call('report', 't')));
    for (const { hash, faults } of reports) {
      assert.deepEqual(faults, []);
      assert.equal(hash, reports[0]!.hash);
    }
  }

  it('delivers the same to all; between members of one host the kernel carries nothing, large samples neither', async () => {
    await members[0]!.call('open', 'large');
    for (const member of members) await member.call('read', 'large', 'contents');
    await members[0]!.call('whenMatched', 'large', members.length);
    const before = hosts.loopbackBytes(0);
    const crossedBefore = hosts.bytes(1).received;
    await start();
    const digests: string[] = [];
    for (let seed = 0; seed < 3; seed++)
      digests.push(await members[0]!.call('writeRandom', 'large', large, seed));
    for (const member of members)
      await until(async () => (await member.call('contents', 'large')).length === 3, 'all large samples');
    for (const member of members) assert.deepEqual(await member.call('contents', 'large'), digests);
    await assertAgreed(members);
    const carried = hosts.loopbackBytes(0) - before;
    console.log(`      the first host's loopback carried ${carried} bytes`);
    assert.ok(carried < idleBytesMax, `${carried} bytes`);
    for (const [i, member] of members.entries())
      for (const [j, peer] of members.entries()) {
        if (i === j) continue;
        const { by, socket, pages } = await trafficOf(member, peer);
        if (places[i] === places[j]) {
          assert.equal(by, 'pages');
          assert.deepEqual(socket, { framesSent: 0, bytesSent: 0, bytesReceived: 0 });
          assert.ok(pages.puts > 100);
        } else {
          assert.equal(by, 'socket');
          assert.deepEqual(pages, { puts: 0, bytes: 0 });
          assert.ok(socket.bytesSent > 1_000 && socket.bytesReceived > 1_000);
        }
      }
    const crossed = hosts.bytes(1).received - crossedBefore;
    console.log(
      `      and ${crossed} bytes crossed to the other host, ${3 * large} of them in large samples`,
    );
    assert.ok(crossed > 3 * large);
  });

  for (const [who, victim] of [
    ['the first of three on its host', 0],
    ['one of the three', 2],
    ['one of the two on the other', 4],
  ] as const) {
    it(`goes on without ${who} that is killed: nothing is lost or doubled`, async () => {
      await start();
      const dead = members[victim]!;
      const survivors = members.filter((member) => member !== dead);
      const killedAt = hostMs();
      await dead.kill();
      const delays: string[] = [];
      for (const member of survivors)
        await until(async () => {
          const view = (await member.call('views')).find(
            ({ members: ids, atMs }) => atMs > killedAt && !ids.includes(dead.id),
          );
          if (view !== undefined) delays.push(`${(view.atMs - killedAt).toFixed(1)} ms`);
          return view !== undefined;
        }, 'the view without it');
      console.log(`      from kill to new view: ${delays.join(', ')}`);
      await assertAgreed(survivors);
    });
  }
});
