import assert from 'node:assert/strict';
import { Delivery } from '../../runtime/multicast/delivery.js';
import { kindWord, frameKind } from '../../runtime/multicast/frame.js';
import { entryBytes } from '../../runtime/history/entry.js';
import { HistoryError } from '../../runtime/history/errors.js';
import { SnapshotSink, SnapshotSource } from '../../runtime/history/stream.js';
import { type HistoryWriter, TopicStore } from '../../runtime/history/topic-store.js';
import { SeededRandom } from '../../transport/simulated/random.js';
import { regionMemory } from '../../transport/transport.js';
import { unlimited } from './history-cluster.js';
import { expectedHistory, type SeenSample } from './history-oracle.js';

const memory = regionMemory(new ArrayBuffer(1 << 20));

/** A message that says its number; instances that are alike in their low half are different ones. */
function messageOf(
  { epoch, sequence, member, writer, instance, number }: SeenSample,
  length: number,
): Delivery {
  const message = new Delivery(epoch, member, 0, memory);
  message.sequence = sequence;
  message.offset = 32;
  message.length = length;
  memory.u32[1] = kindWord(frameKind.data, 0, writer);
  memory.u32[2] = instance % 3;
  memory.u32[3] = instance;
  memory.f64[2] = number;
  memory.bytes.fill(number, 32, 32 + length);
  memory.u32[8] = number;
  return message;
}

function fill(seed: number, writers: readonly HistoryWriter[], count: number) {
  const random = new SeededRandom(seed);
  const store = new TopicStore();
  store.setWriters(writers);
  const order: SeenSample[] = [];
  for (let number = 1; number <= count; number++) {
    const { member, number: writer } = writers[random.below(writers.length)]!;
    const length = 4 + random.below(random.below(20) === 0 ? 300_000 : 400);
    const bytes = entryBytes(length);
    const epoch = 1 + Math.floor(number / 100);
    const sample = { epoch, sequence: number, member, writer, instance: random.below(10), number, bytes };
    order.push(sample);
    store.add(messageOf(sample, length));
  }
  return { store, order };
}

const numbersOf = (store: TopicStore) =>
  store.snapshot().entries.map(({ memory: m, at }) => m.u32[(at + 56) >>> 2]);

describe('what is kept of a topic', () => {
  it('is what the simplest reading of the limits says, whatever they are', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = new SeededRandom(seed);
      const limits = () => ({
        depth: random.below(2) === 0 ? 1 + random.below(5) : Infinity,
        samplesMax: random.below(2) === 0 ? 1 + random.below(60) : Infinity,
        instancesMax: random.below(2) === 0 ? 1 + random.below(10) : Infinity,
        samplesPerInstanceMax: random.below(2) === 0 ? 1 + random.below(9) : Infinity,
        bytesMax: random.below(2) === 0 ? 1000 + random.below(50_000) : 1e9,
      });
      const writers = [1, 2, 3].map((member) => ({ member, number: member + 4, limits: limits() }));
      const { store, order } = fill(seed, writers, 400);
      const expected = expectedHistory(order, Infinity, writers, Infinity);
      assert.deepEqual(
        numbersOf(store),
        expected.map(({ number }) => number),
        `seed ${seed}`,
      );
      assert.equal(
        store.bytes,
        expected.reduce((sum, { bytes }) => sum + bytes, 0),
      );
    }
  });

  it('stays as it was in a snapshot, whatever comes after', () => {
    const writers = [{ member: 1, number: 5, limits: { ...unlimited, depth: 2 } }];
    const { store } = fill(7, writers, 200);
    const snapshot = store.snapshot();
    const before = snapshot.entries.map(({ memory: m, at }) => m.u32[(at + 56) >>> 2]);
    for (let number = 1000; number < 21_000; number++) {
      const sample = {
        epoch: 9,
        sequence: number,
        member: 1,
        writer: 5,
        instance: number % 10,
        number,
        bytes: 0,
      };
      store.add(messageOf(sample, 200));
    }
    assert.deepEqual(
      snapshot.entries.map(({ memory: m, at }) => m.u32[(at + 56) >>> 2]),
      before,
    );
  });

  it('goes with its writer', () => {
    const writers = [1, 2].map((member) => ({ member, number: 5, limits: unlimited }));
    const { store, order } = fill(3, writers, 50);
    store.setWriters(writers.slice(1));
    assert.deepEqual(
      numbersOf(store),
      order.filter(({ member }) => member === 2).map(({ number }) => number),
    );
  });
});

describe('a snapshot as bytes', () => {
  const writers = [1, 2].map((member) => ({
    member,
    number: 5,
    limits: { ...unlimited, bytesMax: 100_000 },
  }));

  function packed(portionBytes: number): Uint8Array[] {
    const { store } = fill(11, writers, 60);
    const source = new SnapshotSource(9, store.snapshot());
    const portions: Uint8Array[] = [];
    while (!source.done) {
      const portion = new Uint8Array(portionBytes);
      portions.push(portion.subarray(0, source.read(portion)));
    }
    return portions;
  }

  function unpack(portions: readonly Uint8Array[], epoch = 9, from = writers) {
    const sink = new SnapshotSink(epoch, from);
    for (const portion of portions) sink.write(portion);
    assert.ok(sink.complete, 'not complete');
    return sink.finish();
  }

  it('comes back as it was, in portions of any length', () => {
    const { store } = fill(11, writers, 60);
    const versions = store.snapshot().entries.map(({ epoch, sequence }) => `${epoch}.${sequence}`);
    for (const portionBytes of [8, 24, 1000, 65_536]) {
      const { entries } = unpack(packed(portionBytes));
      assert.deepEqual(
        entries.map(({ epoch, sequence }) => `${epoch}.${sequence}`),
        versions,
      );
    }
  });

  it('is not complete while a part of it is missing', () => {
    const portions = packed(1000);
    const sink = new SnapshotSink(9, writers);
    for (const portion of portions.slice(0, -1)) sink.write(portion);
    assert.equal(sink.complete, false);
  });

  it('is refused where it says what no correct member says, by code, and what', () => {
    const spoilt = (spoil: (f64: Float64Array, u32: Uint32Array) => void, portions = packed(1 << 20)) => {
      const bytes = portions[0]!.slice();
      spoil(new Float64Array(bytes.buffer), new Uint32Array(bytes.buffer));
      return () => unpack([bytes]);
    };
    const cases: [() => unknown, RegExp][] = [
      [spoilt((f64) => (f64[0] = 1)), /no head/],
      [spoilt((f64) => (f64[1] = 8)), /epoch 8 instead of 9/],
      [spoilt((f64) => (f64[3] = 1e12)), /1000000000000 bytes announced/],
      [spoilt((f64) => (f64[3] = 80)), /more than the 80 bytes/],
      [spoilt((f64) => (f64[2]! += 1)), /samples, where/],
      [spoilt((f64) => (f64[8] = 9)), /version 9\..* not before epoch 9/],
      [spoilt((f64) => (f64[9] = 5000)), /version .* after 1\.5000/],
      [spoilt((f64) => (f64[10] = 3)), /member 3, which keeps no history/],
      [spoilt((_, u32) => (u32[22] = 2 ** 31)), /beyond the end/],
      [spoilt((_, u32) => (u32[23] = kindWord(frameKind.nulls, 0, 5))), /kind 2/],
    ];
    for (const [run, message] of cases) assert.throws(run, { code: 'BE_HISTORY_CORRUPT', message });
  });

  it('never does anything but come back, stay incomplete, or be refused, whatever byte is wrong', () => {
    const [whole] = packed(1 << 20);
    const random = new SeededRandom(5);
    for (let round = 0; round < 3000; round++) {
      const bytes = whole!.slice();
      for (let i = random.below(4); i >= 0; i--)
        bytes[random.below(round % 2 ? bytes.length : 160)] = random.below(256);
      try {
        const sink = new SnapshotSink(9, writers);
        sink.write(bytes);
        if (sink.complete) sink.finish();
      } catch (error) {
        assert.ok(error instanceof HistoryError, String(error));
      }
    }
  });
});
