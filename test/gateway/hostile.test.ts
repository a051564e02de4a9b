import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { WebSocket } from 'ws';
import { Bytes, Text } from '../../runtime/dds/index.js';
import { encodeControl, encodeWriteFrame, subprotocol } from '../../runtime/gateway/wire/index.js';
import { pause, Scene, until } from './scene.js';

const textType = {
  name: Text.name,
  hash: Text.typeHash,
  extensibility: Text.extensibility,
  keyed: false,
} as const;

function openText(id: number, role: 'reader' | 'writer', topic = 'text'): string {
  return encodeControl({ op: 'open', id, role, topic, type: textType, qos: 'atomic', conflate: false });
}

/** A client that says what it likes. */
async function strange(scene: Scene, greeted = true): Promise<WebSocket> {
  const socket = new WebSocket(scene.gateway.url, subprotocol);
  scene.atEnd(() => socket.terminate());
  socket.on('error', () => undefined);
  await once(socket, 'open');
  if (greeted) {
    socket.send(encodeControl({ op: 'hello', name: 'strange' }));
    await once(socket, 'message');
  }
  return socket;
}

async function closeOf(socket: WebSocket): Promise<{ code: number; reason: string }> {
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
  return { code, reason: reason.toString() };
}

/** Upgrades by hand, to send bytes that no library would. */
async function rawSocket(scene: Scene): Promise<Socket> {
  const { host, hostname, port, pathname } = new URL(scene.gateway.url);
  const socket = connectTcp(Number(port), hostname);
  scene.atEnd(() => void socket.destroy());
  socket.on('error', () => undefined);
  socket.write(
    `GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\nSec-WebSocket-Protocol: ${subprotocol}\r\n\r\n`,
  );
  assert.match(String((await once(socket, 'data'))[0]), /^HTTP\/1.1 101 /);
  return socket;
}

describe('gateway: bad input', () => {
  let scene: Scene;
  let good: string[];
  /** Somebody well-behaved: whatever happens to others does not touch it. */
  let stillWorks: () => Promise<void>;

  beforeEach(async () => {
    scene = await Scene.begin({ handshakeTimeoutMs: 300, sampleBytesMax: 100_000 });
    const client = await scene.client({ name: 'good', reconnect: false });
    const reader = await client.reader(Text, { topic: 'text' });
    const writer = await client.writer(Text, { topic: 'text' });
    good = [];
    reader.errors$.subscribe(() => good.push('an error'));
    reader.samples$.subscribe(({ data }) => good.push(data));
    stillWorks = async () => {
      const before = good.length;
      await writer.write('still here');
      await until(() => good.length > before, 'the other client goes on');
      assert.equal(client.state, 'open');
    };
  });
  afterEach(() => scene.end());

  const says: [what: string, said: string | Uint8Array, code: number, reason: RegExp][] = [
    ['text that is not JSON', '{', 4400, /not JSON/],
    ['an unknown message', '{"op":"fly"}', 4400, /message.op/],
    ['a second greeting', '{"op":"hello","name":"x"}', 4400, /one hello/],
    ['a huge control message', ' '.repeat(70_000), 4413, /65536 bytes/],
    ['a binary frame of no known kind', Uint8Array.of(9, 0, 1, 0, 0, 0, 0, 0), 4400, /no known kind/],
    [
      'a truncated frame',
      encodeWriteFrame(1, [{ payload: new Uint8Array(9), keyHash: undefined }]).slice(0, -1),
      4400,
      /ends within/,
    ],
    [
      'a sample over the limit',
      encodeWriteFrame(1, [{ payload: new Uint8Array(100_001), keyHash: undefined }]),
      4413,
      /at most 100000/,
    ],
    ['a frame beyond every limit', new Uint8Array(300_000), 1009, /^/],
  ];
  for (const [what, said, code, reason] of says) {
    it(`${what} closes that session with ${code}, and no other`, async () => {
      const socket = await strange(scene);
      socket.send(said);
      const close = await closeOf(socket);
      assert.equal(close.code, code);
      assert.match(close.reason, reason);
      await stillWorks();
    });
  }

  it('anything before the greeting closes that session', async () => {
    const socket = await strange(scene, false);
    socket.send(openText(1, 'reader'));
    assert.equal((await closeOf(socket)).code, 4400);
  });

  it('an unmasked frame closes that session with 1002', async () => {
    const socket = await rawSocket(scene);
    socket.write(Buffer.from([0x82, 0x01, 0x00]));
    const [answer] = (await once(socket, 'data')) as [Buffer];
    assert.equal(answer[0], 0x88);
    assert.equal(answer.readUInt16BE(2), 1002);
    await stillWorks();
  });

  it('a key where the type has none closes that session', async () => {
    const socket = await strange(scene);
    socket.send(openText(1, 'writer'));
    await once(socket, 'message');
    socket.send(encodeWriteFrame(1, [{ payload: new Uint8Array(1), keyHash: new Uint8Array(16) }]));
    assert.deepEqual((await closeOf(socket)).code, 4400);
    await stillWorks();
  });

  it('payload bytes that are no sample harm nobody: readers report them', async () => {
    const socket = await strange(scene);
    socket.send(openText(1, 'writer'));
    await once(socket, 'message');
    const client = await scene.client();
    const errors: unknown[] = [];
    (await client.reader(Text, { topic: 'text' })).errors$.subscribe((error) => errors.push(error));
    socket.send(encodeWriteFrame(1, [{ payload: Uint8Array.of(0xff), keyHash: undefined }]));
    await until(() => errors.length === 1, 'the error');
    assert.equal((errors[0] as { code: string }).code, 'BE_MALFORMED_SAMPLE');
    await stillWorks();
  });

  it('a flood of opens closes that session with 4429', async () => {
    const socket = await strange(scene);
    for (let id = 0; id < 400; id++) socket.send(openText(id, 'reader', 'text'));
    assert.equal((await closeOf(socket)).code, 4429);
    await stillWorks();
  });

  it('opens that are refused again and again close that session with 4429', async () => {
    const socket = await strange(scene);
    for (let id = 0; id < 20; id++) {
      const type = { ...textType, hash: `${id}`.padStart(32, 'a') };
      socket.send(
        encodeControl({
          op: 'open',
          id,
          role: 'reader',
          topic: 'text',
          type,
          qos: 'atomic',
          conflate: false,
        }),
      );
    }
    assert.equal((await closeOf(socket)).code, 4429);
    await stillWorks();
  });

  it('a client that never greets is closed with 4408', async () => {
    assert.equal((await closeOf(await strange(scene, false))).code, 4408);
  });

  it('an upgrade that never comes to its end is dropped', async () => {
    const { hostname, port } = new URL(scene.gateway.url);
    const socket = connectTcp(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.resume();
    socket.write('GET /bowecho HTTP/1.1\r\nHost: x\r\n');
    const begin = performance.now();
    await once(socket, 'close');
    assert.ok(performance.now() - begin < 2000);
    await stillWorks();
  });
});

describe('gateway: who may connect', () => {
  async function statusOf(
    url: string,
    headers: Record<string, string>,
    protocol = subprotocol,
  ): Promise<number> {
    const socket = new WebSocket(url, protocol, { headers });
    socket.on('error', () => undefined);
    return new Promise((resolve) => {
      socket.on('unexpected-response', (_request, response) => {
        response.resume();
        socket.terminate();
        resolve(response.statusCode ?? 0);
      });
      socket.on('open', () => {
        socket.terminate();
        resolve(101);
      });
    });
  }

  it('by default: pages of the same host, and programs, but no page of another site', async () => {
    const scene = await Scene.begin();
    const { url } = scene.gateway;
    const { port } = new URL(url);
    assert.equal(await statusOf(url, {}), 101);
    assert.equal(await statusOf(url, { Origin: `http://127.0.0.1:${port}` }), 101);
    assert.equal(await statusOf(url, { Origin: 'https://evil.example' }), 403);
    assert.equal(await statusOf(url, { Origin: `http://127.0.0.1:${Number(port) + 1}` }), 403);
    assert.equal(await statusOf(url, { Origin: 'null' }), 403);
    // A name of somebody else's that resolves to this machine.
    assert.equal(
      await statusOf(url, { Origin: `http://evil.example:${port}`, Host: `evil.example:${port}` }),
      403,
    );
    assert.equal(await statusOf(url, {}, 'other.v1'), 400);
    assert.equal(await statusOf(`${url}/elsewhere`, {}), 404);
    await scene.end();
  });

  it('with a list: pages of these origins only', async () => {
    const scene = await Scene.begin({ allowedOrigins: ['https://good.example'] });
    const { url } = scene.gateway;
    assert.equal(await statusOf(url, { Origin: 'https://good.example' }), 101);
    assert.equal(await statusOf(url, { Origin: `http://${new URL(url).host}` }), 403);
    await scene.end();
  });

  it('with authorize: only who is let in, and only to the topics that it gives', async () => {
    const scene = await Scene.begin({
      authorize: ({ url }) =>
        Promise.resolve(url?.endsWith('?token=yes') ? { readTopics: ['open.*'] } : undefined),
    });
    assert.equal(await statusOf(scene.gateway.url, {}), 401);
    const { connect } = await import('../../runtime/gateway/client/index.js');
    const client = await connect(`${scene.gateway.url}?token=yes`, { WebSocket });
    await client.reader(Text, { topic: 'open.text' });
    await assert.rejects(client.reader(Text, { topic: 'secret' }), { code: 'BE_FORBIDDEN' });
    await assert.rejects(client.writer(Text, { topic: 'open.text' }), { code: 'BE_FORBIDDEN' });
    await client.close();
    await scene.end();
  });

  it('no more than maxClients at a time', async () => {
    const scene = await Scene.begin({ maxClients: 1 });
    const first = await scene.client();
    assert.equal(await statusOf(scene.gateway.url, {}), 503);
    await first.close();
    await until(() => scene.gateway.clients.length === 0, 'the first is gone');
    assert.equal(await statusOf(scene.gateway.url, {}), 101);
    await scene.end();
  });
});

describe('gateway: a peer that died', () => {
  it('hears no heartbeat before its welcome', async () => {
    const scene = await Scene.begin({ heartbeatMs: 20 });
    const socket = await strange(scene, false);
    const heard: string[] = [];
    socket.on('message', (data) => heard.push((JSON.parse(String(data)) as { op: string }).op));
    await pause(150);
    assert.deepEqual(heard, []);
    socket.send(encodeControl({ op: 'hello', name: 'late' }));
    await until(() => heard.length >= 2, 'welcome and a heartbeat');
    assert.deepEqual(heard.slice(0, 2), ['welcome', 'beat']);
    await scene.end();
  });

  it('is dropped after three heartbeats, one that merely has nothing to say is not', async () => {
    const scene = await Scene.begin({ heartbeatMs: 200 });
    const quiet = await scene.client({ name: 'quiet', reconnect: false });
    const dead = await rawSocket(scene);
    dead.resume();
    await until(() => scene.gateway.clients.length === 2, 'both are there');
    await until(() => scene.gateway.clients.length === 1, 'the dead one is dropped');
    await pause(800);
    assert.equal(quiet.state, 'open');
    assert.equal(scene.gateway.clients[0]!.name, 'quiet');
    await scene.end();
  });
});

describe('gateway: a client that writes faster than its topics take', () => {
  it('is not read meanwhile, with many writers too; all that it wrote arrives', async () => {
    const clientBytesMax = 64 << 10;
    const scene = await Scene.begin({ clientBytesMax, writeWindowBytes: 32 << 10, heartbeatMs: 400 });
    const member = await scene.member('member');
    const topics = Array.from({ length: 8 }, (_, i) => `topic ${i}`);
    const qos = { base: 'atomic', resourceLimits: { maxSamples: 4 } };
    const readers = await Promise.all(topics.map((topic) => member.reader(Bytes, { topic, qos })));
    let taken = 0;
    let held: (() => void) | undefined;
    const gate = new Promise<void>((resolve) => (held = resolve));
    for (const reader of readers) void reader.consume(() => gate.then(() => void taken++));
    const client = await scene.client();
    const writers = await Promise.all(topics.map((topic) => client.writer(Bytes, { topic })));
    const writes = writers.map(async (writer) => {
      for (let i = 0; i < 300; i++) await writer.write(new Uint8Array(10_000));
      await writer.whenWritten();
    });
    // Longer than a client that is dead may be silent.
    await pause(1600);
    assert.equal(client.state, 'open');
    held!();
    await Promise.all(writes);
    await until(() => taken === 8 * 300, 'all samples');
    await scene.end();
  }).timeout(30_000);
});
