import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type BowechoError, type Participant, type QosSpec, Text } from '../../runtime/dds/index.js';
import { type LocalDomain, sleep, withStoredPair } from './local-domain.js';
import { until } from './member-process.js';

const qos = { base: 'persistent', durability: 'persistent' } as const satisfies QosSpec;

describe('a late reader of a persistent topic', () => {
  let storage: string;
  let domain: LocalDomain;
  let one: Participant;
  let two: Participant;

  withStoredPair((pair) => ({ storage, domain, one, two } = pair));

  const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => String(from + i));

  it('gets all that the log has, in order, and then what comes, without gap or repeat', async () => {
    const writer = await one.writer(Text, { topic: 'p', qos });
    for (const text of numbers(0, 500)) await writer.write(text);
    await writer.whenCommitted();
    let written = 500;
    let stop = false;
    const writing = (async () => {
      while (!stop) {
        await writer.write(String(written++));
        if (written % 50 === 0) await sleep(1);
      }
    })();
    // One at a member that has nothing of it, and one where it is written.
    const readers = [
      await two.reader(Text, { topic: 'p', qos }),
      await one.reader(Text, { topic: 'p', qos }),
    ];
    const got: string[][] = readers.map((reader) => {
      const list: string[] = [];
      reader.samples$.subscribe(({ data }) => list.push(data));
      return list;
    });
    await Promise.all(readers.map((reader) => reader.whenHistorical()));
    await sleep(50);
    stop = true;
    await writing;
    await until(() => got.every(({ length }) => length === written), 'all of it');
    for (const list of got) assert.deepEqual(list, numbers(0, written));
  });

  it('that nobody consumes yet waits for its consumer, and loses nothing', async () => {
    const writer = await one.writer(Text, { topic: 'p', qos });
    for (const text of numbers(0, 300)) await writer.write(text);
    await writer.whenCommitted();
    const reader = await two.reader(Text, {
      topic: 'p',
      qos: { base: 'persistent', durability: 'persistent', resourceLimits: { maxSamples: 20 } },
    });
    await sleep(100);
    const got: string[] = [];
    void reader.consume(async ({ data }) => {
      got.push(data);
      if (got.length % 100 === 0) await sleep(5);
    });
    for (const text of numbers(300, 350)) await writer.write(text);
    await until(() => got.length === 350, 'all of it');
    assert.deepEqual(got, numbers(0, 350));
  });

  it('that asks for the last ones of each instance gets these alone', async () => {
    const writer = await one.writer(Text, { topic: 'p', qos });
    for (const text of numbers(0, 100)) await writer.write(text);
    await writer.whenCommitted();
    const reader = await two.reader(Text, {
      topic: 'p',
      qos: { base: 'persistent', durability: 'persistent', history: { kind: 'keepLast', depth: 3 } },
    });
    const got: string[] = [];
    reader.samples$.subscribe(({ data }) => got.push(data));
    await reader.whenHistorical();
    await writer.write('100');
    await until(() => got.at(-1) === '100', 'what comes');
    assert.deepEqual(got, numbers(97, 101));
  });

  it('of a topic that delivers what is stable has no gap where that is not durable yet', async () => {
    const stable: QosSpec = { base: 'persistent', durability: 'persistent', deliver: 'stable' };
    const writer = await one.writer(Text, { topic: 'p', qos: stable });
    await one.reader(Text, { topic: 'p', qos: 'atomic' });
    let written = 0;
    let stop = false;
    // So much at a time that the disk is behind.
    const padding = ' '.repeat(20_000);
    const writing = (async () => {
      while (!stop) {
        await writer.write(`${written++}${padding}`);
        if (written % 10 === 0) await sleep(5);
      }
    })();
    for (let i = 0; i < 3; i++) {
      const reader = await one.reader(Text, { topic: 'p', qos: stable });
      const got: string[] = [];
      reader.samples$.subscribe(({ data }) => got.push(data.trim()));
      await reader.whenHistorical();
      await until(() => got.length > 0, 'some of it');
      const count = got.length;
      await until(() => got.length > count + 10, 'more of it');
      assert.deepEqual(got, numbers(0, got.length));
      await reader.close();
    }
    stop = true;
    await writing;
  });

  it('gets no sample that is older than its writer’s LIFESPAN, and by KEEP_LAST the newest of those that are not', async () => {
    const writers = await Promise.all(
      [0, 1, 2].map((index) =>
        one.writer(Text, {
          topic: 'p',
          qos: { ...qos, lifespan: { durationMs: index === 1 ? 400 : 60_000 } },
        }),
      ),
    );
    for (const text of numbers(0, 9)) await writers[Number(text) % 3]!.write(text);
    await sleep(500);
    for (const text of numbers(9, 12)) await writers[Number(text) % 3]!.write(text);
    // What it asked for holds for what it has written.
    await writers[1]!.close();
    await writers[0]!.whenCommitted();
    const late = async (participant: Participant, depth: number) => {
      const history = depth === Infinity ? { kind: 'keepAll' } : { kind: 'keepLast', depth };
      const reader = await participant.reader(Text, { topic: 'p', qos: { ...qos, history } as QosSpec });
      const got: string[] = [];
      reader.samples$.subscribe(({ data }) => got.push(data));
      await reader.whenHistorical();
      return got;
    };
    const begin = performance.now();
    assert.deepEqual(await late(one, Infinity), ['0', '2', '3', '5', '6', '8', '9', '10', '11']);
    assert.deepEqual(await late(one, 4), ['8', '9', '10', '11']);
    assert.ok(performance.now() - begin < 300, 'too slow to tell');
    await sleep(400);
    assert.deepEqual(await late(one, 4), ['6', '8', '9', '11']);
    // Who has never seen that writer goes by those that are there: its samples are kept for longer, never for less.
    assert.deepEqual(await late(two, 4), ['8', '9', '10', '11']);
  });

  it('that is durable goes on where it was, in the next run of its participant', async () => {
    const writer = await one.writer(Text, { topic: 'p', qos });
    const open = async (participant: Participant, taken: number) => {
      const reader = await participant.reader(Text, { topic: 'p', qos, durableName: 'billing' });
      const got: string[] = [];
      for await (const { data } of reader) {
        got.push(data);
        // What the loop is left with is not acknowledged.
        if (got.length === taken) break;
      }
      return got;
    };
    for (const text of numbers(0, 50)) await writer.write(text);
    await writer.whenCommitted();
    assert.deepEqual(await open(two, 30), numbers(0, 30));
    await assert.rejects(two.reader(Text, { topic: 'p', qos, durableName: 'billing' }), {
      code: 'BE_READER_IN_USE',
    });
    await two.close();
    for (const text of numbers(50, 60)) await writer.write(text);
    await writer.whenCommitted();
    const again = await domain.join({ name: 'two', storage });
    assert.deepEqual(await open(again, 31), numbers(29, 60));
  });

  it('at a participant that keeps no log gets all of it from a replica, and then what comes', async () => {
    const bare = await domain.join({ name: 'bare', storage: false });
    const writer = await one.writer(Text, { topic: 'p', qos });
    await two.reader(Text, { topic: 'p', qos });
    const padding = ' '.repeat(9_990);
    await writer.writeAll(numbers(0, 1000).map((text) => text + padding));
    let written = 1000;
    let stop = false;
    const writing = (async () => {
      while (!stop) {
        await writer.write(String(written++));
        if (written % 50 === 0) await sleep(1);
      }
    })();
    const readers = await Promise.all(
      [0, 1].map(() =>
        bare.reader(Text, { topic: 'p', qos: { ...qos, resourceLimits: { maxSamples: 100 } } }),
      ),
    );
    const got: string[][] = readers.map((reader) => {
      const list: string[] = [];
      void reader.consume(({ data }) => void list.push(data.trim()));
      return list;
    });
    await until(() => got[0]!.length > 100, 'the first of it');
    // The one that gave it is gone, and another goes on.
    await two.close();
    await Promise.all(readers.map((reader) => reader.whenHistorical()));
    await sleep(50);
    stop = true;
    await writing;
    await until(() => got.every(({ length }) => length === written), 'all of it');
    for (const list of got) assert.deepEqual(list, numbers(0, written));
    const newest = await bare.reader(Text, {
      topic: 'p',
      qos: { ...qos, history: { kind: 'keepLast', depth: 3 } },
    });
    const last: string[] = [];
    newest.samples$.subscribe(({ data }) => last.push(data));
    await newest.whenHistorical();
    assert.deepEqual(last, numbers(written - 3, written));
  });

  it('at one that keeps no log has no gap either where a topic delivers what is stable, and no disk has yet', async () => {
    const stable = { ...qos, deliver: 'stable' } as const;
    const bare = await domain.join({ name: 'bare', storage: false });
    const writer = await one.writer(Text, { topic: 'p', qos: stable });
    let written = 0;
    let stop = false;
    const padding = ' '.repeat(20_000);
    const writing = (async () => {
      while (!stop) {
        await writer.write(`${written++}${padding}`);
        if (written % 10 === 0) await sleep(5);
      }
    })();
    for (let i = 0; i < 3; i++) {
      const reader = await bare.reader(Text, { topic: 'p', qos: stable });
      const got: string[] = [];
      reader.samples$.subscribe(({ data }) => got.push(data.trim()));
      await reader.whenHistorical();
      const count = got.length;
      await until(() => got.length > count + 10, 'more of it');
      assert.deepEqual(got, numbers(0, got.length));
      await reader.close();
    }
    stop = true;
    await writing;
  });

  it('is told where nobody is there who has what was before, and where that lies; and gets it once somebody comes', async () => {
    const bare = await domain.join({ name: 'bare', storage: false });
    const writer = await one.writer(Text, { topic: 'p', qos });
    for (const text of numbers(0, 10)) await writer.write(text);
    await writer.whenCommitted();
    await one.close();
    const reader = await bare.reader(Text, { topic: 'p', qos });
    const told = await new Promise<BowechoError>((resolve) =>
      reader.errors$.subscribe((error) => resolve(error as BowechoError)),
    );
    assert.equal(told.code, 'BE_PAST_UNKNOWN');
    const folder = join(storage, domain.name.slice('local:'.length), 'one');
    assert.ok(told.message.includes(`It lies in ${folder}`), told.message);
    const got: string[] = [];
    reader.samples$.subscribe(({ data }) => got.push(data));
    const again = await domain.join({ name: 'one', storage });
    await (await again.writer(Text, { topic: 'p', qos })).write('10');
    await until(() => got.length === 11, 'all of it');
    assert.deepEqual(got, numbers(0, 11));
  });

  it('that is durable needs storage, and durability', async () => {
    const bare = await domain.join({ name: 'bare', storage: false });
    await assert.rejects(bare.reader(Text, { topic: 'p', qos, durableName: 'x' }), {
      code: 'BE_UNSUPPORTED',
      message: /reader x of topic p: .* participant's storage, and this participant has none/,
    });
    await assert.rejects(one.reader(Text, { topic: 'p', qos: 'persistent', durableName: 'x' }), {
      code: 'BE_UNSUPPORTED',
      message: /durability 'persistent', not 'volatile'/,
    });
  });
});
