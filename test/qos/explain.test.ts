import assert from 'node:assert/strict';
import { defineProfiles, explainQos, QosError, resolveReaderQos } from '../../qos/index.js';

describe('the provenance of a quality of service', () => {
  const profiles = defineProfiles({
    libraries: { Plant: { Fast: { base: 'raw', deadline: { periodMs: 20 }, ownership: 'exclusive' } } },
  });
  const spec = {
    base: 'Plant::Fast',
    deadline: { periodMs: 5 },
    history: { kind: 'keepLast', depth: 2 },
  } as const;
  const explained = explainQos(spec, 'reader', profiles);
  const field = (policy: string, name?: string) =>
    explained.fields.find((one) => one.policy === policy && one.field === name)!;

  it('has the resolved policies, and who had a say', () => {
    assert.deepEqual(explained.qos, resolveReaderQos(spec, profiles));
    assert.deepEqual(explained.origins, [
      { kind: 'profile', profile: 'Dds::Default' },
      { kind: 'profile', profile: 'raw' },
      { kind: 'profile', profile: 'Plant::Fast' },
      { kind: 'override' },
    ]);
  });

  it('names the origin of a field, and what it hides', () => {
    assert.deepEqual(field('deadline', 'periodMs'), {
      policy: 'deadline',
      field: 'periodMs',
      value: 5,
      origin: { kind: 'override' },
      hidden: [
        { value: 20, origin: { kind: 'profile', profile: 'Plant::Fast' } },
        { value: Infinity, origin: { kind: 'profile', profile: 'Dds::Default' } },
      ],
    });
    assert.deepEqual(field('ownership').origin, { kind: 'profile', profile: 'Plant::Fast' });
    assert.deepEqual(field('reliability', 'kind').origin, { kind: 'profile', profile: 'raw' });
  });

  it('tells of every field, and of no depth that has no meaning', () => {
    const paths = (one: typeof explained) => one.fields.map(({ policy, field: name }) => `${policy}.${name}`);
    const leaves = Object.entries(explained.qos).flatMap(([policy, value]) =>
      typeof value === 'object' && !Array.isArray(value)
        ? Object.keys(value).map((name) => `${policy}.${name}`)
        : [`${policy}.undefined`],
    );
    assert.deepEqual(paths(explained), leaves);
    assert.ok(paths(explained).includes('history.depth'));
    assert.ok(!paths(explainQos(undefined, 'reader')).includes('history.depth'));
  });

  it('prints as a table', () => {
    const lines = explained.text.split('\n');
    assert.equal(lines[0], 'reader: Dds::Default → raw → Plant::Fast → override');
    assert.equal(lines.length, explained.fields.length + 1);
    assert.ok(
      lines.some((line) => /^deadline\.periodMs +5 +override \(over 20 of Plant::Fast\)$/.test(line)),
    );
  });

  it('refuses what resolving refuses', () => {
    assert.throws(() => explainQos({ durability: 'persistent' }, 'writer'), QosError);
  });
});
