import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { CalledProcess, killAll } from '../transport/processes/called-process.js';
import type { MemberMethods } from '../transport/processes/member.js';
import { freePort } from '../transport/tcp-domain.js';
import { soon } from './domain.js';

const memberFile = fileURLToPath(new URL('member.mjs', import.meta.url));
type Member = CalledProcess<MemberMethods>;

describe('members in processes of their own, over RDMA', () => {
  afterEach(killAll);

  async function start(count: number): Promise<{ member: Member; self: number }[]> {
    const domain = `rdma://127.0.0.1:${await freePort()}/tower`;
    const members = Array.from({ length: count }, () => new CalledProcess<MemberMethods>(memberFile));
    const started = await Promise.all(
      members.map(async (member) => {
        const self = await member.call('open', { domain });
        return { member, self, address: await member.call('address') };
      }),
    );
    for (const one of started)
      for (const { self, address } of started)
        if (one.self !== self) await one.member.call('introduce', self, address);
    return started;
  }

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
