import { decodeQos, type WriterQos } from '../../qos/index.js';
import type { Holder } from '../history/exchange-rows.js';
import type { HistoryEpoch } from '../history/boundary.js';
import type { HistoryLimits } from '../history/writer-history.js';
import { unsettledEpoch } from '../membership/topic-past.js';
import type { Endpoint, Topic, View } from '../membership/view.js';
import { endpointsOn } from '../membership/view-parts.js';
import { asInfo, type EndpointInfo } from './admission.js';

/** Who holds `topic` for late readers in the epoch that begins with `view`, and whose samples; undefined where nobody does. */
export function historyEpoch(view: View, topic: Topic): HistoryEpoch | undefined {
  const holding = endpointsOn(view, topic.name).filter(({ holds }) => holds);
  if (holding.length === 0) return undefined;
  const holders: Holder[] = [];
  for (const { id } of view.members) {
    const mine = holding.filter(({ member }) => member === id);
    if (mine.length > 0) holders.push({ member: id, since: Math.min(...mine.map(({ since }) => since!)) });
  }
  const writers = holding
    .filter(({ role }) => role === 'writer')
    .map((writer) => ({ member: writer.member, number: writer.id, limits: limitsOf(writer) }));
  const unsettled = unsettledEpoch(view, topic);
  return { slot: topic.slot, epoch: topic.epoch, holders, writers, unsettled };
}

/** TRANSIENT_LOCAL keeps what the writer's HISTORY and RESOURCE_LIMITS say; DURABILITY_SERVICE is for the stronger kinds (DDS 1.4, 2.2.3.5). */
function limitsOf(writer: Endpoint): HistoryLimits {
  const qos: WriterQos = decodeQos(asInfo<EndpointInfo>(writer.info).qos, 'writer');
  const { history, resourceLimits, transport } = qos;
  return {
    depth: history.kind === 'keepLast' ? history.depth : Infinity,
    samplesMax: resourceLimits.maxSamples,
    instancesMax: resourceLimits.maxInstances,
    samplesPerInstanceMax: resourceLimits.maxSamplesPerInstance,
    bytesMax: transport.historyBytesMax,
  };
}
