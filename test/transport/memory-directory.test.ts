import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRendezvous } from '../../transport/memory/directory.js';
import { MemoryHost } from '../../transport/memory/host.js';
import { openHost } from '../../transport/index.js';
import { Sandbox } from './processes/sandbox.js';

const isRoot = process.getuid?.() === 0;

/** What this machine cannot do is left out with a reason; on the machine that judges, nothing may be left out. */
function leaveOut(context: Mocha.Context, reason: string): never {
  if (process.env.CI === 'true') throw new Error(`this must run here, and cannot: ${reason}`);
  console.log(`      left out: ${reason}`);
  return context.skip();
}

describe('the directory of a domain', () => {
  let sandbox: Sandbox;

  beforeEach(() => {
    sandbox = new Sandbox();
  });
  afterEach(() => {
    sandbox.remove();
  });

  const open = (domain: string) => MemoryHost.open({ domain, ...sandbox.options });

  it('is private, and so is all that is made', async () => {
    const host = await open('tower');
    host.allocate('row', 4096, []);
    const folder = join(sandbox.runtimeDirectory, 'bowecho', 'tower');
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    for (const directory of [folder, sandbox.segmentDirectory]) {
      for (const name of readdirSync(directory)) {
        // A socket's mode says nothing in a folder that nobody else can enter.
        if (!name.endsWith('.sock')) assert.equal(statSync(join(directory, name)).mode & 0o077, 0, name);
      }
    }
    const uid = process.getuid?.();
    assert.deepEqual(readdirSync(sandbox.segmentDirectory).sort(), [
      `bowecho-${uid}-tower.${host.self}.flags`,
      `bowecho-${uid}-tower.${host.self}.row`,
    ]);
    await host.close();
    assert.deepEqual(readdirSync(join(sandbox.runtimeDirectory, 'bowecho')), []);
  });

  it('is in the temporary directory, named with the user, where XDG_RUNTIME_DIR is not set', () => {
    const { XDG_RUNTIME_DIR, TMPDIR } = process.env;
    try {
      delete process.env.XDG_RUNTIME_DIR;
      process.env.TMPDIR = sandbox.path;
      assert.equal(tmpdir(), sandbox.path);
      const { folder } = openRendezvous('tower', {});
      assert.equal(folder, join(sandbox.path, `bowecho-${process.getuid?.()}`, 'tower'));
      assert.equal(statSync(join(folder, '..')).mode & 0o777, 0o700);
      process.env.XDG_RUNTIME_DIR = sandbox.runtimeDirectory;
      assert.equal(openRendezvous('tower', {}).folder, join(sandbox.runtimeDirectory, 'bowecho', 'tower'));
    } finally {
      for (const [name, value] of Object.entries({ XDG_RUNTIME_DIR, TMPDIR })) {
        if (value === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = value;
      }
    }
  });

  for (const domain of ['', '.', '..', '../tower', 'a/b', 'a.b', '-x', 'tö', 'x'.repeat(64), 'a b', 'a\0b']) {
    it(`is refused for a domain named ${JSON.stringify(domain)}`, async () => {
      await assert.rejects(open(domain), { code: 'BE_NAME' });
    });
  }

  it('is refused where others may read it, where it is a symbolic link, or no directory', async () => {
    const root = join(sandbox.runtimeDirectory, 'bowecho');
    mkdirSync(root, { mode: 0o700 });
    chmodSync(root, 0o755);
    await assert.rejects(open('tower'), { code: 'BE_DIRECTORY', message: /has mode 755/ });
    chmodSync(root, 0o700);
    mkdirSync(join(sandbox.path, 'elsewhere'), { mode: 0o700 });
    symlinkSync(join(sandbox.path, 'elsewhere'), join(root, 'tower'));
    await assert.rejects(open('tower'), { code: 'BE_DIRECTORY', message: /is not a directory/ });
    writeFileSync(join(root, 'flat'), '');
    await assert.rejects(open('flat'), { code: 'BE_DIRECTORY', message: /is not a directory/ });
  });

  it('is refused where it belongs to another user', async function () {
    if (!isRoot) leaveOut(this, 'only root can make a directory of another user');
    const root = join(sandbox.runtimeDirectory, 'bowecho');
    mkdirSync(root, { mode: 0o700 });
    chownSync(root, 12345, 12345);
    await assert.rejects(open('tower'), { code: 'BE_DIRECTORY', message: /belongs to user 12345/ });
  });

  it('is refused where XDG_RUNTIME_DIR is missing, or open to others', async () => {
    const missing = { ...sandbox.options, runtimeDirectory: join(sandbox.path, 'nowhere') };
    await assert.rejects(MemoryHost.open({ domain: 'tower', ...missing }), {
      code: 'BE_DIRECTORY',
      message: /does not exist/,
    });
    chmodSync(sandbox.runtimeDirectory, 0o777);
    await assert.rejects(open('tower'), { code: 'BE_DIRECTORY', message: /safe from other users/ });
  });

  it('gets a shorter name where the path of a socket in it would be too long, and an error where nothing helps', async () => {
    const domain = 'd'.repeat(63);
    const runtimeDirectory = join(sandbox.runtimeDirectory, 'r'.repeat(10));
    mkdirSync(runtimeDirectory, { mode: 0o700 });
    const options = { domain, ...sandbox.options, runtimeDirectory };
    const [one, two] = [await MemoryHost.open(options), await MemoryHost.open(options)];
    assert.match(readdirSync(join(runtimeDirectory, 'bowecho'))[0]!, /^d*~[0-9a-f]{16}$/);
    assert.equal(await one.meet('', { timeoutMs: 1_000 }), undefined);
    one.openDoor((_stranger, _greeting, reply) => {
      reply({ welcome: 'found you' });
    });
    assert.equal(await two.meet('', { timeoutMs: 1_000 }), 'found you');
    await Promise.all([one.close(), two.close()]);

    const tooLong = join(sandbox.runtimeDirectory, 'r'.repeat(80));
    mkdirSync(tooLong, { mode: 0o700 });
    await assert.rejects(MemoryHost.open({ ...options, runtimeDirectory: tooLong }), {
      code: 'BE_DIRECTORY',
      message: /too long for the path of a Unix socket/,
    });
  });

  it('loses the segments of members that died, also where the directory itself was cleared, and nothing else', async () => {
    const prefix = `bowecho-${process.getuid?.()}-`;
    const dead = ['tower.5.flags', 'tower.5.row', 'tower.5.a.b', 'once-12.5.flags', 'once-12.5.row'].map(
      (name) => prefix + name,
    );
    const others = [`${prefix}tower`, `${prefix}tower.x.row`, 'bowecho-99999-tower.5.flags', 'unrelated'];
    for (const name of [...dead, `~${prefix}tower.5.c`, ...others]) {
      writeFileSync(join(sandbox.segmentDirectory, name), '');
    }
    const host = await open('tower');
    await host.close();
    assert.deepEqual(readdirSync(sandbox.segmentDirectory).sort(), others.sort());
  });

  it('leaves the segments of a living member alone that uses another directory', async () => {
    const there = join(sandbox.path, 'run2');
    mkdirSync(there, { mode: 0o700 });
    const living = await MemoryHost.open({ domain: 'tower', ...sandbox.options, runtimeDirectory: there });
    living.allocate('row', 4096, []);
    const before = readdirSync(sandbox.segmentDirectory);
    const host = await open('tower');
    await host.close();
    assert.deepEqual(readdirSync(sandbox.segmentDirectory), before);
    await living.close();
  });

  it('does not take a file of another user for the memory of a peer', async function () {
    if (!isRoot) leaveOut(this, 'only root can make a file of another user');
    const [one, two] = [await open('tower'), await open('tower')];
    const path = join(sandbox.segmentDirectory, `bowecho-0-tower.${one.self}.row`);
    writeFileSync(path, Buffer.alloc(4096));
    chownSync(path, 12345, 12345);
    assert.throws(() => two.attach(one.self, 'row', 4096), {
      code: 'BE_SYSTEM',
      message: /belongs to user 12345/,
    });
    await Promise.all([one.close(), two.close()]);
  });

  it('is too small, where memory runs out: the error says so, and what fits still does', async function () {
    if (!isRoot) leaveOut(this, 'only root can mount a small file system');
    const small = join(sandbox.path, 'small');
    mkdirSync(small);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', small], { stdio: 'pipe' });
    } catch {
      leaveOut(this, 'this machine does not let us mount a file system');
    }
    try {
      const host = await MemoryHost.open({ domain: 'tower', ...sandbox.options, segmentDirectory: small });
      host.allocate('fits', 64 * 1024, []);
      assert.throws(() => host.allocate('large', 1024 * 1024, []), {
        code: 'BE_NO_MEMORY',
        message: /--shm-size/,
      });
      assert.equal(readdirSync(small).length, 2);
      host.allocate('large', 64 * 1024, []);
      host.allocate('rest', 124 * 1024, []);
      await assert.rejects(
        MemoryHost.open({ domain: 'other', ...sandbox.options, segmentDirectory: small }),
        {
          code: 'BE_NO_MEMORY',
        },
      );
      assert.deepEqual(readdirSync(join(sandbox.runtimeDirectory, 'bowecho')), ['tower']);
      await host.close();
    } finally {
      execFileSync('umount', ['-l', small]);
    }
  });
});

describe('the address of a domain', () => {
  it('chooses the transport', async () => {
    const sandbox = new Sandbox();
    for (const address of ['tower', 'memory:tower']) {
      const host = await openHost(address, sandbox.options);
      assert.equal(host.constructor.name, 'MemoryHost');
      await host.close();
    }
    sandbox.remove();
    const host = await openHost('local:tower');
    assert.equal(host.constructor.name, 'LocalHost');
    await host.close();
  });

  it('names what is not there', async () => {
    await assert.rejects(openHost('carrier:pigeon'), { code: 'BE_NAME' });
    await assert.rejects(openHost('local:'), { code: 'BE_NAME' });
    await assert.rejects(openHost(''), { code: 'BE_NAME' });
  });
});
