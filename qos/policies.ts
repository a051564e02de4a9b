/** How strongly a topic agrees: raw < atomic < persistent. Bowecho's own policy. */
export type Consistency = 'raw' | 'atomic' | 'persistent';
/**
 * When a persistent topic delivers: once a sample is on the disks of all replicas, or already when all receivers have it. Bowecho's own policy.
 */
export type Deliver = 'commit' | 'stable';
/** What a late reader gets: nothing, what the writer keeps, what memory keeps, what disks keep. */
export type Durability = 'volatile' | 'transientLocal' | 'transient' | 'persistent';
/** Whether several writers may update one instance, or the strongest alone. */
export type Ownership = 'shared' | 'exclusive';
/** Which timestamp orders samples of one instance. */
export type DestinationOrder = 'byReceptionTimestamp' | 'bySourceTimestamp';
/** How a sample is laid out on its way. */
export type Representation = 'protobuf' | 'inPlace' | 'xcdr2';

/** How many samples of an instance are kept. */
export type History = { readonly kind: 'keepLast'; readonly depth: number } | { readonly kind: 'keepAll' };

/** Bounds of a cache; Infinity is no bound. */
export interface ResourceLimits {
  readonly maxSamples: number;
  readonly maxInstances: number;
  readonly maxSamplesPerInstance: number;
}

/** Whether samples may be lost, and how long a write waits for room. */
export interface Reliability {
  readonly kind: 'bestEffort' | 'reliable';
  /** How long a write may wait for room before it fails; Infinity waits until there is room. */
  readonly maxBlockingTimeMs: number;
}

/** The longest time between two samples of an instance. */
export interface Deadline {
  readonly periodMs: number;
}

/** How late a sample may be for the sake of batching: a hint. */
export interface LatencyBudget {
  readonly durationMs: number;
}

/** How a writer proves that it is alive, and how often it must. */
export interface Liveliness {
  readonly kind: 'automatic' | 'manualByParticipant' | 'manualByTopic';
  readonly leaseDurationMs: number;
}

/** The scope within which changes are presented together, or in order. */
export interface Presentation {
  readonly accessScope: 'instance' | 'topic' | 'group';
  readonly coherentAccess: boolean;
  readonly orderedAccess: boolean;
}

/** What the durability service keeps for late readers of a transient or persistent topic. */
export interface DurabilityService extends ResourceLimits {
  readonly cleanupDelayMs: number;
  readonly historyKind: 'keepLast' | 'keepAll';
  /** Meaningful with keepLast only. */
  readonly historyDepth: number;
}

/** The least time between two samples of an instance that a reader wants to see. */
export interface TimeBasedFilter {
  readonly minimumSeparationMs: number;
}

/** How long a sample is worth delivering. */
export interface Lifespan {
  readonly durationMs: number;
}

/** Whether an instance that its writer lets go is also disposed. */
export interface WriterDataLifecycle {
  readonly autodisposeUnregisteredInstances: boolean;
}

/** When a reader forgets instances that have no writer, or are disposed. */
export interface ReaderDataLifecycle {
  readonly autopurgeNoWriterSamplesDelayMs: number;
  readonly autopurgeDisposedSamplesDelayMs: number;
}

/** Which differences between the writer's and the reader's type are allowed (DDS-XTypes 1.3, 7.6.3). */
export interface TypeConsistency {
  readonly kind: 'allowTypeCoercion' | 'disallowTypeCoercion';
  readonly ignoreSequenceBounds: boolean;
  readonly ignoreStringBounds: boolean;
  readonly ignoreMemberNames: boolean;
  readonly preventTypeWidening: boolean;
  readonly forceTypeValidation: boolean;
}

/** The memory of a topic; the first endpoint of a topic fixes it. Rings are powers of two, at least 4096. */
export interface TransportQos {
  readonly ringBytesMin: number;
  readonly ringBytesMax: number;
  /** The largest message that goes outside the ring. */
  readonly largeBytesMax: number;
  /** The most that one writer's samples, kept for late readers, take at each member that holds them. */
  readonly historyBytesMax: number;
}

/** The policies that writers and readers share. */
export interface CommonQos {
  readonly consistency: Consistency;
  /** Of a persistent topic, whose first endpoint fixes it. */
  readonly deliver: Deliver;
  readonly durability: Durability;
  readonly presentation: Presentation;
  readonly deadline: Deadline;
  readonly latencyBudget: LatencyBudget;
  readonly ownership: Ownership;
  readonly liveliness: Liveliness;
  /** Names or patterns (`*`, `?`, `[a-z]`); none is the same as the one name ''. */
  readonly partition: readonly string[];
  readonly reliability: Reliability;
  readonly destinationOrder: DestinationOrder;
  readonly history: History;
  readonly resourceLimits: ResourceLimits;
  /** A writer sends its first; a reader accepts any of its list. */
  readonly representation: readonly Representation[];
  readonly userData: string;
  readonly topicData: string;
  readonly groupData: string;
  readonly transport: TransportQos;
}

/** A writer's quality of service, fully resolved: frozen plain data, times in milliseconds. */
export interface WriterQos extends CommonQos {
  readonly durabilityService: DurabilityService;
  readonly ownershipStrength: number;
  readonly transportPriority: number;
  readonly lifespan: Lifespan;
  readonly writerDataLifecycle: WriterDataLifecycle;
}

/** A reader's quality of service, fully resolved: frozen plain data, times in milliseconds. */
export interface ReaderQos extends CommonQos {
  readonly timeBasedFilter: TimeBasedFilter;
  readonly readerDataLifecycle: ReaderDataLifecycle;
  readonly typeConsistency: TypeConsistency;
}

/** Which end of a topic. */
export type QosRole = 'writer' | 'reader';
/** The resolved quality of service of one end. */
export type QosOf<Role extends QosRole> = Role extends 'writer' ? WriterQos : ReaderQos;
/** Every policy there is, for either end. */
export type AllPolicies = WriterQos & ReaderQos;
/** The name of a policy, as it is spelt in code and in profile files. */
export type PolicyName = keyof AllPolicies;
