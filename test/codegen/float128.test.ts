import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { getFloat128, setFloat128 } from '../../codegen/support/index.js';

const view = new DataView(new ArrayBuffer(16));

function hexOf(value: number): string {
  setFloat128(view, 0, value, false);
  return Buffer.from(view.buffer).toString('hex');
}

function valueOf(hex: string): number {
  Buffer.from(hex, 'hex').copy(new Uint8Array(view.buffer));
  return getFloat128(view, 0, false);
}

describe('a long double', () => {
  it('is IEEE 754 binary128, which holds every double', () => {
    assert.equal(hexOf(1), `3fff${'0'.repeat(28)}`);
    assert.equal(hexOf(-2), `c000${'0'.repeat(28)}`);
    assert.equal(hexOf(0.1), '3ffb999999999999a000000000000000');
    assert.equal(hexOf(-0), `8000${'0'.repeat(28)}`);
    assert.equal(hexOf(Infinity), `7fff${'0'.repeat(28)}`);
    assert.equal(hexOf(Number.MIN_VALUE), `3bcd${'0'.repeat(28)}`);
    const any = fc.oneof(fc.double(), fc.double({ min: -1e-307, max: 1e-307 }));
    fc.assert(
      fc.property(any, fc.boolean(), (value, littleEndian) => {
        setFloat128(view, 0, value, littleEndian);
        assert.ok(Object.is(getFloat128(view, 0, littleEndian), value));
      }),
      { numRuns: 1000 },
    );
  });

  it('with more digits than a double has is rounded to the nearest, ties to even', () => {
    assert.equal(valueOf('3fff0000000000000800000000000000'), 1);
    assert.equal(valueOf('3fff0000000000000800000000000001'), 1 + 2 ** -52);
    assert.equal(valueOf('3fff0000000000001800000000000000'), 1 + 2 ** -51);
    assert.equal(valueOf('43feffffffffffffffffffffffffffff'), Infinity);
    assert.equal(valueOf('7ffe0000000000000000000000000000'), Infinity);
    assert.equal(valueOf('00000000000000000000000000000001'), 0);
    assert.equal(valueOf('3bcc0000000000000000000000000000'), 0);
    assert.equal(valueOf('3bcc0000000000000000000000000001'), Number.MIN_VALUE);
    assert.ok(Number.isNaN(valueOf('7fff0000000000000000000000000001')));
  });

  it('is what the C compiler makes of it', function () {
    this.timeout(20_000);
    try {
      execFileSync('gcc', ['--version'], { stdio: 'ignore' });
    } catch {
      console.warn('      not compared: no gcc here');
      this.skip();
    }
    const bits = fc.sample(
      fc.tuple(
        fc.bigInt({ min: 0x3bb0n, max: 0x4410n }),
        fc.bigInt({ min: 0n, max: (1n << 112n) - 1n }),
        fc.boolean(),
      ),
      { numRuns: 3000, seed: 1 },
    );
    const inputs = bits.map(([exponent, mantissa, isNegative]) =>
      ((isNegative ? 1n << 127n : 0n) | (exponent << 112n) | mantissa).toString(16).padStart(32, '0'),
    );
    const folder = mkdtempSync(`${tmpdir()}/bowecho-float128-`);
    const source = `#include <stdio.h>
#include <string.h>
int main (void) {
  unsigned char in[16], out[16];
  while (fread (in, 1, 16, stdin) == 16) {
    __float128 x; double d; unsigned char le[16];
    for (int i = 0; i < 16; i++) le[i] = in[15 - i];
    memcpy (&x, le, 16); d = (double) x; x = d; memcpy (le, &x, 16);
    for (int i = 0; i < 16; i++) out[i] = le[15 - i];
    fwrite (&d, 8, 1, stdout); fwrite (out, 1, 16, stdout);
  }
  return 0;
}`;
    writeFileSync(`${folder}/x.c`, source);
    execFileSync('gcc', ['-o', `${folder}/x`, `${folder}/x.c`]);
    const output = execFileSync(`${folder}/x`, { input: Buffer.from(inputs.join(''), 'hex') });
    rmSync(folder, { recursive: true });
    inputs.forEach((input, i) => {
      const theirs = output.readDoubleLE(24 * i);
      assert.ok(Object.is(valueOf(input), theirs), `${input}: ${valueOf(input)}, not ${theirs}`);
      assert.equal(hexOf(theirs), output.subarray(24 * i + 8, 24 * i + 24).toString('hex'));
    });
  });
});
