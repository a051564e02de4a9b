import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Delivery } from '../../runtime/multicast/delivery.js';
import { FrameHeader, frameKind, headerBytes, kindWord } from '../../runtime/multicast/frame.js';
import { RingReader, RingWriter } from '../../runtime/multicast/ring.js';
import { regionMemory } from '../../transport/transport.js';

const start = 4096;
const header = new FrameHeader(kindWord(frameKind.data, 0, 3));

/** Reads the next frame, whose payload must be one byte again and again; gives its kind, length and that byte. */
function read(reader: RingReader): { kind: number; length: number; first: number } {
  const { u32, bytes } = reader.memory;
  if ((u32[(reader.at >>> 2) + 1]! & 0xff) === frameKind.pad) reader.advance(u32[reader.at >>> 2]!);
  const word = reader.at >>> 2;
  const kind = u32[word + 1]! & 0xff;
  const length = u32[word]!;
  const first = bytes[reader.at + headerBytes]!;
  if (kind === frameKind.data) {
    const payload = bytes.subarray(reader.at + headerBytes, reader.at + headerBytes + length);
    assert.ok(payload.every((byte) => byte === first));
  }
  reader.advance(kind === frameKind.nulls ? headerBytes : (headerBytes + length + 7) & ~7);
  return { kind, length, first };
}

describe('the small-message ring', () => {
  it('gives back what was written, in order, whatever the sizes, however full it runs, and never overwrites what is unread', () => {
    const step = fc.oneof(
      fc.record({
        write: fc.oneof(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 40 })),
        most: fc.boolean(),
      }),
      fc.record({ nulls: fc.integer({ min: 1, max: 1000 }) }),
      // Seldom more is read than is written: the ring is full most of the time.
      fc.record({ read: fc.integer({ min: 1, max: 2 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400, size: 'max' }), (steps) => {
        const memory = regionMemory(new ArrayBuffer(start + 4096));
        const writer = new RingWriter(memory, start, 4096);
        const reader = new RingReader(memory, start, 4096, new Delivery(1, 7, 0, memory));
        const expected: { kind: number; length: number; first: number }[] = [];
        let count = 0;
        for (const action of steps) {
          if ('write' in action) {
            const length = action.write;
            const opened = action.most
              ? writer.openMost() && writer.payloadLimit - writer.payloadStart >= length
              : writer.open(length);
            if (!opened) continue;
            memory.bytes.fill(++count & 0xff, writer.payloadStart, writer.payloadStart + length);
            writer.commit(length, header);
            expected.push({ kind: frameKind.data, length, first: count & 0xff });
          } else if ('nulls' in action) {
            if (!writer.open(0)) continue;
            writer.commitNulls(action.nulls);
            expected.push({ kind: frameKind.nulls, length: action.nulls, first: -1 });
          } else {
            for (let i = 0; i < action.read && expected.length > 0; i++) {
              const want = expected.shift()!;
              const got = read(reader);
              assert.deepEqual([got.kind, got.length], [want.kind, want.length]);
              if (want.kind === frameKind.data && want.length > 0) assert.equal(got.first, want.first);
            }
            writer.freed = reader.position;
          }
          assert.ok(writer.used <= 4096, 'no more in the ring than it holds');
        }
      }),
      { numRuns: 200 },
    );
  });

  it('counts turns, and remembers the last real one', () => {
    const writer = new RingWriter(regionMemory(new ArrayBuffer(8192)), start, 4096);
    writer.open(8);
    writer.commit(8, header);
    writer.open(0);
    writer.commitNulls(5);
    assert.deepEqual([writer.turns, writer.real], [6, 1]);
  });
});
