import assert from 'node:assert/strict';
import { schemaOf, typeHashOf } from '../../codegen/index.js';
import type { Schema, StructSchema, UnionSchema } from '../../codegen/support/index.js';
import { explainMismatch } from '../../codegen/support/index.js';
import type { StructModel } from '../../idl/index.js';
import { modelOf } from './generated.js';

function schema(idl: string, name = 'T', more: Record<string, string> = {}): string {
  const model = modelOf({ 't.idl': idl, ...more });
  return schemaOf(model, model.definitions.get(name) as StructModel);
}

describe('a type hash', () => {
  const hash = (idl: string, more?: Record<string, string>) => typeHashOf(schema(idl, 'T', more));

  it('is 32 hex digits, equal for equal types in whatever files and order they are declared', () => {
    const one = hash('enum E { A }; struct P { long x; }; struct T { P p; E e; sequence<long, 5> xs; };');
    assert.match(one, /^[0-9a-f]{32}$/);
    assert.equal(
      hash('struct P { long x; }; enum E { A }; struct T { P p; E e; sequence<long, 5> xs; };'),
      one,
    );
    const include = { 'p.idl': 'const long N = 2 + 3; struct P { int32 x; };' };
    const other =
      '#include "p.idl"\nstruct Unused { long a; }; enum E { A }; typedef sequence<long, N> L; struct T { P p; E e; L xs; };';
    assert.equal(hash(other, include), one);
    assert.equal(hash('/// Doc.\n@appendable struct T { @id(0) long a; };'), hash('struct T { long a; };'));
  });

  it('is another for whatever two types differ in', () => {
    const types = [
      'struct T { long a; };',
      'struct T { long b; };',
      'struct T { short a; };',
      '@final struct T { long a; };',
      'struct T { @id(1) long a; };',
      'struct T { @key long a; };',
      'struct T { @optional long a; };',
      'struct T { @default(1) long a; };',
      'struct T { long a; long b; };',
      'struct T { sequence<long> a; };',
      'struct T { long a[1]; };',
      'struct T { octet a; };',
      'struct T { uint8 a; };',
      'struct T { string<5> a[2]; };',
      'struct T { string<5> a @try_construct(TRIM) [2]; };',
      'struct T { sequence<string<5>> a; };',
      'struct T { sequence<@try_construct(TRIM) string<5>> a; };',
      'struct T { @try_construct(USE_DEFAULT) sequence<string<5>> a; };',
      'struct T { map<string<5>, string<5>> a; };',
      'struct T { map<@try_construct(TRIM) string<5>, string<5>> a; };',
      'struct T { map<string<5>, @try_construct(TRIM) string<5>> a; };',
      'typedef string<5> R[2]; struct T { R a[3]; };',
      'typedef string<5> R[2]; struct T { R a @try_construct(USE_DEFAULT) [3]; };',
      'struct T { string<5> a @try_construct(USE_DEFAULT) [3][2]; };',
      'struct T { @min(1) long a; };',
      'struct T { @max(1) long a; };',
      'union T switch (long) { case 1: long a; };',
      'union T switch (@try_construct(USE_DEFAULT) long) { case 1: long a; };',
      'union T switch (@default(1) long) { case 1: long a; };',
    ];
    assert.equal(new Set(types.map((type) => hash(type))).size, types.length);
  });
});

describe('a schema', () => {
  it('says in what range a member is, which is no matter of who understands whom', () => {
    const ranged = schema('@final struct P { @range(min = -1, max = 2.5) double a; }; struct T { P p; };');
    const { definitions } = JSON.parse(ranged) as Schema;
    const { min, max } = (definitions['P'] as StructSchema).members[0]!;
    assert.deepEqual([min, max], ['-1', '2.5']);
    const free = schema('@final struct P { double a; }; struct T { P p; };');
    assert.equal(explainMismatch(ranged, free), undefined);
    assert.equal(explainMismatch(free, ranged), undefined);
  });

  it('says what is tried for members, elements, keys, values and discriminators', () => {
    const { definitions } = JSON.parse(
      schema(`typedef long R[2]; enum E { A, B };
        union U switch (@try_construct(USE_DEFAULT) @default(B) E) { case A: @try_construct(TRIM) string<2> a; };
        struct T {
          @try_construct(USE_DEFAULT) U u; sequence<@try_construct(TRIM) string<3>> s; long a @try_construct(USE_DEFAULT) [3];
          map<@try_construct(TRIM) string<4>, @try_construct(USE_DEFAULT) long> m; R r @try_construct(USE_DEFAULT) [3];
        };`),
    ) as Schema;
    const union = definitions['U'] as UnionSchema;
    assert.deepEqual(
      [union.discriminator.tryConstruct, union.discriminator.default, union.cases[0]!.member.tryConstruct],
      ['useDefault', '1', 'trim'],
    );
    const long = { kind: 'primitive', name: 'int32' };
    const [u, ...others] = (definitions['T'] as StructSchema).members;
    assert.equal(u!.tryConstruct, 'useDefault');
    assert.deepEqual(
      others.map(({ type }) => type),
      [
        { kind: 'sequence', element: { kind: 'string', bound: 3 }, tryConstruct: 'trim' },
        { kind: 'array', element: long, dimensions: [3], tryConstruct: 'useDefault' },
        {
          kind: 'map',
          key: { kind: 'string', bound: 4 },
          value: long,
          keyTryConstruct: 'trim',
          valueTryConstruct: 'useDefault',
        },
        { kind: 'array', element: long, dimensions: [3, 2], rowLength: 2 },
      ],
    );
  });
});

describe('a reader and a writer', () => {
  const explain = (writer: string, reader: string) => explainMismatch(schema(writer), schema(reader));
  const match: [string, string, string][] = [
    ['of one type', 'struct T { long a; };', 'struct T { long a; };'],
    ['where the writer is newer', 'struct T { long a; string b; };', 'struct T { long a; };'],
    ['where the reader is newer', 'struct T { long a; };', 'struct T { long a; @optional string b; };'],
    [
      'where a nested type has grown',
      'struct P { long x; long y; }; struct T { P p; };',
      'struct P { long x; }; struct T { P p; };',
    ],
    ['where an enum has grown', 'enum E { A, B }; struct T { E e; };', 'enum E { A }; struct T { E e; };'],
    [
      'where a nested type has another name',
      'struct P { long x; }; struct T { P p; };',
      'struct Q { long x; }; struct T { Q p; };',
    ],
    [
      'where the reader has more room',
      'struct T { string<3> s; sequence<long, 3> x; };',
      'struct T { string s; sequence<long, 5> x; };',
    ],
  ];
  for (const [what, writer, reader] of match) {
    it(`match ${what}`, () => assert.equal(explain(writer, reader), undefined));
  }

  const mismatch: [string, string, string, RegExp][] = [
    [
      'of other names',
      'struct T { long a; };',
      'struct T { long b; };',
      /T\.b: the writer has 'a' in its place/,
    ],
    [
      'of other types',
      'struct T { long a; };',
      'struct T { string a; };',
      /T\.a: it is int32 for the writer and string for the reader/,
    ],
    [
      'of other ids',
      'struct T { @id(1) long a; };',
      'struct T { @id(2) long a; };',
      /id is 1 for the writer and 2/,
    ],
    [
      'with another key',
      'struct T { @key long a; };',
      'struct T { long a; };',
      /@key member on one side only/,
    ],
    [
      'with a key that one lacks',
      'struct T { long a; @key long b; };',
      'struct T { long a; };',
      /T\.b: it is a @key member that only the writer has/,
    ],
    [
      'where one is optional',
      'struct T { @optional long a; };',
      'struct T { long a; };',
      /@optional on one side only/,
    ],
    [
      'of other defaults',
      'struct T { @default(1) long a; };',
      'struct T { long a; };',
      /default is 1 for the writer and none/,
    ],
    [
      'of another extensibility',
      '@final struct T { long a; };',
      'struct T { long a; };',
      /@final for the writer and @appendable/,
    ],
    [
      'of final types that differ',
      '@final struct T { long a; long b; };',
      '@final struct T { long a; };',
      /@final, and only the writer has 'b'/,
    ],
    [
      'of final enums that differ',
      '@final enum E { A, B }; struct T { E e; };',
      '@final enum E { A }; struct T { E e; };',
      /E is @final/,
    ],
    [
      'of enums that differ',
      'enum E { A, B }; struct T { E e; };',
      'enum E { B }; struct T { E e; };',
      /E: the writer has A = 0 where/,
    ],
    [
      'where the reader has less room',
      'struct T { string<9> s; };',
      'struct T { string<3> s; };',
      /T\.s: the writer has the bound 9, the reader takes at most 3/,
    ],
    [
      'where only the reader has a bound',
      'struct T { sequence<long> s; };',
      'struct T { sequence<long, 3> s; };',
      /has no bound/,
    ],
    [
      'of other sizes',
      'struct T { long a[2]; };',
      'struct T { long a[3]; };',
      /int32\[2\] for the writer and int32\[3\]/,
    ],
    [
      'where a nested type differs',
      'struct P { long x; }; struct T { sequence<P> p; };',
      'struct P { short x; }; struct T { sequence<P> p; };',
      /P\.x/,
    ],
  ];
  for (const [what, writer, reader, message] of mismatch) {
    it(`do not match ${what}`, () => assert.match(explain(writer, reader) ?? '', message));
  }

  it('do not match where their types have other names', () => {
    const idl = 'struct T { long a; }; struct U { long a; };';
    assert.match(
      explainMismatch(schema(idl, 'T'), schema(idl, 'U')) ?? '',
      /the writer's type is T, the reader's U/,
    );
  });
});
