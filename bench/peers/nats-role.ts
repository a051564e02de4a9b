import { type NatsConnection, connect } from 'nats';
import { type Role, playRole } from '../harness/role.js';
import { type RoundTripPlan, RoundTrips } from '../harness/round-trip.js';
import { type StreamPlan, receiveStream, writeStream } from '../harness/stream.js';
import { touch } from '../harness/touch.js';
import { Credit, messagesPerGrant } from './credit.js';
import type { PeerArgs } from './peer.js';

playRole<PeerArgs>(async (args, role) => {
  const connection = await connect({ servers: `127.0.0.1:${args.server}` });
  switch (args.part) {
    case 'publisher':
      return publish(connection, role, args.plan);
    case 'subscriber':
      return subscribe(connection, role, args.plan);
    case 'asker':
    case 'answerer':
      return roundTrip(connection, role, args.plan, args.part === 'asker');
  }
});

async function publish(connection: NatsConnection, role: Role, plan: StreamPlan) {
  const credit = new Credit(role.count - 1, plan.bytes);
  connection.subscribe('grant', {
    callback: (_, { data }) => {
      const grant = Buffer.from(data);
      credit.granted(grant.readUInt32LE(0), grant.readDoubleLE(4));
    },
  });
  await connection.flush();
  await role.barrier('subscribed');
  const message = Buffer.alloc(plan.bytes, 1);
  await writeStream(role, plan, async () => {
    const count = await credit.take();
    for (let i = 0; i < count; i++) connection.publish('data', message);
    // The client writes what was published when its loop turns.
    await new Promise((resolve) => setImmediate(resolve));
    return count;
  });
  return null;
}

async function subscribe(connection: NatsConnection, role: Role, plan: StreamPlan) {
  const perGrant = messagesPerGrant(plan.bytes);
  let received = 0;
  connection.subscribe('data', {
    callback: (_, { data }) => {
      touch(data);
      if (++received % perGrant !== 0) return;
      const grant = Buffer.alloc(12);
      grant.writeUInt32LE(role.index - 1, 0);
      grant.writeDoubleLE(received, 4);
      connection.publish('grant', grant);
    },
  });
  // A flush is answered by the server after the subscription before it: from then on nothing is missed.
  await connection.flush();
  await role.barrier('subscribed');
  return receiveStream(role, plan, () => received);
}

async function roundTrip(connection: NatsConnection, role: Role, plan: RoundTripPlan, asks: boolean) {
  const [said, heard] = asks ? ['question', 'answer'] : ['answer', 'question'];
  const message = Buffer.alloc(plan.bytes, 1);
  const say = (): void => connection.publish(said!, message);
  const timing = new RoundTrips(plan, say);
  connection.subscribe(heard!, {
    callback: (_, { data }) => {
      touch(data);
      if (asks) timing.answered();
      else say();
    },
  });
  await connection.flush();
  await role.barrier('subscribed');
  const readings = asks ? await timing.run() : null;
  await role.barrier('over');
  return readings;
}
