import assert from 'node:assert/strict';
import { Bytes, type JsonValue, Json, type Participant, Text } from '../../runtime/dds/index.js';
import { LocalDomain, numbered, numberOf, range, settledWithin, sleep } from './local-domain.js';
import { until } from './member-process.js';
import { Point } from './point.js';

/** Memory whose size can change; ES2024, which the library's types do not know yet. */
function resizable(maxByteLength: number): ArrayBuffer & { resize(byteLength: number): void } {
  const Buffers = ArrayBuffer as unknown as new (
    byteLength: number,
    options: { maxByteLength: number },
  ) => ArrayBuffer & { resize(byteLength: number): void };
  return new Buffers(0, { maxByteLength });
}

describe('a writer', () => {
  let domain: LocalDomain;
  let participant: Participant;
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown) => unhandled.push(reason);

  before(() => process.on('unhandledRejection', onUnhandled));
  after(() => process.off('unhandledRejection', onUnhandled));
  beforeEach(async () => {
    domain = new LocalDomain();
    participant = await domain.join();
  });
  afterEach(() => domain.close());

  /** A topic whose ring is full, and the key that opens it. */
  async function blocked() {
    const reader = await participant.reader(Bytes, {
      topic: 'full',
      qos: { resourceLimits: { maxSamples: 1 } },
    });
    const qos = { transport: { ringBytesMax: 65_536 } };
    const writer = await participant.writer(Bytes, { topic: 'full', qos });
    const seen: number[] = [];
    let go: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (go = resolve));
    void reader.consume(async ({ data }) => {
      await gate;
      seen.push(numberOf(data));
    });
    let filled = 0;
    for (let quiet = 0; quiet < 5;) {
      if (writer.tryWrite(numbered(filled, 1000))) filled++;
      else {
        quiet++;
        await sleep(10);
      }
    }
    return { reader, writer, seen, filled, go };
  }

  it('write gives the same resolved promise wherever there is room', async () => {
    const writer = await participant.writer(Text, { topic: 'room' });
    await participant.reader(Text, { topic: 'room' });
    const promise = writer.write('one');
    assert.equal(writer.write('two'), promise);
    await promise;
  });

  it('a sample that nobody reads goes nowhere, at once', async () => {
    const writer = await participant.writer(Text, { topic: 'unheard' });
    for (const i of range(100_000)) await writer.write(`number ${i}`);
    await writer.whenStable();
  });

  it('writes that find no room wait, and go out in order', async () => {
    const { writer, seen, filled, go } = await blocked();
    const waiting = range(100, filled).map((i) => writer.write(numbered(i, 1000)));
    assert.equal(await settledWithin(waiting[0]!, 50), 'pending');
    go();
    await Promise.all(waiting);
    await until(() => seen.length === filled + 100, 'all consumed');
    assert.deepEqual(seen, range(filled + 100));
  });

  it('a write that waits is taken back by its signal, and nothing of it is sent', async () => {
    const { writer, seen, filled, go } = await blocked();
    const controller = new AbortController();
    const taken = writer.write(numbered(9999, 1000), { signal: controller.signal });
    const next = writer.write(numbered(filled, 1000));
    controller.abort(new Error('changed my mind'));
    await assert.rejects(taken, /changed my mind/);
    go();
    await next;
    await until(() => seen.length === filled + 1, 'all consumed');
    assert.deepEqual(seen, range(filled + 1));
    assert.throws(() => writer.write(numbered(0), { signal: controller.signal }), /changed my mind/);
  });

  it('a bounded number of writes waits, and a wait that nobody looks at is no unhandled rejection', async () => {
    const { writer } = await blocked();
    for (const i of range(1024)) void writer.write(numbered(i, 1000));
    await assert.rejects(writer.write(numbered(0)), { code: 'BE_TOO_MANY_WAITING' });
    assert.equal(writer.tryWrite(numbered(0)), false);
    await sleep(20);
    assert.deepEqual(unhandled, []);
  });

  it('closing the participant rejects what waits with BE_OUTCOME_UNKNOWN, after a while', async () => {
    const { writer } = await blocked();
    const waits = writer.write(numbered(0));
    const closed = participant.close({ timeoutMs: 100 });
    await assert.rejects(waits, { code: 'BE_OUTCOME_UNKNOWN' });
    await closed;
    assert.deepEqual(unhandled, []);
  });

  it('one buffer that is filled again and again is written as it is each time, longer or shorter too', async () => {
    const reader = await participant.reader(Bytes, { topic: 'reused' });
    const writer = await participant.writer(Bytes, { topic: 'reused' });
    const got: number[][] = [];
    reader.samples$.subscribe(({ data }) => got.push([...data]));
    const memory = resizable(32);
    const growing = new Uint8Array(memory);
    const expected: number[][] = [];
    for (const length of [5, 5, 5, 16, 16, 31, 7, 7, 32]) {
      memory.resize(length);
      growing.fill(expected.length + 1);
      expected.push([...growing]);
      await writer.write(growing);
    }
    await until(() => got.length === expected.length, 'all read');
    assert.deepEqual(got, expected);
  });

  it('a sample whose reading writes another one to the same topic: that one follows, and both arrive whole', async () => {
    const reader = await participant.reader(Point, { topic: 'nested' });
    const writer = await participant.writer(Point, { topic: 'nested' });
    const got: number[] = [];
    reader.samples$.subscribe(({ data }) => got.push(data.id, data.y));
    const outer = {
      get id() {
        if (once) {
          once = false;
          assert.equal(writer.tryWrite({ id: 0, x: 0, y: 0 }), false);
          void writer.write({ id: 1, x: 0, y: 2 });
        }
        return 3;
      },
      x: 0,
      y: 4,
    };
    let once = true;
    await writer.write(outer);
    once = true;
    await writer.writeAll([outer]);
    await until(() => got.length === 8, 'all read');
    assert.deepEqual(got, [3, 4, 1, 2, 3, 4, 1, 2]);
  });

  it('what an iterable that throws gave before is written', async () => {
    const reader = await participant.reader(Bytes, { topic: 'broken' });
    const writer = await participant.writer(Bytes, { topic: 'broken' });
    const got: number[] = [];
    reader.samples$.subscribe(({ data }) => got.push(numberOf(data)));
    const samples = function* () {
      yield numbered(1);
      yield numbered(2);
      throw new Error('no more');
    };
    await assert.rejects(writer.writeAll(samples()), /no more/);
    await until(() => got.length === 2, 'both read');
    assert.deepEqual(got, [1, 2]);
  });

  it('a sample that does not fit its type throws at write, and nothing is sent', async () => {
    const reader = await participant.reader(Point);
    const writer = await participant.writer(Point);
    const bad = { id: 0.5, x: 0, y: 0 };
    const wrong = { name: 'SampleError', message: /test::Point\.id.*integer/ };
    assert.throws(() => writer.write(bad), wrong);
    assert.throws(() => writer.tryWrite(bad), wrong);
    await writer.write({ id: 1, x: 2, y: 3 });
    await writer.whenStable();
    await until(() => reader.take()?.info.writerSequence === 1, 'the good one, as the first');

    const text = await participant.writer(Text, { topic: 'text' });
    assert.throws(() => text.write(5 as unknown as string), { name: 'SampleError' });
    const json = await participant.writer(Json, { topic: 'json' });
    assert.throws(() => json.write(undefined as unknown as JsonValue), { name: 'SampleError' });
  });

  it('a sample over the topic’s limit throws BE_TOO_LARGE, which names the limit', async () => {
    const qos = { transport: { largeBytesMax: 2_000_000 } };
    const reader = await participant.reader(Bytes, { topic: 'limited', qos });
    const writer = await participant.writer(Bytes, { topic: 'limited', qos });
    const tooLarge = { code: 'BE_TOO_LARGE', message: /2000000.*largeBytesMax/ };
    for (let i = 0; i < 2; i++) {
      assert.throws(() => writer.write(new Uint8Array(2_000_001)), tooLarge);
      await writer.write(new Uint8Array(2_000_000));
    }
    await writer.whenStable();
    await until(() => reader.take()?.data.length === 2_000_000, 'the one within the limit');
  });

  it('ready resolves where there is room, and waits for it elsewhere', async () => {
    const { writer, go } = await blocked();
    const ready = writer.ready();
    assert.equal(await settledWithin(ready, 50), 'pending');
    go();
    await ready;
    assert.ok(writer.tryWrite(numbered(0)));
  });

  it('whenStable resolves once every receiver has all, waiting writes included', async () => {
    const { writer, go, seen, filled } = await blocked();
    void writer.write(numbered(filled, 1000));
    const stable = writer.whenStable();
    assert.equal(await settledWithin(stable, 50), 'pending');
    go();
    await stable;
    await until(() => seen.length === filled + 1, 'all consumed');
  });
});
