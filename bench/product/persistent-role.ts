import { generateKeyPairSync } from 'node:crypto';
import { Bytes, Participant } from '../../runtime/dds/index.js';
import { AcknowledgedStream } from '../harness/acknowledged-stream.js';
import { inBenchFolder } from '../harness/bench-folder.js';
import { playRole } from '../harness/role.js';
import { type StreamPlan, exchangeStream } from '../harness/stream.js';
import { Payload, Tally } from './payload.js';
import { bytesPump } from './write-fast.js';

/**
 * A member that keeps a persistent topic, reads and writes it. `many`: all write as fast as they may, and count what is delivered, which is
 * committed. `one`: the first awaits that each sample is committed before it writes the next. `signed`: each signs its log.
 */
playRole<StreamPlan & { domain: string; inFlight: 'one' | 'many'; signed: boolean }>((plan, role) =>
  inBenchFolder(async (folder) => {
    const signingKey = generateKeyPairSync('ed25519').privateKey;
    const storage = plan.signed ? { folder, signingKey } : folder;
    const participant = await Participant.join({ domain: plan.domain, name: `m${role.index}`, storage });
    const endpoint = { topic: 'ledger', qos: 'persistent' };
    const reader = await participant.reader(Bytes, endpoint);
    const tally = new Tally();
    reader.borrow(tally.take);
    const writer = await participant.writer(Bytes, endpoint);
    await writer.whenMatched(role.count);
    const payload = new Payload(plan.bytes, role.index);
    if (plan.inFlight === 'many') {
      const { rate } = await exchangeStream(role, plan, bytesPump(writer, payload), () => tally.count);
      await participant.close();
      return { rate: rate!, hash: tally.hash, delivered: tally.count };
    }
    await role.barrier('go');
    const send = () => {
      // While the view changes, nothing can be written: the last log may just have become whole.
      if (!writer.tryWrite(payload.bytes)) {
        void writer.ready().then(send);
        return;
      }
      payload.advance();
      void writer.whenCommitted().then(stream.acknowledged);
    };
    const stream = new AcknowledgedStream({ ...plan, inFlight: 1 }, send);
    const readings = role.index === 0 ? await stream.run() : null;
    await role.barrier('over');
    await participant.close();
    return readings;
  }),
);
