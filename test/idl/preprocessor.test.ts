import assert from 'node:assert/strict';
import { compile, memoryHost } from '../../idl/index.js';
import { codesOf, compileText, found } from './compile.js';

const struct = 'struct S { long a; };';

describe('the preprocessor', () => {
  const table: [what: string, idl: string, ...codes: string[]][] = [
    ['defines macros', '#define N 3\n#define M (N + 1)\nconst long A = M;'],
    ['goes on after a backslash', '#define N \\\n 3\nconst long A = N;'],
    ['takes a macro within itself as it is', '#define A A\nconst long A = 1;'],
    ['takes the same definition again', '#define N 3\n#define N 3'],
    ['refuses another definition', '#define N 3\n#define N 4', 'IDL1013'],
    ['forgets macros', '#define N 3\n#undef N\n#define N 4\nconst octet A = N;'],
    [
      'skips what does not hold, whatever it is',
      '#if 0\n"$ not IDL\n#bogus\n#if 1\nx\n#endif\n#else\nconst long A = 1;\n#endif',
    ],
    [
      'chooses one branch',
      '#define V 2\n#if V == 1\nx\n#elif V == 2 && defined(V) && !defined W\nconst long A = 1;\n#elif 1\nx\n#else\nx\n#endif',
    ],
    [
      'knows ifdef and ifndef',
      '#ifdef X\nx\n#endif\n#ifndef X\n#define X\n#endif\n#ifdef X\nconst long A = 1;\n#else\nx\n#endif',
    ],
    [
      'calculates',
      "#if (1 + 2 * 3 == 7) && (1 << 4 >> 2) == 4 && -1 < ~(-1) && 'a' == 97 && 0x10 == 16 && (7 % 4 ^ 1) == 2 && unknown == 0\n#else\nx\n#endif",
    ],
    ['passes over null directives', '#\n# // nothing\n'],
    ['reports an unknown directive', '#inklude "x"', 'IDL1011'],
    ['reports #error', '#error "no"\n', 'IDL1015'],
    [
      'warns of what it ignores',
      '#pragma prefix "x"\n#line 5\n#warning careful',
      'IDL1016',
      'IDL1016',
      'IDL1016',
    ],
    ['does not ignore keys', '#pragma keylist S a', 'IDL5004'],
    ['reports macros with parameters', '#define F(x) x', 'IDL5004'],
    ['takes a bracket after a blank as text', '#define N (3)\nconst long A = N;'],
    ['reports conditions that do not pair', '#if 1\n#ifdef X\n', 'IDL1012', 'IDL1012'],
    ['reports ends of nothing', '#endif\n#else\n#elif 1', 'IDL1012', 'IDL1012', 'IDL1012'],
    ['reports an else after the else', '#if 0\n#else\n#else\n#elif 1\n#endif', 'IDL1012', 'IDL1012'],
    [
      'reports conditions that it cannot read',
      '#if\n#endif\n#if (1\n#endif\n#if 1 1\n#endif\n#if constructor toString\n#endif',
      'IDL1014',
      'IDL1014',
      'IDL1014',
      'IDL1014',
    ],
    [
      'reports malformed directives',
      '#include\n#include x\n#define\n#define 3\n#ifdef\n#endif\n#undef 3',
      ...Array<string>(6).fill('IDL1010'),
    ],
    ['reports what is not found', '#include "nowhere.idl"\n#include <nowhere.idl>', 'IDL1008', 'IDL1008'],
  ];
  for (const [what, idl, ...expected] of table) {
    it(what, () => assert.deepEqual(codesOf(compileText(idl)), expected));
  }

  it('includes from the folder of the file, then from the search path', () => {
    const files = {
      'src/a.idl': '#include "sub/b.idl"\n#include <lib/c.idl>\nstruct A { B b; C c; };',
      'src/sub/b.idl': '#include "../d.idl"\nstruct B { D d; };',
      'src/d.idl': 'struct D { long d; };',
      'include/lib/c.idl': 'struct C { long c; };',
    };
    const { model } = compileText(files, { includePaths: ['other', 'include'] });
    assert.deepEqual(
      model?.files.map(({ path, includes, definitions }) => [path, includes, definitions]),
      [
        ['src/d.idl', [], ['D']],
        ['src/sub/b.idl', ['src/d.idl'], ['B']],
        ['include/lib/c.idl', [], ['C']],
        ['src/a.idl', ['src/sub/b.idl', 'include/lib/c.idl'], ['A']],
      ],
    );
  });

  it('includes a file once, guarded or not', () => {
    const files = {
      'a.idl': '#include "b.idl"\n#include "c.idl"\n#include "./b.idl"',
      'b.idl': struct,
      'c.idl': '#include "b.idl"',
    };
    assert.deepEqual(codesOf(compileText(files)), []);
  });

  it('reports files that include each other in a circle, and takes guarded ones', () => {
    const circle = compileText({ 'a.idl': '#include "b.idl"\n', 'b.idl': '\n#include "a.idl"\n' });
    assert.deepEqual(found(circle), ['IDL1009 2:10']);
    assert.match(circle.diagnostics[0]!.message, /a\.idl → b\.idl → a\.idl/);
    const guarded = {
      'a.idl': '#ifndef A\n#define A\n#include "b.idl"\nstruct S { B b; };\n#endif',
      'b.idl': '#include "a.idl"\nstruct B { long b; };',
    };
    assert.deepEqual(codesOf(compileText(guarded)), []);
  });

  it('keeps the macros of two files apart, and gives both those of what they include', () => {
    const host = memoryHost({
      'n.idl': '#ifndef N_IDL\n#define N_IDL\n#define N 3\n#endif\n',
      'a.idl': '#include "n.idl"\n#define OWN 1\nconst long A = N + OWN;',
      'b.idl': '#include "n.idl"\n#define OWN 2\nconst long B = N + OWN;',
    });
    assert.deepEqual(codesOf(compile({ files: ['a.idl', 'b.idl'], host })), []);
  });

  it('takes macros from outside', () => {
    assert.deepEqual(
      codesOf(
        compileText('#if LEVEL > 1\nconst long A = LEVEL;\n#else\nx\n#endif', { defines: { LEVEL: '2' } }),
      ),
      [],
    );
  });

  it('tells errors in macros where they are used, and where they come from', () => {
    const { diagnostics } = compileText('#define TYPE long long double\nstruct S {\n  TYPE a;\n};');
    assert.equal(diagnostics[0]!.code, 'IDL2005');
    assert.equal(diagnostics[0]!.span.file.locate(diagnostics[0]!.span.offset).line, 3);
    const [note] = diagnostics[0]!.notes;
    assert.match(note!.message, /macro 'TYPE'/);
    assert.deepEqual(note!.span.file.locate(note!.span.offset), { line: 1, column: 24 });
  });

  it('warns of nothing that it honours', () => {
    assert.deepEqual(codesOf(compileText(`#pragma once\n${struct}`)), []);
  });
});
