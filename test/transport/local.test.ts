import assert from 'node:assert/strict';
import { LocalHost } from '../../transport/local/host.js';

const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 5));
const patience = { timeoutMs: 2_000 };

describe('members in one process', () => {
  let hosts: LocalHost[] = [];
  const join = (domain = 'tower') => {
    const host = new LocalHost({ domain });
    hosts.push(host);
    return host;
  };

  afterEach(async () => {
    await Promise.all(hosts.map((host) => host.close()));
    hosts = [];
  });

  it('let one found the domain, and the others in', async () => {
    const members = [join(), join(), join()];
    const met = members.map(async (member) => {
      const welcome = await member.meet(`I am ${member.self}`, patience);
      if (welcome === undefined) {
        member.openDoor((stranger, greeting, reply) => {
          assert.equal(greeting, `I am ${stranger}`);
          reply({ welcome: `hello ${stranger}` });
        });
      }
      return welcome;
    });
    const welcomes = await Promise.all(met);
    assert.deepEqual(welcomes, [undefined, `hello ${members[1]!.self}`, `hello ${members[2]!.self}`]);
  });

  it('let another found the domain when the founder dies before its door is open', async () => {
    const [first, second] = [join(), join()] as const;
    assert.equal(await first.meet('', patience), undefined);
    const second$ = second.meet('', patience);
    await turn();
    first.kill();
    assert.equal(await second$, undefined);
  });

  it('try another when the one that they asked dies', async () => {
    const [first, second, third] = [join(), join(), join()] as const;
    await first.meet('', patience);
    first.openDoor((stranger, _greeting, reply) => {
      if (stranger === second.self) reply({ welcome: 'from first' });
    });
    assert.equal(await second.meet('', patience), 'from first');
    second.openDoor((_stranger, _greeting, reply) => {
      reply({ welcome: 'from second' });
    });
    const third$ = third.meet('', patience);
    await turn();
    first.kill();
    assert.equal(await third$, 'from second');
  });

  it('keep domains apart', async () => {
    assert.equal(await join('one').meet('', patience), undefined);
    assert.equal(await join('two').meet('', patience), undefined);
  });

  it('ring the bell of a peer that sleeps, once a flush, and of no other', async () => {
    const [one, two, three] = [join(), join(), join()] as const;
    const rung: string[] = [];
    for (const [name, host] of Object.entries({ two, three })) {
      host.onBell(() => rung.push(name));
      host.raiseSleeping();
    }
    const region = one.allocate('row', 64, [two.self]);
    region.put(0, 8);
    region.put(8, 16);
    await turn();
    assert.deepEqual(rung, []);
    one.flush();
    await turn();
    assert.deepEqual(rung, ['two']);
    two.lowerSleeping();
    region.put(0, 8);
    one.flush();
    await turn();
    assert.deepEqual(rung, ['two']);
  });

  it('reach peers that were added to the list of a region later', async () => {
    const [one, two] = [join(), join()] as const;
    let rung = 0;
    two.onBell(() => rung++);
    two.raiseSleeping();
    const region = one.allocate('row', 64, []);
    region.peers.push(two.self);
    region.put(0, 8);
    one.flush();
    await turn();
    assert.equal(rung, 1);
  });
});
