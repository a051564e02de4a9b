import { QosError } from './error.js';
import type { QosRole, ReaderQos, ResourceLimits, WriterQos } from './policies.js';

/**
 * Checks what no single policy can: that the policies of one end go together (DDS 1.4, 2.2.3).
 *
 * @throws {@link QosError} BE_QOS_INCONSISTENT.
 */
export function checkCombination(qos: WriterQos | ReaderQos, role: QosRole, where: string): void {
  const refuse = (what: string, remedy: string): never => {
    throw new QosError('BE_QOS_INCONSISTENT', { what, where, remedy });
  };
  const depth = qos.history.kind === 'keepLast' ? qos.history.depth : 1;
  checkLimits(qos.resourceLimits, depth, 'resourceLimits', 'history.depth', refuse);
  const { ringBytesMin, ringBytesMax } = qos.transport;
  if (ringBytesMin > ringBytesMax) {
    refuse(
      `transport.ringBytesMin is ${ringBytesMin}, above ringBytesMax, ${ringBytesMax}`,
      'A ring starts at the one and grows to the other: raise the second or lower the first.',
    );
  }
  if (role === 'writer') checkWriter(qos as WriterQos, refuse);
  else checkReader(qos as ReaderQos, refuse);
}

type Refuse = (what: string, remedy: string) => never;

function checkWriter(qos: WriterQos, refuse: Refuse): void {
  const service = qos.durabilityService;
  const depth = service.historyKind === 'keepLast' ? service.historyDepth : 1;
  checkLimits(service, depth, 'durabilityService', 'durabilityService.historyDepth', refuse);
  if (qos.durability === 'persistent' && qos.consistency !== 'persistent') {
    refuse(
      `durability is 'persistent', but consistency is '${qos.consistency}', which keeps no log`,
      "Set consistency: 'persistent' (or base: 'persistent'), or lower the durability to 'transient' or less.",
    );
  }
  if (qos.reliability.kind === 'bestEffort' && qos.consistency !== 'raw') {
    refuse(
      `reliability is 'bestEffort', but consistency is '${qos.consistency}', which loses nothing`,
      "Set consistency: 'raw' (or base: 'Dds::Default'), or reliability: { kind: 'reliable' }.",
    );
  }
}

function checkReader(qos: ReaderQos, refuse: Refuse): void {
  const { minimumSeparationMs } = qos.timeBasedFilter;
  const { periodMs } = qos.deadline;
  if (minimumSeparationMs > periodMs) {
    refuse(
      `timeBasedFilter.minimumSeparationMs is ${minimumSeparationMs}, above deadline.periodMs, ${periodMs}`,
      'The filter would make every deadline be missed: lower the separation or raise the period.',
    );
  }
}

function checkLimits(
  limits: ResourceLimits,
  depth: number,
  limitsName: string,
  depthName: string,
  refuse: Refuse,
): void {
  const { maxSamples, maxSamplesPerInstance } = limits;
  // Unlimited by instance is still bounded by the whole, so that the whole can be bounded alone.
  if (maxSamplesPerInstance !== Infinity && maxSamplesPerInstance > maxSamples) {
    refuse(
      `${limitsName}.maxSamplesPerInstance is ${maxSamplesPerInstance}, above maxSamples, ${maxSamples}`,
      'Raise maxSamples or lower maxSamplesPerInstance.',
    );
  }
  if (depth > Math.min(maxSamples, maxSamplesPerInstance)) {
    const name = maxSamplesPerInstance <= maxSamples ? 'maxSamplesPerInstance' : 'maxSamples';
    refuse(
      `${depthName} is ${depth}, above ${limitsName}.${name}, ${limits[name]}`,
      `Lower the depth or raise ${name}.`,
    );
  }
}
