import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { readInto } from '../../transport/tcp/intake.js';

const length = 4 << 20;
const marker = Buffer.from('a frame');

/** Takes a few bytes, then a payload of `length` bytes in place, then a few bytes again. */
class Payload {
  readonly bytes = new Uint8Array(length);
  at = 0;
  isOpen = false;
  inPlace = 0;

  get room(): Uint8Array | undefined {
    return this.isOpen && this.at < length ? this.bytes.subarray(this.at) : undefined;
  }

  filled(bytes: number): void {
    this.at += bytes;
    this.inPlace += bytes;
  }
}

/** Both ends of one connection, and what the server has to close. */
async function pair() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [[far]] = (await Promise.all([once(server, 'connection'), once(near, 'connect')])) as [
    [Socket],
    unknown,
  ];
  return { near, far, server };
}

describe('how a connection is read', () => {
  for (const taker of ['the one that connected', 'the one that was connected to'] as const) {
    it(`brings a long payload to its place, and nothing of it anywhere else, to ${taker}`, async () => {
      const { near, far, server } = await pair();
      const [reads, writes] = taker === 'the one that connected' ? [near, far] : [far, near];
      // As in the handshake: something is said, and answered, before the connection changes hands.
      reads.on('error', () => assert.fail());
      const [hello] = (await Promise.all([once(reads, 'data'), writes.write('hello')])) as [
        [Buffer],
        unknown,
      ];
      assert.equal(hello[0].toString(), 'hello');
      reads.removeAllListeners('data');
      const payload = new Payload();
      const taken: Buffer[] = [];
      const socket = readInto(reads, payload, (chunk) => {
        taken.push(Buffer.from(chunk));
        if (Buffer.concat(taken).equals(marker)) payload.isOpen = true;
        if (payload.isOpen) socket.write('go on');
      });
      const sent = Uint8Array.from({ length }, (_, i) => i % 251);
      writes.write(marker);
      await once(writes, 'data');
      writes.write(sent);
      writes.write(marker);
      await once(writes, 'data');
      assert.deepEqual(Buffer.from(payload.bytes), Buffer.from(sent));
      assert.equal(payload.inPlace, length);
      assert.equal(Buffer.concat(taken).toString(), 'a framea frame');
      assert.equal(socket.bytesRead, 'hello'.length + 2 * marker.length + length);
      // Its end is seen, and the server knows of none that is left.
      writes.destroy();
      await once(socket, 'close');
      await new Promise((resolve) => server.close(resolve));
    });
  }

  it('is not begun where the connection has ended already', async () => {
    const { near, far, server } = await pair();
    near.destroy();
    assert.equal(
      readInto(near, new Payload(), () => assert.fail()),
      near,
    );
    far.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
});
