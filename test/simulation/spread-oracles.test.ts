import assert from 'node:assert/strict';
import * as oracles from './spread-oracles.js';
import { Violation } from './violation.js';

const block = { region: 'group1.1.rdmc0', step: 4, block: 2, from: 1, to: 3 };

/** By oracle: what it refuses, and what it lets pass. */
const cases: Record<keyof typeof oracles, { bad: (() => void)[]; good: () => void }> = {
  sentOnceHeld: {
    bad: [() => oracles.sentOnceHeld(block, false)],
    good: () => oracles.sentOnceHeld(block, true),
  },
  noBlockTwice: {
    bad: [() => oracles.noBlockTwice(block, true)],
    good: () => oracles.noBlockTwice(block, false),
  },
  asScheduled: {
    bad: [() => oracles.asScheduled(block, 2), () => oracles.asScheduled(block, undefined)],
    good: () => oracles.asScheduled(block, 3),
  },
  takenAsScheduled: {
    bad: [() => oracles.takenAsScheduled(block, 2, true), () => oracles.takenAsScheduled(block, 1, false)],
    good: () => oracles.takenAsScheduled(block, 1, true),
  },
  intoRackOnce: {
    bad: [() => oracles.intoRackOnce(block, 'rack 1', true)],
    good: () => oracles.intoRackOnce(block, 'rack 1', false),
  },
  receivedAsAWhole: {
    bad: [() => oracles.receivedAsAWhole(3, 'group1.1.rdmc0', 0, 11, 12)],
    good: () => oracles.receivedAsAWhole(3, 'group1.1.rdmc0', 0, 12, 12),
  },
};

describe('the oracles of large messages that spread', () => {
  for (const [name, { bad, good }] of Object.entries(cases))
    it(`${name} refuses what must not be, and lets pass what may`, () => {
      for (const happens of bad)
        assert.throws(happens, (error) => error instanceof Violation && error.oracle === name);
      good();
    });

  it('are all of them', () => {
    assert.deepEqual(
      Object.keys(cases).sort(),
      Object.keys(oracles)
        .filter((name) => name !== 'default')
        .sort(),
    );
  });
});
