import assert from 'node:assert/strict';
import { ImpureError, purely } from './purity.js';
import { runSeed } from './run-seed.js';

describe('the simulator', () => {
  it('runs a seed the same way twice, and another seed another way', () => {
    const once = runSeed(7);
    assert.equal(runSeed(7).traceHash, once.traceHash);
    assert.notEqual(runSeed(8).traceHash, once.traceHash);
  });

  it('lets nothing that runs in it ask for the time, for chance or for a timer', () => {
    const impure = [
      () => Date.now(),
      () => performance.now(),
      () => Math.random(),
      () => setTimeout(() => undefined, 0),
      () => queueMicrotask(() => undefined),
    ];
    for (const ask of impure) assert.throws(() => purely(ask), ImpureError);
    assert.equal(typeof Date.now(), 'number');
  });
});
