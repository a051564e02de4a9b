import { Bytes, Participant } from '../../runtime/dds/index.js';
import { playRole } from '../harness/role.js';
import { type StreamPlan, receiveStream, touch, writeStream } from '../harness/stream.js';
import { Payload, Tally } from './payload.js';
import { writeFast } from './write-fast.js';

interface Args extends StreamPlan {
  readonly domain: string;
  readonly part: 'writer' | 'reader';
  readonly form: 'bytes' | 'in place' | 'protobuf';
  readonly way: 'borrow' | 'samples$';
}

/** One writer, or one of its readers, of an atomic topic. */
playRole<Args>(async (args, role) => {
  if (args.form !== 'bytes')
    throw new Error(`The form '${args.form}' needs a generated type, which is not there yet.`);
  const participant = await Participant.join({ domain: args.domain });
  const endpoint = { topic: 'fanout', qos: 'atomic' };
  if (args.part === 'writer') {
    const writer = await participant.writer(Bytes, endpoint);
    await writer.whenMatched(role.count - 1);
    const payload = new Payload(args.bytes, role.index);
    await writeStream(role, args, () => writeFast(writer, payload));
    await participant.close();
    return null;
  }
  const reader = await participant.reader(Bytes, endpoint);
  const tally = new Tally();
  if (args.way === 'borrow') reader.borrow(tally.take);
  else {
    reader.samples$.subscribe(({ data }) => {
      tally.touched = (tally.touched + touch(data)) | 0;
      tally.count += 1;
    });
  }
  const readings = await receiveStream(role, args, () => tally.count);
  await participant.close();
  return readings;
});
