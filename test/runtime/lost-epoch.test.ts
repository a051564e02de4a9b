import assert from 'node:assert/strict';
import { LogicalClock } from '../../runtime/multicast/logical-clock.js';
import { Pace } from '../../runtime/multicast/rdmc/pace.js';
import { Subgroup } from '../../runtime/multicast/subgroup.js';
import type { SubgroupLayout } from '../../runtime/multicast/subgroup-memory.js';
import { Board } from '../../runtime/table/board.js';
import { SimulatedNetwork } from '../../transport/simulated/network.js';

/** Where a persistent topic's epoch ends for a log whose member goes on without those that had all of the topic. */
function endsOf(loses: boolean): [epoch: number, lastSequence: number][] {
  const network = new SimulatedNetwork({ seed: 1, mode: 'aliased' });
  const transport = network.addMember(1);
  const ends: [number, number][] = [];
  const log = {
    full: false,
    durableEpoch: -1,
    durableSequence: -1,
    failure: undefined,
    append: () => undefined,
    end: (epoch: number, lastSequence: number) => void ends.push([epoch, lastSequence]),
  };
  const user = {
    log,
    full: false,
    waiting: false,
    loaned: false,
    deliver: () => undefined,
    evaluated: () => false,
    unloan: () => undefined,
    epochEnded: () => undefined,
  };
  const layout: SubgroupLayout = {
    slot: 1,
    epoch: 5,
    ordered: true,
    persistent: 'commit',
    ringBytes: 4096,
    largeBytes: 4096,
    senders: [1],
    receivers: [1],
    replicas: [1],
    whole: [1],
  };
  const subgroup = new Subgroup(
    transport,
    new Board(transport),
    layout,
    user,
    new LogicalClock(network.clock),
    new Pace(),
  );
  subgroup.attach();
  subgroup.wedge();
  subgroup.deliverUpTo([0], loses);
  return ends;
}

describe('the end of an epoch of a persistent topic', () => {
  it('is the end for a log, too, but not where only the failed know it', () => {
    assert.deepEqual(endsOf(false), [[5, -1]]);
    assert.deepEqual(endsOf(true), []);
  });
});
