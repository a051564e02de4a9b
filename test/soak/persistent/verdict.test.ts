import assert from 'node:assert/strict';
import { judge, type Order, type Testimony } from './verdict.js';

/** Epoch, sequence, the member that wrote it, its number. */
type Row = readonly [epoch: number, sequence: number, member: number, number: number];

const log: readonly Row[] = [
  [1, 0, 7, 1],
  [1, 1, 8, 1],
  [1, 3, 7, 2],
  [4, 0, 8, 2],
  [4, 1, 7, 3],
  [6, 0, 8, 3],
];

function orderOf(file: string, rows: readonly Row[]): Order {
  const writers = [...new Set(rows.map(([, , member]) => `${member}:2`))];
  const column = (value: (row: Row) => number) => Uint32Array.from(rows, value);
  return {
    file,
    writers,
    epoch: column(([epoch]) => epoch),
    sequence: column(([, sequence]) => sequence),
    writer: column(([, , member]) => writers.indexOf(`${member}:2`)),
    writerSequence: column(([, , , number]) => number),
  };
}

interface Said {
  delivered?: readonly Row[];
  attempted?: number;
  acknowledged?: number;
  isWhole?: boolean;
}

function testimony(member: number, said: Said = {}): Testimony {
  const { delivered = [], attempted = 5, acknowledged = 2, isWhole = false } = said;
  return { ...orderOf(`of ${member}`, delivered), member, attempted, acknowledged, isWhole };
}

/** What is found where a second log, and the words of two members, are as given. */
function found(second: readonly Row[], seven: Said = {}, eight: Said = {}, first = log): string[] {
  const logs = [orderOf('first', first), orderOf('second', second)];
  return judge(logs, [testimony(7, seven), testimony(8, eight)]).map(({ property }) => property);
}

describe('the verdict over the logs of a domain that was killed again and again', () => {
  it('finds nothing where logs are alike, and have all that was acknowledged, and what was delivered is a piece of them', () => {
    assert.deepEqual(found(log), []);
    for (let from = 0; from < log.length; from++)
      for (let to = from; to <= log.length; to++)
        assert.deepEqual(found(log, { delivered: log.slice(from, to) }), []);
    assert.deepEqual(found(log, { delivered: log.slice(2), isWhole: true }), []);
    assert.deepEqual(found(log, { acknowledged: 3 }, { acknowledged: 3 }), []);
  });

  it('finds what was acknowledged and is in no log', () => {
    assert.deepEqual(found(log, { acknowledged: 4 }), ['lost']);
    const without = log.filter(([, , member]) => member !== 8);
    assert.deepEqual(found(without, {}, {}, without), ['lost']);
  });

  it('finds that something is missing before what is there, though it was not acknowledged', () => {
    const hole = log.filter((_, i) => i !== 2);
    assert.deepEqual(found(hole, { acknowledged: 0 }, {}, hole), ['lost']);
  });

  it('finds a sample that came twice', () => {
    const twice: Row[] = [...log, [6, 1, 7, 3]];
    assert.deepEqual(found(twice, {}, {}, twice), ['twice']);
  });

  it('finds two samples of a writer in the wrong order', () => {
    const swapped: Row[] = [[1, 0, 7, 2], log[1]!, [1, 3, 7, 1], ...log.slice(3)];
    assert.deepEqual(found(swapped, {}, {}, swapped), ['disordered']);
  });

  it('finds versions that do not grow', () => {
    const back: Row[] = [...log.slice(0, 5), [4, 1, 8, 3]];
    assert.deepEqual(found(back, {}, {}, back), ['disordered']);
    assert.deepEqual(found(log, { delivered: [log[2]!, log[1]!] }), ['disordered']);
  });

  it('finds what nobody wrote', () => {
    assert.deepEqual(found(log, { attempted: 2 }), ['invented']);
    const foreign: Row[] = [...log, [6, 1, 9, 1]];
    assert.deepEqual(found(foreign, {}, {}, foreign), ['invented']);
  });

  it('finds logs that differ: in length, in version, in what they hold', () => {
    assert.deepEqual(found(log.slice(0, -1)), ['logs differ']);
    assert.deepEqual(found([...log.slice(0, -1), [6, 1, 8, 3]]), ['logs differ']);
    assert.deepEqual(found([...log.slice(0, -1), [6, 0, 7, 3]]), ['logs differ']);
  });

  it('finds what was delivered and is not in the log, in that version', () => {
    const delivered: Row[] = [log[1]!, [1, 2, 7, 2], ...log.slice(3)];
    assert.deepEqual(found(log, { delivered }), [
      'delivered and not in the log',
      'in the log and not delivered',
    ]);
    assert.deepEqual(found(log, { delivered: [...log, [6, 1, 8, 4]] }), ['delivered and not in the log']);
  });

  it('finds what was passed over in delivery, and at the end of who was there to the end', () => {
    assert.deepEqual(found(log, { delivered: [log[1]!, log[3]!] }), ['in the log and not delivered']);
    assert.deepEqual(found(log, { delivered: log.slice(0, -1), isWhole: true }), [
      'in the log and not delivered',
    ]);
  });
});
