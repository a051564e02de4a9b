import { Bytes, Participant } from '../../../runtime/dds/index.js';

/** Opens topics until there is no memory for another, and shows that those that are open go on. Prints what happened as JSON. */
const participant = await Participant.join({ domain: process.argv[2]!, closeOnSignals: false });
const qos = { base: 'atomic', transport: { ringBytesMin: 1 << 20, ringBytesMax: 1 << 20 } } as const;
const opened: string[] = [];
let refusal: unknown;
let received = 0;
const first = await participant.writer(Bytes, { topic: 'topic1', qos });
(await participant.reader(Bytes, { topic: 'topic1' })).borrow(() => (received += 1));
for (let i = 2; i < 100 && refusal === undefined; i++) {
  try {
    await participant.writer(Bytes, { topic: `topic${i}`, qos });
    await participant.reader(Bytes, { topic: `topic${i}` });
    opened.push(`topic${i}`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    refusal = { code, message };
  }
}
for (let i = 0; i < 1000; i++) await first.write(new Uint8Array(100));
await first.whenStable();
while (received < 1000) await new Promise((resolve) => setImmediate(resolve));
console.log(
  JSON.stringify({ opened: opened.length, refusal, received, members: participant.view.members.length }),
);
await participant.close();
