import assert from 'node:assert/strict';
import { execFileSync, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Hosts } from '../../bench/net/hosts.js';
import { needsHosts } from '../needs-hosts.js';

const copier = fileURLToPath(new URL('./copier.ts', import.meta.url));

/** One host sends `bytes` to another; gives the seconds that the other needed to get them. */
async function copy(hosts: Hosts, from: number, to: number, bytes: number): Promise<number> {
  const on = (host: number) => {
    const { execPath, execArgv } = hosts.within(host);
    return { execPath, execArgv: [...execArgv, '--import', 'tsx'] };
  };
  const receiver = fork(copier, ['receive', `${bytes}`], on(to));
  await once(receiver, 'message');
  const sender = fork(copier, ['send', `${bytes}`, hosts.address(to)], on(from));
  const [seconds] = (await once(receiver, 'message')) as [number];
  if (sender.exitCode === null) await once(sender, 'exit');
  return seconds;
}

describe('Bench: hosts as network namespaces', function () {
  this.timeout(30_000);
  let hosts: Hosts;

  before(function () {
    needsHosts(this);
  });

  afterEach(() => hosts.close());

  /** Nobody listens there: who is heard is refused. */
  const knock = `require('net').connect(7000, process.argv[1]).on('error', ({ code }) => process.exit(code === 'ECONNREFUSED' ? 0 : 1)).setTimeout(700, () => process.exit(2))`;
  const hears = (from: number, to: number): boolean => {
    const { execPath, execArgv } = hosts.within(from);
    return spawnSync(execPath, [...execArgv, '-e', knock, hosts.address(to)]).status === 0;
  };

  it('limits each link, and counts what it carried', async () => {
    hosts = Hosts.open(3, { rate: '100mbit' });
    const bytes = 10_000_000;
    const both = await Promise.all([copy(hosts, 0, 1, bytes), copy(hosts, 1, 2, bytes)]);
    for (const seconds of both) assert.ok(seconds > 0.7, `${bytes} bytes in ${seconds} s over 100 Mbit/s`);
    const { sent, received } = hosts.bytes(1);
    assert.ok(sent > bytes && sent < 1.1 * bytes, `sent ${sent}`);
    assert.ok(received > bytes && received < 1.1 * bytes, `received ${received}`);
  });

  it('has senders that find their pace by what is lost, whatever the machine does', () => {
    hosts = Hosts.open(2);
    for (const host of [0, 1]) {
      const { execPath, execArgv } = hosts.within(host);
      const read = `console.log(require('fs').readFileSync('/proc/sys/net/ipv4/tcp_congestion_control', 'utf8'))`;
      const { stdout } = spawnSync(execPath, [...execArgv, '-e', read], { encoding: 'utf8' });
      assert.equal(stdout.trim(), 'reno');
    }
  });

  it('parts hosts, heals, and cuts one off', () => {
    hosts = Hosts.open(3);
    assert.ok(hears(0, 1) && hears(2, 0));
    hosts.part([[0, 1], [2]]);
    assert.ok(hears(0, 1));
    assert.ok(!hears(2, 0));
    hosts.heal();
    assert.ok(hears(2, 0));
    hosts.cut(0);
    assert.ok(!hears(1, 0));
  });

  it('removes what it made, and what a killed process left behind', () => {
    const dead = spawnSync('true').pid;
    execFileSync('ip', ['netns', 'add', `bowecho-${dead}-0`]);
    const [left, own] = [dead, process.pid].map((pid) => `/dev/shm/bowecho-hosts-${pid}`) as [string, string];
    mkdirSync(`${left}/0`, { recursive: true });
    hosts = Hosts.open(1);
    const names = () => execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' });
    assert.doesNotMatch(names(), new RegExp(`bowecho-${dead}-`));
    assert.match(names(), new RegExp(`bowecho-${process.pid}-0`));
    assert.ok(!existsSync(left));
    hosts.machine(0);
    assert.ok(existsSync(own));
    hosts.close();
    assert.ok(!existsSync(own));
    assert.doesNotMatch(names(), new RegExp(`bowecho-${process.pid}-`));
  });
});
