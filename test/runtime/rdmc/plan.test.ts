import assert from 'node:assert/strict';
import { planFor } from '../../../runtime/multicast/rdmc/plan.js';

const mib = 1 << 20;
const kib = 1 << 10;
const limits = { perBlock: 100e-6, blockBytesMin: 4 * kib, blockBytesMax: 256 * kib };
const slow = { ...limits, bandwidth: 12.5e6 };
const fast = { ...limits, bandwidth: 125e6 };

describe('how large messages are cut', () => {
  it('is into small blocks where each takes long, and there are many members: they are seldom in step', () => {
    assert.equal(planFor(64 * mib, { members: 8 }, slow)?.blockBytes, 64 * kib);
    assert.equal(planFor(256 * mib, { members: 8 }, slow)?.blockBytes, 128 * kib);
  });

  it('is into large ones where what each costs counts', () => {
    assert.equal(planFor(64 * mib, { members: 4 }, fast)?.blockBytes, 256 * kib);
    assert.equal(planFor(mib, { members: 4 }, fast)?.blockBytes, 32 * kib);
  });

  it('is not at all where a put to each is quicker', () => {
    assert.equal(planFor(64 * kib, { members: 3 }, fast), undefined);
    assert.equal(planFor(64 * mib, { members: 2 }, fast), undefined);
  });
});
