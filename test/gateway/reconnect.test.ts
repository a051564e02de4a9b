import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Text } from '../../runtime/dds/index.js';
import { ClientError, type Gap } from '../../runtime/gateway/client/index.js';
import { Gateway } from '../../runtime/gateway/index.js';
import { observedWebSocket, Scene, until } from './scene.js';

describe('gateway client: a connection that breaks', () => {
  it('is made again; what was missed is told, exactly; reader and writer go on', async () => {
    const scene = await Scene.begin();
    const { WebSocket, sockets } = observedWebSocket();
    const client = await scene.client({ WebSocket, reconnect: { firstMs: 200 } });
    const states: string[] = [];
    client.state$.subscribe((state) => states.push(state));
    const reader = await client.reader(Text, { topic: 'text' });
    const writer = await client.writer(Text, { topic: 'text' });
    const seen: string[] = [];
    const gaps: Gap[] = [];
    reader.samples$.subscribe(({ data }) => seen.push(data));
    reader.gaps$.subscribe((gap) => gaps.push(gap));
    const member = await (await scene.member('member')).writer(Text, { topic: 'text' });
    await member.write('before');
    await until(() => seen.length === 1, 'the first sample');
    sockets[0]!.terminate();
    await until(() => client.state === 'reconnecting', 'the break is noticed');
    for (let i = 0; i < 5; i++) await member.write(`missed ${i}`);
    await member.whenStable();
    const waiting = writer.write('written meanwhile');
    await until(() => client.state === 'open', 'it is back');
    await waiting;
    await until(() => seen.length === 2, 'what was written meanwhile');
    assert.deepEqual(seen, ['before', 'written meanwhile']);
    assert.deepEqual(
      gaps.map(({ count, exact }) => ({ count, exact })),
      [{ count: 5, exact: true }],
    );
    assert.deepEqual(states, ['open', 'reconnecting', 'open']);
    await scene.end();
  });

  it('where nothing was missed, no gap is told', async () => {
    const scene = await Scene.begin();
    const { WebSocket, sockets } = observedWebSocket();
    const client = await scene.client({ WebSocket, reconnect: { firstMs: 10 } });
    const reader = await client.reader(Text, { topic: 'text' });
    const gaps: Gap[] = [];
    reader.gaps$.subscribe((gap) => gaps.push(gap));
    sockets[0]!.terminate();
    await until(() => sockets.length === 2 && client.state === 'open', 'it is back');
    const writer = await client.writer(Text, { topic: 'text' });
    await writer.write('x');
    await writer.whenWritten();
    assert.deepEqual(gaps, []);
    await scene.end();
  });

  it('leaves the outcome of unacknowledged samples open, and says so', async () => {
    const scene = await Scene.begin();
    const { WebSocket, sockets } = observedWebSocket();
    const client = await scene.client({ WebSocket, reconnect: { firstMs: 10 } });
    const writer = await client.writer(Text, { topic: 'text' });
    sockets[0]!.pause(); // acknowledgements do not arrive
    await writer.write('x');
    await new Promise((resolve) => setTimeout(resolve, 50));
    sockets[0]!.terminate();
    sockets[0]!.resume();
    await assert.rejects(writer.whenWritten(), { code: 'BE_OUTCOME_UNKNOWN' });
    await until(() => client.state === 'open', 'it is back');
    await writer.write('y');
    await writer.whenWritten();
    await scene.end();
  });

  it('survives a restart of the gateway: that something may be missing is told with the first sample', async () => {
    const scene = await Scene.begin();
    const server = createServer((_request, response) => response.writeHead(404).end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const first = await Gateway.start(scene.participant, { server });
    const { connect } = await import('../../runtime/gateway/client/index.js');
    const { WebSocket } = observedWebSocket();
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/bowecho`;
    assert.equal(first.url, url);
    const client = await connect(url, { WebSocket, reconnect: { firstMs: 10, maxMs: 50 } });
    const reader = await client.reader(Text, { topic: 'text' });
    const told: string[] = [];
    reader.samples$.subscribe(({ data }) => told.push(data));
    reader.gaps$.subscribe(({ count, exact }) => told.push(`gap ${count} ${exact}`));
    const writer = await (await scene.member('member')).writer(Text, { topic: 'text' });
    await writer.write('one');
    await until(() => told.length === 1, 'the first sample');
    let writers = 0;
    let readers = 0;
    reader.matched$.subscribe((count) => (writers = count));
    writer.matched$.subscribe((matches) => (readers = matches.length));
    await first.close();
    await until(() => client.state === 'reconnecting' && readers === 0, 'the gateway is gone');
    const second = await Gateway.start(scene.participant, { server });
    await until(() => writers === 1 && readers === 1, 'reader and writer know of each other again');
    await writer.write('two');
    await until(() => told.length === 3, 'a gap and a sample');
    assert.deepEqual(told, ['one', 'gap 0 false', 'two']);
    await client.close();
    await second.close();
    server.close();
    await scene.end();
  });

  it('is given up where the gateway is silent for three heartbeats', async () => {
    const scene = await Scene.begin({ heartbeatMs: 50 });
    const { WebSocket, sockets } = observedWebSocket();
    const client = await scene.client({ WebSocket, reconnect: { firstMs: 10 } });
    sockets[0]!.pause();
    await until(() => client.state === 'reconnecting', 'the silence is noticed');
    await until(() => client.state === 'open', 'it is back');
    await scene.end();
  });

  it('with reconnect: false ends the client: streams fail, writes are refused', async () => {
    const scene = await Scene.begin();
    const client = await scene.client({ reconnect: false });
    const reader = await client.reader(Text, { topic: 'text' });
    const writer = await client.writer(Text, { topic: 'text' });
    const failed = new Promise((resolve) => reader.samples$.subscribe({ error: resolve }));
    const closed = new Promise((resolve) => client.closed$.subscribe(resolve));
    await scene.gateway.close();
    assert.ok((await failed) instanceof ClientError);
    assert.match(String(await closed), /1001: the gateway closes/);
    await assert.rejects(writer.write('x'), { code: 'BE_PROTOCOL' });
    assert.equal(client.state, 'closed');
    await scene.end();
  });

  it('cannot be made at first: the error names the address', async () => {
    const scene = await Scene.begin();
    const { url } = scene.gateway;
    await scene.end();
    const { connect } = await import('../../runtime/gateway/client/index.js');
    const { WebSocket } = observedWebSocket();
    await assert.rejects(connect(url, { WebSocket }), { code: 'BE_CONNECT', message: new RegExp(url) });
  });
});

describe('gateway: the end', () => {
  it('close is idempotent, closes its endpoints, and leaves the participant a member', async () => {
    const scene = await Scene.begin();
    const client = await scene.client();
    await client.reader(Text, { topic: 'text' });
    await client.writer(Text, { topic: 'text' });
    await Promise.all([scene.gateway.close(), scene.gateway.close()]);
    assert.deepEqual(scene.participant.view.endpoints, []);
    await scene.participant.writer(Text, { topic: 'after' });
    await scene.end();
  });

  it('comes with the end of its participant', async () => {
    const scene = await Scene.begin();
    const client = await scene.client({ reconnect: false });
    const closed = new Promise((resolve) => client.closed$.subscribe(resolve));
    await scene.participant.close();
    assert.match(String(await closed), /1001/);
    await scene.end();
  });

  it('what a client had written before it left is still written', async () => {
    const scene = await Scene.begin();
    const client = await scene.client();
    const reader = await (await scene.member('member')).reader(Text, { topic: 'text' });
    const seen: string[] = [];
    reader.samples$.subscribe(({ data }) => seen.push(data));
    const writer = await client.writer(Text, { topic: 'text' });
    for (let i = 0; i < 100; i++) await writer.write(`${i}`);
    await client.close();
    await until(() => seen.length === 100, 'all of it');
    await scene.end();
  });
});
