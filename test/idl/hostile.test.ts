import assert from 'node:assert/strict';
import type { FileHost } from '../../idl/index.js';
import { compile, formatDiagnostic } from '../../idl/index.js';
import { codesOf, compileText } from './compile.js';

const many = (count: number, text: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join('');

/** Texts that would crash, hang or fill the memory of a careless compiler, and a code that each is to get. */
const texts: [what: string, files: string | Record<string, string | Uint8Array>, code: string | undefined][] =
  [
    ['NUL bytes', 'struct S { lo\0ng a; };', 'IDL1003'],
    ['invalid UTF-8', { 'a.idl': new Uint8Array([0x73, 0xff, 0xfe, 0x20, 0xc3]) }, 'IDL1002'],
    ['a name of 10 MB', 'x'.repeat(1e7), 'IDL1007'],
    ['a line of 10 MB', `${' '.repeat(1e7)}$`, 'IDL1003'],
    ['a string of 10 MB', `const string S = "${'x'.repeat(1e7)}";`, undefined],
    ['a string of 10 MB without end', `const string S = "${'x'.repeat(1e7)}`, 'IDL1005'],
    ['a number of a million digits', `const long S = ${'9'.repeat(1e6)};`, 'IDL4001'],
    ['nothing but errors', '$ '.repeat(1e5), 'IDL1019'],
    ['modules 10,000 deep', 'module m {'.repeat(1e4), 'IDL2006'],
    ['brackets 10,000 deep', `const long A = ${'('.repeat(1e4)}1${')'.repeat(1e4)};`, 'IDL2006'],
    ['signs 10,000 deep', `const long A = ${'-'.repeat(1e4)}1;`, 'IDL2006'],
    ['a sum of 10,000', `const long A = 1${'+1'.repeat(1e4)};`, 'IDL2006'],
    ['sequences 10,000 deep', `struct S { ${'sequence<'.repeat(1e4)}long${'>'.repeat(1e4)} a; };`, 'IDL2006'],
    ['annotations within annotations', '@id('.repeat(1e4), 'IDL2001'],
    ['conditions 10,000 deep', '#if 1\n'.repeat(1e4), 'IDL1017'],
    ['a condition 10,000 deep', `#if ${'('.repeat(1e4)}\n#endif`, 'IDL1014'],
    ['macros that double', `${many(40, (i) => `#define M${i} M${i + 1} M${i + 1}\n`)}M0`, 'IDL1018'],
    ['macros used again and again', `#define C ${'x '.repeat(5e4)}\n${'C '.repeat(1e4)}`, 'IDL1018'],
    ['macros that call each other', `${many(300, (i) => `#define F${i}(x) F${i + 1}(x)\n`)}F0(1)`, 'IDL1018'],
    [
      'a macro that doubles what it is given',
      `#define D(x) x x\n${'D('.repeat(40)}1${')'.repeat(40)}`,
      'IDL1018',
    ],
    [
      'macros within macros, 10,000 deep',
      `#define F(x) x\n${'F('.repeat(1e4)}1${')'.repeat(1e4)}`,
      'IDL1018',
    ],
    ['a macro without end', `#define F(x) x\nF(${'('.repeat(1e5)}`, 'IDL1020'],
    ['a macro that joins itself', '#define J(x) x ## x\nconst long J(a) = 1;', undefined],
    ['maps 10,000 deep', `struct S { ${'map<long,'.repeat(1e4)}long${'>'.repeat(1e4)} a; };`, 'IDL2006'],
    [
      'unions of 100,000 labels',
      `union U switch (long) { ${many(1e5, (i) => `case ${i}:`)} long a; };`,
      undefined,
    ],
    ['an enum of 100,000', `enum E { ${many(1e5, (i) => `E${i},`)} LAST };`, undefined],
    [
      'structs that inherit 5,000 deep',
      `struct S0 { long a; };${many(5000, (i) => `struct S${i + 1} : S${i} { };`)}`,
      undefined,
    ],
    [
      'typedefs of typedefs',
      `typedef long T0;${many(1e4, (i) => `typedef T${i} T${i + 1};`)}struct S { T10000 a; };`,
      undefined,
    ],
    [
      'typedefs of sequences',
      `typedef long T0;${many(1e4, (i) => `typedef sequence<T${i}> T${i + 1};`)}struct S { T10000 a; };`,
      'IDL2006',
    ],
    ['annotations without end', `${'@a(1) '.repeat(1e5)}struct S { long a; };`, 'IDL4101'],
    ['a fixed number of 10,000 digits', `const fixed A = ${'9'.repeat(1e4)}d;`, 'IDL4001'],
    ['a file that includes itself', { 'a.idl': '#include "a.idl"' }, 'IDL1009'],
    [
      'files that include files',
      Object.fromEntries(
        Array.from({ length: 400 }, (_, i) => [i === 0 ? 'a.idl' : `f${i}.idl`, `#include "f${i + 1}.idl"`]),
      ),
      'IDL1017',
    ],
    ['10,000 misspelt names', `struct S { ${many(1e4, (i) => `type${i} m${i};`)} };`, 'IDL3003'],
    ['10,000 members', `struct S { ${many(1e4, (i) => `long m${i};`)} };`, undefined],
    [
      'arrays of arrays',
      `typedef long T0[10];${many(30, (i) => `typedef T${i} T${i + 1}[10];`)}struct S { T30 a; };`,
      'IDL4007',
    ],
  ];

describe('a hostile file', function () {
  this.timeout(20_000);
  for (const [what, files, code] of texts) {
    it(`with ${what} gets a diagnostic, soon`, () => {
      const started = performance.now();
      const result = compileText(files);
      assert.ok(performance.now() - started < 10_000);
      if (code === undefined) assert.deepEqual(codesOf(result), []);
      else assert.ok(codesOf(result).includes(code), codesOf(result).slice(0, 5).join());
      assert.ok(result.diagnostics.map(formatDiagnostic).join('\n').length < 5e6);
    });
  }

  it('that cannot be read gets a diagnostic', () => {
    const host: FileHost = {
      read() {
        throw new Error('permission denied');
      },
    };
    const { diagnostics } = compile({ files: ['a.idl'], host });
    assert.equal(diagnostics[0]!.code, 'IDL1001');
    assert.match(diagnostics[0]!.message, /permission denied/);
    assert.deepEqual(codesOf(compileText({ 'b.idl': '#include "a/"' })), ['IDL1008']);
    assert.deepEqual(codesOf(compile({ files: ['/'] })), ['IDL1001']);
    assert.deepEqual(codesOf(compile({ files: ['/nowhere/x.idl'] })), ['IDL1001']);
  });
});
