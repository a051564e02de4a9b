import { Publisher, Pull, Push, Subscriber } from 'zeromq';
import { type Role, playRole } from '../harness/role.js';
import { type RoundTripPlan, RoundTrips } from '../harness/round-trip.js';
import { type StreamPlan, receiveStream, writeStream } from '../harness/stream.js';
import { touch } from '../harness/touch.js';
import { Credit, messagesPerGrant, until } from './credit.js';
import type { PeerArgs } from './peer.js';

/** No limit in the library: the credit window is the limit, so that nothing is dropped. */
const unlimitedSend = { sendHighWaterMark: 0 };
const unlimitedReceive = { receiveHighWaterMark: 0 };
const anyPort = 'tcp://127.0.0.1:*';

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
  const publisher = new Publisher(unlimitedSend);
  const grants = new Pull(unlimitedReceive);
  await publisher.bind(anyPort);
  await grants.bind(anyPort);
  await role.barrier('bound', { data: publisher.lastEndpoint!, grants: grants.lastEndpoint! });
  const credit = new Credit(role.count - 1, plan.bytes);
  void hearGrants(grants, credit);
  await greet(role, publisher);
  const message = Buffer.alloc(plan.bytes, 1);
  await writeStream(role, plan, async () => {
    const count = await credit.take();
    for (let i = 0; i < count; i++) await publisher.send(message);
    return count;
  });
  return null;
}

async function hearGrants(grants: Pull, credit: Credit): Promise<void> {
  for await (const [grant] of grants) {
    credit.granted(grant!.readUInt32LE(0), grant!.readDoubleLE(4));
  }
}

async function subscribe(role: Role, plan: StreamPlan) {
  const endpoints = (await role.barrier('bound')).find((value) => value !== null);
  const { data, grants } = endpoints as unknown as { data: string; grants: string };
  const subscriber = connected(data);
  const grant = new Push(unlimitedSend);
  grant.connect(grants);
  const perGrant = messagesPerGrant(plan.bytes);
  let received = 0;
  void (async () => {
    let greeted = false;
    for await (const [message] of subscriber) {
      if (message!.length === greeting.length) {
        if (!greeted) void role.barrier('greeted');
        greeted = true;
        continue;
      }
      touch(message!);
      if (++received % perGrant === 0) {
        const told = Buffer.alloc(12);
        told.writeUInt32LE(role.index - 1, 0);
        told.writeDoubleLE(received, 4);
        await grant.send(told);
      }
    }
  })();
  return receiveStream(role, plan, () => received);
}

async function roundTrip(role: Role, plan: RoundTripPlan, asks: boolean) {
  const publisher = new Publisher(unlimitedSend);
  await publisher.bind(anyPort);
  const endpoints = await role.barrier('bound', publisher.lastEndpoint);
  const subscriber = connected(String(endpoints[1 - role.index]));
  const message = Buffer.alloc(plan.bytes, 1);
  const say = (): void => void publisher.send(message);
  const timing = new RoundTrips(plan, say);
  let greeted = false;
  let ready = false;
  void (async () => {
    for await (const [heard] of subscriber) {
      if (heard!.length === greeting.length) {
        greeted = true;
        continue;
      }
      touch(heard!);
      if (asks) timing.answered();
      else say();
    }
  })();
  await Promise.all([
    until(() => greeted)
      .then(() => role.barrier('greeted'))
      .then(() => (ready = true)),
    until(
      () => ready,
      () => publisher.send(greeting),
    ),
  ]);
  const readings = asks ? await timing.run() : null;
  await role.barrier('over');
  return readings;
}

function connected(endpoint: string): Subscriber {
  const subscriber = new Subscriber(unlimitedReceive);
  subscriber.connect(endpoint);
  subscriber.subscribe();
  return subscriber;
}

/** Shorter than any message: a subscription takes a moment to be in force, and this tells when it is. */
const greeting = Buffer.alloc(1);

async function greet(role: Role, publisher: Publisher): Promise<void> {
  let greeted = false;
  void role.barrier('greeted').then(() => (greeted = true));
  await until(
    () => greeted,
    () => publisher.send(greeting),
  );
}
