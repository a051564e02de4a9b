import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { md5 } from '../../codegen/support/md5.js';
import { load } from './generated.js';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('MD5', () => {
  it('is that of the platform', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        assert.equal(hex(md5(bytes)), createHash('md5').update(bytes).digest('hex'));
      }),
    );
  });
});

describe('the key of a sample', () => {
  it('is the big-endian CDR of its members, padded, where that cannot exceed 16 bytes', async () => {
    const { topic } = await load({
      'k.idl': `enum E { A, B };
        @topic struct One { @key unsigned long id; string rest; };
        @topic struct Mixed { @key octet a; @key int64 b; @key short c; };
        @topic struct Short { @key string<11> s; };
        @topic struct Kinds { @key boolean b; @key char c; @key E e; @key float f; @key octet raw[4]; };
        @topic struct Numbers { @key short s[3]; };
        @topic struct None { long a; };`,
    });
    assert.equal(hex(topic('One').key!.hash({ id: 0x01020304 })), '01020304' + '00'.repeat(12));
    // XCDR2 aligns 64-bit integers to 4.
    assert.equal(hex(topic('Mixed').key!.hash({ a: 1, b: -2n, c: 3 })), '01000000fffffffffffffffe00030000');
    assert.equal(hex(topic('Short').key!.hash({ s: 'abc' })), '0000000461626300' + '00'.repeat(8));
    const kinds = { b: true, c: 'A', e: 1, f: 1, raw: new Uint8Array([1, 2, 3, 4]) };
    assert.equal(hex(topic('Kinds').key!.hash(kinds)), '01410000' + '00000001' + '3f800000' + '01020304');
    assert.equal(hex(topic('Numbers').key!.hash({ s: [1, 2, -1] })), '00010002ffff' + '00'.repeat(10));
    assert.equal(topic('None').key, undefined);
  });

  it('is the MD5 of that where it can be longer', async () => {
    const { topic } = await load({
      'l.idl': `@topic struct Long { @key string<12> s; };
        @topic struct Text { @key string s; @key long n; };
        @topic struct List { @key sequence<long> xs; };`,
    });
    const of = (text: string) => createHash('md5').update(Buffer.from(text, 'hex')).digest('hex');
    assert.equal(hex(topic('Long').key!.hash({ s: 'abc' })), of('0000000461626300'));
    assert.equal(hex(topic('Text').key!.hash({ s: 'é', n: -1 })), of('00000003c3a90000ffffffff'));
    assert.equal(hex(topic('List').key!.hash({ xs: [1, 2] })), of('000000020000000100000002'));
    const long = 'x'.repeat(5000);
    const bytes = Buffer.concat([
      Buffer.from('00001389', 'hex'),
      Buffer.from(`${long}\0`),
      Buffer.alloc(3),
      Buffer.from('00000001', 'hex'),
    ]);
    assert.equal(
      hex(topic('Text').key!.hash({ s: long, n: 1 })),
      createHash('md5').update(bytes).digest('hex'),
    );
  });

  it('goes by member id, into nested structs, whose key members alone count where they have any', async () => {
    const { topic } = await load({
      'n.idl': `@nested struct Inner { @key short a; long b; };
        @nested struct Plain { short a; short b; };
        @topic struct Outer { @key @id(5) Inner i; @key @id(2) Plain p; long rest; };`,
    });
    const sample = { i: { a: 1, b: 2 }, p: { a: 3, b: 4 }, rest: 5 };
    assert.equal(hex(topic('Outer').key!.hash(sample)), '000300040001' + '00'.repeat(10));
    assert.equal(topic('Outer').key!.of(sample), '3|4|1');
  });

  it('may be inherited, of any kind, and a union by its discriminator or as a whole', async () => {
    const { topic } = await load({
      'a.idl': `@bit_bound(8) enum Small { ZERO, ONE }; bitmask Flags { F0, F1 }; bitset Bits { bitfield<3> a; bitfield<5> b; };
        @nested struct Base { @key long id; };
        @topic struct Derived : Base { short more; string rest; };
        @topic struct Kinds { @key wchar w; @key Small s; @key Bits b; @key Flags f; @key fixed<3,1> d; };
        @topic struct Wide { @key wstring<3> s; }; @topic struct Precise { @key long double l; };
        @final @nested union ByKey switch (@key long) { case 1: string a; default: long b; };
        @final @nested union Whole switch (octet) { case 1: short a; case 2: octet b; };
        @topic struct Chosen { @key ByKey u; long rest; }; @topic struct Entire { @key Whole u; };
        @topic union Root switch (@key long) { case 1: string a; };`,
    });
    assert.equal(hex(topic('Derived').key!.hash({ id: 1, more: 2, rest: '' })), '00000001' + '00'.repeat(12));
    assert.equal(topic('Derived').key!.of({ id: 1, more: 2, rest: '' }), 1);
    const kinds = { w: 'A', s: 1, b: { a: 5, b: 3 }, f: 3, d: '1.5' };
    assert.equal(
      hex(topic('Kinds').key!.hash(kinds)),
      '0041' + '01' + '1d' + '00000003' + '015c' + '00'.repeat(6),
    );
    assert.equal(topic('Kinds').key!.of(kinds), 'A|1|29|3|1.5');
    assert.equal(topic('Kinds').key!.of({ ...kinds, d: '01.50' }), 'A|1|29|3|1.5');
    assert.equal(hex(topic('Wide').key!.hash({ s: 'ab' })), '00000004' + '00610062' + '00'.repeat(8));
    assert.equal(hex(topic('Precise').key!.hash({ l: 1 })), '3fff' + '00'.repeat(14));
    const chosen = topic('Chosen').key!;
    assert.equal(hex(chosen.hash({ u: { $d: 1, a: 'x' }, rest: 0 })), '00000001' + '00'.repeat(12));
    assert.equal(chosen.of({ u: { $d: 1, a: 'x' } }), chosen.of({ u: { $d: 1, a: 'y' } }));
    assert.notEqual(
      chosen.of({ u: { $d: 1, a: 'x' } }),
      chosen.of({ u: { $d: 'default', $label: 2, b: 0 } }),
    );
    const entire = topic('Entire').key!;
    assert.equal(hex(entire.hash({ u: { $d: 1, a: 2 } })), '01000002' + '00'.repeat(12));
    assert.equal(hex(entire.hash({ u: { $d: 2, b: 2 } })), '0202' + '00'.repeat(14));
    assert.notEqual(entire.of({ u: { $d: 1, a: 2 } }), entire.of({ u: { $d: 2, b: 2 } }));
    assert.equal(hex(topic('Root').key!.hash({ $d: 1, a: 'x' })), '00000001' + '00'.repeat(12));
  });

  it('is cheap for one member, and unambiguous for several', async () => {
    const { topic } = await load({
      'o.idl': `@topic struct N { @key long n; }; @topic struct S { @key string s; }; @topic struct B { @key boolean b; };
        @topic struct L { @key int64 n; }; @topic struct D { @key double d; }; @topic struct C { @key char c; };
        @topic struct Two { @key string a; @key string b; }; @topic struct Raw { @key octet raw[2]; };
        @topic struct M { @key double m[2][2]; @key sequence<char> cs; @default(7) @key long seven; };`,
    });
    assert.equal(topic('N').key!.of({ n: 5 }), 5);
    assert.equal(topic('S').key!.of({ s: 'x' }), 'x');
    assert.equal(topic('B').key!.of({ b: true }), 1);
    assert.equal(topic('L').key!.of({ n: -5n }), '-5');
    assert.equal(topic('C').key!.of({ c: 'c' }), 'c');
    assert.notEqual(topic('D').key!.of({ d: 0 }), topic('D').key!.of({ d: -0 }));
    const { key } = topic('Two');
    assert.notEqual(key!.of({ a: 'a|1:b', b: 'c' }), key!.of({ a: 'a', b: '1:b|c' }));
    assert.notEqual(key!.of({ a: '', b: 'x' }), key!.of({ a: 'x', b: '' }));
    assert.equal(topic('Raw').key!.of({ raw: new Uint8Array([1, 255]) }), '2:01ff');
    const m = topic('M').key!;
    assert.equal(
      m.of({
        m: [
          [1, -0],
          [2, 3],
        ],
        cs: ['|', ','],
      }),
      '1,-0,2,3|3:|,,|7',
    );
  });
});
