import assert from 'node:assert/strict';
import { codes, diagnosticRecord, formatDiagnostic } from '../../idl/index.js';
import { codesOf, compileText, found } from './compile.js';

/** IDL, and the codes that it gets, in order. */
const table: [idl: string, ...codes: string[]][] = [
  // Right.
  [''],
  [';;'],
  ['module m { struct S { long a; }; };'],
  [
    'module m { module n { const long A = 1; }; const long B = n::A; }; module m { const long C = ::m::n::A + B; };',
  ],
  [
    'struct S { boolean a; octet b; char c; short d; unsigned short e; long f; unsigned long g; long long h; unsigned long long i; float j; double k; int8 l; uint8 m; int16 n; uint16 o; int32 p; uint32 q; int64 r; uint64 s; string t; string<5> u; sequence<long> v; sequence<long, 5> w; long x[2][3], y; };',
  ],
  ['struct Color { double r; }; struct S { Color color; sequence<Color> colors; };'],
  ['struct S { long _struct; long port; long home; long context; };'],
  ['struct S { sequence<sequence<sequence<long>>> a; sequence<string<(4>>1)>, 1<<2> b; };'],
  ['struct S; struct S { long a; };'],
  [
    '@final struct A { long a; }; @appendable struct B { long a; }; @extensibility(FINAL) struct C { long a; }; @nested struct D { long a; }; @topic struct E { @key @id(3) long a; @optional long b; @default(5) long c; @key(FALSE) @optional long d; };',
  ],
  ['enum E { A, B }; const E X = B; const E Y = E::A; struct S { @default(B) E e; @default(E::A) E f; };'],
  ['typedef long L; typedef L M[2], N; struct S { M m; N n; };'],
  ['const string S = "a" "b" "\\x41\\101\\n"; const char C = \'\\\'\'; const char D = \'\\x7f\';'],
  // Source text.
  ['struct S { lo$ng a; };', 'IDL1003', 'IDL2001'],
  ['/* no end', 'IDL1004'],
  ['const string S = "no end;', 'IDL1005', 'IDL2001'],
  ["const char C = 'ab';", 'IDL1006'],
  ['const string S = "\\q";', 'IDL1006'],
  ['const string S = "\\0";', 'IDL1006'],
  ['const long A = 12x;', 'IDL1006', 'IDL2001'],
  ['const long A = 089;', 'IDL1006', 'IDL2001'],
  // Syntax.
  ['struct S { long a }; struct T { long b; };', 'IDL2002'],
  ['struct S { long a; } struct T { long b; };', 'IDL2001'],
  ['struct S { long a; }\nstruct T { long b; };', 'IDL2002'],
  ['struct S { long a;', 'IDL2003'],
  ['module m { struct S { long a; };', 'IDL2003'],
  ['}; struct S { long a; };', 'IDL2004'],
  ['struct struct { long a; };', 'IDL2005'],
  ['struct S { long module; };', 'IDL2005'],
  ['struct S { long String; };', 'IDL2008'],
  ['struct S { };', 'IDL2007'],
  ['enum E { };', 'IDL2007'],
  ['enum E { A, B, };', 'IDL2001'],
  ['enum E { A = 1, B };', 'IDL2001'],
  ['struct S { unsigned a; long b; };', 'IDL2001'],
  ['struct S { struct T { long a; } t; long b; };', 'IDL2001'],
  ['struct S { long a[]; long b[2; long c; };', 'IDL2001', 'IDL2001'],
  ['struct S { ___proto__ a; long ___proto__; };', 'IDL3003', 'IDL2005'],
  ['garbage here; struct S { strin a; };', 'IDL2001', 'IDL3003'],
  // Names.
  ['struct S { long a; }; struct S { long b; };', 'IDL3001'],
  ['struct S { long a; }; enum s { A };', 'IDL3002'],
  ['struct S { long a; long A; };', 'IDL3002'],
  ['struct S { long a; }; struct T { s a; };', 'IDL3002'],
  ['module m { }; module M { };', 'IDL3002'],
  ['struct S { Missing a; };', 'IDL3003'],
  ['module m { struct S { long a; }; }; struct T { m::R a; n::S b; };', 'IDL3003', 'IDL3003'],
  ['const long A = B;', 'IDL3003'],
  ['const long A = 1; struct S { A a; };', 'IDL3004'],
  ['struct S { long a; }; const long A = S;', 'IDL3004'],
  ['struct S { long a; }; struct T { S::a b; };', 'IDL3004'],
  ['typedef long L; struct T { L::a b; };', 'IDL3004'],
  ['struct S { T t; }; struct T { long a; };', 'IDL3005'],
  ['enum E { A }; enum F { A };', 'IDL3006'],
  ['enum E { A }; enum F { A }; const E X = A;', 'IDL3006', 'IDL3007'],
  ['enum E { A }; enum F { A }; const E X = E::A;', 'IDL3006'],
  ['enum E { A, A };', 'IDL3001'],
  ['struct S { S s; };', 'IDL3008'],
  ['struct S; struct T { S s; }; struct S { T t; };', 'IDL3008'],
  ['struct S;', 'IDL3009'],
  // Constants and types.
  [
    'const octet A = 256; const short B = -32769; const uint64 C = 1 << 63; const int64 D = 1 << 63;',
    'IDL4001',
    'IDL4001',
    'IDL4001',
  ],
  ['const uint64 A = 18446744073709551615; const uint64 B = A + 1;', 'IDL4001'],
  ['const unsigned long A = ~0; const long B = ~0; const octet C = ~1;'],
  ['const float A = 1e39; const double B = 1e999;', 'IDL4001', 'IDL4001'],
  ['const string<2> A = "abc";', 'IDL4001'],
  ['const long A = 1 << 64;', 'IDL4001'],
  [
    'const long A = "x"; const string B = 1; const boolean C = 1; const char D = "x";',
    'IDL4002',
    'IDL4002',
    'IDL4002',
    'IDL4002',
  ],
  ['const long A = 1.5;', 'IDL4002'],
  [
    'const long A = TRUE + 1; const long B = ~1.5; const double C = 1.5 | 2; const long D = -"x";',
    'IDL4003',
    'IDL4003',
    'IDL4003',
    'IDL4003',
  ],
  [
    'const long A = 1 / 0; const long B = 1 % (1 - 1); const double C = 1.0 / 0.0;',
    'IDL4004',
    'IDL4004',
    'IDL4004',
  ],
  ['struct S { sequence<long, 0> a; long b[-1]; string<0> c; };', 'IDL4005', 'IDL4005', 'IDL4005'],
  ['struct S { long a; }; const S A = 1;', 'IDL4006'],
  ['struct S { @default(1) sequence<long> a; };', 'IDL4006'],
  ['struct S { long a[100000][100000]; };', 'IDL4007'],
  ['enum E { A }; enum F { B }; const E X = B; struct S { @default(300) octet o; };', 'IDL4002', 'IDL4001'],
  // Annotations.
  ['@kye struct S { @Key long a; };', 'IDL4101', 'IDL4101'],
  [
    '@key struct S { @topic long a; }; @final module m { }; @key const long A = 1; @nested typedef long L;',
    'IDL4102',
    'IDL4102',
    'IDL4102',
    'IDL4102',
    'IDL4102',
  ],
  ['enum E { @key A };', 'IDL4102'],
  ['@final @final struct S { @key @key long a; };', 'IDL4103', 'IDL4103'],
  [
    'struct S { @id long a; @id(1, 2) long b; @key(5) long c; @default long d; @id("x") long e; }; @extensibility(FINE) struct T { long a; };',
    'IDL4104',
    'IDL4104',
    'IDL4002',
    'IDL4104',
    'IDL4002',
    'IDL4104',
  ],
  [
    '@final @appendable struct S { long a; }; @topic @nested struct T { @optional @default(1) long a; };',
    'IDL4105',
    'IDL4105',
    'IDL4105',
  ],
  ['struct S { @id(1) long a; @id(1) long b; @id(0) long c; long d; };', 'IDL4106', 'IDL4106'],
  ['struct S { @key @optional long a; };', 'IDL4107'],
  ['struct S { @id(268435456) long a; @id(268435455) long b; };', 'IDL4108'],
  // Valid IDL that is not supported: said, and gone over.
  [
    'union U switch (long) { case 1: long a; default: long b; }; struct S { U u; strin s; };',
    'IDL5001',
    'IDL3003',
  ],
  [
    'bitmask B { A, C }; bitset T { bitfield<3> a; }; interface I { void f(in long a); }; exception X { long a; }; native N; struct S { B b; };',
    'IDL5001',
    'IDL5001',
    'IDL5001',
    'IDL5001',
    'IDL5001',
  ],
  [
    '@annotation own { long value; }; local interface J { }; valuetype V { public long a; };',
    'IDL5001',
    'IDL5001',
    'IDL5001',
  ],
  ['struct B { long a; }; struct S : B { long b; };', 'IDL5001'],
  [
    'struct S { map<long, string> a; wstring b; wstring<5> c; wchar d; fixed<5,2> e; long double f; any g; sequence<wchar> h; };',
    ...Array<string>(8).fill('IDL5002'),
  ],
  ['struct S { sequence<S> a; };', 'IDL5002'],
  ['struct P { long a; }; struct S { @key sequence<P> a; @key string b[2]; };', 'IDL5002', 'IDL5002'],
  [
    '@mutable struct S { @unit("m") @range(min = 1, max = 2) long a; @external long b; }; enum E { @value(5) A };',
    ...Array<string>(5).fill('IDL5003'),
  ],
  [
    '@topic(name = "x") struct S { long a; }; @extensibility(MUTABLE) struct T { long a; };',
    'IDL5003',
    'IDL5003',
  ],
  ['const double A = 1.5d; const string B = L"x"; const char C = L\'x\';', 'IDL5005', 'IDL5005', 'IDL5005'],
];

describe('IDL', () => {
  for (const [idl, ...expected] of table) {
    const what = idl.length > 90 ? `${idl.slice(0, 90)}…` : idl;
    it(`${expected.length === 0 ? 'takes' : `finds ${[...new Set(expected)].join(', ')} in`} ${what}`, () => {
      const result = compileText(idl);
      assert.deepEqual(
        codesOf(result).sort(),
        expected.sort(),
        result.diagnostics.map(formatDiagnostic).join('\n'),
      );
      const hasErrors = result.diagnostics.some(({ severity }) => severity === 'error');
      assert.equal(result.model === undefined, hasErrors);
    });
  }

  it('has a test for every code', () => {
    // Those of files and directives are in preprocessor.test.ts and hostile.test.ts.
    const elsewhere = Object.keys(codes).filter(
      (code) => code.startsWith('IDL1') || ['IDL2006', 'IDL5004'].includes(code),
    );
    const tested = new Set(table.flatMap(([, ...expected]) => expected));
    assert.deepEqual(
      Object.keys(codes).filter((code) => !tested.has(code) && !elsewhere.includes(code)),
      [],
    );
  });
});

describe('one run', () => {
  it('shows every error of a file, each at its place', () => {
    const result = compileText(`module m {
  struct A {
    strin name;
    long x
    long y;
    @kye octet z;
  };
  union U switch (long) { case 1: long a; };
  struct B {
    A a;
    map<long, long> m;
    U u;
    Missing q;
    octet = 5;
    long ok;
  };
  const octet BIG = 300;
};
struct C {
  m::B b;
  m::D d;
`);
    assert.deepEqual(found(result), [
      'IDL3003 3:5',
      'IDL2002 4:11',
      'IDL4101 6:5',
      'IDL5001 8:9',
      'IDL5002 11:5',
      'IDL3003 13:5',
      'IDL2001 14:11',
      'IDL4001 17:21',
      'IDL3003 21:6',
      'IDL2003 22:1',
    ]);
  });

  it('shows the errors of all files, included ones first where they come first', () => {
    const result = compileText({
      'a.idl': '#include "b.idl"\nstruct A { x a; };',
      'b.idl': 'struct B { y b; };',
    });
    assert.deepEqual(
      result.diagnostics.map(({ span }) => span.file.path),
      ['b.idl', 'a.idl'],
    );
  });
});

describe('a diagnostic', () => {
  it('shows the place, the line and what is meant', () => {
    const { diagnostics } = compileText('module m {\n\tstruct S { strin a; };\n};');
    assert.equal(
      formatDiagnostic(diagnostics[0]!),
      "a.idl:2:13: error IDL3003: There is no type 'strin'. Did you mean 'string'?\n" +
        '  2 |  struct S { strin a; };\n' +
        '    |             ^~~~~',
    );
  });

  it('shows where else to look', () => {
    const { diagnostics } = compileText('struct S { long a; };\nstruct S { long b; };');
    assert.match(
      formatDiagnostic(diagnostics[0]!),
      /a\.idl:1:8: note: 'S' is declared here\.\n {2}1 \| struct S/,
    );
  });

  it('shows a part of a long line, and no control characters', () => {
    const { diagnostics } = compileText(`/*${'x'.repeat(1000)}\u001b[31m*/ strange /*${'y'.repeat(1000)}*/`);
    const text = formatDiagnostic(diagnostics[0]!);
    assert.ok(text.length < 500, text);
    assert.ok(!text.includes('\u001b'));
  });

  it('suggests names of types, constants and annotations', () => {
    const messages = (idl: string) => compileText(idl).diagnostics.map(({ message }) => message);
    assert.match(
      messages('struct Flight { long a; }; struct S { Fligth f; };')[0]!,
      /Did you mean 'Flight'\?/,
    );
    assert.match(messages('const long MAXIMUM = 1; const long B = MAXINUM;')[0]!, /Did you mean 'MAXIMUM'\?/);
    assert.match(messages('struct S { @optinal long a; };')[0]!, /Did you mean 'optional'\?/);
    assert.match(
      messages('module geo { struct P { long x; }; }; struct S { goe::P p; };')[0]!,
      /Did you mean 'geo'\?/,
    );
  });

  it('is plain data for tools', () => {
    const { diagnostics } = compileText('struct S { x a; };');
    assert.deepEqual(diagnosticRecord(diagnostics[0]!), {
      code: 'IDL3003',
      severity: 'error',
      message: "There is no type 'x'.",
      file: 'a.idl',
      line: 1,
      column: 12,
      offset: 11,
      length: 1,
      notes: [],
    });
  });
});
