import assert from 'node:assert/strict';
import { Cluster, type SimulatedMemberCore } from './cluster.js';

const topic = 't';

describe('turns that a sender owes', () => {
  let one: SimulatedMemberCore;
  let two: SimulatedMemberCore;
  let cluster: Cluster;

  beforeEach(() => {
    cluster = new Cluster({ seed: 1, mode: 'aliased' });
    one = cluster.add(1);
    two = cluster.add(2, one);
    cluster.runFor(100_000);
    for (const member of [one, two]) {
      member.open(topic, 'reader');
      member.open(topic, 'writer');
    }
    cluster.runFor(500_000);
  });

  /** What `two` owes, whenever it is asked to write, and how many turns it has taken by then; it writes one sample at the first time, if it is to. */
  function owing(writes: boolean): { owed: number; turns: number }[] {
    const seen: { owed: number; turns: number }[] = [];
    const { slot } = two.membership.view.topics.find(({ name }) => name === topic)!;
    const { ring } = two.membership.subgroup(slot)!.outbox!;
    two.producer = (owed) => {
      if (owed === 0) return false;
      seen.push({ owed, turns: ring.turns });
      if (seen.length > 1) return false;
      if (writes) two.send(topic);
      return true;
    };
    for (let i = 0; i < 5; i++) one.send(topic);
    one.run();
    cluster.runFor(100_000);
    assert.ok(ring.turns >= 4);
    return seen;
  }

  it('have time until its next look where it has taken some of them, and may go on', () => {
    const [first, second, ...rest] = owing(true);
    assert.deepEqual(rest, []);
    assert.deepEqual(second, { owed: first!.owed - 1, turns: first!.turns + 1 });
    for (const member of [one, two]) assert.equal(member.delivered.get(topic)!.length, 6);
    assert.deepEqual(one.delivered.get(topic), two.delivered.get(topic));
  });

  it('become nulls at once where it has taken none', () => {
    assert.equal(owing(false).length, 1);
    for (const member of [one, two]) assert.equal(member.delivered.get(topic)!.length, 5);
  });
});
