import * as fs from 'node:fs';
import { join } from 'node:path';
import { AcknowledgedStream } from '../harness/acknowledged-stream.js';
import { inBenchFolder } from '../harness/bench-folder.js';
import type { DurablePlan } from '../harness/durable-stream.js';
import { playRole } from '../harness/role.js';

const fileBytes = 64 << 20;
/** What a batch of `many` has, as ours has at most. */
const manyBytes = 4 << 20;

/** One buffer, written again and again to a file that is there already: write, `fdatasync`, and nothing else. */
playRole<DurablePlan>((plan, role) =>
  inBenchFolder(async (folder) => {
    const records = plan.batch === 'many' ? Math.floor(manyBytes / plan.bytes) : plan.batch;
    const buffer = Buffer.alloc(records * plan.bytes, 0x5a);
    const fd = fs.openSync(join(folder, 'bare'), 'w+');
    const zeros = Buffer.alloc(1 << 20);
    for (let at = 0; at < fileBytes; at += zeros.length) fs.writeSync(fd, zeros, 0, zeros.length, at);
    fs.fsyncSync(fd);
    let position = 0;
    const write = (): void => {
      if (position + buffer.length > fileBytes) position = 0;
      fs.write(fd, buffer, 0, buffer.length, position, onWritten);
    };
    const onWritten = (error: Error | null): void => {
      if (error !== null) throw error;
      fs.fdatasync(fd, onSynced);
    };
    const onSynced = (error: Error | null): void => {
      if (error !== null) throw error;
      position += buffer.length;
      batches.acknowledged();
    };
    const batches = new AcknowledgedStream({ ...plan, inFlight: 1 }, write);
    await role.barrier('go');
    const readings = await batches.run();
    return { ...readings, rate: readings['rate']! * records };
  }),
);
