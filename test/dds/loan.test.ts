import assert from 'node:assert/strict';
import { type Participant, Text } from '../../runtime/dds/index.js';
import { LocalDomain, range, sleep } from './local-domain.js';
import { until } from './member-process.js';
import { Block } from './block.js';
import { Point } from './point.js';

const inPlace = { representation: ['inPlace', 'protobuf'] } as const;

describe('a loan', () => {
  let domain: LocalDomain;
  let participant: Participant;

  beforeEach(async () => {
    domain = new LocalDomain();
    participant = await domain.join();
  });
  afterEach(() => domain.close());

  async function pair() {
    const reader = await participant.reader(Point);
    const writer = await participant.writer(Point, { qos: inPlace });
    const seen: Point[] = [];
    reader.samples$.subscribe(({ data }) => seen.push(data));
    return { reader, writer, seen };
  }

  it('is filled where it goes, and published', async () => {
    const { writer, seen } = await pair();
    for (const i of range(5000)) {
      let point = writer.loan();
      while (point === undefined) {
        await writer.ready();
        point = writer.loan();
      }
      Object.assign(point, { id: i % 10, x: i, y: -i });
      assert.equal(writer.publish(), true);
    }
    await until(() => seen.length === 5000, 'all delivered');
    assert.deepEqual(
      seen,
      range(5000).map((i) => ({ id: i % 10, x: i, y: -i })),
    );
  });

  it('is read in place by a borrower', async () => {
    const reader = await participant.reader(Point);
    const writer = await participant.writer(Point, { qos: inPlace });
    const seen: Point[] = [];
    reader.borrow(({ view, inPlace: isInPlace }) => {
      assert.ok(isInPlace);
      seen.push({ id: view.id, x: view.x, y: view.y });
    });
    Object.assign(writer.loan()!, { id: 7, x: 8, y: 9 });
    writer.publish();
    await until(() => seen.length === 1, 'delivered');
    assert.deepEqual(seen, [{ id: 7, x: 8, y: 9 }]);
  });

  it('of a type larger than a frame of the ring is filled beside it, as often as one likes', async () => {
    const reader = await participant.reader(Block);
    const writer = await participant.writer(Block, { qos: inPlace });
    const seen: number[] = [];
    reader.borrow(({ memory, offset, length }) =>
      seen.push(memory.view.getUint32(offset + length - 4, true)),
    );
    for (const i of range(200)) {
      let block = writer.loan();
      while (block === undefined) {
        await writer.ready();
        block = writer.loan();
      }
      block.last = i;
      assert.equal(writer.publish(), true);
    }
    await until(() => seen.length === 200, 'all delivered');
    assert.deepEqual(seen, range(200));
  });

  it('held while others write, loses nothing and keeps what was filled', async () => {
    const { writer, seen } = await pair();
    const other = await participant.writer(Point);
    const held = writer.loan()!;
    held.id = 1;
    held.x = 111;
    for (const i of range(100)) await other.write({ id: 2, x: i, y: 0 });
    await other.whenStable();
    await sleep(20);
    held.y = 222;
    assert.equal(writer.publish(), true);
    await until(() => seen.length === 101, 'all delivered');
    assert.deepEqual(seen.at(-1), { id: 1, x: 111, y: 222 });
    assert.deepEqual(
      seen.slice(0, 100).map(({ x }) => x),
      range(100),
    );
  });

  it('held over a view change is published in the next epoch', async () => {
    const { writer, seen } = await pair();
    const held = writer.loan()!;
    Object.assign(held, { id: 1, x: 2, y: 3 });
    const another = await participant.reader(Point);
    held.y = 4;
    assert.equal(writer.publish(), true);
    await until(() => seen.length === 1, 'delivered');
    assert.deepEqual(seen, [{ id: 1, x: 2, y: 4 }]);
    await until(() => another.take() !== undefined, 'delivered to the new reader as well');
  });

  it('is one at a time, and is published before the next write', async () => {
    const { writer } = await pair();
    assert.throws(() => writer.publish(), { code: 'BE_LOANED' });
    writer.loan();
    assert.throws(() => writer.loan(), { code: 'BE_LOANED' });
    assert.throws(() => writer.write({ id: 1, x: 2, y: 3 }), { code: 'BE_LOANED' });
    writer.publish();
    await writer.write({ id: 1, x: 2, y: 3 });
  });

  it('needs a type of fixed size', async () => {
    const writer = await participant.writer(Text);
    assert.throws(() => writer.loan(), { code: 'BE_UNSUPPORTED', message: /inPlace/ });
  });
});
