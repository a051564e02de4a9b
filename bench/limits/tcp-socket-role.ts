import { once } from 'node:events';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';
import { type Role, playRole } from '../harness/role.js';
import { type StreamPlan, exchangeStream, pause } from '../harness/stream.js';
import { touch } from '../harness/touch.js';
import { FixedSizeFrames, frameOf } from './fixed-size-frames.js';

/** One write holds at least so many bytes of messages: larger ones gain nothing. */
const batchBytes = 1 << 16;

/** A member: writes to all others, as fast as they read, and reads from all. */
playRole<StreamPlan>(async (plan, role) => {
  const sockets = await meet(role);
  const perBatch = Math.max(1, Math.floor(batchBytes / plan.bytes));
  const frame = frameOf(plan.bytes);
  const batch = new Uint8Array(frame.length * perBatch);
  let written = 0;
  const readers = sockets.map((socket) => {
    const frames = new FixedSizeFrames(plan.bytes);
    socket.on('data', (chunk: Buffer) => {
      touch(chunk);
      frames.take(chunk);
    });
    return frames;
  });
  const pump = async () => {
    // What was written is with the kernel by now (drained below), so its memory can be filled again.
    for (let at = 0; at < batch.length; at += frame.length) batch.set(frame, at);
    const full = sockets.filter((socket) => !socket.write(batch));
    await Promise.all(full.map((socket) => once(socket, 'drain')));
    if (full.length === 0) await new Promise((resolve) => setImmediate(resolve));
    written += perBatch;
    return perBatch;
  };
  return exchangeStream(role, plan, pump, () => written + readers.reduce((sum, { count }) => sum + count, 0));
});

/** Connected to every other member: each connects to those before it. */
async function meet(role: Role): Promise<Socket[]> {
  const sockets: Socket[] = [];
  const server = createServer({ noDelay: true }, (socket) => sockets.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const ports = await role.barrier('listening', (server.address() as AddressInfo).port);
  for (const port of ports.slice(0, role.index)) {
    const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    sockets.push(socket);
  }
  while (sockets.length < role.count - 1) await pause(1);
  await role.barrier('connected');
  return sockets;
}
