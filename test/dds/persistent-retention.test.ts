import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { QosSpec } from '../../qos/index.js';
import { type Participant, Text } from '../../runtime/dds/index.js';
import type { LogError } from '../../runtime/durability/log/errors.js';
import { readTopicLog, verifyTopicLog } from '../../runtime/durability/open-topic-log.js';
import { type LocalDomain, withStoredPair } from './local-domain.js';
import { until } from './member-process.js';
import { Point } from './point.js';

/** On real logs of a running topic, whose segments have a mebibyte and then twice as much. */
describe('what the logs of a persistent topic keep', function () {
  this.timeout(30_000);
  let storage: string;
  let domain: LocalDomain;
  let one: Participant;
  let two: Participant;

  withStoredPair((pair) => ({ storage, domain, one, two } = pair));

  const folderOf = (name: string, topic: string) =>
    join(storage, domain.name.slice('local:'.length), name, 'topics', topic);

  /** What is on the disk of a replica: writer sequences, with their instance. */
  async function kept(name: string, topic = 't'): ReturnType<typeof read> {
    try {
      return await read(name, topic);
    } catch (error) {
      // It was compacted just then.
      if ((error as LogError).code !== 'BE_LOG_MISSING') throw error;
      return kept(name, topic);
    }
  }

  async function read(name: string, topic: string) {
    const found: { number: number; instance: number; timeUs: number }[] = [];
    for await (const record of readTopicLog(folderOf(name, topic)))
      found.push({
        number: record.writerSequence,
        instance: record.instanceLow,
        timeUs: record.sourceTimeUs,
      });
    return found;
  }

  async function writeTexts(qos: QosSpec, count: number, from = one): Promise<void> {
    const writer = await from.writer(Text, { topic: 't', qos });
    const text = 'x'.repeat(1000);
    for (let sample = 0; sample < count; sample++) await writer.write(text);
    await writer.whenCommitted();
  }

  it('is all, where nothing else is said', async () => {
    await two.reader(Text, { topic: 't', qos: 'persistent' });
    await writeTexts('persistent', 6000);
    for (const name of ['one', 'two']) assert.equal((await kept(name)).length, 6000);
  });

  it('is bounded by maxSamples of DURABILITY_SERVICE at every replica, whoever of them writes', async () => {
    await two.reader(Text, { topic: 't', qos: 'persistent' });
    await writeTexts({ base: 'persistent', durabilityService: { maxSamples: 1000 } }, 8000);
    for (const name of ['one', 'two']) {
      // The disk does it beside the writing.
      await until(async () => (await kept(name)).length < 7500, 'what need not be kept is gone');
      const found = await kept(name);
      assert.ok(found.length >= 1000, String(found.length));
      assert.equal(found.at(-1)!.number, 8000);
      assert.deepEqual(
        found.map(({ number }) => number),
        found.map((_, index) => found[0]!.number + index),
      );
      assert.deepEqual((await verifyTopicLog(folderOf(name, 't'))).findings, []);
    }
  });

  it('is the newest of each instance by HISTORY of DURABILITY_SERVICE', async () => {
    await two.reader(Point, { topic: 'p', qos: 'persistent' });
    const qos = {
      base: 'persistent',
      durabilityService: { historyKind: 'keepLast', historyDepth: 2 },
    } as const;
    const writer = await one.writer(Point, { topic: 'p', qos });
    const [instances, rounds] = [100, 400];
    for (let sample = 0; sample < instances * rounds; sample++)
      await writer.write({ id: sample % instances, x: sample, y: 0 });
    await writer.whenCommitted();
    for (const name of ['one', 'two']) {
      await until(async () => (await kept(name, 'p')).length < 30_000, 'what was superseded is gone');
      const byInstance = new Map<number, number[]>();
      for (const { instance, number } of await kept(name, 'p'))
        byInstance.set(instance, [...(byInstance.get(instance) ?? []), number]);
      assert.equal(byInstance.size, instances);
      for (const numbers of byInstance.values()) {
        assert.ok(numbers.length >= 2);
        const newest = numbers.at(-1)!;
        assert.ok(newest > instances * (rounds - 1), String(newest));
        assert.equal(numbers.at(-2), newest - instances);
      }
    }
  });

  it('does not reach back further than LIFESPAN, by whole segments', async () => {
    await two.reader(Text, { topic: 't', qos: 'persistent' });
    const qos: QosSpec = { base: 'persistent', lifespan: { durationMs: 300 } };
    await writeTexts(qos, 2000);
    await new Promise((resolve) => setTimeout(resolve, 400));
    const lateUs = Date.now() * 1000;
    await writeTexts(qos, 3500);
    for (const name of ['one', 'two']) {
      await until(async () => (await kept(name)).length < 5500, 'gone');
      const found = await kept(name);
      assert.ok(found.filter(({ timeUs }) => timeUs >= lateUs).length === 3500);
    }
  });

  it('is the most that any of its writers asks for', async () => {
    await two.writer(Text, { topic: 't', qos: 'persistent' });
    await writeTexts({ base: 'persistent', durabilityService: { maxSamples: 1000 } }, 6000);
    for (const name of ['one', 'two']) assert.equal((await kept(name)).length, 6000);
  });
});
