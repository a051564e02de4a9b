import { Bytes, Participant } from '../../../runtime/dds/index.js';

/** A program without a thought for signals: it joins, reads or is held back writing, until it is told to end. */
const [domain, role] = process.argv.slice(2) as [string, 'reader' | 'writer'];
const participant = await Participant.join({ domain });
if (role === 'reader') {
  const reader = await participant.reader(Bytes, { topic: 't', qos: { resourceLimits: { maxSamples: 1 } } });
  void reader.consume(() => new Promise(() => undefined));
} else {
  const writer = await participant.writer(Bytes, { topic: 't' });
  await writer.whenMatched(1);
  void (async () => {
    for (;;) await writer.write(new Uint8Array(10_000));
  })().catch(() => undefined);
}
process.send!('ready');
