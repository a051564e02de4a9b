import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { type Role, playRole } from '../harness/role.js';
import { type RoundTripPlan, RoundTrips } from '../harness/round-trip.js';
import { type StreamPlan, receiveStream, writeStream } from '../harness/stream.js';
import { touch } from '../harness/touch.js';
import { until } from './credit.js';
import type { PeerArgs } from './peer.js';

const bufferedBytesMax = 4 << 20;
const messagesPerPump = 64;

playRole<PeerArgs>(async (args, role) => {
  switch (args.part) {
    case 'publisher':
      return publish(role, args.plan);
    case 'subscriber':
      return subscribe(role, args.plan);
    case 'asker':
    case 'answerer':
      return roundTrip(role, args.plan, args.part === 'asker');
  }
});

async function publish(role: Role, plan: StreamPlan) {
  const sockets = await serve(role, role.count - 1);
  const message = Buffer.alloc(plan.bytes, 1);
  const perPump = Math.max(1, Math.min(messagesPerPump, Math.floor(bufferedBytesMax / plan.bytes)));
  await writeStream(role, plan, async () => {
    for (let i = 0; i < perPump; i++) {
      for (const socket of sockets) socket.send(message);
    }
    do await new Promise((resolve) => setImmediate(resolve));
    while (sockets.some(({ bufferedAmount }) => bufferedAmount > bufferedBytesMax));
    return perPump;
  });
  return null;
}

async function subscribe(role: Role, plan: StreamPlan) {
  const socket = await connect(role);
  let received = 0;
  socket.on('message', (message: Buffer) => {
    touch(message);
    received += 1;
  });
  return receiveStream(role, plan, () => received);
}

async function roundTrip(role: Role, plan: RoundTripPlan, asks: boolean) {
  const socket = asks ? (await serve(role, 1))[0]! : await connect(role);
  const message = Buffer.alloc(plan.bytes, 1);
  const timing = new RoundTrips(plan, () => socket.send(message));
  socket.on('message', (heard: Buffer) => {
    touch(heard);
    if (asks) timing.answered();
    else socket.send(message);
  });
  await role.barrier('listens');
  const readings = asks ? await timing.run() : null;
  await role.barrier('over');
  return readings;
}

async function serve(role: Role, connections: number): Promise<WebSocket[]> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  const sockets: WebSocket[] = [];
  server.on('connection', (socket) => sockets.push(socket));
  await once(server, 'listening');
  await role.barrier('listening', (server.address() as AddressInfo).port);
  await until(() => sockets.length === connections);
  return sockets;
}

async function connect(role: Role): Promise<WebSocket> {
  const port = (await role.barrier('listening')).find((value) => value !== null);
  const socket = new WebSocket(`ws://127.0.0.1:${String(port)}`, { perMessageDeflate: false });
  await once(socket, 'open');
  return socket;
}
