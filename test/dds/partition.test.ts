import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hosts } from '../../bench/net/hosts.js';
import { needsHosts } from '../needs-hosts.js';
import { digestTopicLog, readTopicLog } from '../../runtime/durability/open-topic-log.js';
import { hostMs, MemberProcess, until } from './member-process.js';

const names = ['a', 'b', 'c', 'd', 'e'] as const;
const most = [0, 1, 2];
const few = [3, 4];

describe('a domain of five hosts that is parted, three from two', function () {
  this.timeout(90_000);
  let hosts: Hosts;
  let storage: string;
  let members: MemberProcess[];
  let domain: string;

  before(function () {
    needsHosts(this);
  });

  beforeEach(async () => {
    hosts = Hosts.open(names.length);
    storage = mkdtempSync(join(tmpdir(), 'bowecho-storage-'));
    const places = names.map((_, host) => `${hosts.address(host)}:7400`);
    domain = `tcp://${places.join()}/parted`;
    members = [];
    for (const [host, name] of names.entries()) {
      const { execPath, execArgv } = hosts.within(host);
      members.push(
        await MemberProcess.joinUnder([execPath, ...execArgv.slice(0, -1)], domain, optionsOf(name)),
      );
    }
  });

  afterEach(async () => {
    await Promise.all(members.map((member) => member.kill()));
    hosts.close();
    rmSync(storage, { recursive: true, force: true });
  });

  const optionsOf = (name: string) => ({
    name,
    storage,
    tcp: { secret: 'the secret of five hosts' },
    timeoutMs: 30_000,
  });
  const of = (ranks: readonly number[]) => ranks.map((rank) => members[rank]!);

  async function open(opening: readonly MemberProcess[], qos: 'atomic' | 'persistent'): Promise<void> {
    for (const member of opening) await member.call('read', 't', 'samples$', qos);
    for (const member of opening) await member.call('open', 't', qos);
    for (const member of opening) await member.call('whenMatched', 't', names.length);
  }

  async function start(starting: readonly MemberProcess[], commits: boolean): Promise<void> {
    const options = { batch: 5, bytes: 200, pauseMs: 5, ...(commits && { commits: true as const }) };
    for (const member of starting) await member.call('start', 't', options);
  }

  /** Parts the three from the two, until the two have halted and the three are by themselves. */
  async function part(): Promise<void> {
    const partedAt = hostMs();
    hosts.part([most, few]);
    for (const member of of(few))
      await until(
        async () => (await member.call('endings')).includes('view$ BE_NO_MAJORITY'),
        'a member of the two that halts',
        20_000,
      );
    for (const member of of(most))
      await until(
        async () =>
          (await member.call('views')).some(({ members: in_, atMs }) => atMs > partedAt && in_.length === 3),
        'the view of the three',
        20_000,
      );
  }

  /** The same processes, as new members. */
  async function comeBack(): Promise<void> {
    hosts.heal();
    for (const rank of few) await members[rank]!.joinAgain(domain, optionsOf(names[rank]!));
  }

  it('goes on with the three; the two stop, say why, and come back; nothing that was delivered differs', async () => {
    await open(members, 'atomic');
    await start(members, false);
    for (const member of members)
      await until(async () => (await member.call('report', 't')).count > 500, 'samples of all', 20_000);
    await part();
    const [before, ...others] = await Promise.all(of(most).map((member) => member.call('report', 't')));
    assert.equal(others.length, 2);
    for (const member of of(most))
      await until(
        async () => (await member.call('report', 't')).count > before!.count + 500,
        'samples of the three',
      );
    const stopped = await Promise.all(of(few).map((member) => member.call('report', 't', true)));
    await comeBack();
    await open(of(few), 'atomic');
    await start(of(few), false);
    const counts = await Promise.all(of(few).map((member) => member.call('report', 't')));
    for (const [i, member] of of(few).entries())
      await until(
        async () => (await member.call('report', 't')).count > counts[i]!.count + 200,
        'samples of all again',
        20_000,
      );
    const written = new Map<number, number>();
    for (const member of members) written.set(member.id, await member.call('stop', 't'));
    for (const member of members)
      await until(async () => {
        const { byMember } = await member.call('report', 't');
        return of(few).every(({ id }) => (byMember[id] ?? 0) >= written.get(id)!);
      }, 'all of those who came back');
    const reports = await Promise.all(members.map((member) => member.call('report', 't', true)));
    const all = reports[0]!.order;
    for (const { faults, order } of [...reports, ...stopped]) {
      assert.deepEqual(faults, []);
      assert.ok(order.length > 0);
    }
    for (const rank of most) {
      assert.deepEqual(reports[rank]!.order, all);
      assert.equal(reports[rank]!.byMember[members[rank]!.id], written.get(members[rank]!.id));
    }
    // The two had delivered a beginning of it, and go on with its end.
    for (const { order } of stopped) assert.deepEqual(order, all.slice(0, order.length));
    for (const rank of few) {
      const { order } = reports[rank]!;
      assert.deepEqual(order, all.slice(all.length - order.length));
    }
  });

  it('has one log of a persistent topic again, with all that was acknowledged to anyone', async () => {
    await open(members, 'persistent');
    await start(members, true);
    for (const member of members)
      await until(async () => (await member.call('committed', 't')) >= 50, 'commits of all', 20_000);
    await part();
    const acknowledged = new Map<number, number>();
    for (const member of members) acknowledged.set(member.id, await member.call('committed', 't'));
    for (const member of of(most))
      await until(
        async () => (await member.call('committed', 't')) > acknowledged.get(member.id)! + 50,
        'commits of the three',
        20_000,
      );
    await comeBack();
    await open(of(few), 'persistent');
    await start(of(few), true);
    for (const member of of(few)) {
      await until(async () => (await member.call('replica', 't'))!.isWhole, 'a whole log', 20_000);
      await until(async () => (await member.call('committed', 't')) >= 50, 'commits again', 20_000);
    }
    for (const member of members) acknowledged.set(member.id, await member.call('stop', 't'));
    for (const member of members) await member.call('whenCommitted', 't');
    const folders = names.map((name) => join(storage, 'parted', name, 'topics', 't'));
    const digests = await Promise.all(folders.map((folder) => digestTopicLog(folder)));
    assert.equal(new Set(digests).size, 1);
    const counts = new Map<number, number>();
    for await (const { sender } of readTopicLog(folders[0]!))
      counts.set(sender, (counts.get(sender) ?? 0) + 1);
    for (const [id, count] of acknowledged)
      assert.ok((counts.get(id) ?? 0) >= count, `${counts.get(id)} of ${count} acknowledged to ${id}`);
  });
});
