import { join } from 'node:path';
import { open } from 'lmdb';
import { inBenchFolder } from '../harness/bench-folder.js';
import { type DurablePlan, durableRate } from '../harness/durable-stream.js';
import { playRole } from '../harness/role.js';

/** What a transaction of `many` has. */
const manyRecords = 4096;

/** LMDB as a log: records under growing numbers, so many in a transaction, which is synced when it is committed. */
playRole<DurablePlan>((plan) =>
  inBenchFolder(async (folder) => {
    const records = plan.batch === 'many' ? manyRecords : plan.batch;
    const store = open<Buffer, number>({
      path: join(folder, 'lmdb'),
      keyEncoding: 'uint32',
      encoding: 'binary',
      // Else a transaction counts as committed before it is synced.
      overlappingSync: false,
      mapSize: 16 * 2 ** 30,
    });
    const value = Buffer.alloc(plan.bytes, 0x5a);
    let durable = 0;
    let stopped = false;
    const loop = async (): Promise<void> => {
      for (let next = 0; !stopped; durable = next)
        await store.transaction(() => {
          for (let i = 0; i < records; i++) void store.put(next++, value);
        });
    };
    let ended = Promise.resolve();
    return durableRate(plan, {
      start: () => (ended = loop()),
      durable: () => durable,
      stop: async () => {
        stopped = true;
        await ended;
        await store.close();
      },
    });
  }),
);
