import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { copyOctets, putOctets } from '../../codegen/support/octets.js';
import type { Memory } from '../../codegen/support/index.js';

describe('copies of octets', () => {
  const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 31 + (i >>> 8)) & 0xff);
  const source: Memory = { bytes, view: new DataView(bytes.buffer) };
  const lengths = [0, 1, 3, 4, 5, 88, 127, 128, 129, 984, 4095, 4096, 4097, 70_000];

  it('hold what was copied, whatever the length and the place', () => {
    for (const length of lengths) {
      for (const offset of [0, 1, 2, 3, 8, 1000]) {
        const copy = copyOctets(source, offset, length);
        assert.deepEqual(copy, bytes.slice(offset, offset + length), `${length} bytes at ${offset}`);
      }
    }
  });

  it('are their holder’s own: nobody else writes into them, and they into nothing', () => {
    const kept = Array.from({ length: 2000 }, (_, i) => {
      const length = lengths[i % lengths.length]!;
      return { copy: copyOctets(source, i, length), expected: bytes.slice(i, i + length) };
    });
    const before = bytes.slice();
    for (const { copy, expected } of kept) {
      assert.deepEqual(copy, expected);
      copy.fill(0);
    }
    assert.deepEqual(bytes, before);
  });

  it('read nothing beyond their source', () => {
    assert.equal(copyOctets(source, bytes.length - 5, 5).length, 5);
    for (const length of lengths.filter((length) => length > 0))
      assert.throws(
        () => copyOctets(source, bytes.length - length + 1, length),
        RangeError,
        `${length} bytes`,
      );
  });

  it('keep little memory beside them where few come, and share more where many do', async () => {
    const rare = new Set<number>();
    for (let i = 0; i < 80; i++) {
      rare.add(copyOctets(source, 0, 4000).buffer.byteLength);
      await setTimeout(1.1);
    }
    assert.equal(Math.min(...rare), 16 * 1024);
    assert.equal(copyOctets(source, 0, 4000).buffer.byteLength, 16 * 1024);
    const many = new Set<number>();
    for (let i = 0; i < 100_000 && !many.has(128 * 1024); i++)
      many.add(copyOctets(source, 0, 1000).buffer.byteLength);
    assert.equal(Math.max(...many), 128 * 1024);
  });
});

describe('octets that are put into other memory', () => {
  it('are all there, and nothing beside them, whatever the length', () => {
    for (const length of [0, 1, 262_143, 262_144, 262_145, 524_288, 1_000_003]) {
      const source = Uint8Array.from({ length }, (_, i) => (i % 251) + 1);
      const target = new Uint8Array(length + 24);
      putOctets(target, source, 16);
      assert.deepEqual(Buffer.from(target), Buffer.concat([Buffer.alloc(16), source, Buffer.alloc(8)]));
    }
    assert.throws(() => putOctets(new Uint8Array(300_000), new Uint8Array(300_001), 0), RangeError);
  });
});
