import type { QosOrigin, Setting } from './merge.js';
import { layersOf, mergeLayers } from './merge.js';
import type { QosOf, QosRole } from './policies.js';
import type { ProfileSet } from './profiles.js';
import { noProfiles } from './profiles.js';
import { resolveQos } from './resolve.js';
import { show } from './show.js';
import type { QosSpec } from './spec.js';

/** Where the value of one field comes from. */
export interface FieldProvenance extends Setting {
  readonly policy: string;
  /** The field's name; undefined where the policy is one value. */
  readonly field: string | undefined;
  /** What it would have been without this origin, the strongest first. */
  readonly hidden: readonly Setting[];
}

/** A resolved quality of service with its history. */
export interface QosExplanation<Role extends QosRole = QosRole> {
  readonly role: Role;
  readonly qos: QosOf<Role>;
  /** Who had a say, the weakest first: profiles from the root, then the overrides. */
  readonly origins: readonly QosOrigin[];
  readonly fields: readonly FieldProvenance[];
  /** All of it as a table to print, one field a line. */
  readonly text: string;
}

/**
 * Which profile or override each value of a quality of service comes from.
 *
 * @example
 * ```ts
 * const { fields, text } = explainQos({ base: 'raw', deadline: { periodMs: 20 } }, 'reader');
 * fields.find(({ policy }) => policy === 'deadline')?.origin.kind; // 'override'
 * console.log(text); // … deadline.periodMs   20   override (over Infinity of Dds::Default) …
 * ```
 * @throws {@link QosError} as resolving it does.
 */
export function explainQos<Role extends QosRole>(
  spec: QosSpec | undefined,
  role: Role,
  profiles: ProfileSet = noProfiles,
): QosExplanation<Role> {
  const qos = resolveQos(spec, role, profiles);
  const layers = layersOf(spec, role, profiles);
  const settings = mergeLayers(layers);
  const fields: FieldProvenance[] = [];
  for (const [policy, value] of Object.entries(qos)) {
    const isRecord = typeof value === 'object' && !Array.isArray(value);
    const names = isRecord ? Object.keys(value as object) : [undefined];
    for (const field of names) {
      const path = field === undefined ? policy : `${policy}.${field}`;
      const [strongest, ...hidden] = settings.get(path)!.toReversed();
      fields.push({ policy, field, ...strongest!, hidden });
    }
  }
  const origins = layers.map(({ origin }) => origin);
  return { role, qos, origins, fields, text: print(role, origins, fields) };
}

function print(role: QosRole, origins: readonly QosOrigin[], fields: readonly FieldProvenance[]): string {
  const rows = fields.map(({ policy, field, value, origin, hidden }) => {
    const over =
      hidden[0] === undefined ? '' : ` (over ${show(hidden[0].value)} of ${name(hidden[0].origin)})`;
    return [field === undefined ? policy : `${policy}.${field}`, show(value), name(origin) + over] as const;
  });
  const width = (column: 0 | 1) => Math.max(...rows.map((row) => row[column].length));
  const [first, second] = [width(0), width(1)];
  const lines = rows.map(([path, value, from]) => `${path.padEnd(first)}  ${value.padEnd(second)}  ${from}`);
  return [`${role}: ${origins.map(name).join(' → ')}`, ...lines].join('\n');
}

function name(origin: QosOrigin): string {
  return origin.kind === 'profile' ? origin.profile : 'override';
}
