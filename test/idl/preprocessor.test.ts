import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { WarningPolicy } from '../../idl/index.js';
import { compile, diagnosticRecord, formatDiagnostic, memoryHost } from '../../idl/index.js';
import { codesOf, compileText, found } from './compile.js';

const struct = 'struct S { long a; };';

describe('the preprocessor', () => {
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

  it('takes files that include each other after #pragma once', () => {
    const once = {
      'a.idl': '#pragma once\n#include "b.idl"\nstruct S { B b; };',
      'b.idl': '#pragma once\n#include "a.idl"\nstruct B { long b; };',
    };
    const result = compileText(once);
    assert.deepEqual(codesOf(result), []);
    assert.deepEqual(
      result.model?.files.map(({ path, includes, definitions }) => [path, includes, definitions]),
      [
        ['b.idl', ['a.idl'], ['B']],
        ['a.idl', ['b.idl'], ['S']],
      ],
    );
    // Only what stands before the #include counts, and only where no condition skips it.
    const late = { ...once, 'a.idl': '#include "b.idl"\n#pragma once\nstruct S { B b; };' };
    assert.deepEqual(found(compileText(late)), ['IDL1009 2:10']);
    const skipped = { ...once, 'a.idl': '#if 0\n#pragma once\n#endif\n#include "b.idl"\nstruct S { B b; };' };
    assert.deepEqual(found(compileText(skipped)), ['IDL1009 2:10']);
  });

  it('knows a file after #pragma once by all its names', () => {
    const folder = mkdtempSync(`${tmpdir()}/bowecho-once-`);
    try {
      writeFileSync(`${folder}/a.idl`, '#pragma once\n#include "b.idl"\nstruct S { B b; };');
      writeFileSync(`${folder}/b.idl`, '#pragma once\n#include "link.idl"\nstruct B { long b; };');
      symlinkSync('a.idl', `${folder}/link.idl`);
      for (const start of ['a.idl', 'link.idl']) {
        const result = compile({ files: [`${folder}/${start}`] });
        assert.deepEqual(codesOf(result), [], start);
        assert.deepEqual([...result.model!.definitions.keys()], ['B', 'S'], start);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
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

  it('tells through which macros an error came, the innermost first', () => {
    const { diagnostics } = compileText(
      '#define INNER strin\n#define MEMBER(name) INNER name;\nstruct S {\n  MEMBER(a)\n};',
    );
    assert.deepEqual(codesOf({ diagnostics, model: undefined }), ['IDL3003']);
    assert.equal(
      formatDiagnostic(diagnostics[0]!),
      [
        "a.idl:4:3: error IDL3003: There is no type 'strin'. Did you mean 'string'?",
        '  4 |   MEMBER(a)',
        '    |   ^~~~~~',
        "a.idl:1:15: note: It comes from the macro 'INNER'.",
        '  1 | #define INNER strin',
        '    |               ^~~~~',
        "a.idl:2:22: note: It comes from the macro 'MEMBER'.",
        '  2 | #define MEMBER(name) INNER name;',
        '    |                      ^~~~~',
      ].join('\n'),
    );
  });

  it('tells errors in what is passed to a macro where they are written', () => {
    const { diagnostics } = compileText('#define MEMBER(type) type a;\nstruct S { MEMBER(strin) };');
    assert.deepEqual(found({ diagnostics, model: undefined }), ['IDL3003 2:19']);
    assert.deepEqual(diagnostics[0]!.notes, []);
  });

  it('tells through which files an error came', () => {
    const { diagnostics } = compileText({
      'a.idl': '#include "b.idl"',
      'b.idl': '\n#include "c.idl"',
      'c.idl': 'struct S { x a; };',
    });
    assert.match(
      formatDiagnostic(diagnostics[0]!),
      /^In a file included at b\.idl:2:10:\nIn a file included at a\.idl:1:10:\nc\.idl:1:12: error IDL3003/,
    );
    assert.deepEqual(diagnosticRecord(diagnostics[0]!).includedAt, [
      { file: 'b.idl', line: 2, column: 10 },
      { file: 'a.idl', line: 1, column: 10 },
    ]);
  });

  it('tells places as #line says', () => {
    const { diagnostics } = compileText(
      '\n#line 40 "made.idl"\nstruct S {\n  x a;\n};\n# 7\nstruct T { y a; };',
    );
    const places = diagnostics.map(diagnosticRecord).map(({ file, line }) => `${file}:${line}`);
    assert.deepEqual(places, ['made.idl:41', 'a.idl:7']);
    assert.match(formatDiagnostic(diagnostics[0]!), /\n {2}41 \| {3}x a;\n/);
  });

  it('replaces, joins and quotes as C does', () => {
    const value = (idl: string) => {
      const definition = compileText(idl).model?.definitions.get('A');
      return definition?.kind === 'constant' && 'value' in definition.value
        ? definition.value.value
        : undefined;
    };
    const quote = '#define Q(x) #x\n#define QQ(x) Q(x)\n#define N 3\n';
    assert.equal(value(`${quote}const string A = Q( a  +"b\\n" );`), 'a +"b\\n"');
    assert.equal(value(`${quote}const string A = Q(N);`), 'N');
    assert.equal(value(`${quote}const string A = QQ(N);`), '3');
    assert.equal(value('#define F(a, ...) a __VA_ARGS__\nconst long A = F(1, + 2);'), 3n);
    assert.equal(value('#define F(x) (x + F)\n#define G(x) x\nconst long F = 5;\nconst long A = F(1);'), 6n);
    assert.equal(value('#define H 0 ## x1F\nconst long A = H;'), 31n);
  });

  it('can be told what becomes of warnings', () => {
    const idl = '#pragma prefix "x"\nstruct S { @owner long a; };';
    const severities = (warnings: WarningPolicy) =>
      compileText(idl, { warnings }).diagnostics.map(({ code, severity }) => `${code} ${severity}`);
    assert.deepEqual(severities({}), ['IDL1016 warning', 'IDL4101 warning']);
    assert.deepEqual(severities({ IDL4101: 'error' }), ['IDL1016 warning', 'IDL4101 error']);
    assert.deepEqual(severities({ all: 'error', IDL1016: 'ignore' }), ['IDL4101 error']);
    assert.deepEqual(severities({ all: 'ignore' }), []);
    assert.equal(compileText(idl, { warnings: { all: 'error' } }).model, undefined);
  });
});
