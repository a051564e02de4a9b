import assert from 'node:assert/strict';
import { Pace } from '../../../runtime/multicast/rdmc/pace.js';

const kib = 1 << 10;
const assumed = { perBlock: 100e-6, bandwidth: 125e6, blockBytesMin: 4 * kib, blockBytesMax: 256 * kib };
/** The bandwidth known after messages of 1,000 steps that took so long each, in blocks of 64 KiB. */
function learnt(...stepUs: readonly number[]): number {
  const pace = new Pace();
  for (const us of stepUs) pace.learn(64 * kib, 1_000, 1_000 * us, assumed);
  return pace.of(assumed).bandwidth;
}

describe('how fast large messages spread', () => {
  it('is what is assumed until one has', () => {
    assert.deepEqual(new Pace().of(assumed), assumed);
  });

  it('is what a step took beyond the time for each block, where that is far from what is assumed', () => {
    assert.equal(Math.round(learnt(100 + 5_243)), 12_499_714);
    assert.equal(learnt(100 + 2_000), assumed.bandwidth);
    assert.equal(learnt(100 + 200), assumed.bandwidth);
    assert.equal(Math.round(learnt(100 + 100)), 655_360_000);
  });

  it('is the best of the last four, whatever held up one of them', () => {
    assert.equal(learnt(5_000, 3_000, 9_000, 8_000), learnt(3_000));
    assert.equal(learnt(3_000, 5_000, 9_000, 8_000, 7_000), learnt(5_000));
  });

  it('is finite where a step took no longer than is assumed for each block', () => {
    assert.equal(learnt(80), (64 * kib) / 10e-6);
  });

  it('is not slow because of a message that took less than a second, whose process may have begun with it', () => {
    const after = (steps: number, stepUs: number) => {
      const pace = new Pace();
      pace.learn(64 * kib, steps, steps * stepUs, assumed);
      return pace.of(assumed).bandwidth;
    };
    assert.equal(after(99, 10_000), assumed.bandwidth);
    assert.equal(Math.round(after(100, 10_000)), 6_619_798);
    assert.equal(Math.round(after(64, 200)), 655_360_000);
  });

  it('is not told by a few steps, nor by a clock that stood still', () => {
    const pace = new Pace();
    pace.learn(64 * kib, 63, 1e6, assumed);
    pace.learn(64 * kib, 100, 0, assumed);
    assert.equal(pace.of(assumed).bandwidth, assumed.bandwidth);
  });
});
