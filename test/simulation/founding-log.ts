import type { RestartTopic } from '../../runtime/membership/restart.js';
import type { LogRecord, SimulatedDisk } from './disk.js';

/** With what a topic goes on: the log that goes furthest, without what lies beyond the end. */
export function foundingLog(topic: RestartTopic, diskOf: (id: string) => SimulatedDisk): LogRecord[] {
  const { disk } = topic.from[0]!;
  return clipped(diskOf(disk).log(topic.topic).records, topic);
}

/** Without what lies beyond the end. */
export function clipped(
  records: readonly LogRecord[],
  { epoch: end, lastSequence }: RestartTopic,
): LogRecord[] {
  return records.filter(({ epoch, sequence }) => epoch < end || (epoch === end && sequence <= lastSequence));
}
