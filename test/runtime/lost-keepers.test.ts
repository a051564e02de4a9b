import assert from 'node:assert/strict';
import { type FoundDisk, planRestart, type Restart } from '../../runtime/membership/restart.js';
import { Cluster, persistentTerms, type SimulatedMemberCore } from './cluster.js';

type Members = [SimulatedMemberCore, SimulatedMemberCore, SimulatedMemberCore];

/** Three members on one host, of which the first keeps topic `p`, and with it the views. */
function keptByOne(): [Cluster, Members] {
  const cluster = new Cluster({ seed: 5, mode: 'aliased', singleHost: true });
  const first = cluster.add(1);
  const members: Members = [first, cluster.add(2, first), cluster.add(3, first)];
  cluster.runFor(200_000);
  for (const member of members) member.open('p', 'reader', persistentTerms, member === first);
  first.open('p', 'writer', persistentTerms);
  cluster.runFor(200_000);
  first.send('p');
  cluster.runFor(50_000);
  return [cluster, members];
}

const newerOf = ({ delivered }: SimulatedMemberCore) => delivered.get('q') ?? [];

/** Topic `q`, which nobody has kept before, gets a replica and a writer. */
function openAnew(member: SimulatedMemberCore, role: 'reader' | 'writer'): void {
  member.open('q', role, persistentTerms);
  member.run();
}

function found({ id, disk }: SimulatedMemberCore): FoundDisk {
  disk.crash();
  return { ...disk.found(), disk: `of-${id}` };
}

describe('the disks that keep the views of a domain', () => {
  it('are all that counts where the last of them has failed: nothing is committed on those that come then', () => {
    const [cluster, [one, two, three]] = keptByOne();
    cluster.crash(1);
    cluster.runFor(2_000_000);
    openAnew(two, 'writer');
    cluster.runFor(200_000);
    openAnew(three, 'reader');
    cluster.runFor(200_000);
    two.send('q');
    two.run();
    cluster.runFor(200_000);
    assert.deepEqual([two, three].map(newerOf), [[], []]);
    assert.equal((planRestart([found(one)], true) as Restart).disks.length, 1);
    assert.ok(Array.isArray(planRestart([two, three].map(found), true)));
  });

  it('hand on to others once one of them knows it', () => {
    const [cluster, [one, two, three]] = keptByOne();
    openAnew(two, 'writer');
    cluster.runFor(200_000);
    cluster.crash(1);
    cluster.runFor(2_000_000);
    two.send('q');
    two.run();
    cluster.runFor(200_000);
    assert.equal(newerOf(two).length, 1);
    assert.equal(three.state, 'member');
    const waits = planRestart([found(one)], true);
    assert.ok(Array.isArray(waits));
    assert.deepEqual(waits[0]!.disks, ['of-2']);
  });

  it('do not where the last fails before it knows: nobody goes on with a view that a restart would know nothing of', () => {
    const [cluster, [one, two, three]] = keptByOne();
    one.disk.slowUs = 5_000_000;
    const { viewId } = one.membership.view;
    openAnew(two, 'writer');
    cluster.runFor(50_000);
    assert.ok(
      two.disk.views.prepared > viewId,
      'the next view is decided, and recorded by those whose disks are not slow',
    );
    cluster.crash(1);
    cluster.runFor(2_000_000);
    for (const { state, haltedBecause } of [two, three]) {
      assert.equal(state, 'halted');
      assert.equal((haltedBecause as { code?: string }).code, 'BE_NO_REPLICA');
      assert.match(haltedBecause!.message, /last disk that keeps the domain's views/);
    }
    assert.ok(!Array.isArray(planRestart([found(one)], true)));
  });
});
