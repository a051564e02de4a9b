import { Bytes, Participant, type ParticipantOptions } from '../../runtime/dds/index.js';
import { playRole } from '../harness/role.js';
import { type StreamPlan, exchangeStream } from '../harness/stream.js';
import { Payload, Tally } from './payload.js';
import { bytesPump } from './write-fast.js';

/** A member that writes and reads one atomic topic, as fast as it goes. */
playRole<StreamPlan & Pick<ParticipantOptions, 'domain' | 'tcp'>>(async (plan, role) => {
  const participant = await Participant.join({ domain: plan.domain, ...(plan.tcp && { tcp: plan.tcp }) });
  const endpoint = { topic: 'order', qos: 'atomic' };
  const reader = await participant.reader(Bytes, endpoint);
  const tally = new Tally();
  reader.borrow(tally.take);
  const writer = await participant.writer(Bytes, endpoint);
  await writer.whenMatched(role.count);
  const pump = bytesPump(writer, new Payload(plan.bytes, role.index));
  const { rate } = await exchangeStream(role, plan, pump, () => tally.count);
  await participant.close();
  return { rate: rate!, hash: tally.hash, delivered: tally.count };
});
