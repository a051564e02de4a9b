import { join } from 'node:path';
import type { TopicPast } from '../membership/topic-past.js';
import { isAfter } from './log/catalog.js';
import type { LogFailure } from '../multicast/topic-log.js';
import type { ReadRange, Version } from './log/log-reading.js';
import { readReplicaMark } from './disk-replica.js';
import { readTopicLog, surveyTopicLog } from './open-topic-log.js';
import { backFirst } from './replica/log-source.js';
import { nothing } from './replica/log-stream.js';
import type { ReplicaLog } from './replica/replica-log.js';

/** So long is waited for a disk that is busy, before it is looked at again. */
const againMs = 1;

/**
 * Gives a replica's log what it lacks of a topic that rests, from a log on this host that has all of it: `folders` are those of the participants that had, and
 * `path` leads from there to the topic. False where none of them is there.
 * @throws LogError
 */
export async function topUp(
  replica: ReplicaLog,
  past: TopicPast,
  lineage: string,
  folders: readonly string[],
  path: string,
): Promise<boolean> {
  for (const folder of folders) {
    const source = join(folder, path);
    const mark = await readReplicaMark(source).catch(() => undefined);
    if (mark?.lineage !== lineage) continue;
    await new Promise<void>((resolve) => replica.lack(past, resolve));
    await copy(replica, source, past);
    await new Promise<void>((resolve) => replica.adopt(past, lineage, resolve));
    return true;
  }
  return false;
}

async function copy(replica: ReplicaLog, source: string, { epoch, ended }: TopicPast): Promise<void> {
  const end = ended?.epoch === epoch ? ended.lastSequence! : Number.MAX_SAFE_INTEGER;
  const { log } = replica;
  const own = { epoch: log.lastEpoch, sequence: log.lastSequence };
  const agreed = own.epoch < 0 ? own : await lastIn(source, own);
  replica.follow(agreed, (await surveyTopicLog(source)).gap);
  const from = { epoch: agreed.epoch, sequence: agreed.sequence + 1 };
  const range = end < 0 ? { from, upTo: before(epoch) } : { from, upTo: { epoch, sequence: end } };
  for await (const { entry } of readTopicLog(source, agreed.epoch < 0 ? { upTo: range.upTo } : range)) {
    await until(replica, () => !log.full);
    replica.take(entry.asDelivery());
  }
  await until(
    replica,
    () => !isAfter(log.lastEpoch, log.lastSequence, log.durableEpoch, log.durableSequence),
  );
}

const before = (epoch: number): Version => ({ epoch: epoch - 1, sequence: Number.MAX_SAFE_INTEGER });

/** The newest version in the log that is not after `upTo`: mostly that one, or one not far before it. */
async function lastIn(source: string, upTo: Version): Promise<Version> {
  const from = { epoch: upTo.epoch, sequence: Math.max(0, upTo.sequence - backFirst) };
  return (await newest(source, { from, upTo })) ?? (await newest(source, { upTo })) ?? nothing;
}

async function newest(source: string, range: ReadRange): Promise<Version | undefined> {
  let last: Version | undefined;
  for await (const { epoch, sequence } of readTopicLog(source, range)) last = { epoch, sequence };
  return last;
}

async function until({ log }: ReplicaLog, condition: () => boolean): Promise<void> {
  while (!condition()) {
    const failure: LogFailure | undefined = log.failure;
    if (failure !== undefined) throw failure;
    await new Promise((resolve) => setTimeout(resolve, againMs));
  }
}
