import type { WriterQos } from '../../qos/index.js';
import type { Retention } from '../durability/log/retention.js';
import type { View } from '../membership/view.js';
import { qosOf } from './matching.js';

/**
 * What the logs of a persistent topic keep: the most that any of its writers asks for, by DURABILITY_SERVICE and LIFESPAN. Undefined where it has no
 * writer. Every replica decides alike, since all see the same view.
 */
export function retentionOf({ endpoints }: View, topic: string): Retention | undefined {
  const writers = endpoints.filter((endpoint) => endpoint.topic === topic && endpoint.role === 'writer');
  if (writers.length === 0) return undefined;
  const asked = writers.map((writer) => askedBy(qosOf(writer, 'writer')));
  const most = (field: keyof Retention): number => Math.max(...asked.map((each) => each[field]));
  return {
    depth: most('depth'),
    samplesMax: most('samplesMax'),
    bytesMax: most('bytesMax'),
    lifespanUs: most('lifespanUs'),
  };
}

function askedBy({ durabilityService, lifespan }: WriterQos): Retention {
  const { historyKind, historyDepth, maxSamples, maxSamplesPerInstance } = durabilityService;
  return {
    depth: historyKind === 'keepLast' ? historyDepth : maxSamplesPerInstance,
    samplesMax: maxSamples,
    bytesMax: Infinity,
    lifespanUs: lifespan.durationMs * 1000,
  };
}
