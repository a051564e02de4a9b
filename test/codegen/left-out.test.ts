import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { compile, memoryHost } from '../../idl/index.js';
import { generateInto, modelOf } from './generated.js';
import { problems } from './type-check.js';

/** What is kept for request/reply, and has no code, each called X. */
const without: Record<string, string> = {
  'an interface that is only declared': 'interface X;',
  'an interface': 'interface X { void f(); };',
  'a value type': 'valuetype X { public long a; };',
  'a value box': 'valuetype X string;',
};

describe('a typedef of what has no code', () => {
  for (const [what, declaration] of Object.entries(without)) {
    const idl = `#include "x.idl"
      typedef X Alias; typedef Alias Again; typedef sequence<X> Many; typedef sequence<Again, 3> ManyAgain;
      typedef Many Rows[2][3]; typedef map<long, Rows> ByNumber; typedef sequence<ByNumber> Deep;
      typedef long Kept; @topic struct S { @key Kept kept; };`;
    const files = { 'a.idl': idl, 'x.idl': `${declaration} typedef sequence<X> Included;` };

    for (const language of ['typescript', 'javascript'] as const)
      it(`has none either, as ${language}: of ${what}`, () => {
        const { files: paths } = generateInto(modelOf(files), { language, proto: true, xcdr2: true });
        assert.deepEqual(problems(paths.filter((path) => path.endsWith('.ts'))), []);
        const typed = paths.filter((path) => path.endsWith('.ts')).map((path) => readFileSync(path, 'utf8'));
        const names = typed.flatMap((text) =>
          [...text.matchAll(/export type (\w+)/g)].map(([, name]) => name),
        );
        assert.deepEqual(names, ['Kept']);
      });

    it(`cannot be a member's type: of ${what}`, () => {
      for (const type of ['Alias', 'Again', 'Many', 'ManyAgain', 'Rows', 'ByNumber', 'Deep', 'Included']) {
        const wrong = { ...files, 'a.idl': `${idl} struct Wrong { ${type} wrong; };` };
        const { model } = compile({ files: ['a.idl'], host: memoryHost(wrong) });
        assert.ok(model === undefined, type);
      }
    });
  }

  it('cannot be the type of a member within it', () => {
    const files = { 'a.idl': 'interface X { typedef sequence<X> Many; struct Wrong { Many wrong; }; };' };
    const { model, diagnostics } = compile({ files: ['a.idl'], host: memoryHost(files) });
    assert.ok(model === undefined);
    assert.deepEqual(
      diagnostics.map(({ code, message }) => [code, message]),
      [['IDL3004', "'X' is no type of data: a sample cannot hold it."]],
    );
  });
});
