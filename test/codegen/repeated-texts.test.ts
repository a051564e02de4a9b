import assert from 'node:assert/strict';
import fc from 'fast-check';
import { putString } from '../../codegen/support/index.js';
import { readUtf8 } from '../../codegen/support/utf8.js';
import { memoryFrom, memoryOf } from './generated.js';

/** Far more often than it takes for a text to be kept. */
const times = 50;

const alike = Array.from({ length: 40 }, (_, i) => {
  const text = 'one of many texts that differ in one place';
  return text.slice(0, i) + '#' + text.slice(i + 1);
});
const others = [
  '',
  'a',
  'abc',
  'abcd',
  'Zürich-Flughafen',
  '€ 12.50, plus tax',
  '𝄞 is a clef, and so is 𝄢',
  '\0'.repeat(12),
  'of bytes that make a NaN: \u{3ffff}\u{3ffff}\u{10ffff}\u{10ffff}',
];
const long = [
  'x'.repeat(127),
  'x'.repeat(128),
  'x'.repeat(129),
  'é'.repeat(64),
  'é'.repeat(127),
  'é'.repeat(128),
];

describe('texts that come again and again', () => {
  it('are written as the bytes that they are, in whatever order they come', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...alike, ...others, ...long), { minLength: 300 }), (texts) => {
        for (const text of texts) {
          const expected = Buffer.from(text);
          const memory = memoryOf(300);
          const size = expected.length < 0x80 ? 2 : 3;
          const end = putString(memory, 0, size + expected.length, 10, text, 4096, 'm::S.s');
          assert.equal(end, size + expected.length);
          assert.deepEqual(Buffer.from(memory.bytes.subarray(size, end)), expected);
          assert.equal(putString(memory, 0, end - 1, 10, text, 4096, 'm::S.s'), -1);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('are read as what their bytes say, in whatever order they come', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...alike, ...others, ...long), { minLength: 300 }), (texts) => {
        for (const text of texts) {
          const memory = memoryFrom(Buffer.from(`>${text}<`));
          assert.equal(readUtf8(memory, 1, memory.bytes.length - 1), text);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('that are no UTF-8 are refused each time', () => {
    const broken = memoryFrom(Uint8Array.of(0x61, 0x62, 0x63, 0x64, 0xc3, 0x28, 0x65, 0x66));
    for (let i = 0; i < times; i++) assert.equal(readUtf8(broken, 0, 8), undefined);
  });

  it('of zeros are told from bytes that make a zero as well, and are no text', () => {
    const zeros = memoryFrom(new Uint8Array(24));
    for (let i = 0; i < times; i++) assert.equal(readUtf8(zeros, 0, 24), '\0'.repeat(24));
    // As doubles 0 and -0 are equal.
    zeros.bytes[7] = 0x80;
    assert.equal(readUtf8(zeros, 0, 24), undefined);
  });

  it('are the texts of their bytes even where memory is written again', () => {
    const memory = memoryFrom(Buffer.from('the first text'));
    for (let i = 0; i < times; i++) assert.equal(readUtf8(memory, 0, 14), 'the first text');
    memory.bytes.set(Buffer.from('the firs# text'));
    for (let i = 0; i < times; i++) assert.equal(readUtf8(memory, 0, 14), 'the firs# text');
  });
});
