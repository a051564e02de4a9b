import { Bytes, Participant } from '../../runtime/dds/index.js';
import { playRole } from '../harness/role.js';

/** A member with a writer and a reader of one topic, which does nothing; observer-role.ts watches it. */
playRole<{ domain: string }>(async ({ domain }, role) => {
  const participant = await Participant.join({ domain });
  const endpoint = { topic: 'idle', qos: 'atomic' };
  const reader = await participant.reader(Bytes, endpoint);
  reader.borrow(() => undefined);
  const writer = await participant.writer(Bytes, endpoint);
  // Every member but the observer has a reader.
  await writer.whenMatched(role.count - 1);
  await role.barrier('idle', process.pid);
  await role.barrier('watched');
  await participant.close();
  return null;
});
