import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { encodeFrame, FRAME_BYTES_MAX, FrameReader } from '../../transport/memory/frames.js';
import type { DoorFrame } from '../../transport/memory/frames.js';
import { MemoryHost } from '../../transport/memory/host.js';
import { Sandbox } from './processes/sandbox.js';

const greet: DoorFrame = { kind: 'greet', from: 7, greeting: 'hello' };

function framed(json: string, header = [0x42, 0x45, 1, 1]): Buffer {
  const bytes = Buffer.concat([Buffer.from([...header, 0, 0, 0, 0]), Buffer.from(json)]);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  return bytes;
}

describe('the frames of the door', () => {
  it('are a header of 8 bytes and JSON', () => {
    assert.equal(
      encodeFrame({ kind: 'heard' }).toString('hex'),
      `4245010110000000${Buffer.from('{"kind":"heard"}').toString('hex')}`,
    );
  });

  it('are read from pieces of any size, several from one', () => {
    const frames: DoorFrame[] = [greet, { kind: 'please' }, { kind: 'watch', from: 8 }];
    const bytes = Buffer.concat(frames.map((frame) => encodeFrame(frame)));
    for (const size of [1, 2, 7, 8, 9, 50, bytes.length]) {
      const reader = new FrameReader();
      const read: DoorFrame[] = [];
      for (let at = 0; at < bytes.length; at += size)
        read.push(...reader.push(bytes.subarray(at, at + size)));
      assert.deepEqual(read, frames);
    }
  });

  it('may be as long as the limit, and no longer', () => {
    const long = { ...greet, greeting: 'x'.repeat(FRAME_BYTES_MAX - JSON.stringify(greet).length + 5) };
    const read: DoorFrame[] = [];
    const reader = new FrameReader();
    const bytes = encodeFrame(long);
    for (let at = 0; at < bytes.length; at += 65_536)
      read.push(...reader.push(bytes.subarray(at, at + 65_536)));
    assert.deepEqual(read, [long]);
    assert.throws(() => encodeFrame({ ...long, greeting: `${long.greeting}x` }), /over the limit/);
  });

  const wrong: [string, Buffer, RegExp][] = [
    ['where they are of another protocol', Buffer.from('GET / HTTP/1.1\r\n\r\n'), /not the protocol/],
    [
      'where they are of another version',
      framed('{}', [0x42, 0x45, 2, 1]),
      /version 1 in little-endian.*version 2 in little-endian/,
    ],
    [
      'where they are of another byte order',
      framed('{}', [0x42, 0x45, 1, 2]),
      /version 1 in little-endian.*version 1 in big-endian/,
    ],
    [
      'where they announce too much',
      Buffer.from([0x42, 0x45, 1, 1, 1, 0, 0, 1]),
      /16777217 bytes is over the limit/,
    ],
    ['where they hold no JSON', framed('{"kind":'), /no JSON/],
    ['where their kind is unknown', framed('{"kind":"constructor"}'), /no known kind/],
    ['where they are no object', framed('null'), /no known kind/],
    ['where they have no sender', framed('{"kind":"greet","greeting":"x"}'), /lacks a field/],
    ['where their sender is none', framed('{"kind":"watch","from":1e300}'), /lacks a field/],
    ['where their greeting is no text', framed('{"kind":"greet","from":7,"greeting":{}}'), /lacks a field/],
  ];
  for (const [what, bytes, message] of wrong) {
    it(
      `are refused when they are ${what}`
        .replace('are that', 'ones that')
        .replace('are whose', 'ones whose')
        .replace('are without', 'ones without'),
      () => {
        assert.throws(() => new FrameReader().push(bytes), message);
      },
    );
  }
});

describe('the door of a member', () => {
  let sandbox: Sandbox;
  let host: MemoryHost;
  let sockets: Socket[] = [];
  let greetings: string[] = [];

  beforeEach(async () => {
    sandbox = new Sandbox();
    host = await MemoryHost.open({ domain: 'tower', ...sandbox.options });
    await host.meet('', { timeoutMs: 1_000 });
    greetings = [];
    host.openDoor((_stranger, greeting, reply) => {
      greetings.push(greeting);
      reply({ welcome: 'come in' });
    });
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    sockets = [];
    await host.close();
    sandbox.remove();
  });

  const knock = (): Socket => {
    const socket = connect(join(sandbox.runtimeDirectory, 'bowecho', 'tower', `${host.self}.sock`));
    socket.on('error', () => undefined);
    sockets.push(socket);
    return socket;
  };

  /** All that the door says until it ends the connection. */
  async function answers(...pieces: Buffer[]): Promise<DoorFrame[]> {
    const socket = knock();
    const reader = new FrameReader();
    const frames: DoorFrame[] = [];
    socket.on('data', (chunk) => frames.push(...reader.push(chunk)));
    for (const piece of pieces) socket.write(piece);
    await once(socket, 'close');
    return frames;
  }

  async function stillOpens(): Promise<void> {
    const other = await MemoryHost.open({ domain: 'tower', ...sandbox.options });
    assert.equal(await other.meet('good day', { timeoutMs: 2_000 }), 'come in');
    await other.close();
  }

  it('says that it has heard, and answers those who are still there', async () => {
    assert.deepEqual(await answers(encodeFrame(greet), encodeFrame({ kind: 'please' })), [
      { kind: 'heard' },
      { kind: 'welcome', welcome: 'come in' },
    ]);
  });

  it('tells a stranger of another version of both versions', async () => {
    const [answer, ...more] = await answers(framed('{}', [0x42, 0x45, 9, 1]));
    assert.deepEqual(more, []);
    assert.ok(answer?.kind === 'refused' && /version 1 .* version 9 /.test(answer.refused));
  });

  it('ends connections that bring garbage, frames out of turn, or too much, and goes on', async () => {
    for (const bytes of [
      Buffer.alloc(100_000, 0xff),
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      framed('{"kind":"welcome","welcome":"to myself"}'),
      encodeFrame({ kind: 'please' }),
      Buffer.concat([encodeFrame(greet), encodeFrame(greet)]),
      Buffer.from([0x42, 0x45, 1, 1, 0xff, 0xff, 0xff, 0xff]),
      Buffer.concat([encodeFrame({ kind: 'watch', from: 7 }), encodeFrame(greet)]),
    ]) {
      await answers(bytes);
    }
    assert.deepEqual(greetings, []);
    await stillOpens();
  });

  it('goes on when strangers leave half-way', async () => {
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from([0x42]),
      encodeFrame(greet).subarray(0, 20),
      encodeFrame(greet),
    ]) {
      const socket = knock();
      await once(socket, 'connect');
      socket.end(bytes);
      await once(socket.resume(), 'close');
    }
    assert.deepEqual(greetings, []);
    await stillOpens();
  });

  it('ends connections that take too long to say what they want, though they never fall silent', async function () {
    this.timeout(20_000);
    const startMs = performance.now();
    const slow = knock();
    slow.write(Buffer.from([0x42, 0x45, 1, 1, 0, 1, 0, 0]));
    const trickle = setInterval(() => slow.write('{'), 200);
    await once(slow, 'close');
    clearInterval(trickle);
    const tookMs = performance.now() - startMs;
    assert.ok(tookMs > 4_000 && tookMs < 15_000, `${tookMs} ms`);
  });

  it('turns strangers away while 64 are served, and peers that watch do not count', async () => {
    for (let i = 0; i < 80; i++) knock().write(encodeFrame({ kind: 'watch', from: 100 + i }));
    await stillOpens();
    const silent = Array.from({ length: 64 }, knock);
    await Promise.all(silent.map((socket) => once(socket, 'connect')));
    await assert.rejects(
      (async () => {
        const other = await MemoryHost.open({ domain: 'tower', ...sandbox.options });
        try {
          await other.meet('', { timeoutMs: 200 });
        } finally {
          await other.close();
        }
      })(),
      { code: 'BE_JOIN_TIMEOUT' },
    );
    for (const socket of silent) socket.destroy();
    await stillOpens();
  });

  it('refuses with its reason where its welcome is too long to be sent', async () => {
    host.openDoor((_stranger, _greeting, reply) => {
      reply({ welcome: 'x'.repeat(FRAME_BYTES_MAX) });
    });
    const [, answer] = await answers(encodeFrame(greet), encodeFrame({ kind: 'please' }));
    assert.ok(answer?.kind === 'refused' && /over the limit/.test(answer.refused));
  });
});
