import type { AllPolicies, ReaderQos, WriterQos } from './policies.js';

/** What may be given for a field: as resolved, but partial, and 'infinite' where a file cannot say Infinity. */
type Given<T> = T extends number
  ? number | 'infinite'
  : T extends readonly unknown[]
    ? T
    : T extends object
      ? { readonly [Field in keyof T]?: Given<T[Field]> }
      : T;

/** Some policies, some of their fields. */
export type PartialPolicies<Qos> = { readonly [Policy in keyof Qos]?: Given<Qos[Policy]> };

/**
 * Policies over a base, field by field. What is written at the top holds for both ends (and must apply to the
 * end it is given to, unless it is in a named profile); `writer` and `reader` hold for one.
 *
 * @example
 * ```ts
 * const qos: QosOverrides = {
 *   base: 'atomic',
 *   deadline: { periodMs: 100 },
 *   reader: { history: { kind: 'keepLast', depth: 1 } },
 * };
 * ```
 */
export interface QosOverrides extends PartialPolicies<AllPolicies> {
  /** A profile's name; 'atomic' when there is none. */
  readonly base?: string;
  readonly writer?: PartialPolicies<WriterQos>;
  readonly reader?: PartialPolicies<ReaderQos>;
}

/** A profile's name ('raw', 'atomic', 'persistent', 'Dds::Default', `Library::Profile`), or policies over one. */
export type QosSpec = string | QosOverrides;
