import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { format, formatDiagnostic, memoryHost } from '../../idl/index.js';
import { scan } from '../../idl/scanner.js';
import { SourceFile } from '../../idl/source.js';
import { idlText } from './idl-arbitrary.js';

function formatted(text: string): string {
  const result = format({ file: 'a.idl', host: memoryHost({ 'a.idl': text }) });
  assert.ok(
    result.text !== undefined,
    `${result.diagnostics?.map(formatDiagnostic).join('\n')}\n--- of ---\n${text}`,
  );
  return result.text;
}

/** All that a text says: its tokens with their documentation, and its comments. */
function contentOf(text: string): unknown {
  const tokens = scan(new SourceFile('a.idl', text));
  const parts = text.match(/"(?:[^"\\]|\\.)*"|\/\/.*|\/\*[\s\S]*?\*\//g) ?? [];
  const comments = parts.filter((part) => part.startsWith('/'));
  return {
    tokens: tokens.map(({ kind, text: word, doc, trailingDoc }) => [kind, word, doc, trailingDoc]),
    comments: comments.map((comment) => comment.replaceAll(/\s+/g, ' ').trim()),
  };
}

describe('formatting', () => {
  const table: [what: string, before: string, after: string][] = [
    [
      'puts each element on a line',
      'module m{struct S{long a;string b;};};',
      'module m {\n  struct S {\n    long a;\n    string b;\n  };\n};\n',
    ],
    ['keeps a short list of enumerators in its line', 'enum E{A,B};', 'enum E { A, B };\n'],
    ['keeps a list of lines', 'enum E{A,\nB};', 'enum E {\n  A,\n  B\n};\n'],
    [
      'breaks a long list',
      `enum E { ${Array.from({ length: 12 }, (_, i) => `LONG_NAME_${i}`).join(', ')} };`,
      `enum E {\n${Array.from({ length: 12 }, (_, i) => `  LONG_NAME_${i}`).join(',\n')}\n};\n`,
    ],
    [
      "keeps at most one empty line, and none at the edges of a body, but a module's",
      '\n\nstruct S {\n\n\nlong a;\n\n\n\nlong b;\n\n};',
      'struct S {\n  long a;\n\n  long b;\n};\n',
    ],
    [
      'keeps an empty line at the edges of a module',
      'module m {\n\n\nconst long A = 1;\n\n};',
      'module m {\n\n  const long A = 1;\n\n};\n',
    ],
    [
      'keeps an annotation where it is',
      'struct S { @key\nlong a; @key long b; };',
      'struct S {\n  @key\n  long a;\n  @key long b;\n};\n',
    ],
    ['knows operators from signs', 'const long A=-1+~2- -3<<(4);', 'const long A = -1 + ~2 - -3 << (4);\n'],
    [
      'knows brackets from shifts',
      'typedef sequence<sequence<long,8>>T;const long A=8>>1;',
      'typedef sequence<sequence<long, 8>> T;\nconst long A = 8 >> 1;\n',
    ],
    [
      'keeps two brackets apart that are apart',
      'typedef sequence<sequence<long> >T;',
      'typedef sequence<sequence<long> > T;\n',
    ],
    ['joins names and leaves roots', 'const :: m :: E A = m :: B;', 'const ::m::E A = m::B;\n'],
    [
      'leaves comments at what they are about',
      'struct S{// of S\nlong a;/* of a */\n// of b\n/* b */long b;};//end',
      'struct S { // of S\n  long a; /* of a */\n  // of b\n  /* b */ long b;\n}; //end\n',
    ],
    [
      'leaves a comment in the middle',
      'const long A = /*why*/ 1 // then\n+ 2;',
      'const long A = /*why*/ 1 // then\n    + 2;\n',
    ],
    [
      'moves starred comments with their margin',
      'module m {\n/**\n* Doc.\n   */\nconst long A = 1;\n};',
      'module m {\n  /**\n   * Doc.\n   */\n  const long A = 1;\n};\n',
    ],
    [
      'leaves other comments as they are',
      'module m {\n/* a\n      drawing */\nconst long A = 1;\n};',
      'module m {\n  /* a\n      drawing */\n  const long A = 1;\n};\n',
    ],
    [
      'leaves directives as they are',
      'module m {\n  #define A  \\\n     1 // one\nconst long B = A;\n};',
      'module m {\n#define A  \\\n     1 // one\n  const long B = A;\n};\n',
    ],
    [
      'counts brackets of one branch',
      '#ifdef X\nstruct S {\n#else\nstruct S {\n#endif\nlong a;\n};',
      '#ifdef X\nstruct S {\n#else\nstruct S {\n#endif\n  long a;\n};\n',
    ],
    [
      'formats what a condition skips',
      '#ifdef X\nstruct S {long a;};\n#endif',
      '#ifdef X\nstruct S {\n  long a;\n};\n#endif\n',
    ],
    [
      'leaves what is skipped and is no IDL',
      "#if 0\n   don't\n     touch {\n#endif\nstruct S {long a;};",
      "#if 0\n   don't\n     touch {\n#endif\nstruct S {\n  long a;\n};\n",
    ],
    ['keeps the line breaks of Windows', 'struct S {\r\nlong a;\r\n};', 'struct S {\r\n  long a;\r\n};\r\n'],
    ['takes away the byte order mark', '\ufeffconst long A = 1;', 'const long A = 1;\n'],
    ['takes an empty file', '\n\n', ''],
  ];
  for (const [what, before, after] of table) {
    it(what, () => {
      assert.equal(formatted(before), after);
      assert.equal(formatted(after), after);
    });
  }

  it('breaks long lines between operators and after commas, and indents what follows', () => {
    const sum = Array.from({ length: 12 }, (_, i) => `1000000000${i}`).join(' + ');
    assert.deepEqual(formatted(`module m { const long A = ${sum}; };`).split('\n').slice(1, 3), [
      '  const long A = 10000000000 + 10000000001 + 10000000002 + 10000000003 + 10000000004 + 10000000005',
      '      + 10000000006 + 10000000007 + 10000000008 + 10000000009 + 100000000010 + 100000000011;',
    ]);
  });

  it('changes no token and no comment, and changes nothing the second time', () => {
    fc.assert(
      fc.property(idlText, (text) => {
        const once = formatted(text);
        assert.deepEqual(contentOf(once), contentOf(text));
        assert.equal(formatted(once), once);
      }),
      { numRuns: 500 },
    );
  });

  it('leaves the examples as they are', () => {
    for (const folder of ['examples/flights', 'bench/types']) {
      const url = new URL(`../../${folder}/`, import.meta.url);
      const files = readdirSync(fileURLToPath(url)).filter((file) => file.endsWith('.idl'));
      assert.notEqual(files.length, 0);
      for (const file of files) {
        const text = readFileSync(new URL(file, url), 'utf8');
        assert.equal(formatted(text), text, file);
      }
    }
  });

  it('lays out large files', () => {
    const count = 50_000;
    const members = Array.from({ length: count }, (_, i) => `long a${i};`).join('');
    assert.equal(formatted(`struct S {${members}};`).split('\n').length, count + 3);
    const foreign = "don't\n".repeat(count);
    assert.equal(formatted(`#if 0\n${foreign}#endif\n`), `#if 0\n${foreign}#endif\n`);
  });

  it('leaves alone what cannot be read, and says why', () => {
    const codes = (text: string) =>
      format({ file: 'a.idl', host: memoryHost({ 'a.idl': text }) }).diagnostics?.map(({ code }) => code);
    assert.deepEqual(codes('struct S { long a };'), ['IDL2002']);
    assert.deepEqual(codes('struct S { long a; }; $'), ['IDL1003']);
    assert.deepEqual(codes('/* no end'), ['IDL1004']);
    assert.deepEqual(codes('#if 1\nstruct S { long a; };'), ['IDL1012']);
    // What it means is not asked.
    assert.equal(codes('#include "nowhere.idl"\nstruct S { Nothing a; };'), undefined);
    assert.deepEqual(
      format({ file: 'b.idl', host: memoryHost({}) }).diagnostics?.map(({ code }) => code),
      ['IDL1001'],
    );
  });
});
