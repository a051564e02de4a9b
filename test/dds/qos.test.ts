import assert from 'node:assert/strict';
import { defineProfiles } from '../../qos/index.js';
import { Bytes, type Participant, type Status, Text } from '../../runtime/dds/index.js';
import { LocalDomain } from './local-domain.js';

describe('quality of service', () => {
  let domain: LocalDomain;
  let one: Participant;

  beforeEach(async () => {
    domain = new LocalDomain();
    one = await domain.join({
      name: 'one',
      profiles: defineProfiles({
        libraries: { Plant: { Last: { base: 'raw', history: { kind: 'keepLast', depth: 3 } } } },
      }),
    });
  });
  afterEach(() => domain.close());

  it('is refused where this version would not do what it promises, naming the policy', async () => {
    const durable = one.reader(Text, { topic: 'a', qos: { durability: 'transient' } });
    await assert.rejects(durable, {
      code: 'BE_UNSUPPORTED',
      message: /durability transient is not in this version/,
    });
    const timed = one.writer(Text, { topic: 'a', qos: { lifespan: { durationMs: 5 } } });
    await assert.rejects(timed, { code: 'BE_UNSUPPORTED', message: /lifespan/ });
    const service = { historyDepth: 5 };
    const unlogged = one.writer(Text, { topic: 'a', qos: { durabilityService: service } });
    await assert.rejects(unlogged, { code: 'BE_UNSUPPORTED', message: /durabilityService/ });
    for (const part of [{ maxInstances: 5 }, { cleanupDelayMs: 5 }])
      await assert.rejects(
        one.writer(Text, { topic: 'a', qos: { base: 'persistent', durabilityService: part } }),
        {
          code: 'BE_UNSUPPORTED',
          message: new RegExp(`durabilityService.${Object.keys(part)[0]} 5 is not in this version`),
        },
      );
  });

  it('comes from named profiles of the participant', async () => {
    const reader = await one.reader(Text, { topic: 'a', qos: 'Plant::Last' });
    assert.deepEqual(reader.qos.history, { kind: 'keepLast', depth: 3 });
    await assert.rejects(one.reader(Text, { qos: 'Plant::Lost' }), { code: 'BE_QOS_UNKNOWN_PROFILE' });
  });

  it('that does not go together is told to both ends, with the policy and what to change, also to who asks later', async () => {
    const two = await domain.join({ name: 'two' });
    const writer = await one.writer(Text, {
      topic: 'a',
      qos: { base: 'raw', reliability: { kind: 'bestEffort' } },
    });
    const reader = await two.reader(Text, { topic: 'a', qos: 'raw' });
    const [ofReader, ofWriter]: Status[][] = [[], []];
    reader.status$.subscribe((status) => ofReader!.push(status));
    writer.status$.subscribe((status) => ofWriter!.push(status));
    assert.equal(ofReader![0]!.kind, 'requestedIncompatibleQos');
    assert.match(ofReader![0]!.explanation!, /writer of one on topic a: .*eliab/);
    assert.equal(ofWriter![0]!.kind, 'offeredIncompatibleQos');
    assert.match(ofWriter![0]!.explanation!, /reader of two on topic a: .*eliab/);
    const got: string[] = [];
    reader.samples$.subscribe(({ data }) => got.push(data));
    await writer.write('unheard');
    await writer.whenStable();
    assert.deepEqual(got, []);
  });

  it('keeps partitions apart without a word', async () => {
    const writer = await one.writer(Text, { topic: 'a', qos: { partition: ['east'] } });
    const reader = await one.reader(Text, { topic: 'a', qos: { partition: ['west'] } });
    const statuses: Status[] = [];
    reader.status$.subscribe((status) => statuses.push(status));
    writer.status$.subscribe((status) => statuses.push(status));
    assert.deepEqual(statuses, []);
  });

  it('limits how long a write waits for room: then it was not written', async () => {
    const qos = { reliability: { kind: 'reliable' as const, maxBlockingTimeMs: 50 } };
    const writer = await one.writer(Bytes, { topic: 'a', qos });
    const reader = await one.reader(Bytes, { topic: 'a', qos: { resourceLimits: { maxSamples: 2 } } });
    const pull = reader[Symbol.asyncIterator]();
    const first = pull.next();
    const block = new Uint8Array(100_000);
    await assert.rejects(
      async () => {
        for (let i = 0; i < 10_000; i++) await writer.write(block);
      },
      { code: 'BE_TIMEOUT', message: /topic a/ },
    );
    await first;
  });
});
