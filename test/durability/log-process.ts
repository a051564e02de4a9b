import { openTopicLog } from '../../runtime/durability/open-topic-log.js';
import { deliveryOf, identity } from './log-on-disk.js';

/**
 * A process that has a log open. `append COUNT BATCH`: appends samples of 1000 bytes, BATCH at a time, each batch once the one before is
 * durable, and says after each how far the log is durable. `hold`: only holds it;
 * `nobody`: the same, as a user who owns nothing.
 */
const [, , directory, command, count = '0', batch = '1'] = process.argv;

let moved: () => void = () => undefined;

if (command === 'nobody') {
  process.setgid!(65534);
  process.setuid!(65534);
}

try {
  const log = await openTopicLog({ ...identity, directory: directory!, moved: () => moved() });
  process.stdout.write('open\n');
  if (command !== 'append') setInterval(() => undefined, 1000);
  else {
    const first = log.lastSequence + 1;
    for (let sequence = first; sequence < first + Number(count);) {
      for (let left = Number(batch); left > 0; left--, sequence++)
        log.append(deliveryOf({ epoch: 1, sequence, text: `${sequence}`.padEnd(1000, '.') }));
      while (log.durableSequence < sequence - 1) {
        await new Promise<void>((resolve) => (moved = resolve));
        if (log.failure !== undefined) throw log.failure;
      }
      process.stdout.write(`${log.durableSequence}\n`);
    }
    await log.close();
    process.stdout.write('closed\n');
  }
} catch (error) {
  process.stdout.write(`${(error as { code: string }).code} ${(error as Error).message}\n`);
  process.exitCode = 1;
}
