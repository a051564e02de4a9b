import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { CalledProcess, killAll } from '../transport/processes/called-process.js';
import type { MemberMethods } from '../transport/processes/member.js';
import { Machines } from '../transport/mixed-domain.js';
import { freePort } from '../transport/tcp-domain.js';
import { packetsSent, soon } from './domain.js';

const memberFile = fileURLToPath(new URL('member.mjs', import.meta.url));

interface Started {
  readonly member: CalledProcess<MemberMethods>;
  readonly self: number;
}

async function start(count: number, optionsOf: (i: number) => object = () => ({})): Promise<Started[]> {
  const domain = `rdma://127.0.0.1:${await freePort()}/tower`;
  const members = Array.from({ length: count }, () => new CalledProcess<MemberMethods>(memberFile));
  const started = await Promise.all(
    members.map(async (member, i) => {
      const self = await member.call('open', { domain, ...optionsOf(i) });
      return { member, self, address: await member.call('address') };
    }),
  );
  for (const one of started)
    for (const { self, address } of started)
      if (one.self !== self) await one.member.call('introduce', self, address);
  return started;
}

describe('members in processes of their own, over RDMA', () => {
  afterEach(killAll);

  it('see what they put, and who is killed; and the others go on', async () => {
    const [one, two, three] = await start(3);
    const shares = async (value: number, peers: (typeof two)[]) => {
      await one!.member.call('store', 'row', 1, value);
      for (const peer of peers) {
        await soon(
          () => peer!.member.call('read', one!.self, 'row', 64, 1),
          (read) => read === value,
        );
      }
    };
    await one!.member.call('allocate', 'row', 64, [two!.self, three!.self]);
    for (let value = 5; value < 10; value++) await shares(value, [two, three]);
    for (const peer of [two, three]) await one!.member.call('watch', peer!.self);
    await three!.member.call('watch', two!.self);
    const killedMs = performance.now();
    await two!.member.kill();
    for (const { member } of [one!, three!]) {
      await soon(
        () => member.call('isDead', two!.self),
        (isDead) => isDead,
      );
    }
    console.log(`      from kill to known: ${(performance.now() - killedMs).toFixed(0)} ms`);
    assert.equal(await one!.member.call('isDead', three!.self), false);
    await shares(77, [three]);
  });

  it('sleep and wake each other without ever missing a put', async () => {
    const [one, two] = await start(2);
    const rounds = 60;
    const sleeps = await Promise.all([
      one!.member.call('pingPong', two!.self, rounds, true, 1),
      two!.member.call('pingPong', one!.self, rounds, false, 2),
    ]);
    console.log(`      slept ${sleeps.join(' and ')} times in ${rounds} rounds`);
    assert.ok(sleeps[0]! + sleeps[1]! > 0);
  });
});

describe('members in processes of their own, two on one machine and one that is reached by RDMA', () => {
  let machines: Machines;
  let one: Started, two: Started, far: Started;

  beforeEach(async () => {
    machines = new Machines();
    const places = [1, 1, 2];
    const options = (i: number) => ({ tcp: { sharePages: true }, ...machines.options(places[i]!) });
    [one, two, far] = (await start(3, options)) as [Started, Started, Started];
  });
  afterEach(async () => {
    await killAll();
    machines.remove();
  });

  async function shares(owner: Started, peer: Started, name: string, value: number) {
    await owner.member.call('store', name, 1, value);
    await soon(
      () => peer.member.call('read', owner.self, name, 4096, 1),
      (read) => read === value,
    );
  }

  const trafficOf = async ({ member }: Started, peer: Started) =>
    (await member.call('traffic')).find(({ peer: id }) => id === peer.self)!;

  it('give the device nothing for whom they share memory with, all for the other, and all see the same', async () => {
    const all = [one, two, far];
    for (const owner of all) {
      const peers = all.filter((peer) => peer !== owner);
      await owner.member.call(
        'allocate',
        'row',
        4096,
        peers.map(({ self }) => self),
      );
      for (const peer of peers) await shares(owner, peer, 'row', 1);
    }
    const ways = [
      [one, two],
      [two, one],
      [one, far],
    ] as const;
    // What was put before two had found out that they are neighbours was for a link.
    const before = await Promise.all(ways.map(([member, peer]) => trafficOf(member, peer)));
    for (let value = 2; value <= 30; value++) {
      await shares(one, far, 'row', value);
      await shares(two, one, 'row', value);
      await shares(far, two, 'row', value);
    }
    const after = await Promise.all(ways.map(([member, peer]) => trafficOf(member, peer)));
    const since = (i: number, way: 'pages' | 'rdma') => ({
      puts: after[i]![way].puts - before[i]![way].puts,
      bytes: after[i]![way].bytes - before[i]![way].bytes,
    });
    const none = { puts: 0, bytes: 0 };
    const all29 = { puts: 29, bytes: 29 * 8 };
    for (const i of [0, 1]) {
      assert.equal(after[i]!.by, 'pages');
      assert.deepEqual(after[i]!.socket, { framesSent: 0, bytesSent: 0, bytesReceived: 0 });
      assert.deepEqual([after[i]!.rdma, since(i, 'pages')], [none, all29]);
    }
    assert.equal(after[2]!.by, 'rdma');
    assert.deepEqual([after[2]!.pages, since(2, 'rdma')], [none, all29]);
  });

  it('send no packet to a neighbour: the device itself has counted', async () => {
    for (const [owner, peer] of [
      [one, two],
      [two, one],
      [one, far],
    ] as const)
      await owner.member.call('allocate', `to.${peer.self}`, 4096, [peer.self]);
    // Afterwards nothing is on its way.
    await shares(one, far, `to.${far.self}`, 1);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const before = await packetsSent();
    for (let value = 1; value <= 30; value++) {
      await shares(one, two, `to.${two.self}`, value);
      await shares(two, one, `to.${one.self}`, value);
    }
    assert.equal(await packetsSent(), before);
    await shares(one, far, `to.${far.self}`, 2);
    assert.ok((await packetsSent()) > before);
  });

  it('learn of the death of a neighbour, and of one that is far', async () => {
    for (const [victim, others] of [
      [two, [one, far]],
      [far, [one]],
    ] as const) {
      for (const other of others) {
        await other.member.call('allocate', `to.${victim.self}`, 4096, [victim.self]);
        await shares(other, victim, `to.${victim.self}`, 1);
        await other.member.call('watch', victim.self);
        assert.equal(await other.member.call('isDead', victim.self), false);
      }
      const killedMs = performance.now();
      await victim.member.kill();
      for (const { member } of others)
        await soon(
          () => member.call('isDead', victim.self),
          (isDead) => isDead,
        );
      console.log(`      from kill to known: ${(performance.now() - killedMs).toFixed(0)} ms`);
    }
  });

  it('sleep and wake each other without ever missing a put: neighbours, and those who are far', async () => {
    for (const [peer, rounds] of [
      [two, 200],
      [far, 60],
    ] as const) {
      const game = `ball.${peer.self}`;
      const sleeps = await Promise.all([
        one.member.call('pingPong', peer.self, rounds, true, 1, game),
        peer.member.call('pingPong', one.self, rounds, false, 2, game),
      ]);
      console.log(`      slept ${sleeps.join(' and ')} times in ${rounds} rounds`);
      assert.ok(sleeps[0]! + sleeps[1]! > 0);
    }
  });
});
