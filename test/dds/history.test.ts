import assert from 'node:assert/strict';
import { Bytes, type Participant, type QosSpec, type Reader } from '../../runtime/dds/index.js';
import { LocalDomain, numbered, numberOf, range, settledWithin } from './local-domain.js';
import { until } from './member-process.js';
import { Point } from './point.js';

const kept: QosSpec = { base: 'atomic', durability: 'transientLocal' };

/** What a reader gets, from the moment it is open. */
function numbersOf(reader: Reader<Uint8Array>): number[] {
  const numbers: number[] = [];
  reader.samples$.subscribe(({ data }) => numbers.push(numberOf(data)));
  return numbers;
}

async function openNumbers(participant: Participant, qos: QosSpec = kept) {
  const reader = await participant.reader(Bytes, { topic: 't', qos });
  return { reader, numbers: numbersOf(reader) };
}

describe('history for late readers', () => {
  let domain: LocalDomain;
  beforeEach(() => (domain = new LocalDomain()));
  afterEach(() => domain.close());

  async function writerOf(qos: QosSpec = kept) {
    const participant = await domain.join();
    const writer = await participant.writer(Bytes, { topic: 't', qos });
    const write = async (numbers: readonly number[], byteLength = 8) => {
      for (const number of numbers) await writer.write(numbered(number, byteLength));
    };
    return { participant, writer, write };
  }

  it('what was written before anybody read comes to a reader of another participant, then what is written after', async () => {
    const { writer, write } = await writerOf();
    await write(range(100));
    const { reader, numbers } = await openNumbers(await domain.join());
    await write(range(100, 100));
    await writer.whenStable();
    await until(() => numbers.length >= 200, 'all of it');
    assert.deepEqual(numbers, range(200));
    await reader.whenHistorical();
  });

  it('a second reader of the same participant gets it too, and the first nothing twice', async () => {
    const { participant, write } = await writerOf();
    await write(range(10));
    const first = await openNumbers(participant);
    await write(range(10, 10));
    const second = await openNumbers(participant);
    await write(range(10, 20));
    await until(() => second.numbers.length >= 30 && first.numbers.length >= 30, 'all of it');
    assert.deepEqual([first.numbers, second.numbers], [range(30), range(30)]);
  });

  it('a volatile reader gets what is written from now on', async () => {
    const { write } = await writerOf();
    await write(range(10));
    const { reader, numbers } = await openNumbers(await domain.join(), 'atomic');
    await reader.whenHistorical();
    await write(range(10, 10));
    await until(() => numbers.length >= 10, 'the second ten');
    assert.deepEqual(numbers, range(10, 10));
  });

  it('a reader that asks for it of a writer that keeps nothing is told, and a volatile writer beside others is left out', async () => {
    const { participant, write } = await writerOf();
    const plain = await participant.writer(Bytes, { topic: 't' });
    await plain.write(numbered(1000));
    await write([1, 2]);
    await plain.whenStable();
    const { reader, numbers } = await openNumbers(await domain.join());
    const explanations: (string | undefined)[] = [];
    reader.status$.subscribe(({ kind, explanation }) => {
      if (kind === 'requestedIncompatibleQos') explanations.push(explanation);
    });
    await plain.write(numbered(1001));
    await write([3]);
    await until(() => numbers.length >= 3, 'three');
    assert.deepEqual(numbers, [1, 2, 3]);
    assert.match(explanations[0]!, /DURABILITY|durability/);
  });

  it('versions go on: no two samples have the same, and all readers see the same ones', async () => {
    const { participant, write } = await writerOf();
    const versions = (reader: Reader<Uint8Array>) => {
      const seen: string[] = [];
      reader.samples$.subscribe(({ info }) =>
        seen.push(`${info.epoch}.${info.sequence}.${info.member}.${info.writerSequence}`),
      );
      return seen;
    };
    const early = versions(await participant.reader(Bytes, { topic: 't', qos: kept }));
    await write(range(5));
    await until(() => early.length === 5, 'five');
    const late = versions(await (await domain.join()).reader(Bytes, { topic: 't', qos: kept }));
    await write(range(5, 5));
    await until(() => early.length === 10 && late.length === 10, 'ten');
    assert.deepEqual(late, early);
    assert.equal(new Set(early).size, 10);
  });

  it('of a keyed topic, the writer keeps its depth of each instance, and a reader asks for its own', async () => {
    const writerQos: QosSpec = { ...(kept as object), history: { kind: 'keepLast', depth: 3 } };
    const participant = await domain.join();
    const writer = await participant.writer(Point, { topic: 'p', qos: writerQos });
    for (const x of range(10)) for (const id of [1, 2, 3]) await writer.write({ id, x, y: 0 });
    const other = await domain.join();
    const got = async (qos: QosSpec) => {
      const reader = await other.reader(Point, { topic: 'p', qos });
      const seen: string[] = [];
      reader.samples$.subscribe(({ data }) => seen.push(`${data.id}:${data.x}`));
      await reader.whenHistorical();
      return seen;
    };
    const all = [7, 8, 9].flatMap((x) => [1, 2, 3].map((id) => `${id}:${x}`));
    assert.deepEqual(await got(kept), all);
    const two: QosSpec = { ...(kept as object), history: { kind: 'keepLast', depth: 2 } };
    assert.deepEqual(await got(two), all.slice(3));
  });

  it('a writer takes along what it kept; what others kept stays', async () => {
    const first = await writerOf();
    const second = await writerOf();
    await first.write([1, 2]);
    await second.write([11, 12]);
    await Promise.all([first.writer.whenStable(), second.writer.whenStable()]);
    await first.writer.close();
    const { reader, numbers } = await openNumbers(await domain.join());
    await reader.whenHistorical();
    assert.deepEqual(numbers, [11, 12]);
  });

  it('a KEEP_ALL writer keeps the newest within its limits, and a late reader is told how many it missed', async () => {
    const { write } = await writerOf({ ...(kept as object), resourceLimits: { maxSamples: 10 } });
    await write(range(25));
    const { reader, numbers } = await openNumbers(await domain.join());
    await reader.whenHistorical();
    assert.deepEqual(numbers, range(10, 15));
    let lost = 0;
    reader.status$.subscribe(({ kind, total }) => {
      if (kind === 'sampleLost') lost = total;
    });
    assert.equal(lost, 15);
  });

  it('large samples are kept too, and more of them than one portion holds', async () => {
    const { write } = await writerOf();
    await write(range(20), 100_000);
    const { numbers } = await openNumbers(await domain.join());
    await write(range(5, 20), 100_000);
    await until(() => numbers.length >= 25, 'all of it');
    assert.deepEqual(numbers, range(25));
  });

  it('borrow and consume get the history too, and a slow consumer loses none of it', async () => {
    const { write } = await writerOf();
    await write(range(50));
    const lent: number[] = [];
    const borrower = await (await domain.join()).reader(Bytes, { topic: 't', qos: kept });
    borrower.borrow((sample) => lent.push(numberOf(sample.decode())));
    const qos = { ...(kept as object), resourceLimits: { maxSamples: 4 } };
    const consumer = await (await domain.join()).reader(Bytes, { topic: 't', qos });
    const consumed: number[] = [];
    void consumer.consume(async ({ data }) => {
      consumed.push(numberOf(data));
      await new Promise((resolve) => setImmediate(resolve));
    });
    await write(range(50, 50));
    await until(() => lent.length >= 100 && consumed.length >= 100, 'all of it');
    assert.deepEqual([lent, consumed], [range(100), range(100)]);
  });

  it('a writer that closes while history is on its way takes nothing from a reader beside it', async () => {
    const { writer, write } = await writerOf();
    await write(range(100), 100_000);
    const other = await domain.join();
    const { numbers } = await openNumbers(other, 'atomic');
    const beside = await other.writer(Bytes, { topic: 't', qos: kept });
    const written = write(range(200, 100), 8);
    await beside.close();
    await written;
    await writer.whenStable();
    await until(() => numbers.includes(299), 'the last');
    assert.deepEqual(numbers, range(200, 100));
    // It may open one again.
    const { numbers: late } = await openNumbers(other);
    await until(() => late.length >= 300, 'the history');
    assert.deepEqual(late, range(300));
  });

  it('of a raw topic it is kept too, in each writer’s own order', async () => {
    const raw: QosSpec = { ...(kept as object), base: 'raw' };
    const { write } = await writerOf(raw);
    await write(range(100));
    const { numbers } = await openNumbers(await domain.join(), raw);
    await write(range(100, 100));
    await until(() => numbers.length >= 200, 'all of it');
    assert.deepEqual(numbers, range(200));
  });

  it('readers that come and go while others write, each from its first sample on, see one order without a gap', async () => {
    const { participant, writer, write } = await writerOf();
    const whole = (await openNumbers(participant)).numbers;
    const readers = await Promise.all([domain.join(), domain.join()]);
    const writing = (async () => {
      for (let number = 0; number < 3000; number += 10) {
        await write(range(10, number));
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    const seen: number[][] = [];
    for (let round = 0; round < 10; round++) {
      const { reader, numbers } = await openNumbers(readers[round % 2]!);
      await reader.whenHistorical();
      if (round % 3 > 0) await reader.close();
      seen.push(numbers);
    }
    await writing;
    await writer.whenStable();
    await until(() => whole.length === 3000, 'all of it');
    for (const numbers of seen) assert.deepEqual(numbers, range(numbers.length));
    for (const round of [0, 3, 6, 9])
      await until(() => seen[round]!.length === 3000, `all of it at the reader of round ${round}`);
  });

  it('stronger durability is refused with what to do instead', async () => {
    const participant = await domain.join();
    const opening = participant.writer(Bytes, { topic: 't', qos: { durability: 'transient' } });
    await assert.rejects(opening, { code: 'BE_UNSUPPORTED', message: /transientLocal/ });
  });

  it('a reader that is alone with the topic waits for nothing', async () => {
    const { reader } = await openNumbers(await domain.join());
    assert.equal(await settledWithin(reader.whenHistorical(), 2000), undefined);
  });
});
