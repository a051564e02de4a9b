import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkHistories } from './check.js';
import { readHistory, Recorder } from './record.js';

/** Epoch, sequence, the member that wrote it, its number. */
type Row = [epoch: number, sequence: number, member: number, number: number];

const order: readonly Row[] = [
  [1, 0, 7, 1],
  [1, 1, 8, 1],
  [1, 2, 7, 2],
  [1, 3, 8, 2],
  [4, 0, 8, 3],
  [4, 1, 7, 3],
  [4, 2, 8, 4],
];

describe('the check of what real processes delivered', () => {
  let directory: string;
  let files = 0;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'bowecho-check-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  /** Three members of whom the second is as given; what is found. */
  function check(rows: readonly Row[], { acknowledged = 2, whole = false } = {}, others = order): string[] {
    const all = [others, rows, others].map((history, i) => {
      const file = join(directory, `${++files}`);
      const recorder = new Recorder(file, 7 + i);
      for (const [epoch, sequence, member, number] of history)
        recorder.delivered(member, 2, number, { epoch, sequence });
      if (i === 1) recorder.acknowledged(acknowledged);
      if (i !== 1 || whole) recorder.close();
      recorder.flush();
      return readHistory(file);
    });
    return checkHistories(all).map(({ property }) => property);
  }

  function changed(at: number, row: Partial<Record<0 | 1 | 2 | 3, number>>): Row[] {
    return order.map((old, i) => (i === at ? (Object.assign([...old], row) as Row) : old));
  }

  it('finds nothing in histories that agree, one of which ends early', () => {
    assert.deepEqual(check(order, { whole: true }), []);
    for (let length = 0; length < order.length; length++) assert.deepEqual(check(order.slice(0, length)), []);
  });

  it('finds nothing in that of a member that came with a later epoch', () => {
    assert.deepEqual(check(order.slice(4), { whole: true }), []);
  });

  it('finds two samples in another order', () => {
    const swapped: Row[] = [
      [1, 1, 7, 2],
      [1, 2, 8, 1],
    ];
    assert.deepEqual(check([order[0]!, ...swapped, ...order.slice(3)]), ['total order']);
  });

  it('finds a sample that others have under another version', () => {
    assert.deepEqual(check(changed(6, { 1: 3 })), ['total order']);
  });

  it('finds who moved on to the next epoch without the end of the last', () => {
    const next: Row[] = [...order.slice(0, 4), [4, 0, 7, 3]];
    const without = [...order.slice(0, 3), next[4]!];
    assert.deepEqual(check(without, {}, next), ['virtual synchrony']);
  });

  it('finds a gap, a repeat, and a step back of a writer', () => {
    assert.deepEqual(check(order.filter((_, i) => i !== 2)), ['nothing lost']);
    assert.deepEqual(check(changed(2, { 3: 1 })).slice(0, 1), ['at most once']);
    assert.deepEqual(check(changed(5, { 3: 1 })), ['FIFO']);
  });

  it('finds versions that do not grow', () => {
    assert.deepEqual(check(changed(5, { 1: 0 })), ['version grows']);
  });

  it('finds that what was acknowledged is nowhere', () => {
    assert.deepEqual(check(order, { acknowledged: 5 }), ['nothing lost']);
  });

  it('finds that who was there to the end lacks the last samples', () => {
    assert.deepEqual(check(order.slice(0, -1), { whole: true }), ['nothing lost']);
  });
});
