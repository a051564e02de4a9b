import type { MemberId } from '../../transport/transport.js';
import type { Topic, View } from './view.js';

/** What a domain remembers of the log of a persistent topic, as long as the domain lives, whether anyone has the topic open or not. */
export interface LogOrigin {
  topic: string;
  /** Tells this log from every other one of that name: the domain, and the view with which the topic began in it. */
  lineage: string;
  /** The newest epoch with replicas that has ended; −1: none. */
  ended: number;
  /** All replicas of that epoch have failed: no disk that is left has where it ends. */
  orphaned: boolean;
}

/**
 * Brings `next.logs` up to date with the epochs that end, and the topics that begin, between the two views. `failed` were removed; `replicasOf` tells
 * the replicas of a topic in `view`.
 */
export function followLogs(
  view: View,
  next: View,
  failed: ReadonlySet<MemberId>,
  replicasOf: (topic: Topic) => readonly MemberId[],
): void {
  const goesOn = new Set(next.topics.map(({ slot, epoch }) => `${slot}@${epoch}`));
  const origins = new Map(next.logs.map((origin) => [origin.topic, origin]));
  for (const topic of view.topics) {
    const origin = origins.get(topic.name);
    if (origin === undefined || goesOn.has(`${topic.slot}@${topic.epoch}`)) continue;
    const replicas = replicasOf(topic);
    if (replicas.length === 0) continue;
    origin.ended = topic.epoch;
    origin.orphaned = replicas.every((id) => failed.has(id));
  }
  for (const { name, persistent } of next.topics)
    if (persistent !== undefined && !origins.has(name))
      next.logs.push({ topic: name, lineage: `${next.domain}.${next.viewId}`, ended: -1, orphaned: false });
}
