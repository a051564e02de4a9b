import type { AllPolicies, PolicyName, QosRole } from './policies.js';
import * as rule from './rules.js';
import type { Rule } from './rules.js';

/** What is known of a policy: the ends it applies to, and either one rule or a rule for each field. */
export interface PolicyEntry {
  readonly roles: readonly QosRole[];
  readonly rule: Rule | Readonly<Record<string, Rule>>;
}

/** The names of a policy's fields, over all members of a union. */
type FieldOf<T> = T extends unknown ? keyof T : never;
type RuleFor<T> = [T] extends [string | number | boolean | readonly unknown[]]
  ? Rule
  : Readonly<Record<FieldOf<T> & string, Rule>>;
type Catalogue = {
  readonly [Policy in PolicyName]: {
    readonly roles: readonly QosRole[];
    readonly rule: RuleFor<AllPolicies[Policy]>;
  };
};

const both: readonly QosRole[] = ['writer', 'reader'];
const writerOnly: readonly QosRole[] = ['writer'];
const readerOnly: readonly QosRole[] = ['reader'];
const limits = { maxSamples: rule.limit, maxInstances: rule.limit, maxSamplesPerInstance: rule.limit };
const historyKind = rule.oneOf('keepLast', 'keepAll');

/** Every policy (DDS 1.4, 2.2.3; DDS-XTypes 1.3, 7.6.3; and Bowecho's own) with what it accepts. */
const catalogue = {
  consistency: { roles: both, rule: rule.oneOf('raw', 'atomic', 'persistent') },
  deliver: { roles: both, rule: rule.oneOf('commit', 'stable') },
  durability: { roles: both, rule: rule.oneOf('volatile', 'transientLocal', 'transient', 'persistent') },
  durabilityService: {
    roles: writerOnly,
    rule: { cleanupDelayMs: rule.duration, historyKind, historyDepth: rule.count, ...limits },
  },
  presentation: {
    roles: both,
    rule: {
      accessScope: rule.oneOf('instance', 'topic', 'group'),
      coherentAccess: rule.flag,
      orderedAccess: rule.flag,
    },
  },
  deadline: { roles: both, rule: { periodMs: rule.period } },
  latencyBudget: { roles: both, rule: { durationMs: rule.duration } },
  ownership: { roles: both, rule: rule.oneOf('shared', 'exclusive') },
  ownershipStrength: { roles: writerOnly, rule: rule.int32 },
  liveliness: {
    roles: both,
    rule: {
      kind: rule.oneOf('automatic', 'manualByParticipant', 'manualByTopic'),
      leaseDurationMs: rule.period,
    },
  },
  timeBasedFilter: { roles: readerOnly, rule: { minimumSeparationMs: rule.finiteDuration } },
  partition: { roles: both, rule: rule.names },
  reliability: {
    roles: both,
    rule: { kind: rule.oneOf('bestEffort', 'reliable'), maxBlockingTimeMs: rule.duration },
  },
  transportPriority: { roles: writerOnly, rule: rule.int32 },
  lifespan: { roles: writerOnly, rule: { durationMs: rule.period } },
  destinationOrder: { roles: both, rule: rule.oneOf('byReceptionTimestamp', 'bySourceTimestamp') },
  history: { roles: both, rule: { kind: historyKind, depth: rule.count } },
  resourceLimits: { roles: both, rule: limits },
  writerDataLifecycle: { roles: writerOnly, rule: { autodisposeUnregisteredInstances: rule.flag } },
  readerDataLifecycle: {
    roles: readerOnly,
    rule: { autopurgeNoWriterSamplesDelayMs: rule.duration, autopurgeDisposedSamplesDelayMs: rule.duration },
  },
  representation: { roles: both, rule: rule.listOf('protobuf', 'inPlace', 'xcdr2') },
  typeConsistency: {
    roles: readerOnly,
    rule: {
      kind: rule.oneOf('allowTypeCoercion', 'disallowTypeCoercion'),
      ignoreSequenceBounds: rule.flag,
      ignoreStringBounds: rule.flag,
      ignoreMemberNames: rule.flag,
      preventTypeWidening: rule.flag,
      forceTypeValidation: rule.flag,
    },
  },
  userData: { roles: both, rule: rule.text },
  topicData: { roles: both, rule: rule.text },
  groupData: { roles: both, rule: rule.text },
  transport: {
    roles: both,
    rule: {
      ringBytesMin: rule.ringBytes,
      ringBytesMax: rule.ringBytes,
      largeBytesMax: rule.count,
      historyBytesMax: rule.count,
    },
  },
} satisfies Catalogue;

/** All policies by name, in the order in which they are shown. */
export const policies: ReadonlyMap<string, PolicyEntry> = new Map<string, PolicyEntry>(
  Object.entries(catalogue),
);

/** Whether the policy is one value, or a record of fields. */
export function isValueRule(entry: Rule | Readonly<Record<string, Rule>>): entry is Rule {
  return typeof entry.read === 'function';
}
