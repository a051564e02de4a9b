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

const defaults: Record<string, unknown> = { ...resolveReaderQos('atomic'), ...resolveWriterQos('atomic') };

/**
 * Refuses what this version would accept and not do.
 * @throws BowechoError BE_UNSUPPORTED that names the policy and both values
 */
export function checkEffective(topic: string, qos: WriterQos | ReaderQos): void {
  if (qos.consistency === 'persistent') {
    throw new BowechoError(
      'BE_UNSUPPORTED',
      `topic ${topic}: persistent topics are not in this version; use atomic`,
    );
  }
  if (qos.durability === 'transient' || qos.durability === 'persistent') {
    throw new BowechoError(
      'BE_UNSUPPORTED',
      `topic ${topic}: durability ${qos.durability} is not in this version; use 'transientLocal', which keeps history as long as its writer lives`,
    );
  }
  const asked: Record<string, unknown> = { ...qos };
  for (const policy of withoutEffect) {
    if (asked[policy] === undefined || same(asked[policy], defaults[policy])) continue;
    throw new BowechoError(
      'BE_UNSUPPORTED',
      `topic ${topic}: ${policy} ${text(asked[policy])} is not in this version; leave it at ${text(defaults[policy])}`,
    );
  }
}

function same(a: unknown, b: unknown): boolean {
  return text(a) === text(b);
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, field: unknown) => (field === Infinity ? 'infinite' : field));
}
