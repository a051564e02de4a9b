import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { Ed25519Signer } from '../../runtime/durability/ed25519.js';
import { openTopicLog } from '../../runtime/durability/open-topic-log.js';
import { inBenchFolder } from '../harness/bench-folder.js';
import { type DurablePlan, durableRate } from '../harness/durable-stream.js';
import { playRole } from '../harness/role.js';
import { sampleDelivery } from './sample-delivery.js';

/** The log of a topic, alone in a process: appends, and waits until it is durable; each batch signed, where that is wanted. */
playRole<DurablePlan & { readonly signed?: boolean }>((plan) =>
  inBenchFolder(async (folder) => {
    const { message, count } = sampleDelivery(plan.bytes);
    let stopped = false;
    const append = (): void => {
      count();
      log.append(message);
    };
    const goOn = (): void => {
      if (log.failure !== undefined) throw log.failure;
      if (stopped) return;
      if (plan.batch === 'many') while (!log.full) append();
      else if (log.durableSequence === log.lastSequence) for (let i = 0; i < plan.batch; i++) append();
    };
    const log = await openTopicLog({
      directory: join(folder, 'topic'),
      domain: 'bench',
      topic: 'log',
      typeName: 'bowecho::Bytes',
      typeHash: '00000000000000000000000000000001',
      signer: plan.signed === true ? new Ed25519Signer(generateKeyPairSync('ed25519').privateKey) : undefined,
      moved: () => goOn(),
    });
    return durableRate(plan, {
      start: goOn,
      durable: () => log.durableSequence + 1,
      stop: () => {
        stopped = true;
        return log.close();
      },
    });
  }),
);
