import assert from 'node:assert/strict';
import { SeededRandom } from '../../transport/simulated/random.js';
import { Arrivals } from '../../transport/tcp/arrivals.js';
import { Batch } from '../../transport/tcp/batch.js';
import { MemoryBudget } from '../../transport/tcp/memory-budget.js';
import { LinkReader } from '../../transport/tcp/link-reader.js';
import { Ranges } from '../../transport/tcp/ranges.js';
import { Lane, TcpRegion } from '../../transport/tcp/region.js';
import { regionMemory } from '../../transport/transport.js';

const bytes = 256 << 10;

function lane(name: string, number: number, byteLength: number): Lane {
  const memory = regionMemory(new ArrayBuffer(byteLength));
  return new Lane(
    new TcpRegion(
      name,
      number,
      memory,
      [],
      () => assert.fail(),
      () => undefined,
    ),
  );
}

describe('what one member puts for another', () => {
  for (let seed = 1; seed <= 25; seed++) {
    it(`goes from one state to a later one: no guard without its payload, none without an earlier one (seed ${seed})`, () => {
      const random = new SeededRandom(seed);
      const ring = lane('ring', 0, bytes);
      const lanes = [lane('second', 1, 64), ring, lane('first', 2, 8_192)];
      const [second, , first] = lanes as [Lane, Lane, Lane];
      const batch = new Batch();
      const arrivals = new Arrivals(new MemoryBudget({}).account());
      const reader = new LinkReader(arrivals);
      let round = 0;
      let mixed = 0;
      for (let step = 0; step < 40; step++) {
        // Some rounds gather before a batch takes them; each is: payload, then the first guard, then the second.
        for (let gathered = random.below(4); gathered >= 0; gathered--) {
          round++;
          ring.region.memory.bytes.fill(round); // at most 160
          for (let at = 0; at < bytes;) {
            const end = Math.min(bytes, at + 8 * (1 + random.below(8_000)));
            ring.payload.add(at, end);
            at = end;
          }
          const cell = random.below(1_000);
          first.region.memory.f64[0] = round;
          first.region.memory.f64[cell] = round;
          first.guards.add(cell * 8, cell * 8 + 8);
          first.guards.add(0, 8);
          second.region.memory.f64[3] = round;
          second.guards.add(24, 32);
        }
        batch.make(lanes, true);
        const wire = Buffer.concat(batch.pieces);
        for (let at = 0; at < wire.length;) {
          // Long payload may be read to where it belongs, by whoever reads.
          const room = random.below(2) === 0 ? reader.room : undefined;
          const most =
            at + Math.min(room?.length ?? Infinity, 1 + random.below(random.below(2) === 0 ? 40 : 70_000));
          const end = Math.min(wire.length, most);
          if (room === undefined) reader.push(Buffer.from(wire.subarray(at, end)));
          else {
            room.set(wire.subarray(at, end));
            reader.filled(end - at);
          }
          at = end;
          const [seenSecond, seenFirst] = [
            arrivals.find('second')?.f64[3] ?? 0,
            arrivals.find('first')?.f64[0] ?? 0,
          ];
          const payload = arrivals.find('ring')?.bytes;
          assert.equal(seenSecond, seenFirst);
          if (payload === undefined) continue;
          const least = Math.min(
            payload[0]!,
            payload[payload.length - 1]!,
            payload[random.below(payload.length)]!,
          );
          assert.ok(least >= seenFirst, `payload of round ${least}, guards of round ${seenFirst}`);
          if (least > seenFirst || payload[0] !== payload[payload.length - 1]) mixed++;
        }
        assert.equal(arrivals.find('second')!.f64[3], round);
        assert.deepEqual(arrivals.find('first')!.bytes, first.region.memory.bytes);
      }
      assert.ok(mixed > 0, 'it was looked at in the midst of a batch');
    });
  }

  it('is joined to a few ranges that hold all of it, however much is put', () => {
    const random = new SeededRandom(5);
    const ranges = new Ranges();
    const marked = new Uint8Array(10_000);
    for (let i = 0; i < 2_000; i++) {
      const start = random.below(9_990);
      const end = start + 1 + random.below(9);
      ranges.add(start, end);
      marked.fill(1, start, end);
      assert.ok(ranges.count <= 16);
    }
    const held = new Uint8Array(10_000);
    for (let i = 0; i < ranges.count; i++) held.fill(1, ranges.starts[i], ranges.ends[i]);
    assert.ok(marked.every((mark, i) => mark <= held[i]!));
  });

  it('is one range where it is put in one stretch, and as many as there are gaps', () => {
    const ranges = new Ranges();
    for (const [start, end] of [
      [100, 200],
      [200, 300],
      [50, 100],
      [60, 70],
      [400, 500],
    ] as const)
      ranges.add(start, end);
    assert.deepEqual(
      [ranges.count, ranges.starts.slice(0, 2), ranges.ends.slice(0, 2)],
      [2, [50, 400], [300, 500]],
    );
  });

  it('is not told where a region ended before the peer heard of it', () => {
    const gone = lane('gone', 0, 64);
    gone.guards.add(0, 8);
    gone.region.release();
    const batch = new Batch();
    batch.make([gone], true);
    assert.deepEqual(batch.pieces, []);
  });

  it('comes before the end of its region, and that only once it has come', () => {
    const row = lane('row', 0, 64);
    const arrivals = new Arrivals(new MemoryBudget({}).account());
    const reader = new LinkReader(arrivals);
    const batch = new Batch();
    const send = (puts: boolean) => {
      batch.make([row], puts);
      for (const piece of batch.pieces) reader.push(Buffer.from(piece));
    };
    send(true);
    const { memory } = arrivals.attach('row', 64)!;
    row.region.memory.f64[0] = 7;
    row.guards.add(0, 8);
    row.region.seal();
    row.region.release();
    send(false);
    assert.ok(arrivals.attach('row', 64), 'not before what was put has gone');
    send(true);
    assert.equal(memory.f64[0], 7);
    assert.equal(arrivals.attach('row', 64), undefined);
  });
});
