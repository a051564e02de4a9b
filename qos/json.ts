import { checkCombination } from './combination.js';
import { rootProfile } from './builtin.js';
import { readLayer } from './layer.js';
import type { OriginLayer } from './merge.js';
import { assemble, layersOf, mergeLayers } from './merge.js';
import type { QosOf, QosRole, ReaderQos, WriterQos } from './policies.js';
import { noProfiles } from './profiles.js';

/** A quality of service as JSON holds it: Infinity is 'infinite'. */
export type EncodedQos<T = WriterQos | ReaderQos> = T extends number
  ? number | 'infinite'
  : T extends string | boolean | readonly unknown[]
    ? T
    : { readonly [Key in keyof T]: EncodedQos<T[Key]> };

/**
 * Plain data that goes through JSON unchanged.
 *
 * @example
 * ```ts
 * const text = JSON.stringify(encodeQos(resolveWriterQos('atomic')));
 * decodeQos(JSON.parse(text), 'writer'); // the same as resolveWriterQos('atomic')
 * ```
 */
export function encodeQos<Qos extends WriterQos | ReaderQos>(qos: Qos): EncodedQos<Qos> {
  return encodeValue(qos) as EncodedQos<Qos>;
}

/**
 * A quality of service from another process, checked as if a person had written it. As in the parameter lists of RTPS, what is
 * missing has DDS's default and what is not known is left out, so that peers of different releases understand
 * each other.
 *
 * @throws {@link QosError} BE_QOS_VALUE for a wrong shape or value, BE_QOS_INCONSISTENT for a wrong combination.
 */
export function decodeQos<Role extends QosRole>(data: unknown, role: Role): QosOf<Role> {
  const where = `the ${role} quality of service of a peer`;
  const says = readLayer(data, role, { where, foreign: 'skip', unknown: 'skip' });
  const received: OriginLayer = { origin: { kind: 'override' }, where, says };
  const qos = assemble(mergeLayers([...layersOf(rootProfile, role, noProfiles), received]), role);
  checkCombination(qos, role, where);
  return qos;
}

function encodeValue(value: unknown): unknown {
  if (value === Infinity) return 'infinite';
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return [...value];
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, encodeValue(field)]));
}
