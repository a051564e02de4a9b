import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { TcpOptions } from '../../transport/tcp/options.js';
import { Authority } from './certificates.js';
import { MemberProcess, introduceAll, killAll, soon } from './processes/member-process.js';
import { freePort } from './tcp-domain.js';

const patienceMs = 5_000;

async function canConnect(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

for (const [title, options] of [
  ['in plain', () => Promise.resolve({})],
  ['with certificates', async () => ({ tls: await (await Authority.create()).issue('member') })],
] as const) {
  describe(`members in processes of their own, over TCP ${title}`, () => {
    afterEach(killAll);

    async function start(count: number): Promise<MemberProcess[]> {
      const given: TcpOptions = await options();
      const address = `//127.0.0.1:${await freePort()}/tower`;
      const members = await Promise.all(
        Array.from({ length: count }, () => MemberProcess.start({ ...given, address })),
      );
      await introduceAll(members);
      return members;
    }

    async function shares(owner: MemberProcess, peer: MemberProcess, name: string, value: number) {
      await owner.call('store', name, 1, value);
      await soon(
        () => peer.call('read', owner.self, name, 64, 1),
        (read) => read === value,
      );
    }

    it('see what they put, and who is killed; and the others go on', async () => {
      const [one, two, three] = (await start(3)) as [MemberProcess, MemberProcess, MemberProcess];
      await one.call('allocate', 'row', 64, [two.self, three.self]);
      await shares(one, two, 'row', 5);
      await shares(one, three, 'row', 6);
      await three.call('watch', two.self);
      await one.call('watch', two.self);
      await one.call('watch', three.self);
      const killed = performance.now();
      await two.kill();
      for (const peer of [one, three])
        await soon(
          () => peer.call('isDead', two.self),
          (isDead) => isDead,
        );
      console.log(`      from kill to known: ${(performance.now() - killed).toFixed(1)} ms`);
      assert.equal(await one.call('isDead', three.self), false);
      await shares(one, three, 'row', 77);
    });

    it('have a heart that beats on while the event loop is blocked, and stands still while the process is stopped', async () => {
      const [one, two] = (await start(2)) as [MemberProcess, MemberProcess];
      await one.call('allocate', 'board', 64, [two.self]);
      await shares(one, two, 'board', 1);
      await one.call('beat', 'board');
      const beats = async () => (await two.call('read', one.self, 'board', 64, 0)) ?? 0;
      const first = await soon(beats, (count) => count > 0);
      const computed = one.call('compute', 1_500);
      await soon(beats, (count) => count >= first + 4);
      await computed;
      one.signal('SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, 300));
      const stopped = await beats();
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      assert.equal(await beats(), stopped);
      await two.call('watch', one.self);
      assert.equal(await two.call('isDead', one.self), false, 'who is merely silent is not dead');
      one.signal('SIGCONT');
      await soon(beats, (count) => count > stopped);
    });

    it('are found at the address of the domain though who listened there is gone, killed or in good order', async () => {
      const port = await freePort();
      const address = `//127.0.0.1:${port}/tower`;
      const given: TcpOptions = await options();
      const members: MemberProcess[] = [];
      for (let i = 0; i < 3; i++) {
        const member = await MemberProcess.start({ ...given, address });
        members.push(member);
        await member.call('meet', '', patienceMs);
        await member.call('openDoor', 'welcome');
      }
      await introduceAll(members);
      await members[2]!.call('allocate', 'row', 64, [members[0]!.self, members[1]!.self]);
      for (const peer of members.slice(0, 2)) await shares(members[2]!, peer, 'row', 1);
      for (const leave of [
        async () => await members.shift()!.kill(),
        async () => await members.shift()!.call('close'),
      ]) {
        await leave();
        await soon(
          () => canConnect(port),
          (can) => can,
        );
        const stranger = await MemberProcess.start({ ...given, address });
        const welcome = await stranger.call('meet', '', patienceMs);
        assert.ok(
          members.some(({ self }) => welcome?.startsWith(`${self} welcomes`)),
          String(welcome),
        );
        await stranger.kill();
      }
    });

    it('meet though all start at once, and where the first is killed, another takes its place', async () => {
      const address = `//127.0.0.1:${await freePort()}/tower`;
      const given: TcpOptions = await options();
      const members = await Promise.all(
        Array.from({ length: 4 }, () => MemberProcess.start({ ...given, address })),
      );
      const founders: MemberProcess[] = [];
      const met = members.map(async (member) => {
        const welcome = await member.call('meet', 'hello', patienceMs * 2);
        if (welcome !== undefined) return welcome;
        founders.push(member);
        if (founders.length === 1) await member.kill();
        else await member.call('openDoor', 'welcome');
        return undefined;
      });
      const welcomes = (await Promise.all(met)).filter((welcome) => welcome !== undefined);
      assert.equal(founders.length, 2);
      assert.equal(welcomes.length, 2);
      for (const welcome of welcomes) assert.match(welcome, new RegExp(`^${founders[1]!.self} welcomes`));
    });
  });
}
