import { type ReaderQos, resolveReaderQos, resolveWriterQos, type WriterQos } from '../../qos/index.js';
import { BowechoError } from './errors.js';

/** Policies that so far only take part in matching: at their defaults they promise nothing, otherwise they would promise what is not done. */
const withoutEffect = [
  'durabilityService',
  'presentation',
  'deadline',
  'ownership',
  'ownershipStrength',
  'liveliness',
  'timeBasedFilter',
  'lifespan',
  'destinationOrder',
  'writerDataLifecycle',
  'readerDataLifecycle',
] as const;

/** Those that say what the log of a persistent topic keeps. */
const ofLogs: readonly string[] = ['durabilityService', 'lifespan'];

const defaultsOf = (profile: string): Record<string, unknown> => ({
  ...resolveReaderQos(profile),
  ...resolveWriterQos(profile),
});
const defaults = { transient: defaultsOf('atomic'), logged: defaultsOf('persistent') };

/**
 * Refuses what this version would accept and not do.
 * @throws BowechoError BE_UNSUPPORTED that names the policy and both values
 */
export function checkEffective(topic: string, qos: WriterQos | ReaderQos): void {
  if (qos.durability === 'transient') {
    throw new BowechoError(
      'BE_UNSUPPORTED',
      `topic ${topic}: durability ${qos.durability} is not in this version; use 'transientLocal', which keeps history as long as its writer lives, 'persistent' for a persistent topic, which has a log, or 'volatile'`,
    );
  }
  checkService(topic, qos);
  const asked: Record<string, unknown> = { ...qos };
  const done = qos.consistency === 'persistent' ? defaults.logged : defaults.transient;
  for (const policy of withoutEffect) {
    if (qos.consistency === 'persistent' && ofLogs.includes(policy)) continue;
    if (asked[policy] === undefined || same(asked[policy], done[policy])) continue;
    throw new BowechoError(
      'BE_UNSUPPORTED',
      `topic ${topic}: ${policy} ${text(asked[policy])} is not in this version; leave it at ${text(done[policy])}`,
    );
  }
}

/** A log is kept by the policies that it knows, and by the parts of them that it knows. */
function checkService(topic: string, qos: WriterQos | ReaderQos): void {
  if (qos.consistency !== 'persistent' || !('durabilityService' in qos)) return;
  const { maxInstances, cleanupDelayMs } = qos.durabilityService;
  for (const [field, value, done] of [
    ['maxInstances', maxInstances, Infinity],
    ['cleanupDelayMs', cleanupDelayMs, 0],
  ] as const)
    if (value !== done)
      throw new BowechoError(
        'BE_UNSUPPORTED',
        `topic ${topic}: durabilityService.${field} ${value} is not in this version; leave it at ${text(done)}, and bound the log by historyDepth, maxSamples or lifespan`,
      );
}

function same(a: unknown, b: unknown): boolean {
  return text(a) === text(b);
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, field: unknown) => (field === Infinity ? 'infinite' : field));
}
