import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { Bytes, Json, Text } from '../../runtime/dds/index.js';
import { type Client, ClientError, connect, type Sample } from '../../runtime/gateway/client/index.js';
import { OtherPosition, Position } from './position.js';
import { Scene, until } from './scene.js';

describe('gateway: samples', () => {
  let scene: Scene;
  beforeEach(async () => (scene = await Scene.begin()));
  afterEach(() => scene.end());

  it('reach a client from a member of another process: all of them, in order, typed', async () => {
    const client = await scene.client();
    const reader = await client.reader(Position, { topic: 'positions' });
    const samples: Sample<Position>[] = [];
    reader.samples$.subscribe((sample) => samples.push(sample));
    reader.gaps$.subscribe((gap) => assert.fail(JSON.stringify(gap)));
    const feed = fork(new URL('./processes/writer.ts', import.meta.url), [scene.domain, '5000'], {
      execArgv: ['--import', 'tsx'],
    });
    assert.deepEqual(await once(feed, 'exit'), [0, null]);
    await until(() => samples.length >= 5000, 'all samples');
    assert.deepEqual(
      samples.map(({ data }) => data),
      Array.from({ length: 5000 }, (_, x) => ({ id: x % 10, x })),
    );
    const { info } = samples[4999]!;
    assert.equal(info.writerSequence, 5000);
    assert.ok(Math.abs(info.sourceTimeUs / 1000 - Date.now()) < 60_000);
    assert.equal(new Set(samples.map((sample) => sample.info.instance)).size, 10);
  }).timeout(30_000);

  it('written by a client reach members and clients alike, with the instance that a member would give them', async () => {
    const member = await scene.member('member');
    const memberReader = await member.reader(Position, { topic: 'positions' });
    const memberWriter = await member.writer(Position, { topic: 'positions' });
    const client = await scene.client();
    const reader = await client.reader(Position, { topic: 'positions' });
    const writer = await client.writer(Position, { topic: 'positions' });
    const atMember: string[] = [];
    const atClient: string[] = [];
    memberReader.samples$.subscribe(({ data, info }) =>
      atMember.push(`${data.x} ${info.instanceLow} ${info.instanceHigh}`),
    );
    reader.samples$.subscribe(({ data, info }) =>
      atClient.push(`${data.x} ${info.instanceLow} ${info.instanceHigh}`),
    );
    await writer.whenMatched(2);
    await writer.write({ id: 3, x: 0.5 });
    await writer.whenWritten();
    await memberWriter.whenMatched(2);
    await memberWriter.write({ id: 3, x: 0.5 });
    await until(() => atMember.length === 2 && atClient.length === 2, 'both samples everywhere');
    assert.equal(new Set([...atMember, ...atClient]).size, 1);
    assert.doesNotMatch(atMember[0]!, / 0 0$/);
  });

  it('in the in-place layout are decoded in it', async () => {
    const member = await scene.member('member');
    const client = await scene.client();
    const reader = await client.reader(Position, { topic: 'positions' });
    const writer = await member.writer(Position, {
      topic: 'positions',
      qos: { representation: ['inPlace', 'protobuf'] },
    });
    const seen: Position[] = [];
    reader.samples$.subscribe(({ data }) => seen.push(data));
    await writer.write({ id: 1, x: 2.5 });
    await until(() => seen.length === 1, 'the sample');
    assert.deepEqual(seen, [{ id: 1, x: 2.5 }]);
  });

  it('of the built-in types come through, a megabyte too', async () => {
    const client = await scene.client();
    const seen: unknown[] = [];
    const text = await client.reader(Text, { topic: 'text' });
    const json = await client.reader(Json, { topic: 'json' });
    const bytes = await client.reader(Bytes, { topic: 'bytes' });
    for (const reader of [text, json]) reader.samples$.subscribe(({ data }) => seen.push(data));
    bytes.samples$.subscribe(({ data }) => seen.push(Buffer.from(data).equals(large)));
    const large = Buffer.alloc(1 << 20, 'large');
    await (await client.writer(Text, { topic: 'text' })).write('grüße 🌩');
    await until(() => seen.length === 1, 'the text');
    await (await client.writer(Json, { topic: 'json' })).write({ a: [1, null] });
    await until(() => seen.length === 2, 'the JSON');
    await (await client.writer(Bytes, { topic: 'bytes' })).write(large);
    await until(() => seen.length === 3, 'the bytes');
    assert.deepEqual(seen, ['grüße 🌩', { a: [1, null] }, true]);
  });

  it('that came before the first subscription wait for it', async () => {
    const client = await scene.client();
    const reader = await client.reader(Text, { topic: 'text' });
    const writer = await client.writer(Text, { topic: 'text' });
    for (let i = 0; i < 100; i++) await writer.write(`${i}`);
    const other = await client.reader(Text, { topic: 'text', conflate: true });
    await writer.write('last');
    const seen: string[] = [];
    other.samples$.subscribe(({ data }) => seen.push(data));
    await until(() => seen.includes('last'), 'the last sample');
    const waited: string[] = [];
    reader.samples$.subscribe(({ data }) => waited.push(data));
    assert.deepEqual(waited, [...Array.from({ length: 100 }, (_, i) => `${i}`), 'last']);
  });

  it('that do not fit their type are refused at write, and nothing is sent', async () => {
    const client = await scene.client();
    const writer = await client.writer(Position, { topic: 'positions' });
    await assert.rejects(writer.write({ id: 0.5, x: 0 }), { code: 'BE_SAMPLE' });
    await writer.whenWritten();
  });

  it('above the limit are refused at write', async () => {
    const client = await scene.client();
    const writer = await client.writer(Bytes, { topic: 'bytes' });
    await assert.rejects(writer.write(new Uint8Array((4 << 20) + 1)), {
      name: 'ClientError',
      code: 'BE_TOO_LARGE',
    });
  });

  it('are all written, in order, by a client that writes more than its window', async () => {
    const client = await scene.client();
    const member = await scene.member('member');
    const reader = await member.reader(Text, { topic: 'text' });
    const writer = await client.writer(Text, { topic: 'text' });
    const seen: string[] = [];
    reader.samples$.subscribe(({ data }) => seen.push(data.slice(0, 6).trim()));
    for (let i = 0; i < 3000; i++) await writer.write(`${i}`.padEnd(1000));
    await writer.whenWritten();
    await until(() => seen.length === 3000, 'all samples');
    assert.deepEqual(
      seen,
      Array.from({ length: 3000 }, (_, i) => `${i}`),
    );
  });
});

describe('gateway: clients', () => {
  let scene: Scene;
  beforeEach(async () => (scene = await Scene.begin()));
  afterEach(() => scene.end());

  it('come and go without a view change', async () => {
    const member = await scene.member('member');
    const writer = await member.writer(Position, { topic: 'positions' });
    const first = await scene.client();
    await first.reader(Position, { topic: 'positions' });
    await first.writer(Position, { topic: 'positions' });
    await writer.whenMatched(1);
    let views = -1; // the present one is told at once
    scene.participant.view$.subscribe(() => views++);
    let heard = 0;
    for (let round = 0; round < 4; round++) {
      const clients = await Promise.all(
        Array.from({ length: 5 }, () => connect(scene.gateway.url, { WebSocket })),
      );
      for (const client of clients) {
        const reader = await client.reader(Position, { topic: 'positions' });
        reader.samples$.subscribe(() => heard++);
        await (await client.writer(Position, { topic: 'positions' })).write({ id: 1, x: 1 });
      }
      const before = heard;
      await writer.write({ id: 2, x: 2 });
      await until(() => heard >= before + 5, 'every client hears the member');
      await Promise.all(clients.map((client: Client) => client.close()));
    }
    await until(() => scene.gateway.clients.length === 1, 'the clients are gone');
    assert.equal(views, 0);
  });

  it('leave no endpoint behind once a topic was idle for long enough', async () => {
    const short = await Scene.begin({ topicIdleMs: 50 });
    const client = await short.client();
    await client.reader(Text, { topic: 'text' });
    await client.writer(Text, { topic: 'text' });
    assert.equal(short.participant.view.endpoints.length, 2);
    await client.close();
    await until(() => short.participant.view.endpoints.length === 0, 'the endpoints are closed');
    const again = await short.client();
    await again.reader(Text, { topic: 'text' });
    assert.equal(short.participant.view.endpoints.length, 1);
    await short.end();
  });

  it('with another type than the topic are refused by the domain, and both types are named', async () => {
    const member = await scene.member('member');
    await member.writer(Position, { topic: 'positions' });
    const client = await scene.client();
    const refused = (error: unknown) => {
      assert.ok(error instanceof ClientError);
      assert.equal(error.code, 'BE_REFUSED');
      assert.match(error.message, /test::Position \(aaaaaaaa\).*test::Position \(bbbbbbbb\)/);
      return true;
    };
    await assert.rejects(client.reader(OtherPosition, { topic: 'positions' }), refused);
    await client.reader(Position, { topic: 'positions' });
    await assert.rejects(client.reader(OtherPosition, { topic: 'positions' }), refused);
    await assert.rejects(client.writer(Text, { topic: 'positions' }), /bowecho::Text/);
  });

  it('that ask for more consistency than the topic gives are refused, for less are not', async () => {
    const member = await scene.member('member');
    await member.writer(Text, { topic: 'raw', qos: 'raw' });
    await member.writer(Text, { topic: 'atomic', qos: 'atomic' });
    const client = await scene.client();
    await client.reader(Text, { topic: 'raw', qos: 'raw' });
    await assert.rejects(client.reader(Text, { topic: 'raw', qos: 'atomic' }), { code: 'BE_REFUSED' });
    await client.reader(Text, { topic: 'atomic', qos: 'raw' });
    await client.reader(Text, { topic: 'atomic', qos: 'atomic' });
  });

  it('may close readers one by one: each completes, the others go on', async () => {
    const client = await scene.client();
    const [one, two] = [
      await client.reader(Text, { topic: 'text' }),
      await client.reader(Text, { topic: 'text' }),
    ];
    const writer = await client.writer(Text, { topic: 'text' });
    const seen: string[] = [];
    one.samples$.subscribe({
      next: ({ data }) => seen.push(`one ${data}`),
      complete: () => seen.push('one is done'),
    });
    two.samples$.subscribe(({ data }) => seen.push(`two ${data}`));
    await writer.write('a');
    await until(() => seen.length === 2, 'both get the first');
    await one.close();
    await writer.write('b');
    await until(() => seen.length === 4, 'the other gets the second');
    assert.deepEqual(seen, ['one a', 'two a', 'one is done', 'two b']);
  });

  it('are told without a WebSocket what to pass', async function () {
    if ('WebSocket' in globalThis) this.skip();
    await assert.rejects(connect(scene.gateway.url), { code: 'BE_NO_WEBSOCKET', message: /pass ws's/ });
  });
});
