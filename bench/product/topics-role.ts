import { Bytes, Participant } from '../../runtime/dds/index.js';
import { playRole } from '../harness/role.js';
import { type StreamPlan, exchangeStream } from '../harness/stream.js';
import { Payload, Tally } from './payload.js';
import { bytesSource, writeFast } from './write-fast.js';

/** A member of many topics, of which one is busy: all write and read it. The others have a writer and a reader at each member. */
playRole<StreamPlan & { domain: string; topics: number }>(async (plan, role) => {
  const participant = await Participant.join({ domain: plan.domain });
  const tally = new Tally();
  const opened = Array.from({ length: plan.topics }, async (_, index) => {
    const endpoint = { topic: `topic ${index}`, qos: 'atomic' };
    const reader = await participant.reader(Bytes, endpoint);
    reader.borrow(index === 0 ? tally.take : () => undefined);
    const writer = await participant.writer(Bytes, endpoint);
    await writer.whenMatched(role.count);
    return writer;
  });
  const [busy] = await Promise.all(opened);
  const source = bytesSource(busy!, new Payload(plan.bytes, role.index));
  const readings = await exchangeStream(
    role,
    plan,
    () => writeFast(source),
    () => tally.count,
  );
  await participant.close();
  return readings;
});
