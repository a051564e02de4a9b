import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { generateInto, modelOf } from './generated.js';
import { problems } from './type-check.js';

const included = `typedef long RC; typedef RC Again; typedef string<8> Name; typedef int64 Big; typedef char Letter; typedef boolean Yes;
  typedef fixed<5,2> Price; enum Colour { RED, GREEN }; typedef Colour Alias; bitmask Flags { F0, F1 };
  typedef octet O; typedef sequence<long> Longs;
  @nested struct Base { RC rc; Name name; Alias alias; @optional Yes yes; Longs longs; Flags flags; };
  @nested @mutable struct Loose { RC rc; Name name; Alias alias; @optional Yes yes; Longs longs; Flags flags; };`;

/** What a file says of an included file's types. */
const uses: Record<string, string> = {
  constants: `const RC X = 1; const Again ONE_AGAIN = 2; const Name ONE_NAME = "n"; const Big ONE_BIG = 3; const Letter ONE_LETTER = 'l'; const Yes ONE_YES = TRUE;
    const Price ONE_PRICE = 1.5D; const Colour ONE_COLOUR = GREEN; const Alias ONE_ALIAS = RED; const Flags ONE_FLAGS = F0 | F1;`,
  'constants and a struct': 'const RC X = 1; const Flags ONE_FLAGS = F1; struct S { RC rc; Flags flags; };',
  'a typedef': 'typedef RC Mine; typedef sequence<O> Octets; typedef Longs Rows[2];',
  'a bound, a default and a label':
    'const RC MAX = 3; struct S { sequence<long, MAX> xs; @default(MAX) long a; }; union U switch (long) { case MAX: long a; };',
  discriminators:
    'union A switch (RC) { case 1: long a; }; union B switch (Yes) { case TRUE: long a; default: long b; }; union C switch (Alias) { case RED: Name a; };' +
    "union D switch (@key Letter) { case 'a': RC a; default: Big b; }; union E switch (O) { default: Longs a; };",
  'the members of a base': 'struct D : Base { long more; }; @mutable struct E : Loose { long more; };',
};

describe('what a generated module imports', () => {
  for (const [what, idl] of Object.entries(uses))
    for (const language of ['typescript', 'javascript'] as const)
      it(`is what it uses, as ${language}: for ${what}`, () => {
        const model = modelOf({ 'use.idl': `#include "types.idl"\n${idl}`, 'types.idl': included });
        const { files } = generateInto(model, { language, xcdr2: true });
        assert.deepEqual(problems(files.filter((path) => path.endsWith('.ts'))), []);
      });

  it('has names for the declarations, which the code has no use for', () => {
    const model = modelOf({ 'use.idl': '#include "types.idl"\nconst RC X = 1;', 'types.idl': included });
    const { folder } = generateInto(model, { language: 'javascript' });
    const declarations = readFileSync(`${folder}/use.d.ts`, 'utf8');
    assert.match(declarations, /^import type \{ RC \} from '.\/types.js';$/m);
    assert.match(declarations, /^export declare const X: RC;$/m);
    assert.doesNotMatch(readFileSync(`${folder}/use.js`, 'utf8'), /import/);
  });
});
