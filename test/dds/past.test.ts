import assert from 'node:assert/strict';
import { from, map, take, toArray } from 'rxjs';
import {
  type Participant,
  PastUnknownError,
  type Reader,
  type Sample,
  Text,
  type UnsettledError,
  type Version,
} from '../../runtime/dds/index.js';
import { type LocalDomain, range, settledWithin, sleep, withStoredPair } from './local-domain.js';
import { until } from './member-process.js';
import { Point } from './point.js';

let storage: string;
let domain: LocalDomain;
let one: Participant;
let two: Participant;
const qos = 'persistent';

withStoredPair((pair) => ({ storage, domain, one, two } = pair));

const texts = async (samples: AsyncIterable<Sample<string>>) => {
  const all: string[] = [];
  for await (const { data } of samples) all.push(data);
  return all;
};
const points = (snapshot: Iterable<Sample<Point>>) => [...snapshot].map(({ data }) => `${data.id}:${data.x}`);

describe('the past of a persistent topic', () => {
  it('at a version is the last sample of each instance up to it; the same at every replica, late ones too', async () => {
    const readers = [await one.reader(Point, { qos }), await two.reader(Point, { qos })];
    const got: Sample<Point>[] = [];
    readers[0]!.samples$.subscribe((sample) => got.push(sample));
    const writers = [await one.writer(Point, { qos }), await two.writer(Point, { qos })];
    for (const x of range(20)) await writers[x % 2]!.write({ id: x % 3, x, y: 0 });
    await until(() => got.length === 20, 'the samples');
    const three = await domain.join({ name: 'three', storage });
    readers.push(await three.reader(Point, { qos }));
    for (const [i, { info }] of got.entries()) {
      const expected = new Map<number, string>();
      for (const { data } of got.slice(0, i + 1)) {
        expected.delete(data.id);
        expected.set(data.id, `${data.id}:${data.x}`);
      }
      for (const reader of readers) {
        const then = await reader.at(info.version);
        assert.deepEqual(points(then), [...expected.values()]);
        assert.deepEqual(then.last!.info.version, info.version);
        assert.equal(then.size, expected.size);
        assert.equal(then.get({ id: got[i]!.data.id })!.data.x, got[i]!.data.x);
        assert.equal(then.get({ id: 99 }), undefined);
      }
    }
    // Before the first there was nothing.
    const { epoch, sequence } = got[0]!.info;
    assert.equal((await readers[0]!.at({ epoch, sequence: sequence - 1 })).last, undefined);
  });

  it('as of a time has what was written until then, and nothing that was written after', async () => {
    const reader = await two.reader(Point, { qos });
    const writer = await one.writer(Point, { qos });
    const times = [one.nowUs()];
    for (const x of range(5)) {
      await writer.write({ id: x % 2, x, y: 0 });
      times.push(one.nowUs());
    }
    const states = await Promise.all(times.map(async (time) => points(await reader.asOf(time))));
    assert.deepEqual(states, [[], ['0:0'], ['0:0', '1:1'], ['1:1', '0:2'], ['0:2', '1:3'], ['1:3', '0:4']]);
    assert.ok(reader.settledUs >= times.at(-1)!);
  });

  it('bears the times at which it was written, though its writer had slept before', async () => {
    const reader = await one.reader(Text, { topic: 't', qos });
    const writer = await one.writer(Text, { topic: 't', qos });
    for (const text of ['a', 'b', 'c']) {
      await sleep(170);
      const beforeUs = Date.now() * 1000;
      await writer.write(text);
      const { sourceTimeUs } = (await reader.asOf(one.nowUs())).last!.info;
      assert.ok(Math.abs(sourceTimeUs - beforeUs) < 30_000, `${sourceTimeUs - beforeUs} µs off`);
    }
  });

  it('is settled up to now as soon as somebody asks, though nobody writes', async () => {
    const reader = await two.reader(Text, { topic: 't', qos });
    await one.writer(Text, { topic: 't', qos });
    const before = two.nowUs();
    const begin = performance.now();
    assert.equal((await reader.asOf(before)).size, 0);
    assert.ok(performance.now() - begin < 500);
    const told: number[] = [];
    const subscription = reader.settled$.subscribe((us) => told.push(us));
    await reader.asOf(two.nowUs());
    subscription.unsubscribe();
    assert.ok(told.length > 0 && told.every((us, i) => i === 0 || us > told[i - 1]!));
    assert.ok(told.at(-1)! > before);
  });

  it('waits for a time that is to come, and refuses one for which it does not wait, saying how far it is settled', async () => {
    const reader = await two.reader(Text, { topic: 't', qos });
    const writer = await one.writer(Text, { topic: 't', qos });
    await writer.write('a');
    const soon = two.nowUs() + 200_000;
    const then = reader.asOf(soon);
    assert.equal(await settledWithin(then, 20), 'pending');
    await writer.write('b');
    assert.equal((await then).last!.data, 'b');
    assert.ok(two.nowUs() > soon);
    const far = two.nowUs() + 3_600_000_000;
    for (const options of [{ timeoutMs: 0 }, { timeoutMs: 30 }])
      await assert.rejects(reader.asOf(far, options), (error: UnsettledError) => {
        assert.equal(error.code, 'BE_UNSETTLED');
        assert.ok(error.settledUs >= soon && error.settledUs < far);
        assert.match(
          error.message,
          new RegExp(
            `topic t is settled up to .*\\(${error.settledUs} µs\\), and not up to .*\\(${far} µs\\)`,
          ),
        );
        return true;
      });
    const later: Version = { epoch: (await then).last!.info.epoch + 100, sequence: 1000 };
    await assert.rejects(reader.at(later, { timeoutMs: 0 }), {
      code: 'BE_UNSETTLED',
      message: /not up to version \d+\.1000/,
    });
    const signal = AbortSignal.timeout(10);
    await assert.rejects(reader.asOf(far, { signal }), { name: 'TimeoutError' });
  });

  it('has the samples of writers that keep no log, too', async () => {
    const three = await domain.join({ name: 'three', storage: false });
    const reader = await two.reader(Text, { topic: 't', qos });
    const writer = await three.writer(Text, { topic: 't', qos });
    await writer.write('a');
    const before = three.nowUs();
    assert.equal((await reader.asOf(before)).last!.data, 'a');
  });

  it('between two moments is all its samples in order, one after another as they are asked for', async () => {
    const reader = await two.reader(Text, { topic: 't', qos });
    const live: Sample<string>[] = [];
    reader.samples$.subscribe((sample) => live.push(sample));
    const writer = await one.writer(Text, { topic: 't', qos });
    const times: number[] = [];
    for (const i of range(10)) {
      await writer.write(`${i}`);
      times.push(one.nowUs());
    }
    await until(() => live.length === 10, 'the samples');
    const all = range(10).map(String);
    assert.deepEqual(await texts(reader.between(0, one.nowUs())), all);
    assert.deepEqual(await texts(reader.between(times[2]! + 1, times[5]!)), all.slice(3, 6));
    assert.deepEqual(
      await texts(reader.between(live[2]!.info.version, live[5]!.info.version)),
      all.slice(2, 6),
    );
    assert.deepEqual(await texts(reader.between(live[2]!.info.version, times[5]!)), all.slice(2, 6));
    assert.deepEqual(await texts(reader.between(times[5]!, times[2]!)), []);
    // An observable, for who has enough after three.
    const observable = from(reader.between(0, one.nowUs())).pipe(
      map(({ data }) => data),
      take(3),
      toArray(),
    );
    const taken = await new Promise<string[]>((resolve) => observable.subscribe(resolve));
    assert.deepEqual(taken, all.slice(0, 3));
  });

  it('ends with what is committed, though more is in the log', async () => {
    const reader = await two.reader(Text, { topic: 't', qos: { base: qos, deliver: 'stable' } });
    const writer = await one.writer(Text, { topic: 't', qos: { base: qos, deliver: 'stable' } });
    const burst = range(5000).map((i) => `${i}`.padEnd(2000));
    const writing = writer.writeAll(burst);
    const committed: number[] = [];
    reader.committed$.subscribe(({ sequence }) => committed.push(sequence));
    let ended = false;
    void writing.then(() => (ended = true));
    let reads = 0;
    for (; reads === 0 || !ended; reads++) {
      const asked = two.nowUs();
      const first = await texts(reader.between(0, asked));
      assert.deepEqual(first, burst.slice(0, first.length));
      // Whatever was read while more came is the same afterwards.
      assert.deepEqual(await texts(reader.between(0, asked)), first);
    }
    await writing;
    assert.equal((await texts(reader.between(0, one.nowUs()))).length, 5000);
    assert.ok(committed.length > 0);
  });

  it('goes on over epochs: samples keep their times, and what was settled stays as it was', async () => {
    const reader = await one.reader(Point, { qos });
    let writer = await one.writer(Point, { qos });
    const states: [number, string[]][] = [];
    for (const round of range(4)) {
      for (const x of range(5)) await writer.write({ id: x % 2, x: round * 10 + x, y: 0 });
      const now = one.nowUs();
      states.push([now, points(await reader.asOf(now))]);
      await writer.close();
      const other = round % 2 === 0 ? two : one;
      writer = await other.writer(Point, { qos });
      // The new writer is later than all that was settled.
      await writer.write({ id: 7, x: round, y: 0 });
    }
    for (const [time, state] of states) assert.deepEqual(points(await reader.asOf(time)), state);
    assert.equal(new Set(states.map(([, state]) => state.join())).size, 4);
  });

  it('of several topics at one time is a consistent cut', async () => {
    const orders = await two.reader(Text, { topic: 'orders', qos });
    const bills = await two.reader(Text, { topic: 'bills', qos });
    const placing = await one.writer(Text, { topic: 'orders', qos });
    // For each order that it reads, member two writes a bill.
    const billing = await two.writer(Text, { topic: 'bills', qos });
    orders.samples$.subscribe(({ data }) => void billing.write(data));
    const cuts: number[] = [];
    for (const i of range(300)) {
      await placing.write(`${i}`);
      cuts.push((i % 2 === 0 ? one : two).nowUs());
      if (i % 10 === 0) await sleep(1);
    }
    await until(async () => (await bills.asOf(two.nowUs())).last?.data === '299', 'the bills');
    let apart = 0;
    for (const cut of cuts) {
      const [ordered, billed] = await two.asOf(cut, [orders, bills]);
      const [order, bill] = [ordered, billed].map(({ last }) => Number(last?.data ?? -1));
      assert.ok(bill! <= order!, `bill ${bill} of an order that is not there: ${order}`);
      if (bill! < order!) apart++;
    }
    assert.ok(apart > 0);
  });

  it('takes a topic of which somebody keeps a log: whoever asks for another is told so', async () => {
    const atomic = await one.reader(Text, { topic: 'a' });
    await assert.rejects(atomic.at({ epoch: 1, sequence: 0 }), {
      code: 'BE_NO_LOG',
      message: /topic a is not persistent/,
    });
    await assert.rejects(atomic.asOf(NaN), RangeError);
    await atomic.close();
    await assert.rejects(atomic.asOf(0), { code: 'BE_CLOSED' });
  });

  describe('for those that keep no log', () => {
    it('is what a replica has of it: at, asOf and between give the same as there', async () => {
      const bare = await domain.join({ name: 'bare', storage: false });
      const readers = [await two.reader(Point, { qos }), await bare.reader(Point, { qos })] as const;
      // One that asks for less reads the past all the same.
      const lesser = await bare.reader(Point, { qos: 'atomic' });
      const writer = await one.writer(Point, { qos });
      const got: Sample<Point>[] = [];
      readers[1].samples$.subscribe((sample) => got.push(sample));
      const times = [one.nowUs()];
      for (const x of range(30)) {
        await writer.write({ id: x % 3, x, y: 0 });
        times.push(one.nowUs());
      }
      await until(() => got.length === 30, 'the samples');
      for (const time of times)
        assert.deepEqual(points(await readers[1].asOf(time)), points(await readers[0].asOf(time)));
      for (const { info } of got)
        assert.deepEqual(points(await lesser.at(info.version)), points(await readers[0].at(info.version)));
      const between = async (
        reader: (typeof readers)[number],
        ...moments: [number | Version, number | Version]
      ) => {
        const all: unknown[] = [];
        for await (const { data, info } of reader.between(...moments))
          all.push([data, info.version, info.member, info.sourceTimeUs]);
        return all;
      };
      for (const [from, to, count] of [
        [0, times[30]!, 30],
        [times[2]! + 1, times[5]!, 3],
        [got[7]!.info.version, got[11]!.info.version, 5],
        [got[7]!.info.version, times[9]!, 2],
        [times[5]!, times[2]!, 0],
      ] as const) {
        const all = await between(readers[1], from, to);
        assert.equal(all.length, count);
        assert.deepEqual(all, await between(readers[0], from, to));
      }
      await assert.rejects(
        bare.replicated(Point, (sum: number) => sum, 0, { qos }),
        { code: 'BE_NO_LOG' },
      );
    });

    it('comes in pieces, while others write and read, and goes on from another replica where one is gone', async () => {
      const three = await domain.join({ name: 'three', storage });
      const bare = await domain.join({ name: 'bare', storage: false });
      const reader = await bare.reader(Text, { topic: 't', qos });
      const replicas = [three, two, one];
      for (const replica of replicas) await replica.reader(Text, { topic: 't', qos });
      const writer = await bare.writer(Text, { topic: 't', qos });
      const padding = ' '.repeat(9_990);
      const expected = range(2000).map((i) => `${i}${padding}`);
      await writer.writeAll(expected);
      await writer.whenCommitted();
      const now = bare.nowUs();
      const slow: string[] = [];
      for await (const { data } of reader.between(0, now)) {
        slow.push(data);
        // Whoever gives it goes in the midst of it; others read beside.
        if (slow.length % 700 === 0) {
          assert.equal((await reader.asOf(now)).last!.data, expected.at(-1));
          await replicas.pop()!.close();
          void writer.write('more');
        }
      }
      assert.equal(replicas.length, 1);
      assert.deepEqual(slow, expected);
      assert.deepEqual(
        await Promise.all(range(5).map(async () => (await reader.asOf(now)).last!.data)),
        range(5).map(() => expected.at(-1)),
      );
      const some = reader.between(0, now);
      assert.equal((await some.next()).value?.data, expected[0]);
      await some.return!();
    });

    it('is refused where no replica is there that has all, or the participant closes, in time', async () => {
      const bare = await domain.join({ name: 'bare', storage: false });
      const reader = await bare.reader(Text, { topic: 't', qos });
      const writer = await one.writer(Text, { topic: 't', qos });
      await writer.write('a');
      await writer.whenCommitted();
      const { version } = (await reader.asOf(bare.nowUs())).last!.info;
      await one.close();
      await assert.rejects(reader.at(version, { timeoutMs: 50 }), {
        code: 'BE_PAST_UNKNOWN',
        message: /no replica of topic t is there that has all of it/,
      });
      const signal = AbortSignal.timeout(20);
      await assert.rejects(reader.at(version, { signal }), { name: 'TimeoutError' });
      const waiting = assert.rejects(reader.at(version), { code: 'BE_CLOSED' });
      await bare.close({ timeoutMs: 100 });
      await waiting;
    });

    it('is not known there either where samples were dropped', async () => {
      const keepsFew = { historyKind: 'keepAll', maxSamples: 100 } as const;
      const bare = await domain.join({ name: 'bare', storage: false });
      const reader = await bare.reader(Text, { topic: 't', qos });
      const writer = await one.writer(Text, { topic: 't', qos: { base: qos, durabilityService: keepsFew } });
      const early = one.nowUs();
      await until(async () => {
        for (const i of range(50)) await writer.write(`${i}`.padEnd(20_000));
        await writer.whenCommitted();
        return reader.asOf(early).then(
          () => false,
          ({ code }: PastUnknownError) => code === 'BE_PAST_UNKNOWN',
        );
      }, 'the end of the first segment');
      const error = await reader.asOf(early).catch((thrown: PastUnknownError) => thrown);
      assert.ok(error instanceof PastUnknownError);
      assert.ok((await texts(reader.between(error.knownFrom, bare.nowUs()))).length >= 100);
      assert.ok((await texts(reader.between(error.knownFromUs, bare.nowUs()))).length >= 100);
      await assert.rejects(texts(reader.between(error.knownFromUs - 1, bare.nowUs())), {
        code: 'BE_PAST_UNKNOWN',
      });
    });
  });

  it('is not known any more where samples were dropped, and whoever asks is told why', async () => {
    const reader = await one.reader(Text, { topic: 't', qos });
    const keepsFew = { historyKind: 'keepAll', maxSamples: 100 } as const;
    const writer = await one.writer(Text, { topic: 't', qos: { base: qos, durabilityService: keepsFew } });
    await writer.write('first');
    const early = one.nowUs();
    assert.equal((await reader.asOf(early)).last!.data, 'first');
    const isDropped = async () => {
      for (const i of range(200)) await writer.write(`${i}`.padEnd(20_000));
      await writer.whenCommitted();
      return reader.asOf(early).then(
        ({ last }) => assert.equal(last!.data, 'first'),
        (error: { code: string; message: string }) => error,
      );
    };
    const error = await new Promise<{ code: string; message: string }>((resolve) => {
      void until(async () => {
        const found = await isDropped();
        if (found !== undefined) resolve(found);
        return found !== undefined;
      }, 'the end of the first segment');
    });
    assert.equal(error.code, 'BE_PAST_UNKNOWN');
    assert.match(error.message, /topic t.*DURABILITY_SERVICE/);
  });

  describe('of which samples were dropped', () => {
    const keepsFew = { historyKind: 'keepAll', maxSamples: 100 } as const;

    /** Why its past is not known up to a time; undefined where it is. */
    const unknown = (reader: Reader<string>, timeUs: number) =>
      reader.asOf(timeUs).then(
        () => undefined,
        (error: PastUnknownError) => {
          assert.equal(error.code, 'BE_PAST_UNKNOWN');
          assert.ok(error instanceof PastUnknownError, String(error));
          const { epoch, sequence } = error.knownFrom;
          assert.ok(error.message.includes(`from version ${epoch}.${sequence} on`), error.message);
          return error;
        },
      );

    /** Writes until the first of it is dropped at `one`, whose reader that is; gives the time of the first, and from where on all is known. */
    async function dropped(reader: Reader<string>) {
      const writer = await one.writer(Text, { topic: 't', qos: { base: qos, durabilityService: keepsFew } });
      await writer.write('first');
      const early = one.nowUs();
      await until(async () => {
        for (const i of range(50)) await writer.write(`${i}`.padEnd(20_000));
        await writer.whenCommitted();
        return (await unknown(reader, early)) !== undefined;
      }, 'the end of the first segment');
      return { early, from: (await unknown(reader, early))! };
    }

    it('is known to a replica that came late from where the others have all of it, and it says so, when it comes back, too', async () => {
      const reader = await one.reader(Text, { topic: 't', qos });
      const { early, from } = await dropped(reader);
      for (let run = 0; run < 2; run++) {
        const three = await domain.join({ name: 'three', storage });
        const late = await three.reader(Text, { topic: 't', qos });
        const mine = (await unknown(late, early))!;
        assert.deepEqual([mine.knownFrom, mine.knownFromUs], [from.knownFrom, from.knownFromUs]);
        const now = three.nowUs();
        for (const begin of [from.knownFrom, from.knownFromUs]) {
          const all = await texts(late.between(begin, now));
          assert.deepEqual(all, await texts(reader.between(begin, now)));
          assert.ok(all.length >= 100);
        }
        const { epoch, sequence } = from.knownFrom;
        for (const begin of [{ epoch, sequence: sequence - 1 }, from.knownFromUs - 1])
          await assert.rejects(texts(late.between(begin, now)), { code: 'BE_PAST_UNKNOWN' });
        await assert.rejects(late.at({ epoch, sequence: sequence + 1 }), { code: 'BE_PAST_UNKNOWN' });
        await three.close();
      }
    });

    it('is as little known to a replica whose log was made good while the topic rested', async () => {
      const reader = await one.reader(Text, { topic: 't', qos });
      await (await two.reader(Text, { topic: 't', qos })).close();
      const { early, from } = await dropped(reader);
      await two.close();
      await one.close();
      const again = await domain.join({ name: 'two', storage });
      const late = await again.reader(Text, { topic: 't', qos });
      const mine = (await unknown(late, early))!;
      assert.deepEqual([mine.knownFrom, mine.knownFromUs], [from.knownFrom, from.knownFromUs]);
      assert.ok((await texts(late.between(from.knownFrom, again.nowUs()))).length >= 100);
    });
  });

  it('has moments that are whole numbers; and whoever waits is told where the participant closes', async () => {
    const reader = await one.reader(Text, { topic: 't', qos });
    await one.writer(Text, { topic: 't', qos });
    for (const moment of [NaN, 0.5, Infinity]) await assert.rejects(reader.asOf(moment), RangeError);
    const waiting = reader.asOf(one.nowUs() + 60_000_000, { timeoutMs: 60_000 });
    const rejected = assert.rejects(waiting, { code: 'BE_CLOSED' });
    await one.close({ timeoutMs: 100 });
    await rejected;
  });
});
