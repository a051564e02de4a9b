import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { QosOverrides, QosRole } from '../../qos/index.js';
import {
  decodeQos,
  encodeQos,
  incompatibilities,
  matchQos,
  QosError,
  resolveReaderQos,
  resolveWriterQos,
} from '../../qos/index.js';

const ms = fc.oneof(fc.constant(Infinity), fc.constant(0), fc.double({ min: 0, max: 1e9, noNaN: true }));
const someMs = fc.oneof(fc.constant(Infinity), fc.double({ min: 1, max: 1e9, noNaN: true }));
const limit = fc.oneof(fc.constant(Infinity), fc.integer({ min: 64, max: 1e9 }));
const some = <T extends object>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(model, { requiredKeys: [] });
const ring = fc.integer({ min: 12, max: 30 }).map((bits) => 2 ** bits);

/** Policies of both ends that go together, and are the same for both. */
const overrides: fc.Arbitrary<QosOverrides> = some({
  base: fc.constantFrom('raw', 'atomic', 'persistent', 'Dds::Default'),
  durability: fc.constantFrom('volatile', 'transientLocal', 'transient'),
  presentation: some({
    accessScope: fc.constantFrom('instance', 'topic', 'group'),
    coherentAccess: fc.boolean(),
    orderedAccess: fc.boolean(),
  }),
  deadline: some({ periodMs: someMs }),
  latencyBudget: some({ durationMs: ms }),
  ownership: fc.constantFrom('shared', 'exclusive'),
  liveliness: some({
    kind: fc.constantFrom('automatic', 'manualByParticipant', 'manualByTopic'),
    leaseDurationMs: someMs,
  }),
  // Two patterns never match, so that one name is always added.
  partition: fc.array(fc.string(), { maxLength: 3 }).map((names) => [...names, 'shared']),
  reliability: some({ kind: fc.constant('reliable'), maxBlockingTimeMs: ms }),
  destinationOrder: fc.constantFrom('byReceptionTimestamp', 'bySourceTimestamp'),
  history: fc.oneof(
    fc.constant({ kind: 'keepAll' } as const),
    fc.record({ kind: fc.constant('keepLast' as const), depth: fc.integer({ min: 1, max: 64 }) }),
  ),
  resourceLimits: some({ maxInstances: limit }),
  representation: fc.shuffledSubarray(['protobuf', 'inPlace', 'xcdr2'] as const, { minLength: 1 }),
  userData: fc.string(),
  groupData: fc.string({ unit: 'binary' }),
  transport: fc
    .tuple(ring, ring)
    .map(([a, b]) => ({ ringBytesMin: Math.min(a, b), ringBytesMax: Math.max(a, b) })),
  writer: some({
    durabilityService: some({ cleanupDelayMs: ms, maxSamples: limit }),
    ownershipStrength: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    lifespan: some({ durationMs: someMs }),
  }),
  reader: some({
    readerDataLifecycle: some({ autopurgeNoWriterSamplesDelayMs: ms }),
    timeBasedFilter: some({ minimumSeparationMs: fc.double({ min: 0, max: 1, noNaN: true }) }),
  }),
}) as fc.Arbitrary<QosOverrides>;

describe('a quality of service through JSON', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(overrides, (spec) => {
        const [writer, reader] = [resolveWriterQos(spec), resolveReaderQos(spec)];
        assert.deepEqual(decodeQos(JSON.parse(JSON.stringify(encodeQos(writer))), 'writer'), writer);
        assert.deepEqual(decodeQos(JSON.parse(JSON.stringify(encodeQos(reader))), 'reader'), reader);
      }),
    );
  });

  it('has nothing that JSON would lose', () => {
    fc.assert(
      fc.property(overrides, (spec) => {
        const encoded = encodeQos(resolveWriterQos(spec));
        assert.deepEqual(JSON.parse(JSON.stringify(encoded)), encoded);
      }),
    );
  });

  it("writes Infinity as 'infinite', and no text as Infinity", () => {
    const encoded = encodeQos(resolveReaderQos({ partition: ['infinite'], userData: 'infinite' }));
    assert.equal(encoded.deadline.periodMs, 'infinite');
    const decoded = decodeQos(encoded, 'reader');
    assert.equal(decoded.deadline.periodMs, Infinity);
    assert.deepEqual(decoded.partition, ['infinite']);
    assert.equal(decoded.userData, 'infinite');
  });

  it('equal policies of a writer and a reader match', () => {
    fc.assert(
      fc.property(overrides, (spec) => {
        assert.deepEqual(incompatibilities(resolveWriterQos(spec), resolveReaderQos(spec)), []);
        assert.deepEqual(matchQos(resolveWriterQos(spec), resolveReaderQos(spec)), { kind: 'match' });
      }),
    );
  });
});

describe('what another process sends', () => {
  const good = encodeQos(resolveReaderQos('atomic'));

  it('of an older release lacks policies, which have the defaults of DDS', () => {
    assert.deepEqual(decodeQos({}, 'writer'), resolveWriterQos('Dds::Default'));
  });

  it('of a newer release has policies and fields that are not known, which are left out', () => {
    const newer = { ...good, colour: 'red', deadline: { ...good.deadline, colour: 'red' } };
    assert.deepEqual(decodeQos(newer, 'reader'), resolveReaderQos('atomic'));
  });

  const wrong: readonly (readonly [string, unknown, string])[] = [
    ['nothing', null, 'BE_QOS_VALUE'],
    ['a text', 'atomic', 'BE_QOS_VALUE'],
    ['a list', [good], 'BE_QOS_VALUE'],
    ['a policy that is null', { ...good, deadline: null }, 'BE_QOS_VALUE'],
    ['a number lost to JSON', { ...good, deadline: { periodMs: null } }, 'BE_QOS_VALUE'],
    ['a list with holes', { ...good, partition: [null] }, 'BE_QOS_VALUE'],
    ['a list without end', { ...good, partition: Array(1e5).fill('a') }, 'BE_QOS_VALUE'],
    ['an unknown kind', { ...good, consistency: 'maybe' }, 'BE_QOS_VALUE'],
    ['a bad policy of the other end', { ...good, lifespan: { durationMs: -1 } }, 'BE_QOS_VALUE'],
    ['a depth beside keepAll', { ...good, history: { kind: 'keepAll', depth: 1 } }, 'BE_QOS_INCONSISTENT'],
    ['a filter above the deadline', filterAboveDeadline(), 'BE_QOS_INCONSISTENT'],
  ];
  for (const [name, data, code] of wrong) {
    it(`is refused when it is ${name}`, () => {
      assert.throws(
        () => decodeQos(data, 'reader'),
        (error) => error instanceof QosError && error.code === code && error.where.includes('peer'),
      );
    });
  }

  it('is refused by a QosError or accepted, whatever it is', () => {
    const anything = fc.oneof(
      fc.jsonValue(),
      fc
        .tuple(fc.constantFrom(...Object.keys(good)), fc.jsonValue())
        .map(([policy, value]) => ({ ...good, [policy]: value })),
    );
    fc.assert(
      fc.property(anything, fc.constantFrom<QosRole>('writer', 'reader'), (data, role) => {
        try {
          const qos = decodeQos(data, role);
          assert.deepEqual(decodeQos(encodeQos(qos), role), qos);
        } catch (error) {
          assert.ok(error instanceof QosError, String(error));
        }
      }),
    );
  });

  function filterAboveDeadline(): unknown {
    return { timeBasedFilter: { minimumSeparationMs: 2 }, deadline: { periodMs: 1 } };
  }
});
