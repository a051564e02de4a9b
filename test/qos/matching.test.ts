import assert from 'node:assert/strict';
import type { PolicyName, QosOverrides } from '../../qos/index.js';
import {
  incompatibilities,
  matchQos,
  partitionsIntersect,
  resolveReaderQos,
  resolveWriterQos,
} from '../../qos/index.js';

interface Row {
  readonly policy: PolicyName;
  readonly compatible: readonly [QosOverrides, QosOverrides];
  readonly incompatible: readonly [QosOverrides, QosOverrides];
  readonly offered: string;
  readonly requested: string;
  readonly explanation: RegExp;
}

const rows: readonly Row[] = [
  {
    policy: 'consistency',
    compatible: [{ consistency: 'persistent' }, { consistency: 'atomic' }],
    incompatible: [{ consistency: 'raw' }, { consistency: 'atomic' }],
    offered: 'raw',
    requested: 'atomic',
    explanation: /raise the writer's to 'atomic' or lower the reader's to 'raw'/,
  },
  {
    policy: 'deliver',
    compatible: [
      { consistency: 'persistent', deliver: 'stable' },
      { consistency: 'atomic', deliver: 'commit' },
    ],
    incompatible: [
      { consistency: 'persistent', deliver: 'stable' },
      { consistency: 'persistent', deliver: 'commit' },
    ],
    offered: 'stable',
    requested: 'commit',
    explanation: /raise the writer's to 'commit' or lower the reader's to 'stable'/,
  },
  {
    policy: 'durability',
    compatible: [{ durability: 'transient' }, { durability: 'transientLocal' }],
    incompatible: [{ durability: 'volatile' }, { durability: 'transientLocal' }],
    offered: 'volatile',
    requested: 'transientLocal',
    explanation: /durability 'volatile' but the reader requests 'transientLocal'/,
  },
  {
    policy: 'presentation',
    compatible: [{ presentation: { accessScope: 'group' } }, { presentation: { accessScope: 'topic' } }],
    incompatible: [{}, { presentation: { accessScope: 'topic' } }],
    offered: 'instance',
    requested: 'topic',
    explanation: /presentation\.accessScope/,
  },
  {
    policy: 'presentation',
    compatible: [{ presentation: { coherentAccess: true } }, {}],
    incompatible: [{}, { presentation: { coherentAccess: true } }],
    offered: 'coherentAccess false',
    requested: 'coherentAccess true',
    explanation: /set it to true at the writer or to false at the reader/,
  },
  {
    policy: 'presentation',
    compatible: [{ presentation: { orderedAccess: true } }, { presentation: { orderedAccess: true } }],
    incompatible: [{}, { presentation: { orderedAccess: true } }],
    offered: 'orderedAccess false',
    requested: 'orderedAccess true',
    explanation: /presentation\.orderedAccess/,
  },
  {
    policy: 'deadline',
    compatible: [{ deadline: { periodMs: 10 } }, { deadline: { periodMs: 20 } }],
    incompatible: [{}, { deadline: { periodMs: 20 } }],
    offered: 'infinity',
    requested: '20 ms',
    explanation: /lower the writer's to 20 ms or raise the reader's to infinity/,
  },
  {
    policy: 'latencyBudget',
    compatible: [{}, { latencyBudget: { durationMs: 5 } }],
    incompatible: [{ latencyBudget: { durationMs: 5 } }, { latencyBudget: { durationMs: 4.5 } }],
    offered: '5 ms',
    requested: '4.5 ms',
    explanation: /latencyBudget\.durationMs of 5 ms/,
  },
  {
    policy: 'ownership',
    compatible: [{ ownership: 'exclusive' }, { ownership: 'exclusive' }],
    incompatible: [{ ownership: 'exclusive' }, { ownership: 'shared' }],
    offered: 'exclusive',
    requested: 'shared',
    explanation: /make them equal/,
  },
  {
    policy: 'liveliness',
    compatible: [{ liveliness: { kind: 'manualByTopic' } }, { liveliness: { kind: 'automatic' } }],
    incompatible: [
      { liveliness: { kind: 'manualByParticipant' } },
      { liveliness: { kind: 'manualByTopic' } },
    ],
    offered: 'manualByParticipant',
    requested: 'manualByTopic',
    explanation: /liveliness\.kind/,
  },
  {
    policy: 'liveliness',
    compatible: [{ liveliness: { leaseDurationMs: 100 } }, { liveliness: { leaseDurationMs: 100 } }],
    incompatible: [{ liveliness: { leaseDurationMs: 101 } }, { liveliness: { leaseDurationMs: 100 } }],
    offered: '101 ms',
    requested: '100 ms',
    explanation: /liveliness\.leaseDurationMs/,
  },
  {
    policy: 'reliability',
    compatible: [{ reliability: { kind: 'reliable' } }, { reliability: { kind: 'bestEffort' } }],
    incompatible: [{ reliability: { kind: 'bestEffort' } }, { reliability: { kind: 'reliable' } }],
    offered: 'bestEffort',
    requested: 'reliable',
    explanation: /reliability\.kind/,
  },
  {
    policy: 'destinationOrder',
    compatible: [{ destinationOrder: 'bySourceTimestamp' }, { destinationOrder: 'byReceptionTimestamp' }],
    incompatible: [{ destinationOrder: 'byReceptionTimestamp' }, { destinationOrder: 'bySourceTimestamp' }],
    offered: 'byReceptionTimestamp',
    requested: 'bySourceTimestamp',
    explanation: /destinationOrder/,
  },
  {
    policy: 'representation',
    compatible: [{ representation: ['inPlace', 'protobuf'] }, { representation: ['inPlace'] }],
    incompatible: [{ representation: ['protobuf', 'inPlace'] }, { representation: ['inPlace'] }],
    offered: 'protobuf',
    requested: 'inPlace',
    explanation: /add 'protobuf' to the reader's list/,
  },
];

const writer = (spec: QosOverrides) => resolveWriterQos({ base: 'Dds::Default', ...spec });
const reader = (spec: QosOverrides) => resolveReaderQos({ base: 'Dds::Default', ...spec });

describe('matching of offered and requested policies', () => {
  for (const { policy, compatible, incompatible, offered, requested, explanation } of rows) {
    const [strong, asked] = compatible;
    const [weak, wanted] = incompatible;
    it(`${policy}: ${JSON.stringify(strong)} serves ${JSON.stringify(asked)}`, () => {
      assert.deepEqual(matchQos(writer(strong), reader(asked)), { kind: 'match' });
    });
    it(`${policy}: ${JSON.stringify(weak)} does not serve ${JSON.stringify(wanted)}, and says why`, () => {
      const found = incompatibilities(writer(weak), reader(wanted));
      assert.equal(found.length, 1);
      const [first] = found;
      assert.deepEqual(
        { policy: first!.policy, offered: first!.offered, requested: first!.requested },
        { policy, offered, requested },
      );
      assert.match(first!.explanation, explanation);
      assert.match(first!.explanation, /^The (writer|reader) [^\n]+\.$/);
    });
  }

  const unmatched: readonly (readonly [PolicyName, QosOverrides, QosOverrides])[] = [
    ['durabilityService', { durabilityService: { cleanupDelayMs: 9 } }, {}],
    ['ownershipStrength', { ownershipStrength: 9 }, {}],
    ['transportPriority', { transportPriority: 9 }, {}],
    ['lifespan', { lifespan: { durationMs: 9 } }, {}],
    ['writerDataLifecycle', { writerDataLifecycle: { autodisposeUnregisteredInstances: false } }, {}],
    ['timeBasedFilter', {}, { timeBasedFilter: { minimumSeparationMs: 9 } }],
    ['readerDataLifecycle', {}, { readerDataLifecycle: { autopurgeNoWriterSamplesDelayMs: 9 } }],
    ['typeConsistency', {}, { typeConsistency: { kind: 'disallowTypeCoercion' } }],
    ['history', { history: { depth: 1 } }, { history: { kind: 'keepAll' } }],
    ['resourceLimits', { resourceLimits: { maxSamples: 1 } }, {}],
    ['userData', { userData: 'w' }, { userData: 'r' }],
    ['topicData', { topicData: 'w' }, {}],
    ['groupData', {}, { groupData: 'r' }],
    ['transport', { transport: { ringBytesMin: 4096 } }, {}],
  ];
  for (const [policy, offered, requested] of unmatched) {
    it(`${policy} keeps nobody apart`, () => {
      assert.deepEqual(incompatibilities(writer(offered), reader(requested)), []);
    });
  }

  it('reports every policy that differs, not the first alone', () => {
    const found = incompatibilities(writer({}), reader({ consistency: 'atomic', durability: 'persistent' }));
    assert.deepEqual(
      found.map(({ policy }) => policy),
      ['consistency', 'durability'],
    );
  });

  it('partitions that do not meet are no match, and nothing is reported whatever else differs', () => {
    const offered = writer({ partition: ['north'] });
    const requested = reader({ partition: ['south'], consistency: 'atomic' });
    assert.deepEqual(incompatibilities(offered, requested), []);
    const match = matchQos(offered, requested);
    assert.equal(match.kind, 'apart');
    assert.match(match.explanation, /partition 'north' and the reader in 'south'/);
  });
});

describe('partitions', () => {
  const cases: readonly (readonly [readonly string[], readonly string[], boolean])[] = [
    [[], [], true],
    [[], [''], true],
    [[], ['*'], true],
    [[], ['a'], false],
    [['a', 'b'], ['b', 'c'], true],
    [['a'], ['A'], false],
    [['tower/*'], ['tower/north'], true],
    [['tower/north'], ['*/n?rth'], true],
    [['a*b*c'], ['aXbYbZc'], true],
    [['a*b*c'], ['aXbYbZ'], false],
    [['?'], [''], false],
    [['r[0-9]'], ['r7'], true],
    [['r[0-9]'], ['rx'], false],
    [['r[!0-9]'], ['rx'], true],
    [['r[!0-9]'], ['r7'], false],
    [['r[]x]'], ['r]'], true],
    [['r[a-]'], ['r-'], true],
    [['[ab'], ['[ab'], false],
    [['a*'], ['a*'], false],
  ];
  for (const [ours, theirs, meet] of cases) {
    it(`${JSON.stringify(ours)} and ${JSON.stringify(theirs)} ${meet ? 'meet' : 'do not meet'}`, () => {
      assert.equal(partitionsIntersect(ours, theirs), meet);
      assert.equal(partitionsIntersect(theirs, ours), meet);
    });
  }

  it('a pattern made to be slow is not', () => {
    const pattern = `${'*a'.repeat(2000)}*b`;
    assert.equal(partitionsIntersect([pattern], ['a'.repeat(4000)]), false);
  }).timeout(2000);
});
