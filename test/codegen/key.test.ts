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
