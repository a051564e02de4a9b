import assert from 'node:assert/strict';
import { Authority } from './certificates.js';
import { Machines } from './mixed-domain.js';
import { MemberProcess, introduceAll, killAll, soon } from './processes/member-process.js';
import { freePort } from './tcp-domain.js';

for (const [title, protection] of [
  ['in plain', () => Promise.resolve({})],
  ['with certificates', async () => ({ tls: await (await Authority.create()).issue('member') })],
] as const) {
  describe(`members in processes of their own, two on one machine and one on another, ${title}`, function () {
    this.timeout(30_000);
    let machines: Machines;
    let one: MemberProcess, two: MemberProcess, far: MemberProcess;

    beforeEach(async () => {
      machines = new Machines();
      const address = `//127.0.0.1:${await freePort()}/tower`;
      const options = { ...(await protection()), address, sharePages: true as const };
      const start = (machine: number) => MemberProcess.start({ ...options, ...machines.options(machine) });
      const members = [await start(1), await start(1), await start(2)];
      [one, two, far] = members as [MemberProcess, MemberProcess, MemberProcess];
      await introduceAll(members);
    });
    afterEach(async () => {
      await killAll();
      machines.remove();
    });

    async function shares(owner: MemberProcess, peer: MemberProcess, name: string, value: number) {
      await owner.call('store', name, 1, value);
      await soon(
        () => peer.call('read', owner.self, name, 4096, 1),
        (read) => read === value,
      );
    }

    const trafficOf = async (member: MemberProcess, peer: MemberProcess) =>
      (await member.call('traffic')).find(({ peer: id }) => id === peer.self)!;

    it('put nothing on the socket for whom they share memory with, all for the other, and all see the same', async () => {
      for (const [owner, ...peers] of [
        [one, two, far],
        [two, one, far],
        [far, one, two],
      ] as const) {
        await owner.call(
          'allocate',
          'row',
          4096,
          peers.map(({ self }) => self),
        );
        await owner.call('beat', 'row');
        for (const peer of peers) await shares(owner, peer, 'row', 1);
      }
      const before = { ofTwo: await trafficOf(one, two), ofFar: await trafficOf(one, far) };
      for (let value = 2; value <= 50; value++)
        for (const [owner, peer] of [
          [one, two],
          [two, one],
          [one, far],
          [far, one],
        ] as const)
          await shares(owner, peer, 'row', value);
      for (const [member, peer] of [
        [one, two],
        [two, one],
      ] as const) {
        const { by, socket, pages } = await trafficOf(member, peer);
        assert.equal(by, 'pages');
        assert.deepEqual(socket, { framesSent: 0, bytesSent: 0, bytesReceived: 0 });
        assert.ok(pages.puts >= 50 && pages.bytes >= 50 * 8, JSON.stringify(pages));
      }
      assert.ok((await trafficOf(one, two)).pages.bytes > before.ofTwo.pages.bytes);
      const { by, socket, pages } = await trafficOf(one, far);
      assert.equal(by, 'socket');
      assert.deepEqual(pages, { puts: 0, bytes: 0 });
      const payloadBytes = 49 * 8;
      assert.ok(socket.bytesSent - before.ofFar.socket.bytesSent > payloadBytes, JSON.stringify(socket));
      assert.ok(socket.bytesReceived - before.ofFar.socket.bytesReceived > payloadBytes);
      assert.equal((await trafficOf(far, one)).by, 'socket');
    });

    it('learn at once of the death of a neighbour, and of one that is far', async () => {
      for (const [victim, others] of [
        [two, [one, far]],
        [far, [one]],
      ] as const) {
        for (const other of others) {
          await other.call('allocate', `to.${victim.self}`, 4096, [victim.self]);
          await shares(other, victim, `to.${victim.self}`, 1);
          await other.call('watch', victim.self);
          assert.equal(await other.call('isDead', victim.self), false);
        }
        const killed = performance.now();
        await victim.kill();
        for (const other of others)
          await soon(
            () => other.call('isDead', victim.self),
            (isDead) => isDead,
          );
        console.log(`      from kill to known: ${(performance.now() - killed).toFixed(1)} ms`);
      }
    });

    it('have hearts that beat on for neighbours and others while the event loop is blocked', async () => {
      await one.call('allocate', 'board', 4096, [two.self, far.self]);
      // It may have begun to count long ago: what is put and what its heart tells the others is one count.
      await one.call('store', 'board', 0, 1_000);
      for (const peer of [two, far]) await shares(one, peer, 'board', 1);
      await one.call('beat', 'board');
      const beats = async (peer: MemberProcess) => (await peer.call('read', one.self, 'board', 4096, 0)) ?? 0;
      const computed = one.call('compute', 1_500);
      for (const peer of [two, far])
        await soon(
          () => beats(peer),
          (count) => count >= 1_004,
        );
      await computed;
      assert.ok(Math.abs((await beats(two)) - (await beats(far))) <= 2);
    });

    it('cannot store into the memory of a neighbour: it is the offender that dies', async () => {
      await one.call('allocate', 'row', 4096, [two.self]);
      await shares(one, two, 'row', 1);
      await assert.rejects(two.call('storeInReplica', one.self, 'row', 4096));
      assert.equal(await two.ended(), 'SIGSEGV');
      assert.equal(await far.call('isDead', one.self), false);
    });

    for (const [who, isNear, rounds] of [
      ['neighbours', true, 3_000],
      ['members far from each other', false, 1_000],
    ] as const) {
      it(`lose no bell between ${who}: ${rounds} rounds in which both sleep`, async () => {
        const other = isNear ? two : far;
        const sleeps = await Promise.all([
          one.call('pingPong', other.self, rounds, true, 1),
          other.call('pingPong', one.self, rounds, false, 2),
        ]);
        assert.ok(Math.min(...sleeps) > rounds / 100, String(sleeps));
        const { by, socket } = await trafficOf(one, other);
        assert.equal(by, isNear ? 'pages' : 'socket');
        assert.equal(socket.framesSent > 0, !isNear);
      });
    }
  });
}
