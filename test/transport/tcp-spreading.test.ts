import assert from 'node:assert/strict';
import { rackFrom, spreadingFrom } from '../../transport/tcp/spreading.js';

describe('how large messages spread over TCP', () => {
  it('is assumed of a network, unless all members are on this machine', () => {
    assert.equal(spreadingFrom(undefined, true, false), undefined);
    assert.equal(spreadingFrom(undefined, false, false)!.bandwidth, 125e6);
    assert.equal(spreadingFrom(undefined, false, true)!.bandwidth, 1250e6);
  });

  it('is what is told, on this machine too', () => {
    const { schedule, bandwidth, blockBytesMax } = spreadingFrom({ schedule: 'chain' }, true, false)!;
    assert.deepEqual([schedule, bandwidth, blockBytesMax], ['chain', 125e6, 256 << 10]);
  });

  it('is by racks of 1 to 64 characters', () => {
    assert.deepEqual([rackFrom(undefined), rackFrom('a')], [undefined, 'a']);
    for (const told of ['', 'x'.repeat(65), 7]) assert.throws(() => rackFrom(told as string), RangeError);
  });

  it('is refused where it makes no sense', () => {
    for (const told of [
      { perBlock: -1 },
      { bandwidth: 0 },
      { bandwidth: NaN },
      { blockBytesMin: 60 },
      { blockBytesMax: 2 << 20 },
      { blockBytesMax: 1001 },
      { blockBytesMin: 8192, blockBytesMax: 4096 },
    ])
      assert.throws(() => spreadingFrom(told, false, false), RangeError, JSON.stringify(told));
  });
});
