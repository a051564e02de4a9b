import assert from 'node:assert/strict';
import { Hosts } from '../../bench/net/hosts.js';
import { needsHosts } from '../needs-hosts.js';
import { MemberProcess, until } from './member-process.js';

/** As docs/kubernetes has them: a pod's name, and that of a headless service, which stands for all pods. */
const names = { 'tower-0.bowecho': [0], bowecho: [0, 1, 2] };
const domain = 'tcp://tower-0.bowecho:7400,bowecho:7400/tower';

describe('a domain of three hosts whose address names the first, and all of them by one name', function () {
  this.timeout(60_000);
  let hosts: Hosts;
  let members: MemberProcess[];

  before(function () {
    needsHosts(this);
  });

  beforeEach(() => {
    hosts = Hosts.open(3, { names });
    members = [];
  });

  afterEach(async () => {
    await Promise.all(members.map((member) => member.kill()));
    hosts.close();
  });

  async function join(host: number, address = domain, timeoutMs = 30_000): Promise<MemberProcess> {
    const options = { tcp: { secret: 'the secret of three hosts' }, timeoutMs };
    const member = await MemberProcess.joinUnder(hosts.machine(host), address, options);
    members.push(member);
    return member;
  }

  /** Waits until the view of each of them is of just them. */
  async function seeEachOther(these: readonly MemberProcess[]): Promise<void> {
    const ids = new Set(these.map(({ id }) => id));
    for (const member of these)
      await until(
        async () => {
          const { members: seen } = (await member.call('views')).at(-1)!;
          return seen.length === ids.size && seen.every((id) => ids.has(id));
        },
        'a view of just them',
        20_000,
      );
  }

  it('is found by each of them, though all start at once', async () => {
    const all = await Promise.all([0, 1, 2].map((host) => join(host)));
    await seeEachOther(all);
  });

  it('takes the first in again once the others have gone on without it: it founds no second domain', async () => {
    const [first, ...others] = await Promise.all([0, 1, 2].map((host) => join(host)));
    await first!.kill();
    await seeEachOther(others);
    const again = await join(0);
    assert.notEqual(again.id, first!.id);
    await seeEachOther([again, ...others]);
  });

  it('is not founded by a name that stands for several of them', async () => {
    await assert.rejects(join(0, 'tcp://bowecho:7400/tower', 2_000), /names several places/);
  });
});
