import assert from 'node:assert/strict';
import fc from 'fast-check';
import { crc32c } from '../../runtime/durability/log/crc32c.js';

function sumOf(bytes: Uint8Array, seed?: number): number {
  const padded = new Uint8Array((bytes.length + 3) & ~3);
  padded.set(bytes);
  return crc32c(padded, new Uint32Array(padded.buffer), 0, bytes.length, seed);
}

/** Bit by bit, as the polynomial is defined. */
function slowSum(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes)
    for (let bit = 0, left = sum ^ byte; bit < 8; bit++) {
      left = left & 1 ? (left >>> 1) ^ 0x82f63b78 : left >>> 1;
      sum = left;
    }
  return ~sum >>> 0;
}

/** RFC 3720, B.4, and the check value of the catalogue of CRCs. */
const published: readonly [what: string, bytes: Uint8Array, sum: number][] = [
  ['32 zeros', new Uint8Array(32), 0x8a9136aa],
  ['32 ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ['0 to 31', Uint8Array.from({ length: 32 }, (_, at) => at), 0x46dd794e],
  ['31 to 0', Uint8Array.from({ length: 32 }, (_, at) => 31 - at), 0x113fdb5c],
  [
    'an iSCSI read command',
    Uint8Array.from(
      '01c00000000000000000000000000000140000000000040000000014000000182800000000000000020000000000000000'
        .slice(0, 96)
        .match(/../g)!
        .map((byte) => parseInt(byte, 16)),
    ),
    0xd9963a56,
  ],
  ['123456789', new TextEncoder().encode('123456789'), 0xe3069283],
  ['nothing', new Uint8Array(0), 0],
];

describe('CRC-32C', () => {
  for (const [what, bytes, sum] of published)
    it(`of ${what} is ${sum.toString(16)}`, () => {
      assert.equal(sumOf(bytes), sum);
    });

  it('is what the polynomial says, for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        assert.equal(sumOf(bytes), slowSum(bytes));
      }),
    );
  });

  it('goes on from the sum of what comes before, and differs for every seed', () => {
    const bytes = Uint8Array.from({ length: 64 }, (_, at) => at * 7);
    assert.equal(sumOf(bytes.subarray(20), sumOf(bytes.subarray(0, 20))), sumOf(bytes));
    const sums = new Set(Array.from({ length: 4096 }, (_, seed) => sumOf(bytes, seed)));
    assert.equal(sums.size, 4096);
  });
});
