import { Bytes, Participant } from '../../runtime/dds/index.js';
import { playRole } from '../harness/role.js';
import { type RoundTripPlan, RoundTrips } from '../harness/round-trip.js';
import { Payload, Tally } from './payload.js';

/** Asks on one atomic topic and is answered on another, in place at both ends. */
playRole<RoundTripPlan & { domain: string; part: 'asker' | 'answerer' }>(async (plan, role) => {
  const asks = plan.part === 'asker';
  const participant = await Participant.join({ domain: plan.domain });
  const reader = await participant.reader(Bytes, { topic: asks ? 'answer' : 'question', qos: 'atomic' });
  const writer = await participant.writer(Bytes, { topic: asks ? 'question' : 'answer', qos: 'atomic' });
  const payload = new Payload(plan.bytes, role.index);
  // One message is in flight at most: there is always room.
  const say = (): void => {
    if (!writer.tryWrite(payload.bytes)) throw new Error('No room for a single message.');
  };
  const timing = new RoundTrips(plan, say);
  const tally = new Tally();
  reader.borrow((sample) => {
    tally.take(sample);
    if (asks) timing.answered();
    else say();
  });
  await writer.whenMatched(1);
  await role.barrier('matched');
  const readings = asks ? await timing.run() : null;
  await role.barrier('over');
  await participant.close();
  return readings;
});
