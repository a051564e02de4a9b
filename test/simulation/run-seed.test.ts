import assert from 'node:assert/strict';
import { runSeed } from './run-seed.js';

describe('the simulator', () => {
  it('runs a seed the same way twice, and another seed another way', () => {
    const hashes = new Set<string>();
    for (let seed = 1; seed <= 12; seed++) {
      const once = runSeed(seed);
      assert.deepEqual(runSeed(seed), once);
      hashes.add(once.traceHash);
    }
    assert.equal(hashes.size, 12);
  });
});
