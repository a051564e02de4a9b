import assert from 'node:assert/strict';
import type { Generated, Sample } from './generated.js';
import { encoded, isSampleError, load } from './generated.js';

const idl = `module m {
  enum Colour { RED, GREEN };
  enum Late { @value(5) FIVE, @value(9) NINE };
  bitmask Flags { A, @position(31) Z }; @bit_bound(40) bitmask Wide { @position(39) TOP };
  bitset Bits { bitfield<3> a; bitfield<1> b; bitfield<5, int8> c; bitfield<40, int64> d; };
  @nested union Choice switch (Colour) { case RED: long number; case GREEN: string text; };
  @nested union Rest switch (long) { case 1: long a; default: string text; };
  @nested struct Base { long inherited; };
  @topic struct S : Base {
    wchar w; wstring<3> ws; long double l; fixed<4,2> f; map<string, short, 2> m; Late e; Flags flags; Wide wide; Bits bits;
    Choice choice; Rest rest; @range(min=1, max=9) long range; @min(0.5) double least; @max(5) @optional int64 most;
    @range(min=-1.5d, max=1.5d) fixed<4,2> decimal;
  };
};`;

const bits = { a: 7, b: true, c: -16, d: 1n };
const valid: Sample = {
  inherited: 1,
  w: 'w',
  ws: 'abc',
  l: 1.5,
  f: '12.34',
  m: new Map([['a', 1]]),
  e: 9,
  flags: 0x80000001 | 0,
  wide: 1n << 39n,
  bits,
  choice: { $d: 0, number: 1 },
  rest: { $d: 'default', text: 'x' },
  range: 9,
  least: 0.5,
  decimal: '-1.50',
};

const wrong: [member: string, values: unknown[], at?: string][] = [
  ['inherited', [1.5, 'x'], 'm::S.inherited'],
  ['w', ['', 'ab', 5, '😀']],
  ['ws', ['abcd', 5, '\ud800'.repeat(4)]],
  ['l', ['1', 1n]],
  ['f', ['123', '1.234', 5, 'x']],
  [
    'm',
    [
      {},
      new Map([['a', 'x']]),
      new Map([['a', 40000]]),
      new Map([[1, 1]]),
      new Map([
        ['a', 1],
        ['b', 1],
        ['c', 1],
      ]),
    ],
  ],
  ['e', [0, 6, '5']],
  ['flags', [2, 1.5, 1n, -2]],
  ['wide', [1, 1n, 1n << 40n, -1n]],
  ['bits', [null, 5]],
  [
    'bits',
    [
      { ...bits, a: 8 },
      { ...bits, a: -1 },
      { ...bits, a: 0.5 },
    ],
    'm::Bits.a',
  ],
  ['bits', [{ ...bits, b: 1 }], 'm::Bits.b'],
  [
    'bits',
    [
      { ...bits, c: 16 },
      { ...bits, c: -17 },
    ],
    'm::Bits.c',
  ],
  [
    'bits',
    [
      { ...bits, d: 1n << 39n },
      { ...bits, d: 1 },
    ],
    'm::Bits.d',
  ],
  ['choice', [null, 'x']],
  ['choice', [{}, { $d: 2, number: 1 }, { $d: 'RED', number: 1 }], 'm::Choice.$d'],
  ['choice', [{ $d: 0 }, { $d: 0, text: 'x' }], 'm::Choice.number'],
  ['choice', [{ $d: 1, number: 1 }], 'm::Choice.text'],
  [
    'rest',
    [
      { $d: 2, text: 'x' },
      { $d: 'default', $label: 1, text: 'x' },
      { $d: 'default', $label: 1.5, text: 'x' },
    ],
    'm::Rest.$d',
  ],
  ['range', [0, 10, '5']],
  ['least', [0.4, NaN]],
  ['most', [6n, 5]],
  ['decimal', ['1.51', '-2']],
];

describe('a sample of any kind that does not fit its type', () => {
  let generated: Generated;
  before(async () => {
    generated = await load({ 'm.idl': idl });
  });

  it('is not one that does', () => {
    for (const codec of [generated.topic('S').protobuf, generated.topic('S').xcdr2!])
      assert.ok(encoded(codec, valid).length > 0);
  });

  for (const [member, values, at = `m::S.${member}`] of wrong) {
    it(`is refused for ${at} of ${member}`, () => {
      for (const codec of [generated.topic('S').protobuf, generated.topic('S').xcdr2!]) {
        for (const value of values) {
          assert.throws(
            () => encoded(codec, { ...valid, [member]: value }),
            (error) => isSampleError(error, at),
            `${member} = ${String(value)}`,
          );
        }
      }
    });
  }
});
