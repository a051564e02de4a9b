import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Bytes, type TopicType } from '../../runtime/dds/index.js';
import type { Gap, Sample } from '../../runtime/gateway/client/index.js';
import { Position } from './position.js';
import { observedWebSocket, pause, Scene, until } from './scene.js';

/** A position and a lot of padding, so that a slow client is soon behind. */
const Wide: TopicType<Position> = {
  ...Position,
  name: 'test::Wide',
  protobuf: {
    encode(sample, target, offset, limit) {
      const end = offset + (16 << 10);
      return end > limit || Position.protobuf.encode(sample, target, offset, limit) < 0 ? -1 : end;
    },
    decode: Position.protobuf.decode,
  },
};

const samples = 3000;
const instances = 20;
const clientBytesMax = 256 << 10;

/** Bytes of buffers that are still in use. */
function liveBufferBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().arrayBuffers;
}

describe('gateway: a client that does not keep up', () => {
  let scene: Scene;
  beforeEach(async () => (scene = await Scene.begin({ clientBytesMax, conflatedBytesMax: 1 << 20 })));
  afterEach(() => scene.end());

  /** One client that stops reading, and one that does not, while a member writes; gives what each got. */
  async function race(conflate: boolean) {
    const { WebSocket, sockets } = observedWebSocket();
    const slow = await scene.client({ WebSocket, name: 'slow' });
    const fast = await scene.client({ name: 'fast' });
    const slowReader = await slow.reader(Wide, { topic: 'wide', conflate });
    const fastReader = await fast.reader(Wide, { topic: 'wide', conflate });
    const seen = {
      slow: [] as Sample<Position>[],
      gaps: [] as Gap[],
      fast: [] as number[],
      fastGaps: [] as Gap[],
    };
    slowReader.samples$.subscribe((sample) => seen.slow.push(sample));
    slowReader.gaps$.subscribe((gap) => seen.gaps.push(gap));
    fastReader.samples$.subscribe(({ data }) => seen.fast.push(data.x));
    fastReader.gaps$.subscribe((gap) => seen.fastGaps.push(gap));
    const member = await scene.member('member');
    const writer = await member.writer(Wide, { topic: 'wide' });
    sockets[0]!.pause();
    let bufferedMax = 0;
    for (let x = 0; x < samples; x++) {
      await writer.write({ id: x % instances, x });
      if (x % 8 === 7) await until(() => seen.fast.length > x - 64, 'the fast client follows');
      const { bufferedBytes } = scene.gateway.clients.find(({ name }) => name === 'slow')!;
      bufferedMax = Math.max(bufferedMax, bufferedBytes);
    }
    await until(() => seen.fast.length === samples, 'the fast client has all');
    sockets[0]!.resume();
    return { ...seen, bufferedMax, seen };
  }

  const everything = Array.from({ length: samples }, (_, x) => x);

  it('is told of the gap, exactly; another misses nothing; what waits for it is bounded', async () => {
    const { seen, bufferedMax } = await race(false);
    await until(() => seen.gaps.length > 0, 'the gap is told');
    await pause(100);
    const missing = seen.gaps.reduce((sum, { count }) => sum + count, 0);
    assert.deepEqual(seen.fast, everything);
    assert.deepEqual(seen.fastGaps, []);
    assert.ok(missing > 0);
    assert.equal(seen.slow.length + missing, samples);
    const [gap] = seen.gaps;
    assert.ok(gap!.exact);
    const before = seen.slow.findLast(({ info }) => info.sequence < gap!.from.sequence);
    assert.equal(before!.data.x + 1, before!.info.writerSequence);
    assert.ok(bufferedMax <= clientBytesMax, `${bufferedMax} bytes waited`);
    assert.equal(scene.gateway.clients.find(({ name }) => name === 'slow')!.droppedSamples, missing);
  }).timeout(30_000);

  it('and conflates gets the newest of every instance, in order, and is told of no gap', async () => {
    const { seen, bufferedMax } = await race(true);
    const newest = () => new Map(seen.slow.map(({ data }) => [data.id, data.x]));
    const complete = (x: number) => x >= samples - instances;
    await until(
      () => [...newest().values()].filter(complete).length === instances,
      'the newest of every instance',
    );
    assert.ok(seen.slow.length < samples, `${seen.slow.length} samples`);
    assert.deepEqual(seen.gaps, []);
    const order = seen.slow.map(({ data }) => data.x);
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
    );
    assert.deepEqual(seen.fast, everything);
    assert.ok(bufferedMax <= clientBytesMax + (1 << 20), `${bufferedMax} bytes waited`);
  }).timeout(30_000);

  it('costs little memory, though there are many such clients', async () => {
    const paused = observedWebSocket();
    for (let i = 0; i < 10; i++) {
      const client = await scene.client({ WebSocket: paused.WebSocket, reconnect: false });
      await client.reader(Wide, { topic: 'wide', conflate: i % 2 === 0 });
    }
    const writer = await (await scene.member('member')).writer(Wide, { topic: 'wide' });
    for (const socket of paused.sockets) socket.pause();
    const before = liveBufferBytes();
    for (let x = 0; x < samples * 2; x++) {
      await writer.write({ id: x % instances, x });
      if (x % 16 === 0) await new Promise(setImmediate);
    }
    await writer.whenStable();
    // Freed buffers are given back by a thread of the engine's, in its own time.
    await until(() => liveBufferBytes() - before < 8 << 20, 'of 93 MiB written, less than 8 MiB is held');
    const buffered = scene.gateway.clients.map(({ bufferedBytes }) => bufferedBytes);
    assert.ok(Math.max(...buffered) <= clientBytesMax + (1 << 20), `${buffered}`);
    for (const socket of paused.sockets) socket.terminate();
  }).timeout(30_000);

  it('is sent all that follows once it reads again', async () => {
    const { seen } = await race(false);
    await until(() => seen.gaps.length > 0, 'the gap is told');
    const member = await scene.member('another');
    const writer = await member.writer(Wide, { topic: 'wide' });
    for (let x = samples; x < samples + 50; x++) await writer.write({ id: 0, x });
    await until(() => seen.slow.at(-1)?.data.x === samples + 49, 'the last sample');
    assert.deepEqual(
      seen.slow.slice(-50).map(({ data }) => data.x),
      Array.from({ length: 50 }, (_, i) => samples + i),
    );
  }).timeout(30_000);

  it('and conflates more instances than may wait loses the oldest, and is told', async () => {
    const { WebSocket, sockets } = observedWebSocket();
    const client = await scene.client({ WebSocket });
    const reader = await client.reader(Wide, { topic: 'wide', conflate: true });
    let seen = 0;
    let missing = 0;
    reader.samples$.subscribe(() => seen++);
    reader.gaps$.subscribe(({ count }) => (missing += count));
    const writer = await (await scene.member('member')).writer(Wide, { topic: 'wide' });
    sockets[0]!.pause();
    let bufferedMax = 0;
    for (let x = 0; x < 2000; x++) {
      await writer.write({ id: x, x });
      if (x % 16 === 0) await pause(1);
      bufferedMax = Math.max(bufferedMax, scene.gateway.clients[0]!.bufferedBytes);
    }
    await writer.whenStable();
    sockets[0]!.resume();
    await until(() => seen + missing === 2000, 'every sample is there or told');
    assert.ok(missing > 0);
    assert.ok(bufferedMax <= clientBytesMax + (1 << 20) + (32 << 10), `${bufferedMax} bytes waited`);
  }).timeout(30_000);
});

describe('gateway: samples above its limit', () => {
  it('are told as gaps, and what is around them arrives', async () => {
    const scene = await Scene.begin({ sampleBytesMax: 1000 });
    const client = await scene.client();
    const reader = await client.reader(Bytes, { topic: 'bytes' });
    const seen: string[] = [];
    reader.samples$.subscribe(({ data }) => seen.push(`${data.length} bytes`));
    reader.gaps$.subscribe(({ count }) => seen.push(`${count} missing`));
    const writer = await (await scene.member('member')).writer(Bytes, { topic: 'bytes' });
    for (const length of [10, 1001, 1000]) await writer.write(new Uint8Array(length));
    await until(() => seen.length === 3, 'two samples and a gap');
    assert.deepEqual(seen, ['10 bytes', '1 missing', '1000 bytes']);
    await scene.end();
  });
});
