import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MemoryHost } from '../../transport/memory/host.js';
import { MemberProcess, killAll } from './processes/member-process.js';
import { Sandbox } from './processes/sandbox.js';

const sleepMs = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe('members in processes of their own', function () {
  this.timeout(30_000);
  let sandbox: Sandbox;
  let hosts: MemoryHost[] = [];
  const start = (domain = 'tower') => MemberProcess.start({ domain, ...sandbox.options });
  const open = async () => {
    const host = await MemoryHost.open({ domain: 'tower', ...sandbox.options });
    hosts.push(host);
    return host;
  };

  beforeEach(() => {
    sandbox = new Sandbox();
  });
  afterEach(async () => {
    await killAll();
    await Promise.all(hosts.map((host) => host.close()));
    hosts = [];
    sandbox.remove();
  });

  it('see what another process stores', async () => {
    const [here, there] = [await open(), await start()] as const;
    await there.call('allocate', 'subgroup.7', 4096, [here.self]);
    await there.call('store', 'subgroup.7', 3, 42);
    const replica = here.attach(there.self, 'subgroup.7', 4096);
    assert.equal(replica?.memory.f64[3], 42);
    await there.call('store', 'subgroup.7', 3, 43);
    assert.equal(replica.memory.f64[3], 43);
  });

  it('cannot store into the memory of another: it is the offender that dies', async () => {
    const [here, there] = [await open(), await start()] as const;
    const region = here.allocate('row', 4096, [there.self]);
    await assert.rejects(there.call('storeInReplica', here.self, 'row', 4096));
    assert.equal(await there.ended(), 'SIGSEGV');
    assert.equal(region.memory.f64[0], 0);
  });

  it('learn of the death of one that was killed', async () => {
    const here = await open();
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      const there = await start();
      here.watch(there.self);
      await sleepMs(20);
      assert.equal(here.isDead(there.self), false);
      const startMs = performance.now();
      const bell = new Promise<void>((resolve) => {
        here.onBell(() => {
          if (here.isDead(there.self)) resolve();
        });
      });
      there.signal('SIGKILL');
      await bell;
      times.push(performance.now() - startMs);
      here.unwatch(there.self);
    }
    console.log(`      from SIGKILL to the bell: ${times.map((ms) => ms.toFixed(1)).join(', ')} ms`);
    assert.ok(Math.max(...times) < 5_000);
  });

  it('do not take a stopped one for dead', async () => {
    const [here, there] = [await open(), await start()] as const;
    here.watch(there.self);
    there.signal('SIGSTOP');
    await sleepMs(200);
    assert.equal(here.isDead(there.self), false);
  });

  it('form one domain with exactly one founder, when eight start at once', async () => {
    const members = await Promise.all(Array.from({ length: 8 }, () => start()));
    const welcomes = await Promise.all(
      members.map(async (member) => {
        const welcome = await member.call('meet', 'hello', 10_000);
        await member.call('openDoor', 'welcome');
        return welcome;
      }),
    );
    assert.equal(welcomes.filter((welcome) => welcome === undefined).length, 1);
  });

  it('found the domain anew when the founder is killed before its door is open', async () => {
    const [first, second, third] = await Promise.all([start(), start(), start()]);
    assert.equal(await first.call('meet', '', 5_000), undefined);
    const met = [second, third].map(async (member) => {
      const welcome = await member.call('meet', '', 5_000);
      await member.call('openDoor', 'welcome');
      return welcome;
    });
    await sleepMs(50);
    await first.kill();
    const welcomes = await Promise.all(met);
    assert.equal(welcomes.filter((welcome) => welcome === undefined).length, 1);
  });

  it('ask another member when the one that they asked is killed', async () => {
    const [first, second, third] = [await start(), await start(), await start()] as const;
    await first.call('meet', '', 5_000);
    await first.call('openDoor', 'welcome');
    await second.call('meet', '', 5_000);
    await second.call('openDoor', 'welcome');
    await first.call('openDoor', 'nothing');
    const met = third.call('meet', '', 5_000);
    while ((await first.call('greetings')).length < 2) await sleepMs(5);
    await first.kill();
    assert.equal(await met, `${second.self} welcomes ${third.self}`);
  });

  it('ask another member when the one that they asked is stopped, which then answers nobody', async () => {
    const [first, second, third] = [await start(), await start(), await start()] as const;
    await first.call('meet', '', 5_000);
    await first.call('openDoor', 'welcome');
    await second.call('meet', '', 5_000);
    await second.call('openDoor', 'welcome');
    first.signal('SIGSTOP');
    assert.equal(await third.call('meet', 'third', 10_000), `${second.self} welcomes ${third.self}`);
    first.signal('SIGCONT');
    await sleepMs(50);
    assert.deepEqual(await first.call('greetings'), ['']);
  });

  it('give up on a domain whose only member is stopped, and name it; they found no second one', async () => {
    const [first, second] = [await start(), await open()] as const;
    await first.call('meet', '', 5_000);
    await first.call('openDoor', 'welcome');
    first.signal('SIGSTOP');
    await assert.rejects(second.meet('', { timeoutMs: 500 }), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'BE_JOIN_TIMEOUT');
      assert.match(error.message, new RegExp(`pid ${first.pid}\\).*stopped`));
      return true;
    });
  });

  it('do not found a second domain while one is on its way in', async () => {
    const [first, second, third] = [await start(), await start(), await open()] as const;
    await first.call('meet', '', 5_000);
    await first.call('openDoor', 'welcome');
    await second.call('meet', '', 5_000);
    await first.kill();
    const met = third.meet('', { timeoutMs: 5_000 });
    await sleepMs(50);
    await second.call('openDoor', 'welcome');
    assert.equal(await met, `${second.self} welcomes ${third.self}`);
  });

  it('are told why they were refused', async () => {
    const [first, second] = [await start(), await open()] as const;
    await first.call('meet', '', 5_000);
    await first.call('openDoor', 'refuse');
    await assert.rejects(second.meet('', { timeoutMs: 2_000 }), {
      code: 'BE_JOIN_REFUSED',
      message: `${first.self} refuses ${second.self}`,
    });
  });

  it('remove at their start what those that were killed have left, and nothing of the living', async () => {
    const [dead, living] = [await start(), await start()] as const;
    for (const member of [dead, living]) await member.call('allocate', 'row', 4096, []);
    await dead.kill();
    const left = sandbox.files();
    assert.ok(left.some((name) => name.includes(`${dead.self}.row`)));
    await open();
    const now = sandbox.files();
    assert.deepEqual(
      now.filter((name) => name.includes(`${dead.self}`)),
      [],
    );
    assert.deepEqual(
      now.filter((name) => name.includes(`${living.self}`)),
      left.filter((name) => name.includes(`${living.self}`)),
    );
  });

  it('remove at their start what is left of domains that nobody lives in any more, and nothing of others', async () => {
    const [gone, first, second] = await Promise.all([start('gone'), start('half'), start('half')]);
    for (const member of [gone, first, second]) await member.call('allocate', 'row', 4096, []);
    await gone.kill();
    await first.kill();
    const isOf = (ids: number[]) => (name: string) => ids.some((id) => name.includes(`${id}`));
    const half = sandbox.files().filter(isOf([first.self, second.self]));
    assert.equal(half.length, 10);
    await open();
    assert.deepEqual(sandbox.files().filter(isOf([gone.self])), []);
    assert.deepEqual(sandbox.files().filter(isOf([first.self, second.self])), half);
    assert.deepEqual(readdirSync(join(sandbox.runtimeDirectory, 'bowecho')).sort(), ['half', 'tower']);
  });

  it('remove what a peer has left, once it has died and nobody watches it any more', async () => {
    const [here, there] = [await open(), await start()] as const;
    await there.call('allocate', 'row', 4096, []);
    here.watch(there.self);
    await there.kill();
    while (!here.isDead(there.self)) await sleepMs(1);
    assert.ok(here.attach(there.self, 'row', 4096));
    here.unwatch(there.self);
    assert.equal(here.attach(there.self, 'row', 4096), undefined);
    assert.ok(here.isDead(there.self));
  });

  it('leave no file behind when they close, nor when they exit without closing', async () => {
    const [closes, exits] = [await start(), await start()] as const;
    for (const member of [closes, exits]) {
      await member.call('meet', '', 5_000);
      await member.call('openDoor', 'welcome');
      await member.call('allocate', 'row', 4096, []);
    }
    await closes.call('close');
    await exits.call('exit');
    assert.equal(await exits.ended(), 0);
    assert.deepEqual(sandbox.files(), []);
  });
});
