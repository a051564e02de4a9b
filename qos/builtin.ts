import type { QosOverrides } from './spec.js';

/** The profile at the root: what DDS 1.4 (2.2.3) says when nobody says anything. */
export const rootProfile = 'Dds::Default';
/** The profile of endpoints and profiles that name no base. */
export const defaultProfile = 'atomic';

const unlimited = { maxSamples: Infinity, maxInstances: Infinity, maxSamplesPerInstance: Infinity } as const;
const samplesMax = 65_536;

/** Every field of every policy: the root leaves nothing open. */
const ddsDefault: QosOverrides = {
  consistency: 'raw',
  deliver: 'commit',
  durability: 'volatile',
  durabilityService: { cleanupDelayMs: 0, historyKind: 'keepLast', historyDepth: 1, ...unlimited },
  presentation: { accessScope: 'instance', coherentAccess: false, orderedAccess: false },
  deadline: { periodMs: Infinity },
  latencyBudget: { durationMs: 0 },
  ownership: 'shared',
  ownershipStrength: 0,
  liveliness: { kind: 'automatic', leaseDurationMs: Infinity },
  timeBasedFilter: { minimumSeparationMs: 0 },
  partition: [],
  reliability: { maxBlockingTimeMs: 100 },
  writer: { reliability: { kind: 'reliable' } },
  reader: { reliability: { kind: 'bestEffort' } },
  transportPriority: 0,
  lifespan: { durationMs: Infinity },
  destinationOrder: 'byReceptionTimestamp',
  history: { kind: 'keepLast', depth: 1 },
  resourceLimits: unlimited,
  writerDataLifecycle: { autodisposeUnregisteredInstances: true },
  readerDataLifecycle: {
    autopurgeNoWriterSamplesDelayMs: Infinity,
    autopurgeDisposedSamplesDelayMs: Infinity,
  },
  representation: ['protobuf', 'inPlace'],
  typeConsistency: {
    kind: 'allowTypeCoercion',
    ignoreSequenceBounds: true,
    ignoreStringBounds: true,
    ignoreMemberNames: false,
    preventTypeWidening: false,
    forceTypeValidation: false,
  },
  userData: '',
  topicData: '',
  groupData: '',
  transport: {
    ringBytesMin: 65_536,
    ringBytesMax: 4_194_304,
    largeBytesMax: 268_435_456,
    historyBytesMax: 67_108_864,
  },
};

/** The profiles that are always there. Only the root has no base. */
export const builtinProfiles: Readonly<Record<string, QosOverrides>> = {
  [rootProfile]: ddsDefault,
  raw: {
    base: rootProfile,
    // A write waits for room without blocking the thread, so it need not give up: cancel it by its signal.
    reliability: { kind: 'reliable', maxBlockingTimeMs: Infinity },
    history: { kind: 'keepAll' },
    resourceLimits: { maxSamples: samplesMax },
  },
  atomic: { base: 'raw', consistency: 'atomic' },
  persistent: { base: 'atomic', consistency: 'persistent', durabilityService: { historyKind: 'keepAll' } },
};
