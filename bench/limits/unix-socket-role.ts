import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type Server, type Socket, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Role, playRole } from '../harness/role.js';
import { type RoundTripPlan, RoundTrips } from '../harness/round-trip.js';
import { type StreamPlan, pause, receiveStream, writeStream } from '../harness/stream.js';
import { touch } from '../harness/touch.js';
import { FixedSizeFrames, frameOf } from './fixed-size-frames.js';

type Args =
  | { readonly part: 'writer' | 'reader'; readonly plan: StreamPlan }
  | { readonly part: 'asker' | 'answerer'; readonly plan: RoundTripPlan };

/** One write holds at least so many bytes of messages: larger ones gain nothing. */
const batchBytes = 1 << 16;

playRole<Args>(async (args, role) => {
  switch (args.part) {
    case 'writer':
      return write(role, args.plan);
    case 'reader':
      return read(role, args.plan);
    case 'asker':
      return ask(role, args.plan);
    case 'answerer':
      return answer(role, args.plan);
  }
});

async function write(role: Role, plan: StreamPlan) {
  const sockets = await listen(role, role.count - 1);
  const perBatch = Math.max(1, Math.floor(batchBytes / plan.bytes));
  const frame = frameOf(plan.bytes);
  const batch = new Uint8Array(frame.length * perBatch);
  await writeStream(role, plan, async () => {
    // What was written is with the kernel by now (drained below), so its memory can be filled again.
    for (let at = 0; at < batch.length; at += frame.length) batch.set(frame, at);
    const full = sockets.filter((socket) => !socket.write(batch));
    await Promise.all(full.map((socket) => once(socket, 'drain')));
    if (full.length === 0) await new Promise((resolve) => setImmediate(resolve));
    return perBatch;
  });
  return null;
}

async function read(role: Role, plan: StreamPlan) {
  const socket = await connectTo(role);
  const frames = new FixedSizeFrames(plan.bytes);
  socket.on('data', (chunk: Buffer) => {
    touch(chunk);
    frames.take(chunk);
  });
  return receiveStream(role, plan, () => frames.count);
}

async function ask(role: Role, plan: RoundTripPlan) {
  const [socket] = await listen(role, 1);
  const question = frameOf(plan.bytes);
  const timing = new RoundTrips(plan, () => socket!.write(question));
  const frames = new FixedSizeFrames(plan.bytes);
  socket!.on('data', (chunk: Buffer) => {
    touch(chunk);
    for (let left = frames.take(chunk); left > 0; left--) timing.answered();
  });
  const readings = await timing.run();
  await role.barrier('over');
  return readings;
}

async function answer(role: Role, plan: RoundTripPlan) {
  const socket = await connectTo(role);
  const reply = frameOf(plan.bytes);
  const frames = new FixedSizeFrames(plan.bytes);
  socket.on('data', (chunk: Buffer) => {
    touch(chunk);
    for (let left = frames.take(chunk); left > 0; left--) socket.write(reply);
  });
  await role.barrier('over');
  return null;
}

async function listen(role: Role, connections: number): Promise<Socket[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bowecho-bench-'));
  const path = join(folder, 'socket');
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => sockets.push(socket));
  server.listen(path);
  await once(server, 'listening');
  await role.barrier('listening', path);
  while (sockets.length < connections) await pause(1);
  rmSync(folder, { recursive: true });
  return sockets;
}

async function connectTo(role: Role): Promise<Socket> {
  const path = (await role.barrier('listening')).find((value) => value !== null);
  const socket = connect(String(path));
  await once(socket, 'connect');
  return socket;
}
