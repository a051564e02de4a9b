import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { TcpHost } from '../../transport/tcp/host.js';
import type { Finding, Report } from '../../bin/doctor/report.js';
import { atLeast } from '../../bin/doctor/machine.js';
import { Authority } from '../transport/certificates.js';
import { freePort } from '../transport/tcp-domain.js';
import { CommandFolder } from './command-folder.js';

const dayMs = 86_400_000;

describe('bowecho doctor', function () {
  this.timeout(60_000);
  const work = new CommandFolder();
  after(() => work.remove());

  async function doctor(
    args: readonly string[],
    env: Record<string, string> = {},
    under: readonly string[] = [],
  ) {
    const { code, out, err } = await work.runBeside(
      ['doctor', '--json', ...args],
      { ...process.env, ...env },
      under,
    );
    const report = JSON.parse(out) as Report;
    assert.equal(code, report.ok ? 0 : 1, err);
    const group = (name: string) => report.groups.find((each) => each.name === name);
    const finding = (name: string, check: string): Finding =>
      group(name)!.findings.find((each) => each.check === check)!;
    return { code, report, group, finding };
  }

  /** Files of what a member shows, and the flags that name them. */
  function flagsFor(name: string, { ca, cert, key }: Record<'ca' | 'cert' | 'key', string>): string[] {
    for (const [what, text] of Object.entries({ ca, cert, key })) work.write(`${name}.${what}`, text);
    return ['--ca', `${name}.ca`, '--cert', `${name}.cert`, '--key', `${name}.key`];
  }

  it('says what this machine can do, as the JSON that the reference tells of', async () => {
    const { code, report, group, finding } = await doctor([]);
    assert.equal(code, 0);
    assert.deepEqual(Object.keys(report), ['address', 'ok', 'groups']);
    assert.equal(report.address, null);
    assert.deepEqual(
      report.groups.map(({ name }) => name),
      ['machine', 'clock', 'shared memory', 'RDMA', 'storage'],
    );
    assert.deepEqual(
      report.groups.filter(({ needed }) => needed).map(({ name }) => name),
      ['machine'],
    );
    for (const { findings } of report.groups)
      for (const each of findings) {
        assert.ok(['ok', 'warning', 'fails'].includes(each.status));
        assert.equal(typeof each.check, 'string');
        assert.equal(typeof each.found, 'string');
        assert.ok(each.status === 'ok' || each.advice !== undefined || /\(BE_/.test(each.found), each.found);
      }
    assert.match(finding('machine', 'Node').found, new RegExp(`^Node ${process.versions.node} `));
    if (process.platform === 'linux' && process.arch === 'x64')
      for (const { check, status } of group('shared memory')!.findings) assert.equal(status, 'ok', check);
    assert.match(finding('storage', 'durable write').found, /4096 bytes are durable after \d+\.\d+ ms/);
  });

  it('shows a table, and counts what fails that the address needs', async () => {
    const { code, out, err } = await work.runBeside(['doctor', 'pigeon:tower']);
    assert.equal(code, 1);
    assert.match(out, /^machine\n {2}Node +ok +Node /);
    assert.match(out, /\n {2}domain +fails +pigeon:tower: pigeon: is no transport; use .* \(BE_NAME\)\n/);
    assert.match(out, /\nshared memory \(not needed here\)\n/);
    assert.equal(err, 'bowecho: 1 thing fails that pigeon:tower needs\n');
    assert.equal((await work.runBeside(['doctor', 'tower', '--ca', 'a.pem'])).code, 1);
  });

  it('finds that there is no libibverbs, which rdma: needs and tcp: does not', async () => {
    // A library that is none: as if it were not installed, whatever is.
    work.write('lib/libibverbs.so.1', '');
    const env = { LD_LIBRARY_PATH: join(work.path, 'lib') };
    const port = await freePort();
    const rdma = await doctor([`rdma://127.0.0.1:${port}/tower`], env);
    assert.equal(rdma.code, 1);
    assert.equal(rdma.finding('RDMA', 'libibverbs').status, 'fails');
    assert.match(rdma.finding('RDMA', 'libibverbs').found, /Install rdma-core .*\(BE_NO_RDMA\)$/);
    const tcp = await doctor([`tcp://127.0.0.1:${port}/tower`], env);
    assert.equal(tcp.code, 0);
    assert.equal(tcp.finding('RDMA', 'libibverbs').status, 'fails');
    assert.equal(tcp.group('RDMA')!.needed, false);
  });

  it('warns that little memory may be pinned, by the limit that it runs under', async function () {
    if (process.platform !== 'linux') this.skip();
    const look = async (kibibytes: string) =>
      (await doctor([], {}, ['sh', '-c', `ulimit -S -l ${kibibytes} && exec "$@"`, 'sh'])).finding(
        'RDMA',
        'locked memory',
      );
    const little = await look('64');
    assert.deepEqual([little.status, little.found], ['warning', 'at most 0.1 MiB']);
    assert.match(little.advice!, /ulimit -l unlimited/);
    // How much is allowed here at most.
    const { stdout } = spawnSync('sh', ['-c', 'ulimit -H -l'], { encoding: 'utf8' });
    const most = await look(stdout.trim());
    if (stdout.trim() === 'unlimited') assert.equal(most.found, 'is not limited');
    else assert.match(most.found, /^at most [\d.]+ [MG]iB$/);
  });

  it('finds that members on this host could not meet, which memory: needs', async () => {
    const env = { XDG_RUNTIME_DIR: join(work.path, 'nowhere') };
    const { code, finding } = await doctor(['tower'], env);
    assert.equal(code, 1);
    assert.match(
      finding('shared memory', 'members').found,
      /nowhere .*does not exist: set XDG_RUNTIME_DIR .*\(BE_DIRECTORY\)$/,
    );
    assert.equal((await doctor([], env)).code, 0);
  });

  it('finds that /dev/shm has little room, which tcp: needs where members share pages, and else not', async function () {
    const under = (size: string) => [
      ...['unshare', '--mount', 'sh', '-c'],
      `mount -t tmpfs -o size=${size} tmpfs /dev/shm && exec "$@"`,
      'sh',
    ];
    const { status } = spawnSync('unshare', [...under('1m').slice(1), 'true']);
    if (status !== 0 && process.env['CI'] === 'true') throw new Error('nothing can be mounted here');
    if (status !== 0) this.skip();
    const address = `tcp://127.0.0.1:${await freePort()}/tower`;
    const look = (size: string, ...flags: string[]) => doctor([address, ...flags], {}, under(size));

    const none = await look('1m', '--share-pages');
    assert.equal(none.code, 1);
    assert.match(
      none.finding('shared memory', '/dev/shm').found,
      /its rings take 0\.2 MiB, and 1\.0 MiB are free\. .*--shm-size.*\(BE_NO_MEMORY\)$/,
    );
    const plain = await look('1m');
    assert.deepEqual([plain.code, plain.group('shared memory')!.needed], [0, false]);
    const little = await look('16m', '--share-pages');
    assert.equal(little.code, 0);
    const { status: room, found, advice } = little.finding('shared memory', '/dev/shm');
    assert.equal(room, 'warning');
    assert.match(
      found,
      /^16\.0 MiB of 16\.0 MiB free; 3 members take 0\.2 MiB for a topic, and 12\.0 MiB .*: room for 1 such topics$/,
    );
    assert.match(advice!, /--shm-size=1g/);
    const enough = await look('64m', '--share-pages');
    assert.equal(enough.finding('shared memory', '/dev/shm').status, 'ok');
  });

  it('finds certificates that have expired, soon will, are of another authority, or are not the key’s', async () => {
    const [authority, other] = [await Authority.create(), await Authority.create('Other')];
    const address = `tcp://127.0.0.1:${await freePort()}/tower`;
    const good = await authority.issue('good', 90 * dayMs);
    const look = (name: string, shown: typeof good) => doctor([address, ...flagsFor(name, shown)]);
    const right = await look('good', good);
    assert.equal(right.code, 0);
    assert.equal(right.finding('certificates', 'certificate').found, 'CN=good');
    assert.equal(right.finding('certificates', 'chain').found, 'leads to CN=Test');
    assert.match(right.finding('certificates', 'validity').found, /CN=good is valid until .*, for 8\d days/);
    assert.equal(right.finding('network', 'protection').found, 'TLS 1.3');

    const expired = await look('old', await authority.issue('old', -1_000));
    assert.equal(expired.code, 1);
    assert.match(expired.finding('certificates', 'validity').found, /^CN=old expired on /);
    const soon = await look('soon', await authority.issue('soon', 2 * dayMs));
    assert.equal(soon.code, 0);
    assert.equal(soon.finding('certificates', 'validity').status, 'warning');
    const foreign = await look('foreign', { ...(await other.issue('foreign')), ca: authority.ca });
    assert.equal(foreign.code, 1);
    assert.equal(
      foreign.finding('certificates', 'chain').found,
      'CN=foreign is not signed by the authority, but by CN=Other',
    );
    const mixed = await look('mixed', { ...good, key: (await authority.issue('else')).key });
    assert.equal(mixed.code, 1);
    assert.equal(mixed.finding('certificates', 'key').status, 'fails');
    const garbage = await look('garbage', { ...good, cert: 'no certificate' });
    assert.equal(garbage.finding('certificates', 'certificate').status, 'fails');
    const missing = await doctor([address, '--ca', 'nowhere', '--cert', 'good.cert', '--key', 'good.key']);
    assert.match(missing.finding('certificates', 'files').found, /^caFile: ENOENT.*nowhere/);
    work.write('may.json', JSON.stringify({ rules: [{ name: 'all', who: { CN: 'good' }, read: ['*'] }] }));
    const may = await doctor([address, ...flagsFor('good', good), '--permissions', 'may.json']);
    assert.deepEqual([may.code, may.finding('permissions', 'join').found], [0, 'CN=good may join']);
    const nobody = await authority.issue('nobody', 90 * dayMs);
    const mayNot = await doctor([address, ...flagsFor('nobody', nobody), '--permissions', 'may.json']);
    assert.equal(mayNot.code, 1);
    assert.match(
      mayNot.finding('permissions', 'join').found,
      /^CN=nobody may not join: .*\(BE_NOT_PERMITTED\)$/,
    );
    // A participant is told the same.
    const options = { address: address.slice(4), tls: await authority.issue('old', -1_000) };
    await assert.rejects(TcpHost.open(options), {
      code: 'BE_CERTIFICATE',
      message: /^validity: CN=old expired on/,
    });
  });

  it('tells a place that is free from one that a member has, or another program', async () => {
    const secret = 'known to all members';
    const host = await TcpHost.open({ address: `//127.0.0.1:${await freePort()}/tower`, secret });
    const program = createServer((socket) => socket.end('220 a mail server\r\n')).listen(0, '127.0.0.1');
    await once(program, 'listening');
    const { port } = program.address() as AddressInfo;
    try {
      work.write('secret', `${secret}\n`);
      const free = await freePort();
      const places = `tcp://${host.address},127.0.0.1:${free},127.0.0.1:${port}/tower`;
      const { code, finding } = await doctor([places, '--secret-file', 'secret']);
      assert.equal(code, 1);
      const place = (name: string) => finding('network', `place ${name}`);
      assert.equal(place(host.address).found, `member ${host.self} of domain tower answers`);
      assert.match(place(`127.0.0.1:${free}`).found, /free/);
      assert.equal(place(`127.0.0.1:${port}`).status, 'fails');
      const only = await doctor([`tcp://${host.address}/tower`, '--secret-file', 'secret']);
      assert.equal(only.code, 0);
      work.write('wrong', 'another secret of theirs');
      const stranger = await doctor([`tcp://${host.address}/tower`, '--secret-file', 'wrong']);
      assert.equal(stranger.code, 1);
      assert.match(stranger.finding('network', `place ${host.address}`).found, /secret/);
    } finally {
      program.close();
      await host.close();
    }
  });

  it('finds names without an address, and that nothing would protect a domain beyond this machine', async () => {
    const { code, finding } = await doctor(['tcp://no.such.name.invalid:7400/tower']);
    assert.equal(code, 1);
    assert.equal(finding('network', 'no.such.name.invalid:7400').status, 'fails');
    assert.match(finding('network', 'protection').found, /\(BE_INSECURE\)$/);
  });

  it('warns of a storage folder in memory, fails for one that cannot be written, and leaves nothing there', async function () {
    if (process.platform !== 'linux') this.skip();
    const folder = mkdtempSync('/dev/shm/bowecho-doctor-test-');
    try {
      const { code, finding, group } = await doctor(['local:tower', '--storage', folder]);
      assert.equal(code, 0);
      assert.equal(group('storage')!.needed, true);
      assert.equal(finding('storage', 'file system').status, 'warning');
      assert.match(finding('storage', 'file system').found, /tmpfs/);
      assert.deepEqual(readdirSync(folder), []);
    } finally {
      rmSync(folder, { recursive: true });
    }
    const proc = await doctor(['local:tower', '--storage', '/proc/bowecho']);
    assert.equal(proc.code, 1);
    assert.equal(proc.finding('storage', 'durable write').status, 'fails');
  });

  it('compares versions by their numbers', () => {
    for (const version of ['20.19.0', '20.20', '22.0.1', '100.0.0'])
      assert.ok(atLeast(version, '20.19'), version);
    for (const version of ['20.18.9', '18.20.0', '3.99']) assert.ok(!atLeast(version, '20.19'), version);
  });
});
