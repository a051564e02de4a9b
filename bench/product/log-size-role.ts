import { join } from 'node:path';
import { openTopicLog, verifyTopicLog } from '../../runtime/durability/open-topic-log.js';
import { inBenchFolder } from '../harness/bench-folder.js';
import { playRole } from '../harness/role.js';
import { sampleDelivery } from './sample-delivery.js';

/** A log that grows to a size: what memory that takes, how long opening it takes then, and how fast all of it is read and checked. */
playRole<{ readonly mebibytes: number; readonly bytes: number }>(({ mebibytes, bytes }) =>
  inBenchFolder(async (folder) => {
    const identity = {
      domain: 'bench',
      topic: 'log',
      typeName: 'bowecho::Bytes',
      typeHash: '0'.repeat(31) + '1',
    };
    const directory = join(folder, 'topic');
    let moved: () => void = () => undefined;
    const log = await openTopicLog({ directory, ...identity, moved: () => moved() });
    const { message, count } = sampleDelivery(bytes);
    const growTo = async (wanted: number): Promise<void> => {
      while (message.sequence * bytes < wanted * 2 ** 20) {
        while (!log.full) {
          count();
          log.append(message);
        }
        await new Promise<void>((resolve) => (moved = resolve));
        if (log.failure !== undefined) throw log.failure;
      }
    };
    // The heap has found its size by then.
    await growTo(mebibytes / 8);
    const before = process.memoryUsage.rss();
    await growTo(mebibytes);
    const memory = (process.memoryUsage.rss() - before) / 2 ** 20;
    await log.close();
    const start = performance.now();
    const again = await openTopicLog({ directory, ...identity, moved: () => undefined });
    const open = performance.now() - start;
    if (again.lastSequence !== message.sequence) throw new Error(`it ends with ${again.lastSequence}`);
    await again.close();
    const began = performance.now();
    const { findings, samples } = await verifyTopicLog(directory);
    const read = (samples * bytes) / 1e6 / ((performance.now() - began) / 1000);
    if (findings.length > 0 || samples !== message.sequence + 1)
      throw new Error(`${samples} samples are whole`);
    const recovered = (mebibytes * 2 ** 20) / 1e6 / (open / 1000);
    return { memory, open, recovered, read };
  }),
);
