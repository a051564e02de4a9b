import assert from 'node:assert/strict';
import { MemoryHost } from '../../transport/memory/host.js';
import { MixedHost } from '../../transport/mixed/host.js';
import { Neighbourhood } from '../../transport/mixed/neighbourhood.js';
import { TcpHost } from '../../transport/tcp/host.js';
import type { Neighbours } from '../../transport/tcp/neighbours.js';
import type { TcpOptions } from '../../transport/tcp/options.js';
import { openHost } from '../../transport/open-host.js';
import type { Host } from '../../transport/host.js';
import { Authority } from './certificates.js';
import { Machines } from './mixed-domain.js';
import { freePort, introduceAll, settle, until } from './tcp-domain.js';

/** It says that it sees whatever it is to see. */
const liar: Neighbours = {
  sight: () => 'f'.repeat(64),
  isMine: () => true,
  found: () => undefined,
  spoilt: () => undefined,
};

describe('who shares memory in a domain of tcp:', () => {
  let machines: Machines;
  let address: string;
  let open: Host[];
  beforeEach(async () => {
    machines = new Machines();
    address = `//127.0.0.1:${await freePort()}/tower`;
    open = [];
  });
  afterEach(async () => {
    await Promise.all(open.map((host) => host.close()));
    machines.remove();
  });

  async function member(self: number, options: TcpOptions = {}, machine = 1): Promise<MixedHost> {
    const host = await MixedHost.open({ ...options, self, address, ...machines.options(machine) });
    open.push(host);
    return host;
  }

  const wayOf = (host: Host, peer: Host) => host.traffic!().find(({ peer: id }) => id === peer.self)?.by;

  /** What the first puts arrives at the second, by the way that the first takes. */
  async function assertServed(one: Host, two: Host, by: 'pages' | 'socket'): Promise<void> {
    const region = one.allocate(`for.${two.self}`, 64, [two.self]);
    region.memory.f64[0] = 7;
    region.put(0, 8);
    one.flush();
    await until(() => two.attach(one.self, region.name, 64)?.memory.f64[0] === 7, 'it arrives');
    // Who is connected to knows a little sooner than who connects.
    await until(() => wayOf(one, two) === by, `by ${by}`);
  }

  it('is not who only says that it sees the memory of another, whoever connects', async () => {
    for (const [honest, lying] of [
      [1, 2],
      [4, 3],
    ] as const) {
      const one = await member(honest);
      const two = await TcpHost.open({ self: lying, address, neighbours: liar });
      open.push(two);
      introduceAll([one, two]);
      await assertServed(one, two, 'socket');
    }
  });

  it('is not who does not share its own, and gets all by its connection', async () => {
    const one = await member(2);
    for (const self of [1, 3]) {
      const plain = await TcpHost.open({ self, address });
      open.push(plain);
      introduceAll([one, plain]);
      await assertServed(one, plain, 'socket');
      await assertServed(plain, one, 'socket');
    }
  });

  it('is who says so by the option sharePages, and sees the same', async () => {
    const options = { tcp: { sharePages: true }, ...machines.options(1) };
    const [one, two] = [await openHost(`tcp:${address}`, options), await openHost(`tcp:${address}`, options)];
    open.push(one, two);
    introduceAll([one, two] as MixedHost[]);
    await assertServed(one, two, 'pages');
    await assertServed(two, one, 'pages');
  });

  /** Resolves once a bell has told the sleeper of that value in the owner's row. */
  async function toldOf(sleeper: Host, owner: Host, value: number): Promise<void> {
    sleeper.raiseSleeping();
    await new Promise<void>((resolve) => {
      sleeper.onBell(() => {
        if (sleeper.attach(owner.self, 'row', 64)?.memory.f64[0] === value) resolve();
      });
    });
  }

  /** A neighbour in two parts, its memory and its links, that does not ring for whom it finds. */
  async function parts(self: number): Promise<{ pages: MemoryHost; links: TcpHost }> {
    const pages = await MemoryHost.open({ domain: 'tower', self, ...machines.options(1) });
    open.push(pages);
    const itself = new Neighbourhood(pages, { found: () => undefined, spoilt: () => undefined });
    const neighbours: Neighbours = {
      sight: (peer) => itself.sight(peer),
      isMine: (seen) => itself.isMine(seen),
      found: () => undefined,
      spoilt: () => undefined,
    };
    const links = await TcpHost.open({ self, address, neighbours });
    open.push(links);
    return { pages, links };
  }

  it('looks by itself where it finds a neighbour, and rings for that one, too', async () => {
    const { pages, links } = await parts(3);
    pages.allocate('row', 64, []).memory.f64[0] = 7;
    const one = await member(1);
    const told = toldOf(one, links, 7);
    const rung = new Promise<void>((resolve) => {
      pages.onBell(resolve);
    });
    pages.raiseSleeping();
    introduceAll([one, links]);
    await Promise.all([told, rung]);
  });

  it('is dead when the kernel says so, and not because a connection has ended that nobody needs', async () => {
    const { pages, links } = await parts(3);
    pages.allocate('row', 64, []);
    const one = await member(1);
    one.watch(3);
    introduceAll([one, links]);
    await until(() => one.attach(3, 'row', 64) !== undefined, 'they share memory');
    await links.close();
    // Whoever waits for the other to answer it has to have seen that it is gone.
    await settle();
    assert.equal(one.isDead(3), false);
    assert.ok(one.attach(3, 'row', 64));
    await pages.close();
    await until(() => one.isDead(3), 'the end of its life');
  });

  it('is given up where it is silent, and goes on by itself', async () => {
    const [one, two] = [await member(1), await member(2)];
    one.watch(two.self);
    two.allocate('row', 64, []);
    introduceAll([one, two]);
    await until(() => one.attach(two.self, 'row', 64) !== undefined, 'they share memory');
    assert.equal(one.isDead(two.self), false);
    one.kill(two.self);
    await until(() => one.isDead(two.self), 'it is given up');
    assert.equal(two.isDead(one.self), false);
  });

  for (const [who, self, peer] of [
    ['who is connected to', 2, 1],
    ['who connects', 2, 3],
  ] as const) {
    it(`sees what was put before they were linked, and is told of it in its sleep: ${who}`, async () => {
      const [one, two, far] = [await member(self), await member(peer), await member(4, {}, 2)];
      const told = [two, far].map((sleeper) => toldOf(sleeper, one, 7));
      const region = one.allocate('row', 64, [two.self, far.self]);
      region.memory.f64[0] = 7;
      region.put(0, 64);
      one.flush();
      assert.equal(two.attach(one.self, 'row', 64), undefined);
      introduceAll([one, two, far]);
      await Promise.all(told);
      const toldAgain = [two, far].map((sleeper) => toldOf(sleeper, one, 8));
      region.memory.f64[0] = 8;
      region.put(0, 64);
      one.flush();
      await Promise.all(toldAgain);
      assert.equal(one.traffic().find(({ peer: id }) => id === two.self)!.socket.framesSent, 0);
    });
  }

  it('is nobody any more who shows another certificate than the one that it was let in with', async () => {
    const authority = await Authority.create();
    const [late, early] = [
      await member(1, { tls: await authority.issue('one') }),
      await member(2, { tls: await authority.issue('two') }),
    ];
    late.watch(early.self);
    early.introduce(late.self, late.address, late.subject);
    const row = early.allocate('row', 64, [late.self]);
    await until(() => late.attach(early.self, 'row', 64) !== undefined, 'they share memory');
    assert.equal(wayOf(late, early), 'pages');
    late.introduce(early.self, early.address, 'CN=else');
    await until(() => late.isDead(early.self), 'the link is ended');
    assert.equal(late.attach(early.self, 'row', 64), undefined);
    row.release();
  });
});
