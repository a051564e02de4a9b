import assert from 'node:assert/strict';
import { fixedText, getFixed, setFixed } from '../../codegen/support/index.js';
import { isMalformed, isSampleError } from './generated.js';

describe('a fixed number', () => {
  it('is a decimal text with all digits after the point, and none too many before it', () => {
    const rows: [string, number, number, string][] = [
      ['1.5', 5, 2, '1.50'],
      ['-001.50', 5, 2, '-1.50'],
      ['0', 5, 2, '0.00'],
      ['-0.00', 5, 2, '0.00'],
      ['.5', 5, 2, '0.50'],
      ['999.99', 5, 2, '999.99'],
      ['7.', 3, 0, '7'],
      ['1.500000', 5, 1, '1.5'],
      ['.25', 2, 2, '0.25'],
    ];
    for (const [value, digits, scale, text] of rows) assert.equal(fixedText(value, digits, scale, 'm'), text);
  });

  it('of another form or with too many digits is refused', () => {
    for (const value of [
      '',
      '-',
      '.',
      '1000',
      '1.005',
      '1e3',
      ' 1',
      '1,5',
      '+1',
      'x',
      '1'.repeat(200),
      5,
      undefined,
    ])
      assert.throws(
        () => fixedText(value as string, 5, 2, 'm'),
        (error) => isSampleError(error, 'm'),
        String(value),
      );
  });

  it('travels in binary-coded decimal, the sign in the last half byte', () => {
    const rows: [string, number, number, string][] = [
      ['123.45', 5, 2, '12345c'],
      ['-123.45', 5, 2, '12345d'],
      ['1.50', 5, 2, '00150c'],
      ['1234', 4, 0, '01234c'],
      ['-0.5', 2, 1, '005d'],
      ['0', 1, 0, '0c'],
    ];
    for (const [text, digits, scale, hex] of rows) {
      const bytes = new Uint8Array(hex.length / 2);
      setFixed(bytes, 0, text, digits);
      assert.equal(Buffer.from(bytes).toString('hex'), hex);
      assert.equal(getFixed(bytes, 0, digits, scale, 'm'), text);
    }
  });

  it('of bytes that are none is refused', () => {
    for (const hex of ['12a45c', '123450', '1234ac'])
      assert.throws(() => getFixed(Buffer.from(hex, 'hex'), 0, 5, 2, 'm'), isMalformed, hex);
    assert.throws(() => getFixed(Buffer.from('11234c', 'hex'), 0, 4, 0, 'm'), isMalformed);
  });
});
