import { isValueRule, policies } from './catalogue.js';
import { QosError } from './error.js';
import type { FieldPath, Layer } from './layer.js';
import type { QosOf, QosRole } from './policies.js';
import type { ProfileSet } from './profiles.js';
import { readBase, readSaid } from './profiles.js';
import { defaultProfile } from './builtin.js';
import type { FieldValue } from './rules.js';
import { show } from './show.js';
import type { QosSpec } from './spec.js';

/** Who set a field. */
export type QosOrigin =
  { readonly kind: 'profile'; readonly profile: string } | { readonly kind: 'override' };

/** A value that was set, and by whom. */
export interface Setting {
  readonly value: FieldValue;
  readonly origin: QosOrigin;
}

/** A layer with its origin, for merging. */
export interface OriginLayer {
  readonly origin: QosOrigin;
  readonly where: string;
  readonly says: Layer;
}

/** The layers of a spec for one end, the weakest first. */
export function layersOf(spec: QosSpec | undefined, role: QosRole, profiles: ProfileSet): OriginLayer[] {
  const where = `the quality of service of a ${role}`;
  const named = spec === undefined ? defaultProfile : spec;
  if (typeof named === 'string') return profileLayers(named, role, profiles, where);
  const says = readSaid(named, role, { where, foreign: 'refuse', unknown: 'refuse' });
  const inherited = profileLayers(readBase(named, where), role, profiles, where);
  return [...inherited, { origin: { kind: 'override' }, where, says }];
}

/**
 * All settings of each field, the strongest last.
 *
 * @throws {@link QosError} BE_QOS_INCONSISTENT where a layer sets a depth over keepAll.
 */
export function mergeLayers(layers: readonly OriginLayer[]): Map<FieldPath, Setting[]> {
  const settings = new Map<FieldPath, Setting[]>();
  for (const { origin, where, says } of layers) {
    for (const [path, value] of says) {
      const setting = { value, origin };
      const before = settings.get(path);
      if (before === undefined) settings.set(path, [setting]);
      else before.push(setting);
    }
    if (says.has('history.depth') && strongest(settings, 'history.kind') === 'keepAll') {
      throw new QosError('BE_QOS_INCONSISTENT', {
        what: `history.depth is ${show(says.get('history.depth'))}, but history.kind is 'keepAll'`,
        where,
        remedy: "Add kind: 'keepLast' to keep that many, or leave the depth out.",
      });
    }
  }
  return settings;
}

/** Plain frozen data from the strongest settings. */
export function assemble<Role extends QosRole>(
  settings: ReadonlyMap<FieldPath, readonly Setting[]>,
  role: Role,
): QosOf<Role> {
  const qos: Record<string, unknown> = {};
  for (const [policy, entry] of policies) {
    if (!entry.roles.includes(role)) continue;
    if (isValueRule(entry.rule)) {
      qos[policy] = strongest(settings, policy);
      continue;
    }
    const fields: Record<string, FieldValue> = {};
    for (const field of Object.keys(entry.rule)) fields[field] = strongest(settings, `${policy}.${field}`);
    if (policy === 'history' && fields['kind'] === 'keepAll') delete fields['depth'];
    qos[policy] = Object.freeze(fields);
  }
  return Object.freeze(qos) as unknown as QosOf<Role>; // the catalogue is checked against the type
}

function profileLayers(name: string, role: QosRole, profiles: ProfileSet, where: string): OriginLayer[] {
  return profiles.lineage(name, where).map((profile) => ({
    origin: { kind: 'profile', profile: profile.name },
    where: `profile ${profile.name}`,
    says: profile.says[role],
  }));
}

function strongest(settings: ReadonlyMap<FieldPath, readonly Setting[]>, path: FieldPath): FieldValue {
  const last = settings.get(path)?.at(-1);
  if (last === undefined) throw new Error(`The root profile leaves ${path} open`);
  return last.value;
}
