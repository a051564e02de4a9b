import { Participant } from '../../runtime/dds/index.js';
import { playRole } from '../harness/role.js';
import { type StreamPlan, receiveStream, writeStream } from '../harness/stream.js';
import { bytesForm } from './bytes-form.js';
import type { Form, Way } from './form.js';
import { inPlaceForm } from './in-place-form.js';
import { protobufForm, variedTextsForm } from './protobuf-form.js';
import { writeFast } from './write-fast.js';

interface Args extends StreamPlan {
  readonly domain: string;
  readonly part: 'writer' | 'reader';
  readonly form: keyof typeof forms;
  readonly way: Way;
}

const forms = {
  bytes: bytesForm,
  'in place': inPlaceForm,
  protobuf: protobufForm,
  'protobuf, varied texts': variedTextsForm,
} satisfies Record<string, Form>;

/** One writer, or one of its readers, of an atomic topic. */
playRole<Args>(async (args, role) => {
  const participant = await Participant.join({ domain: args.domain });
  const endpoint = { topic: 'fanout', qos: 'atomic' };
  const form = forms[args.form];
  if (args.part === 'writer') {
    const source = await form.openWriter(participant, endpoint, args.bytes, role.index);
    await source.whenMatched(role.count - 1);
    await writeStream(role, args, () => writeFast(source));
    await participant.close();
    return null;
  }
  const tally = await form.openReader(participant, endpoint, args.bytes, args.way);
  const readings = await receiveStream(role, args, () => tally.count);
  await participant.close();
  return readings;
});
