import { createServer, connect, type Socket } from 'node:net';
import { playRole } from '../harness/role.js';
import { carried } from '../net/carried.js';

interface Plan {
  readonly address: string;
  readonly bytes: number;
}

const port = 7300;
const pieceBytes = 256 << 10;
const clockMs = () => performance.timeOrigin + performance.now();

/** The first of two hosts sends bytes to the second by a bare socket; gives when the sending began, or when all was there. */
playRole<Plan>(async ({ address, bytes }, role) => {
  if (role.index === 1) {
    const done = new Promise<number>((resolve) => {
      createServer((socket) => {
        let got = 0;
        socket.on('data', (chunk: Buffer) => {
          got += chunk.length;
          if (got === bytes) resolve(clockMs());
        });
      }).listen(port, address, () => void role.barrier('listening'));
    });
    return { atMs: await done, ...carried() };
  }
  await role.barrier('listening');
  const socket = await new Promise<Socket>((resolve) => {
    const made = connect(port, address, () => {
      resolve(made);
    });
  });
  const writtenMs = clockMs();
  const piece = Buffer.alloc(pieceBytes, 7);
  for (let sent = 0; sent < bytes; sent += pieceBytes)
    if (!socket.write(piece)) await new Promise((resolve) => socket.once('drain', resolve));
  return new Promise((resolve) => {
    socket.end(() => {
      resolve({ writtenMs, ...carried() });
    });
  });
});
