import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import * as prettier from 'prettier';
import { generate, OutputClashError } from '../../codegen/index.js';
import { encoded, generateInto, memoryFrom, modelOf } from './generated.js';
import type { Sample } from './generated.js';
import { problems } from './type-check.js';
import type { TopicType } from '../../codegen/support/index.js';

/** Names chosen to be in the way of generated code. */
const nasty = `
#include "other.idl"
/// A module with */ in its comment
module a {
  const long SIZE = 3;
  const int64 BIG = -5;
  const string<20> QUOTE = "it's \\"so\\"\\n";
  const char LETTER = 'x';
  const double RATIO = 1.5;
  const boolean YES = TRUE;
  enum Colour { RED, GREEN };
  const Colour FAVOURITE = GREEN;
  const other::Kind KIND = other::Kind::SECOND;
  typedef sequence<Colour> Colours;
  typedef other::Point Points[2];
  /// Twice.
  struct X { long a; };
};
module b {
  struct X { a::X a; a::Colours colours; a::Points points; };
  struct Memory { long bytes; double view; string end; long offset; long limit; long target; long sample; };
  /// With */ in its comment.
  struct _Object { long reader; long tag; long outer; long start; sequence<long> i; long checkInt32; long encodeX; };
  struct Uint8Array { sequence<octet> class; octet new[4]; @optional sequence<string> function; long constructor; };
  struct Codec { long key; @key string await; @key octet id[2]; long X; long _Object; long _long; };
  @final struct View { long attach; long constructor; octet raw[2]; other::Fixed _fixed; other::Fixed more[2][2]; char c; };
  @final struct ViewView { double getMore; double more[2]; other::Kind kind; other::Kind kinds[2]; };
  struct TopicType { ViewView encodeTopicType; };
  struct encodeObject { sequence<sequence<long>> begin; sequence<sequence<_Object>> inner; };
};`;
const other = `module other {
  enum Kind { FIRST, SECOND };
  @nested struct Point { double x; @optional double y; };
  @final @nested struct Fixed { float f; boolean b; };
};`;

describe('generated TypeScript', function () {
  this.timeout(60_000);
  const model = modelOf({ 'nasty.idl': nasty, 'other.idl': other });

  it('checks under the strictest settings, whatever names the IDL has, without any or unknown', () => {
    const { folder, files } = generateInto(model, { xcdr2: true });
    const use = `${folder}/use.ts`;
    writeFileSync(
      use,
      `import { BIG, Codec, Colour, FAVOURITE, KIND, QUOTE, View, a_X, type ViewView } from './nasty.js';
       import type { Point } from './other.js';
       export const big: bigint = BIG;
       export const colour: Colour = Colour.GREEN;
       export const same: typeof FAVOURITE = 1;
       export const point: Point = { x: 1 };
       export const x: a_X = { a: 1 };
       export const key: string | number | undefined = Codec.key?.of({ key: 1, await: '', id: new Uint8Array(2), X: 1, Object: 1, long: 1 });
       export const view = View.inPlace?.createView();
       export function set(value: ViewView): void { if (view) { view.c = 'x'; view.fixed.b = true; view.getMore(0, 1).f = value.getMore; } }
       export const texts: readonly string[] = [QUOTE, String(KIND)];`,
    );
    assert.deepEqual(problems([...files, use]), []);
    for (const file of files) assert.doesNotMatch(readFileSync(file, 'utf8'), /\b(any|unknown)\b/);
  });

  it('is as prettier would have it', async () => {
    for (const { name, text } of generate(model, { proto: true, xcdr2: true })) {
      if (!name.endsWith('.ts')) continue;
      const pretty = await prettier.format(text, {
        parser: 'typescript',
        singleQuote: true,
        printWidth: 110,
      });
      assert.equal(text, pretty, name);
    }
  });

  it('is the same each time', () => {
    const again = modelOf({ 'nasty.idl': nasty, 'other.idl': other });
    assert.deepEqual(generate(again, { proto: true }), generate(model, { proto: true }));
  });

  it('carries documentation comments', () => {
    const doc = `/** What it is,
       * in two lines. */
      @topic struct S {
        /// The first.
        long a;
        long b; ///< After it.
        @key /** Named. */ string<5> c;
        /// A choice.
        @default(2) long d;
      };
      /// Colours.
      enum E { A, ///< The a.
        /// The b.
        B };`;
    const text = generate(modelOf({ 'doc.idl': doc }))[0]!.text;
    assert.match(
      text,
      /\/\*\*\n \* What it is,\n \* in two lines.\n \*\/\nexport interface S \{\n {2}\/\*\* The first. \*\/\n {2}a: number;/,
    );
    assert.match(text, /\/\*\* After it. \*\/\n {2}b: number;/);
    assert.match(
      text,
      / \* Named.\n {3}\* Key of the instance. At most 5 bytes of UTF-8.\n {3}\*\/\n {2}c: string;/,
    );
    assert.match(text, / \* A choice.\n {3}\* Default: 2.\n/);
    assert.match(
      text,
      /\/\*\* Colours. \*\/\nexport const E = \{\n {2}\/\*\* The a. \*\/\n {2}A: 0,\n {2}\/\*\* The b. \*\/\n {2}B: 1,\n\} as const;/,
    );
  });

  it('describes as topics what is marked so, or else all structs that are not nested', () => {
    const names = (idl: string) =>
      [...generate(modelOf({ 'n.idl': idl }))[0]!.text.matchAll(/export const (\w+): TopicType/g)].map(
        (m) => m[1],
      );
    assert.deepEqual(names('struct A { long a; }; @topic struct B { long b; }; struct C { long c; };'), [
      'B',
    ]);
    assert.deepEqual(names('@nested struct A { long a; }; struct B { long b; }; struct C { long c; };'), [
      'B',
      'C',
    ]);
  });

  it('has codecs for XCDR2 where that is asked for, on the way or in the IDL', () => {
    const hasXcdr2 = (idl: string, options = {}) =>
      generate(modelOf({ 'r.idl': idl }), options)[0]!.text.includes('xcdr2: {');
    const marked = '@data_representation(XCDR2) @topic struct R { long a; };';
    assert.equal(hasXcdr2('struct R { long a; };'), false);
    assert.equal(hasXcdr2('struct R { long a; };', { xcdr2: true }), true);
    assert.equal(hasXcdr2(marked), true);
    assert.equal(hasXcdr2(marked, { xcdr2: false }), false);
    assert.equal(hasXcdr2('@data_representation(XML) @topic struct R { long a; };'), false);
  });

  it('refuses two files of one name', () => {
    const files = {
      'x.idl': '#include "sub/x.idl"\nstruct A { long a; };',
      'sub/x.idl': 'struct B { long b; };',
    };
    assert.throws(() => generate(modelOf(files)), OutputClashError);
  });

  it('comes as JavaScript with declarations, too', async () => {
    const { folder, files } = generateInto(model, { language: 'javascript', xcdr2: true });
    assert.deepEqual(files.map((file) => file.slice(folder.length + 1)).sort(), [
      'nasty.d.ts',
      'nasty.js',
      'other.d.ts',
      'other.js',
    ]);
    const use = `${folder}/use.ts`;
    writeFileSync(
      use,
      `import { Codec, Colour, View, type b_X } from './nasty.js';
       export const colour: Colour = Colour.GREEN;
       export const x: b_X = { a: { a: 1 }, colours: [1], points: [{ x: 1 }] };
       export const view = View.inPlace?.createView();
       if (view) view.fixed.f = 1;
       export const name: string = Codec.name;`,
    );
    assert.deepEqual(problems([...files.filter((file) => file.endsWith('.d.ts')), use]), []);
    const url = pathToFileURL(`${folder}/nasty.js`).href;
    const { Codec, FAVOURITE, QUOTE } = (await import(url)) as {
      Codec: TopicType<Sample>;
      FAVOURITE: number;
      QUOTE: string;
    };
    assert.equal(FAVOURITE, 1);
    assert.equal(QUOTE, 'it\'s "so"\n');
    const sample = { key: 1, await: 'x', id: new Uint8Array([1, 2]), X: 3, Object: 4, long: 5 };
    const bytes = encoded(Codec.protobuf, sample);
    assert.deepEqual(Codec.protobuf.decode(memoryFrom(bytes), 0, bytes.length), sample);
  });
});
