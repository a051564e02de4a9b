import assert from 'node:assert/strict';
import type { Codec } from '../../codegen/support/index.js';
import type { Sample } from './generated.js';
import { encoded, isMalformed, isSampleError, load, memoryFrom } from './generated.js';

describe('the XCDR2 codec', () => {
  describe('of a type that has grown', () => {
    const versions = async (older: string, newer: string) => {
      const [one, two] = [await load({ 'v.idl': older }), await load({ 'v.idl': newer })];
      const [old, recent] = [one.topic('V').xcdr2!, two.topic('V').xcdr2!];
      return {
        toOld: (sample: Sample) => decoded(old, encoded(recent, sample)),
        toNew: (sample: Sample) => decoded(recent, encoded(old, sample)),
      };
    };

    it('at its end passes over what is new, and fills in what is missing, in nested types too', async () => {
      const { toOld, toNew } = await versions(
        '@nested struct P { long x; }; @topic struct V { octet a; P p; sequence<P> ps; long z; };',
        `@nested struct P { long x; @default(9) long y; string s; };
         @topic struct V { octet a; P p; sequence<P> ps; long z; @optional string t; @default(5) long five; P more; long list[2]; };`,
      );
      const p = { x: 1, y: 2, s: 'new' };
      const grown = { a: 1, p, ps: [p, p], z: 3, t: 'new', five: 6, more: p, list: [1, 2] };
      assert.deepEqual(toOld(grown), { a: 1, p: { x: 1 }, ps: [{ x: 1 }, { x: 1 }], z: 3 });
      const filled = { x: 1, y: 9, s: '' };
      assert.deepEqual(toNew({ a: 1, p: { x: 1 }, ps: [{ x: 1 }], z: 3 }), {
        a: 1,
        p: filled,
        ps: [filled],
        z: 3,
        t: undefined,
        five: 5,
        more: { x: 0, y: 9, s: '' },
        list: [0, 0],
      });
    });

    it('anywhere, by the ids of its members, in whatever order', async () => {
      const { toOld, toNew } = await versions(
        '@mutable @topic struct V { @id(1) long a; @id(2) string b; @id(5) sequence<long> c; };',
        '@mutable @topic struct V { @id(9) double n; @id(5) sequence<long> c; @id(1) long a; @id(3) sequence<string> m; };',
      );
      assert.deepEqual(toOld({ n: 1, c: [4], a: 2, m: ['x', 'y'] }), { a: 2, b: '', c: [4] });
      assert.deepEqual(toNew({ a: 2, b: 'x', c: [4] }), { n: 0, c: [4], a: 2, m: [] });
    });

    it('by a member that must be understood is refused', async () => {
      const { toOld } = await versions(
        '@mutable @topic struct V { @id(1) long a; };',
        '@mutable @topic struct V { @id(1) long a; @id(2) @must_understand @optional long b; };',
      );
      assert.deepEqual(toOld({ a: 1 }), { a: 1 });
      assert.throws(() => toOld({ a: 1, b: 2 }), /member of id 2, which must be understood/);
    });
  });

  it('reads big-endian samples, and passes over the bytes that fill the last word', async () => {
    const { topic } = await load({ 'b.idl': '@topic struct B { short a; long b; string s; wstring w; };' });
    const sample = { a: 1, b: 2, s: 'ab', w: 'c' };
    const big =
      '00080001' +
      '00000016' +
      '00010000' +
      '00000002' +
      '00000003' +
      '61620000' +
      '00000002' +
      '0063' +
      '00';
    assert.deepEqual(decoded(topic('B').xcdr2!, Buffer.from(big, 'hex')), sample);
  });

  const layouts: [what: string, members: string, sample: Sample, hex: string][] = [
    ['a wide character', 'octet o; wchar c;', { o: 1, c: '\u4e2d' }, '01002d4e'],
    ['a wide string, by its bytes', 'wstring s; octet o;', { s: 'aé', o: 7 }, '04000000' + '6100e900' + '07'],
    ['a long double', 'octet o; long double l;', { o: 1, l: 1 }, '01000000' + '00'.repeat(14) + 'ff3f'],
    ['a fixed number', 'octet o; fixed<5,2> f;', { o: 1, f: '-12.30' }, '01' + '01230d'],
    [
      'a map of primitive types, without its length',
      'map<octet, long> m;',
      {
        m: new Map([
          [1, 2],
          [3, 4],
        ]),
      },
      '02000000' + '01000000' + '02000000' + '03000000' + '04000000',
    ],
    [
      'a map of others, with its length',
      'map<string, short> m;',
      { m: new Map([['a', 5]]) },
      '0c000000' + '01000000' + '02000000' + '6100' + '0500',
    ],
    ['a bitset', 'Bits b;', { b: { a: 5, b: true, c: -2 } }, '0dfe0f00'],
    [
      'a mutable union, with its discriminator as a member',
      'Changing c;',
      { c: { $d: 2, text: 'x' } },
      '12000000' + '000000a0' + '02000000' + '01000050' + '02000000' + '7800',
    ],
  ];
  for (const [what, members, sample, expected] of layouts) {
    it(`lays out ${what}`, async () => {
      const { topic } = await load({
        'l.idl': `bitset Bits { bitfield<3> a; bitfield<1> b; bitfield<4>; bitfield<12, short> c; };
          @mutable @nested union Changing switch (long) { case 2: string text; };
          @final @topic struct L { ${members} };`,
      });
      const { xcdr2 } = topic('L');
      assert.equal(hex(encoded(xcdr2!, sample).subarray(4)), expected);
      assert.deepEqual(decoded(xcdr2!, encoded(xcdr2!, sample)), sample);
    });
  }

  it("refuses an encapsulation that is not its type's", async () => {
    const { topic } = await load({ 'e.idl': '@final @topic struct E { long a; };' });
    const { xcdr2 } = topic('E');
    assert.equal(hex(encoded(xcdr2!, { a: 1 })), '0007000001000000');
    for (const head of ['00090000', '000b0000', '00010000', '01070000', '00070003', '0007', ''])
      assert.throws(() => decoded(xcdr2!, Buffer.from(`${head}0100`, 'hex')), isMalformed, head);
  });

  it('writes no U+0000 into a string, which it would end', async () => {
    const { topic } = await load({ 'n.idl': '@topic struct N { string s; };' });
    for (const s of ['\0', 'a\0b', `${'x'.repeat(40)}\0`, 'é\0'])
      assert.throws(() => encoded(topic('N').xcdr2!, { s }), /N\.s: holds the character U\+0000/);
  });

  it('reads and writes nothing that is nested too deep, as protobuf does not', async () => {
    const { topic } = await load({
      'd.idl': '@final @topic struct List { octet value; @external @optional List next; };',
    });
    const list = (length: number) => {
      let next: Sample | undefined;
      for (let i = 0; i < length; i++) next = { value: 1, next };
      return next!;
    };
    const { xcdr2, protobuf } = topic('List');
    for (const codec of [xcdr2!, protobuf]) {
      assert.deepEqual(decoded(codec, encoded(codec, list(500))), list(500));
      // Nor is it written; and what comes after it is.
      assert.throws(
        () => encoded(codec, list(501)),
        (error) => isSampleError(error, 'List') && /nested more than 500 deep/.test(error.message),
      );
      assert.deepEqual(decoded(codec, encoded(codec, list(500))), list(500));
    }
    const deep = Buffer.from(`00070000${'0101'.repeat(500)}0100`, 'hex');
    assert.throws(() => decoded(xcdr2!, deep), /nested more than 500 deep/);
    let message = Buffer.from([8, 1]);
    for (let i = 0; i < 500; i++) {
      const { length } = message;
      const prefix = length < 128 ? [length] : [(length & 127) | 128, length >> 7];
      message = Buffer.from([8, 1, 18, ...prefix, ...message]);
    }
    assert.throws(() => decoded(protobuf, message), /nested more than 500 deep/);
  });

  it('asks for no memory that the bytes at hand could not fill', async () => {
    const { topic } = await load({ 'h.idl': '@final @topic struct H { sequence<double> d; };' });
    const huge = Buffer.from('00070000' + 'ffffffff' + '0000000000000000', 'hex');
    assert.throws(() => decoded(topic('H').xcdr2!, huge), /has 4294967295 elements, and ends too early/);
    const none = await load({ 'n.idl': '@final struct E {}; @final @topic struct N { sequence<E> e; };' });
    const empty = (count: string) => Buffer.from(`00070000${'04000000'}${count}`, 'hex');
    assert.throws(
      () => decoded(none.topic('N').xcdr2!, empty('ffffffff')),
      /has 4294967295 elements of no bytes/,
    );
    assert.deepEqual(decoded(none.topic('N').xcdr2!, empty('02000000')), { e: [{}, {}] });
  });
});

function decoded(codec: Codec<Sample>, bytes: Uint8Array): Sample {
  return codec.decode(memoryFrom(bytes), 0, bytes.length);
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
