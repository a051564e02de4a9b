import { partitionsIntersect } from './partition.js';
import type { PolicyName, ReaderQos, WriterQos } from './policies.js';

/** A policy on which a writer and a reader do not agree. */
export interface Incompatibility {
  readonly policy: PolicyName;
  /** What the writer offers, in words. */
  readonly offered: string;
  /** What the reader requests, in words. */
  readonly requested: string;
  /** One sentence that says what to change. */
  readonly explanation: string;
}

/** What comes of a writer that meets a reader of its topic. */
export type QosMatch =
  | { readonly kind: 'match' }
  /** Their partitions have nothing in common: no match, and nothing is reported to either. */
  | { readonly kind: 'apart'; readonly explanation: string }
  | { readonly kind: 'incompatible'; readonly incompatibilities: readonly Incompatibility[] };

/**
 * Whether a writer and a reader match, and why not. Partitions are looked at first (DDS 1.4, 2.2.3.13).
 *
 * @example
 * ```ts
 * const match = matchQos(resolveWriterQos('raw'), resolveReaderQos('atomic'));
 * if (match.kind === 'incompatible') console.log(match.incompatibilities[0].explanation);
 * ```
 */
export function matchQos(offered: WriterQos, requested: ReaderQos): QosMatch {
  if (!partitionsIntersect(offered.partition, requested.partition)) {
    const [ours, theirs] = [names(offered.partition), names(requested.partition)];
    return {
      kind: 'apart',
      explanation: `The writer is in partition ${ours} and the reader in ${theirs}: give them a name in common (two patterns never match each other).`,
    };
  }
  const incompatibilities = compare(offered, requested);
  return incompatibilities.length === 0 ? { kind: 'match' } : { kind: 'incompatible', incompatibilities };
}

/**
 * The policies that keep a writer and a reader apart; none where their partitions do not meet, since then
 * there is nothing to report ({@link matchQos} tells the two apart).
 *
 * @example
 * ```ts
 * incompatibilities(resolveWriterQos('atomic'), resolveReaderQos('raw')); // []
 * ```
 */
export function incompatibilities(offered: WriterQos, requested: ReaderQos): readonly Incompatibility[] {
  return partitionsIntersect(offered.partition, requested.partition) ? compare(offered, requested) : [];
}

/** Kinds from the weakest; what is offered must be no weaker than what is requested. */
const ranks = {
  consistency: ['raw', 'atomic', 'persistent'],
  deliver: ['stable', 'commit'],
  durability: ['volatile', 'transientLocal', 'transient', 'persistent'],
  'presentation.accessScope': ['instance', 'topic', 'group'],
  'liveliness.kind': ['automatic', 'manualByParticipant', 'manualByTopic'],
  'reliability.kind': ['bestEffort', 'reliable'],
  destinationOrder: ['byReceptionTimestamp', 'bySourceTimestamp'],
} as const;

function compare(w: WriterQos, r: ReaderQos): Incompatibility[] {
  return [
    ...ranked('consistency', 'consistency', w.consistency, r.consistency),
    // Whoever asks for less than persistence does not ask when it is there.
    ...(r.consistency === 'persistent' ? ranked('deliver', 'deliver', w.deliver, r.deliver) : []),
    ...ranked('durability', 'durability', w.durability, r.durability),
    ...ranked(
      'presentation',
      'presentation.accessScope',
      w.presentation.accessScope,
      r.presentation.accessScope,
    ),
    ...granted('coherentAccess', w.presentation.coherentAccess, r.presentation.coherentAccess),
    ...granted('orderedAccess', w.presentation.orderedAccess, r.presentation.orderedAccess),
    ...bounded('deadline', 'deadline.periodMs', w.deadline.periodMs, r.deadline.periodMs),
    ...bounded(
      'latencyBudget',
      'latencyBudget.durationMs',
      w.latencyBudget.durationMs,
      r.latencyBudget.durationMs,
    ),
    ...equal(w.ownership, r.ownership),
    ...ranked('liveliness', 'liveliness.kind', w.liveliness.kind, r.liveliness.kind),
    ...bounded(
      'liveliness',
      'liveliness.leaseDurationMs',
      w.liveliness.leaseDurationMs,
      r.liveliness.leaseDurationMs,
    ),
    ...ranked('reliability', 'reliability.kind', w.reliability.kind, r.reliability.kind),
    ...ranked('destinationOrder', 'destinationOrder', w.destinationOrder, r.destinationOrder),
    ...represented(w, r),
  ];
}

function ranked(
  policy: PolicyName,
  field: keyof typeof ranks,
  offered: string,
  requested: string,
): Incompatibility[] {
  const order: readonly string[] = ranks[field];
  if (order.indexOf(offered) >= order.indexOf(requested)) return [];
  return [
    conflict(
      policy,
      offered,
      requested,
      `The writer offers ${field} '${offered}' but the reader requests '${requested}': raise the writer's to '${requested}' or lower the reader's to '${offered}'.`,
    ),
  ];
}

function bounded(
  policy: PolicyName,
  field: string,
  offeredMs: number,
  requestedMs: number,
): Incompatibility[] {
  if (offeredMs <= requestedMs) return [];
  const [offered, requested] = [time(offeredMs), time(requestedMs)];
  return [
    conflict(
      policy,
      offered,
      requested,
      `The writer offers ${field} of ${offered} but the reader requests at most ${requested}: lower the writer's to ${requested} or raise the reader's to ${offered}.`,
    ),
  ];
}

function granted(
  field: 'coherentAccess' | 'orderedAccess',
  offered: boolean,
  requested: boolean,
): Incompatibility[] {
  if (offered || !requested) return [];
  return [
    conflict(
      'presentation',
      `${field} false`,
      `${field} true`,
      `The reader requests presentation.${field}, which the writer does not offer: set it to true at the writer or to false at the reader.`,
    ),
  ];
}

function equal(offered: string, requested: string): Incompatibility[] {
  if (offered === requested) return [];
  return [
    conflict(
      'ownership',
      offered,
      requested,
      `The writer has ownership '${offered}' and the reader '${requested}': make them equal.`,
    ),
  ];
}

function represented(w: WriterQos, r: ReaderQos): Incompatibility[] {
  const offered = w.representation[0]!;
  if (r.representation.includes(offered)) return [];
  const requested = r.representation.join(', ');
  return [
    conflict(
      'representation',
      offered,
      requested,
      `The writer sends representation '${offered}' but the reader accepts only ${names(r.representation)}: add '${offered}' to the reader's list or put one of its own first in the writer's.`,
    ),
  ];
}

function conflict(
  policy: PolicyName,
  offered: string,
  requested: string,
  explanation: string,
): Incompatibility {
  return { policy, offered, requested, explanation };
}

function time(ms: number): string {
  return ms === Infinity ? 'infinity' : `${ms} ms`;
}

function names(list: readonly string[]): string {
  return list.length === 0 ? "''" : list.map((name) => `'${name}'`).join(', ');
}
