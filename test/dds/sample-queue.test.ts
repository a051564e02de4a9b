import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { resolveReaderQos } from '../../qos/index.js';
import type { Sample, SampleInfo } from '../../runtime/dds/sample-info.js';
import { SampleQueue } from '../../runtime/dds/sample-queue.js';
import { Point } from './point.js';

const info = {} as SampleInfo;

function keepLast(depth: number): SampleQueue<Point> {
  return new SampleQueue<Point>(resolveReaderQos({ history: { kind: 'keepLast', depth } }), Point);
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

describe('a KEEP_LAST cache', () => {
  it('does not grow with what was replaced, though its oldest sample is never taken', () => {
    const queue = keepLast(1);
    const push = (id: number, x: number): number => queue.push({ data: { id, x, y: 0 }, info }, false);
    push(0, -1);
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    for (let x = 0; x < 200_000; x++) assert.equal(push(1 + (x & 1), x), x < 2 ? 0 : 1);
    collectGarbage();
    const grown = process.memoryUsage().heapUsed - before;
    assert.ok(grown < 500_000, `${grown} bytes for three samples`);
    const left: Sample<Point>[] = [];
    for (let sample = queue.shift(); sample !== undefined; sample = queue.shift()) left.push(sample);
    assert.deepEqual(
      left.map(({ data }) => data.x),
      [-1, 199_998, 199_999],
    );
  });
});
