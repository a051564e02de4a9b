import assert from 'node:assert/strict';
import { firstValueFrom, map, take, toArray } from 'rxjs';
import { Bytes, type Participant, type Status, type Sample, Text } from '../../runtime/dds/index.js';
import { LocalDomain, numbered, numberOf, range, settledWithin, sleep } from './local-domain.js';
import { until } from './member-process.js';
import { Point } from './point.js';

describe('a reader', () => {
  let domain: LocalDomain;
  let participant: Participant;

  beforeEach(async () => {
    domain = new LocalDomain();
    participant = await domain.join();
  });
  afterEach(() => domain.close());

  async function written(count: number, qos: object = {}) {
    const reader = await participant.reader(Bytes, { topic: 'numbers', qos });
    const statuses: Status[] = [];
    reader.status$.subscribe((status) => statuses.push(status));
    const writer = await participant.writer(Bytes, { topic: 'numbers' });
    for (const i of range(count)) await writer.write(numbered(i));
    await writer.whenStable();
    await sleep(20);
    return { reader, writer, statuses };
  }

  it('samples$: what nobody has subscribed to yet waits in the cache, in order', async () => {
    const { reader, writer } = await written(100);
    const samples = firstValueFrom(reader.samples$.pipe(take(150), toArray()));
    for (const i of range(50, 100)) await writer.write(numbered(i));
    assert.deepEqual(
      (await samples).map(({ data }) => numberOf(data)),
      range(150),
    );
  });

  it('samples$: what a subscriber leaves in the cache is there for the next', async () => {
    const { reader } = await written(10);
    const seen: number[] = [];
    for (let i = 0; i < 10; i++) seen.push(numberOf((await firstValueFrom(reader.samples$)).data));
    assert.deepEqual(seen, range(10));
  });

  it('samples$: the cache keeps the newest within its limit, and the lost are counted', async () => {
    const { reader, statuses } = await written(100, { resourceLimits: { maxSamples: 30 } });
    const samples = await firstValueFrom(reader.samples$.pipe(take(30), toArray()));
    assert.deepEqual(
      samples.map(({ data }) => numberOf(data)),
      range(30, 70),
    );
    assert.deepEqual(statuses.at(-1), { kind: 'sampleLost', total: 70, change: 1 });
  });

  it('samples$: samples are owned, and several subscribers get each', async () => {
    const { reader, writer } = await written(0);
    const [first, second]: Sample<Uint8Array>[][] = [[], []];
    reader.samples$.subscribe((sample) => first!.push(sample));
    reader.samples$.subscribe((sample) => second!.push(sample));
    for (const i of range(5000)) await writer.write(numbered(i, 64));
    await writer.whenStable();
    await until(() => second!.length === 5000, 'all delivered');
    assert.deepEqual(
      first!.map(({ data }) => numberOf(data)),
      range(5000),
    );
    assert.equal(second!.length, 5000);
  });

  it('for await: takes one after another, and goes on later where it broke off', async () => {
    const { reader } = await written(10);
    const seen: number[] = [];
    for await (const { data } of reader) if (seen.push(numberOf(data)) === 4) break;
    for await (const { data } of reader) if (seen.push(numberOf(data)) === 10) break;
    assert.deepEqual(seen, range(10));
  });

  it('for await: what is in the cache when the reader closes is still given out', async () => {
    const { reader } = await written(10);
    await reader.close();
    const seen: number[] = [];
    for await (const { data } of reader) seen.push(numberOf(data));
    assert.deepEqual(seen, range(10));
  });

  it('consume: calls the handler for one at a time, and ends when the reader closes', async () => {
    const { reader, writer } = await written(0);
    const seen: number[] = [];
    let inside = 0;
    const consumed = reader.consume(async ({ data }) => {
      assert.equal(++inside, 1);
      await sleep(1);
      seen.push(numberOf(data));
      inside--;
    });
    for (const i of range(20)) await writer.write(numbered(i));
    await until(() => seen.length === 20, 'all consumed');
    await reader.close();
    await consumed;
    assert.deepEqual(seen, range(20));
  });

  it('consume: a slow KEEP_ALL consumer holds the writer back, which loses nothing', async () => {
    const reader = await participant.reader(Bytes, {
      topic: 'slow',
      qos: { resourceLimits: { maxSamples: 10 } },
    });
    const writer = await participant.writer(Bytes, {
      topic: 'slow',
      qos: { transport: { ringBytesMax: 65_536 } },
    });
    const seen: number[] = [];
    let go: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (go = resolve));
    void reader.consume(async ({ data }) => {
      await gate;
      seen.push(numberOf(data));
    });
    let written = 0;
    const writing = (async () => {
      for (; written < 500; written++) await writer.write(numbered(written, 1024));
    })();
    assert.equal(await settledWithin(writing, 200), 'pending');
    assert.ok(written < 100, `${written} written`);
    go();
    await writing;
    await until(() => seen.length === 500, 'all consumed');
    assert.deepEqual(seen, range(500));
  });

  it('consume: a slow KEEP_LAST consumer holds nobody back, and gets the newest', async () => {
    const { reader, writer, statuses } = await written(0, { history: { kind: 'keepLast', depth: 3 } });
    const seen: number[] = [];
    let go: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (go = resolve));
    void reader.consume(async ({ data }) => {
      await gate;
      seen.push(numberOf(data));
    });
    for (const i of range(5000)) await writer.write(numbered(i, 1024));
    await until(
      () => statuses.at(-1)?.total === 4996,
      'all delivered, and all but the first and the newest replaced',
    );
    go();
    await until(() => seen.at(-1) === 4999, 'the newest');
    assert.deepEqual(seen, [0, 4997, 4998, 4999]);
  });

  it('KEEP_LAST keeps the newest of each instance', async () => {
    const reader = await participant.reader(Point, { qos: { history: { kind: 'keepLast', depth: 2 } } });
    const writer = await participant.writer(Point);
    for (const i of range(30)) await writer.write({ id: i % 3, x: i, y: 0 });
    await writer.whenStable();
    await sleep(20);
    const kept: Point[] = [];
    for (let sample = reader.take(); sample !== undefined; sample = reader.take()) kept.push(sample.data);
    assert.deepEqual(
      kept.map(({ x }) => x),
      range(6, 24),
    );
  });

  it('borrow: lends each sample where it lies, until it is ended', async () => {
    const { reader, writer } = await written(0);
    const seen: number[] = [];
    const stop = reader.borrow(({ memory, offset, length, info }) => {
      assert.equal(length, 8);
      assert.equal(offset % 8, 0);
      assert.equal(info.writerSequence, seen.length + 1);
      seen.push(memory.view.getUint32(offset));
    });
    for (const i of range(1000)) await writer.write(numbered(i));
    await until(() => seen.length === 1000, 'all lent');
    stop();
    await writer.write(numbered(1000));
    await writer.whenStable();
    await until(() => reader.take()?.info.writerSequence === 1001, 'the cache');
    assert.deepEqual(seen, range(1000));
  });

  it('take: the oldest, then undefined', async () => {
    const { reader } = await written(3);
    const taken = range(4).map(() => reader.take()?.data);
    assert.deepEqual(
      taken.map((data) => data && numberOf(data)),
      [0, 1, 2, undefined],
    );
  });

  it('is consumed in one way at a time', async () => {
    const { reader } = await written(1);
    const inUse = { code: 'BE_READER_IN_USE' };
    const stop = reader.borrow(() => undefined);
    await assert.rejects(
      reader.consume(() => undefined),
      inUse,
    );
    await assert.rejects(firstValueFrom(reader.samples$), inUse);
    assert.throws(() => reader.borrow(() => undefined), inUse);
    stop();
    const subscription = reader.samples$.subscribe();
    assert.throws(() => reader.borrow(() => undefined), inUse);
    subscription.unsubscribe();
    reader.borrow(() => undefined)();
  });

  it('what a handler throws comes out of errors$, and the next sample is delivered', async () => {
    for (const how of ['samples$', 'piped', 'borrow'] as const) {
      const topic = `errors of ${how}`;
      const reader = await participant.reader(Text, { topic });
      const writer = await participant.writer(Text, { topic });
      const errors: unknown[] = [];
      let calls = 0;
      reader.errors$.subscribe((error) => errors.push(error));
      const handler = () => {
        if (++calls === 1) throw new Error(`in ${how}`);
      };
      if (how === 'borrow') reader.borrow(handler);
      else if (how === 'piped') reader.samples$.pipe(map(({ data }) => data)).subscribe(handler);
      else reader.samples$.subscribe(handler);
      await writer.write('one');
      await writer.write('two');
      await until(() => calls === 2, `both delivered by ${how}`);
      assert.deepEqual(errors.map(String), [`Error: in ${how}`]);
    }
  });

  it('what a consume handler throws rejects consume, and the reader can be consumed again', async () => {
    const { reader } = await written(3);
    await assert.rejects(
      reader.consume(() => {
        throw new Error('enough');
      }),
      /enough/,
    );
    assert.equal(numberOf(reader.take()!.data), 1);
  });
});
