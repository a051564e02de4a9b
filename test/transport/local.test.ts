import assert from 'node:assert/strict';
import { LocalHost } from '../../transport/local/host.js';

const patience = { timeoutMs: 2_000 };

/** Beside what conformance.ts says of every host. */
describe('members in one process', () => {
  let hosts: LocalHost[] = [];
  const join = (domain: string) => {
    const host = new LocalHost({ domain });
    hosts.push(host);
    return host;
  };

  afterEach(async () => {
    await Promise.all(hosts.map((host) => host.close()));
    hosts = [];
  });

  it('are in one domain only where its name is the same', async () => {
    const [one, two] = [join('one'), join('two')];
    assert.equal(await one.meet('', patience), undefined);
    assert.equal(await two.meet('', patience), undefined);
    one.allocate('row', 64, []);
    assert.equal(two.attach(one.self, 'row', 64), undefined);
  });

  it('leave nothing of a domain behind for the next of that name', async () => {
    const before = join('tower');
    await before.meet('', patience);
    before.openDoor(() => undefined);
    before.kill();
    assert.equal(await join('tower').meet('', patience), undefined);
  });

  it('keep the memory of one that was killed, as shared memory does', () => {
    const [one, two] = [join('tower'), join('tower')];
    one.allocate('row', 64, [two.self]).memory.f64[0] = 5;
    one.kill();
    assert.equal(two.attach(one.self, 'row', 64)?.memory.f64[0], 5);
  });

  it('are told of a death between two turns, not in the midst of one', async () => {
    const [one, two] = [join('tower'), join('tower')];
    one.watch(two.self);
    two.kill();
    assert.equal(one.isDead(two.self), false);
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(one.isDead(two.self));
  });
});
