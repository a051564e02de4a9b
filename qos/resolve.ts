import { checkCombination } from './combination.js';
import { assemble, layersOf, mergeLayers } from './merge.js';
import type { QosOf, QosRole, ReaderQos, WriterQos } from './policies.js';
import type { ProfileSet } from './profiles.js';
import { noProfiles } from './profiles.js';
import type { QosSpec } from './spec.js';

/**
 * A writer's policies, all of them, from a profile's name or overrides; 'atomic' when nothing is given.
 *
 * @example
 * ```ts
 * resolveWriterQos({ base: 'raw', history: { kind: 'keepLast', depth: 8 } }).history; // { kind: 'keepLast', depth: 8 }
 * ```
 * @throws {@link QosError} for a name, policy, value or combination that is not right.
 */
export function resolveWriterQos(spec?: QosSpec, profiles: ProfileSet = noProfiles): WriterQos {
  return resolveQos(spec, 'writer', profiles);
}

/**
 * A reader's policies, all of them, from a profile's name or overrides; 'atomic' when nothing is given.
 *
 * @example
 * ```ts
 * resolveReaderQos('Dds::Default').reliability.kind; // 'bestEffort'
 * ```
 * @throws {@link QosError} for a name, policy, value or combination that is not right.
 */
export function resolveReaderQos(spec?: QosSpec, profiles: ProfileSet = noProfiles): ReaderQos {
  return resolveQos(spec, 'reader', profiles);
}

/** What both of the above do, for either end. */
export function resolveQos<Role extends QosRole>(
  spec: QosSpec | undefined,
  role: Role,
  profiles: ProfileSet,
): QosOf<Role> {
  const layers = layersOf(spec, role, profiles);
  const qos = assemble(mergeLayers(layers), role);
  checkCombination(qos, role, layers.at(-1)!.where);
  return qos;
}
