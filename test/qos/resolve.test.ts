import assert from 'node:assert/strict';
import type { QosErrorCode, QosOverrides, QosSpec } from '../../qos/index.js';
import { defineProfiles, QosError, resolveReaderQos, resolveWriterQos } from '../../qos/index.js';

/** Asserts a refusal by its code, and that it says what, where and what to do. */
function refused(act: () => unknown, code: QosErrorCode, message: RegExp): void {
  assert.throws(act, (error) => {
    assert.ok(error instanceof QosError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert.ok(error.what && error.where && error.remedy);
    return true;
  });
}

describe('the built-in profiles', () => {
  it("'atomic' is what nothing means", () => {
    assert.deepEqual(resolveWriterQos(), resolveWriterQos('atomic'));
    assert.deepEqual(resolveReaderQos({}), resolveReaderQos('atomic'));
  });

  for (const name of ['raw', 'atomic', 'persistent'] as const) {
    it(`'${name}' is reliable and keeps all within bounds, at both ends`, () => {
      for (const qos of [resolveWriterQos(name), resolveReaderQos(name)]) {
        assert.equal(qos.consistency, name);
        assert.equal(qos.reliability.kind, 'reliable');
        assert.deepEqual(qos.history, { kind: 'keepAll' });
        assert.equal(qos.resourceLimits.maxSamples, 65_536);
        assert.equal(qos.durability, 'volatile');
        assert.equal(qos.deliver, 'commit');
        assert.deepEqual(qos.transport, {
          ringBytesMin: 65_536,
          ringBytesMax: 4_194_304,
          largeBytesMax: 268_435_456,
          historyBytesMax: 67_108_864,
        });
      }
    });
  }

  it("'Dds::Default' is what DDS says", () => {
    const [writer, reader] = [resolveWriterQos('Dds::Default'), resolveReaderQos('Dds::Default')];
    assert.deepEqual(writer.reliability, { kind: 'reliable', maxBlockingTimeMs: 100 });
    assert.deepEqual(reader.reliability, { kind: 'bestEffort', maxBlockingTimeMs: 100 });
    assert.deepEqual(reader.history, { kind: 'keepLast', depth: 1 });
    assert.equal(reader.resourceLimits.maxSamples, Infinity);
    assert.equal(writer.consistency, 'raw');
    assert.equal(writer.writerDataLifecycle.autodisposeUnregisteredInstances, true);
  });

  it('a resolved quality of service cannot be changed', () => {
    const qos = resolveWriterQos();
    assert.ok(Object.isFrozen(qos));
    for (const value of Object.values(qos)) assert.ok(Object.isFrozen(value));
  });
});

describe('overrides', () => {
  it('change fields and leave the rest of the policy as the base has it', () => {
    const qos = resolveWriterQos({ base: 'raw', resourceLimits: { maxInstances: 7 } });
    assert.deepEqual(qos.resourceLimits, {
      maxSamples: 65_536,
      maxInstances: 7,
      maxSamplesPerInstance: Infinity,
    });
  });

  it('keepLast over keepAll has the depth that was last given', () => {
    assert.deepEqual(resolveReaderQos({ history: { kind: 'keepLast' } }).history, {
      kind: 'keepLast',
      depth: 1,
    });
    assert.deepEqual(resolveReaderQos({ base: 'Dds::Default', history: { depth: 4 } }).history, {
      kind: 'keepLast',
      depth: 4,
    });
  });

  it('have sections for one end', () => {
    const spec: QosSpec = {
      deadline: { periodMs: 20 },
      writer: { deadline: { periodMs: 10 }, lifespan: { durationMs: 5 } },
    };
    assert.equal(resolveWriterQos(spec).deadline.periodMs, 10);
    assert.equal(resolveWriterQos(spec).lifespan.durationMs, 5);
    assert.equal(resolveReaderQos(spec).deadline.periodMs, 20);
  });

  it("take 'infinite' for Infinity, and nothing for what is undefined", () => {
    const qos = resolveReaderQos({ deadline: { periodMs: 'infinite' }, durability: undefined });
    assert.equal(qos.deadline.periodMs, Infinity);
    assert.equal(qos.durability, 'volatile');
  });
});

describe('profiles', () => {
  const profiles = defineProfiles({
    libraries: {
      Plant: {
        Base: { base: 'raw', deadline: { periodMs: 100 }, liveliness: { leaseDurationMs: 500 } },
        Fast: { base: 'Plant::Base', deadline: { periodMs: 20 }, lifespan: { durationMs: 60 } },
        Alone: { reader: { timeBasedFilter: { minimumSeparationMs: 3 } } },
      },
      Tower: { Radar: { base: 'Plant::Fast', liveliness: { kind: 'manualByTopic' } } },
    },
  });

  it('inherit field by field, across libraries', () => {
    const qos = resolveReaderQos('Tower::Radar', profiles);
    assert.deepEqual(qos.liveliness, { kind: 'manualByTopic', leaseDurationMs: 500 });
    assert.equal(qos.deadline.periodMs, 20);
    assert.equal(qos.consistency, 'raw');
  });

  it('serve both ends, each with what applies to it', () => {
    assert.equal(resolveWriterQos('Plant::Fast', profiles).lifespan.durationMs, 60);
    assert.ok(!('lifespan' in resolveReaderQos('Plant::Fast', profiles)));
  });

  it("are over 'atomic' when they name no base, and can be a base of overrides", () => {
    const qos = resolveReaderQos({ base: 'Plant::Alone', userData: 'x' }, profiles);
    assert.equal(qos.consistency, 'atomic');
    assert.equal(qos.timeBasedFilter.minimumSeparationMs, 3);
    assert.equal(qos.userData, 'x');
  });

  it('are listed by their full names', () => {
    assert.deepEqual(profiles.names, [
      'Dds::Default',
      'raw',
      'atomic',
      'persistent',
      'Plant::Base',
      'Plant::Fast',
      'Plant::Alone',
      'Tower::Radar',
    ]);
  });

  const library = (members: Record<string, unknown>) => () =>
    defineProfiles({ libraries: { L: members as Record<string, QosOverrides> } });

  it('whose bases go in a circle are refused with the circle', () => {
    const circle = library({ A: { base: 'L::B' }, B: { base: 'L::C' }, C: { base: 'L::A' } });
    refused(circle, 'BE_QOS_INCONSISTENT', /L::A → L::B → L::C → L::A \(in profile L::A\)/);
    refused(library({ A: { base: 'L::A' } }), 'BE_QOS_INCONSISTENT', /L::A → L::A/);
  });

  it('are checked when they are defined, used or not', () => {
    refused(library({ A: { base: 'L::X' } }), 'BE_QOS_UNKNOWN_PROFILE', /'L::X' \(in profile L::A\)/);
    refused(library({ A: { histry: {} } }), 'BE_QOS_UNKNOWN_POLICY', /profile L::A.*Did you mean 'history'/);
    refused(
      library({ A: { writer: { deadline: { periodMs: 0 } } } }),
      'BE_QOS_VALUE',
      /writer section of profile L::A/,
    );
    refused(library({ A: { reader: { lifespan: {} } } }), 'BE_QOS_UNKNOWN_POLICY', /policy of writers/);
    refused(library({ A: { base: 5 } }), 'BE_QOS_VALUE', /base is 5/);
    refused(library({ A: 'raw' }), 'BE_QOS_VALUE', /is 'raw'.*Give an object/);
    refused(library({ 'A::B': {} }), 'BE_QOS_VALUE', /named 'A::B'/);
    refused(() => defineProfiles({ libraries: { Dds: {} } }), 'BE_QOS_VALUE', /built in/);
    refused(() => defineProfiles(null as never), 'BE_QOS_VALUE', /profile file is null/);
    refused(() => defineProfiles({ profiles: {} } as never), 'BE_QOS_VALUE', /no place for 'profiles'/);
  });
});

describe('what is refused, and how', () => {
  const readerCases: readonly (readonly [unknown, QosErrorCode, RegExp])[] = [
    [
      'atomc',
      'BE_QOS_UNKNOWN_PROFILE',
      /'atomc' \(in the quality of service of a reader\)\. Did you mean 'atomic'/,
    ],
    ['DDS::Default', 'BE_QOS_UNKNOWN_PROFILE', /Did you mean 'Dds::Default'/],
    ['', 'BE_QOS_UNKNOWN_PROFILE', /There are: Dds::Default, raw/],
    ['__proto__', 'BE_QOS_UNKNOWN_PROFILE', /There is no profile/],
    [{ base: 'rwa' }, 'BE_QOS_UNKNOWN_PROFILE', /Did you mean 'raw'/],
    [{ durabilty: 'volatile' }, 'BE_QOS_UNKNOWN_POLICY', /Did you mean 'durability'/],
    [{ constructor: 1 }, 'BE_QOS_UNKNOWN_POLICY', /no policy 'constructor'/],
    [JSON.parse('{"__proto__": 1}'), 'BE_QOS_UNKNOWN_POLICY', /no policy '__proto__'/],
    [{ deadline: { period: 1 } }, 'BE_QOS_UNKNOWN_POLICY', /deadline has no field 'period'.*'periodMs'/],
    [{ deadline: { toString: 1 } }, 'BE_QOS_UNKNOWN_POLICY', /no field 'toString'/],
    [{ lifespan: { durationMs: 1 } }, 'BE_QOS_UNKNOWN_POLICY', /writer: \{ lifespan: … \}/],
    [null, 'BE_QOS_VALUE', /is null/],
    [7, 'BE_QOS_VALUE', /is 7/],
    [[], 'BE_QOS_VALUE', /is \[\]/],
    [{ base: null }, 'BE_QOS_VALUE', /base is null/],
    [{ reader: 1 }, 'BE_QOS_VALUE', /is 1 \(in the reader section/],
    [{ deadline: 5 }, 'BE_QOS_VALUE', /deadline is 5/],
    [{ deadline: { periodMs: -1 } }, 'BE_QOS_VALUE', /deadline.periodMs is -1/],
    [{ deadline: { periodMs: NaN } }, 'BE_QOS_VALUE', /is NaN/],
    [{ deadline: { periodMs: '5' } }, 'BE_QOS_VALUE', /is '5'/],
    [{ latencyBudget: { durationMs: 5n } }, 'BE_QOS_VALUE', /is 5n/],
    [{ timeBasedFilter: { minimumSeparationMs: Infinity } }, 'BE_QOS_VALUE', /must be a finite number/],
    [{ durability: 'eternal' }, 'BE_QOS_VALUE', /must be one of 'volatile'/],
    [{ history: { kind: 'KEEP_LAST' } }, 'BE_QOS_VALUE', /history.kind is 'KEEP_LAST'/],
    [{ history: { kind: 'keepLast', depth: 0 } }, 'BE_QOS_VALUE', /history.depth is 0/],
    [{ history: { kind: 'keepLast', depth: 1.5 } }, 'BE_QOS_VALUE', /a whole number/],
    [{ history: { kind: 'keepLast', depth: Infinity } }, 'BE_QOS_VALUE', /history.depth is Infinity/],
    [{ resourceLimits: { maxSamples: 0 } }, 'BE_QOS_VALUE', /maxSamples is 0/],
    [{ presentation: { coherentAccess: 'yes' } }, 'BE_QOS_VALUE', /true or false/],
    [{ partition: 'north' }, 'BE_QOS_VALUE', /a list of at most/],
    [{ partition: ['a', 1] }, 'BE_QOS_VALUE', /\['a', 1\]/],
    [{ representation: [] }, 'BE_QOS_VALUE', /one or more of/],
    [{ representation: ['protobuf', 'protobuf'] }, 'BE_QOS_VALUE', /each once/],
    [{ representation: ['xcdr'] }, 'BE_QOS_VALUE', /'inPlace'/],
    [{ userData: 1 }, 'BE_QOS_VALUE', /a text/],
    [{ transport: { ringBytesMin: 2048 } }, 'BE_QOS_VALUE', /power of two/],
    [{ transport: { ringBytesMin: 5000 } }, 'BE_QOS_VALUE', /power of two/],
    [{ transport: { ringBytesMax: Infinity } }, 'BE_QOS_VALUE', /power of two/],
    [{ transport: { ringBytesMin: 2 ** 23 } }, 'BE_QOS_INCONSISTENT', /above ringBytesMax, 4194304/],
    [{ history: { depth: 5 } }, 'BE_QOS_INCONSISTENT', /history.depth is 5.*Add kind: 'keepLast'/],
    [{ history: { kind: 'keepAll', depth: 5 } }, 'BE_QOS_INCONSISTENT', /'keepAll'/],
    [
      { history: { kind: 'keepLast', depth: 5 }, resourceLimits: { maxSamplesPerInstance: 4 } },
      'BE_QOS_INCONSISTENT',
      /depth is 5, above resourceLimits.maxSamplesPerInstance, 4/,
    ],
    [
      { history: { kind: 'keepLast', depth: 5 }, resourceLimits: { maxSamples: 4 } },
      'BE_QOS_INCONSISTENT',
      /above resourceLimits.maxSamples, 4/,
    ],
    [
      { resourceLimits: { maxSamples: 4, maxSamplesPerInstance: 5 } },
      'BE_QOS_INCONSISTENT',
      /maxSamplesPerInstance is 5, above maxSamples, 4/,
    ],
    [
      { timeBasedFilter: { minimumSeparationMs: 30 }, deadline: { periodMs: 20 } },
      'BE_QOS_INCONSISTENT',
      /minimumSeparationMs is 30, above deadline.periodMs, 20/,
    ],
  ];
  for (const [spec, code, message] of readerCases) {
    it(`${code}: ${String(message)}`, () => {
      refused(() => resolveReaderQos(spec as QosSpec), code, message);
    });
  }

  const writerCases: readonly (readonly [unknown, QosErrorCode, RegExp])[] = [
    [{ timeBasedFilter: {} }, 'BE_QOS_UNKNOWN_POLICY', /reader: \{ timeBasedFilter: … \}/],
    [{ ownershipStrength: 2 ** 31 }, 'BE_QOS_VALUE', /32 bits/],
    [{ lifespan: { durationMs: 0 } }, 'BE_QOS_VALUE', /above 0/],
    [
      { durabilityService: { historyDepth: 9, maxSamplesPerInstance: 8 } },
      'BE_QOS_INCONSISTENT',
      /durabilityService.historyDepth is 9/,
    ],
    [{ durability: 'persistent' }, 'BE_QOS_INCONSISTENT', /consistency is 'atomic', which keeps no log/],
    [{ reliability: { kind: 'bestEffort' } }, 'BE_QOS_INCONSISTENT', /'atomic', which loses nothing/],
  ];
  for (const [spec, code, message] of writerCases) {
    it(`${code} of a writer: ${String(message)}`, () => {
      refused(() => resolveWriterQos(spec as QosSpec), code, message);
    });
  }

  it('a message is short, whatever the value', () => {
    refused(() => resolveReaderQos('x'.repeat(1e6)), 'BE_QOS_UNKNOWN_PROFILE', /^.{1,300}$/);
  });
});
