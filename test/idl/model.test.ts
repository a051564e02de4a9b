import assert from 'node:assert/strict';
import type { Definition, MemberModel, Model } from '../../idl/index.js';
import {
  allFields,
  allMembers,
  compile,
  formatDiagnostic,
  memoryHost,
  resolveTypedefs,
} from '../../idl/index.js';

function modelOf(idl: string): Model {
  const { model, diagnostics } = compile({ files: ['a.idl'], host: memoryHost({ 'a.idl': idl }) });
  assert.ok(model, diagnostics.map(formatDiagnostic).join('\n'));
  return model;
}

function the<K extends Definition['kind']>(model: Model, kind: K, name: string): Definition & { kind: K } {
  const definition = model.definitions.get(name);
  assert.equal(definition?.kind, kind);
  return definition as Definition & { kind: K };
}

const ids = (members: readonly MemberModel[]) =>
  Object.fromEntries(members.map(({ name, id }) => [name, id]));

describe('the model', () => {
  it('numbers members one after the other, from an @id on, and after those of the base', () => {
    const model = modelOf(
      'struct A { long a; @id(7) long b; long d; };' + 'struct B : A { long e; @id(20) long f; long g; };',
    );
    assert.deepEqual(ids(the(model, 'struct', 'A').members), { a: 0, b: 7, d: 8 });
    const b = the(model, 'struct', 'B');
    assert.equal(b.base, 'A');
    assert.deepEqual(ids(b.members), { e: 9, f: 20, g: 21 });
    assert.deepEqual(Object.keys(ids(allMembers(model, b))), ['a', 'b', 'd', 'e', 'f', 'g']);
  });

  it('hashes ids as XTypes does: the first four bytes of the MD5, the lowest first, 28 bits of them', () => {
    const model = modelOf(
      '@autoid(HASH) struct S { long color; @hashid("a") long x; @id(3) long y; @hashid long color2; };' +
        '@autoid module m { struct T { long color; }; @autoid(SEQUENTIAL) struct U { @hashid long color; long b; }; };',
    );
    const { members } = the(model, 'struct', 'S');
    // MD5 of "color" starts with 70 dd a5 df, of "a" with 0c c1 75 b9.
    assert.equal(members[0]!.id, 0x0fa5dd70);
    assert.equal(members[1]!.id, 0x0975c10c);
    assert.deepEqual(
      members.map(({ hashId }) => hashId),
      ['color', 'a', undefined, 'color2'],
    );
    assert.equal(members[2]!.id, 3);
    assert.equal(the(model, 'struct', 'm::T').members[0]!.id, 0x0fa5dd70);
    assert.deepEqual(ids(the(model, 'struct', 'm::U').members), { color: 0x0fa5dd70, b: 0x0fa5dd71 });
  });

  it('is appendable where nothing is said, and like its base where that says something', () => {
    const model = modelOf(
      '@mutable struct M { long a; }; struct N : M { long b; }; struct A { long a; }; @extensibility(FINAL) union U switch (long) { case 1: long a; };',
    );
    const kinds = ['M', 'N', 'A'].map((name) => the(model, 'struct', name).extensibility);
    assert.deepEqual(kinds, ['mutable', 'mutable', 'appendable']);
    assert.equal(the(model, 'union', 'U').extensibility, 'final');
  });

  it('has what annotations say of members, and all annotations', () => {
    const model = modelOf(
      '@range(min = 0, max = 100) typedef long Percent;' +
        'struct S { @key long a; @must_understand @unit("m") @range(min = -1, max = 5) @default(3) long b;' +
        ' @external @optional string c; @try_construct(TRIM) string<4> d; @owner("x", level = HIGH) Percent e; };',
    );
    const [a, b, c, d, e] = the(model, 'struct', 'S').members as [
      MemberModel,
      MemberModel,
      MemberModel,
      MemberModel,
      MemberModel,
    ];
    assert.deepEqual(
      [a.key, a.mustUnderstand, a.optional, a.external, a.tryConstruct],
      [true, true, false, false, 'discard'],
    );
    assert.deepEqual([b.mustUnderstand, b.unit, b.key], [true, 'm', false]);
    assert.deepEqual(
      [b.min, b.max, b.default].map((value) => value?.kind === 'integer' && value.value),
      [-1n, 5n, 3n],
    );
    assert.deepEqual([c.external, c.optional, d.tryConstruct], [true, true, 'trim']);
    assert.deepEqual(
      [e.min, e.max].map((value) => value?.kind === 'integer' && value.value),
      [0n, 100n],
    );
    assert.deepEqual(
      e.annotations.map(({ name, parameters }) => [name, parameters]),
      [
        [
          'owner',
          [
            { name: 'value', value: { kind: 'string', value: 'x' } },
            { name: 'level', value: { kind: 'word', value: 'HIGH' } },
          ],
        ],
      ],
    );
  });

  it('has the defaults of annotations that are declared', () => {
    const model = modelOf(
      '@annotation owner { string name; long level default 5; }; @owner(name = "x") struct S { long a; };',
    );
    assert.deepEqual(the(model, 'struct', 'S').annotations[0]?.parameters, [
      { name: 'name', value: { kind: 'string', value: 'x' } },
      { name: 'level', value: { kind: 'integer', value: 5n } },
    ]);
    assert.equal(the(model, 'annotation', '@owner').parameters.length, 2);
  });

  it('knows topics, their names, and what modules say of all in them', () => {
    const model = modelOf(
      '@topic(name = "flights") struct A { long a; };' +
        '@default_nested @data_representation(XCDR2) module m { struct B { long a; }; @nested(FALSE) struct C { long a; }; };' +
        'module m { struct D { long a; }; };',
    );
    const a = the(model, 'struct', 'A');
    assert.deepEqual([a.topic, a.topicName, a.nested], [true, 'flights', false]);
    assert.deepEqual(
      ['B', 'C', 'D'].map((name) => the(model, 'struct', `m::${name}`).nested),
      [true, false, true],
    );
    assert.deepEqual(the(model, 'struct', 'm::D').dataRepresentations, ['XCDR2']);
  });

  it('has the cases of a union, their ids from 1 on, and whether one is left out', () => {
    const model = modelOf(
      'enum E { A, B, C }; union U switch (@key E) { case A: case B: long x; case C: string y; };' +
        'union V switch (E) { case A: long x; }; union W switch (E) { case A: long x; default: @id(9) long y; };',
    );
    const u = the(model, 'union', 'U');
    assert.deepEqual(u.discriminator, { kind: 'named', name: 'E' });
    assert.equal(u.discriminatorKey, true);
    assert.equal(u.implicitDefault, false);
    assert.deepEqual(
      u.cases.map(({ labels, isDefault, member }) => [
        labels.map(({ value }) => value),
        isDefault,
        member.name,
        member.id,
      ]),
      [
        [[0, 1], false, 'x', 1],
        [[2], false, 'y', 2],
      ],
    );
    assert.equal(the(model, 'union', 'V').implicitDefault, true);
    const w = the(model, 'union', 'W');
    assert.deepEqual([w.implicitDefault, w.cases[1]!.isDefault, w.cases[1]!.member.id], [false, true, 9]);
  });

  it('gives enumerators values, flags positions, and bitfields places and types', () => {
    const model = modelOf(
      '@bit_bound(16) enum E { A, @value(10) B, @default_literal C }; @bit_bound(8) bitmask M { X, @position(5) Y, Z };' +
        'bitset P { bitfield<1> a; bitfield<3> b; bitfield<4>; bitfield<12, short> c; }; bitset Q : P { bitfield<33> d; };',
    );
    const e = the(model, 'enum', 'E');
    assert.deepEqual(
      [e.bitBound, e.defaultLiteral, e.enumerators.map(({ value }) => value)],
      [16, 'C', [0, 10, 11]],
    );
    const m = the(model, 'bitmask', 'M');
    assert.deepEqual([m.bitBound, m.flags.map(({ position }) => position)], [8, [0, 5, 6]]);
    const q = the(model, 'bitset', 'Q');
    assert.equal(q.bitCount, 53);
    assert.deepEqual(
      allFields(model, q).map(({ name, position, bits, type }) => [name, position, bits, type]),
      [
        ['a', 0, 1, 'boolean'],
        ['b', 1, 3, 'octet'],
        [undefined, 4, 4, 'octet'],
        ['c', 8, 12, 'int16'],
        ['d', 20, 33, 'uint64'],
      ],
    );
  });

  it('has every type as it is written', () => {
    const model = modelOf(
      'typedef long L; typedef L Grid[2][3]; struct S { map<string<5>, sequence<Grid, 4>, 10> a; wstring<3> b; wchar c;' +
        ' fixed<10, 2> d; long double e; sequence<@external @try_construct(TRIM) string<2>> f; Grid g[4]; };',
    );
    const types = the(model, 'struct', 'S').members.map(({ type }) => type);
    const grid = { kind: 'named', name: 'Grid' };
    assert.deepEqual(types, [
      {
        kind: 'map',
        key: { kind: 'string', bound: 5 },
        value: { kind: 'sequence', element: grid, bound: 4 },
        bound: 10,
      },
      { kind: 'wstring', bound: 3 },
      { kind: 'primitive', name: 'wchar' },
      { kind: 'fixed', digits: 10, scale: 2 },
      { kind: 'primitive', name: 'longdouble' },
      {
        kind: 'sequence',
        element: { kind: 'string', bound: 2 },
        bound: undefined,
        elements: { external: true, tryConstruct: 'trim' },
      },
      { kind: 'array', element: grid, dimensions: [4] },
    ]);
    const resolved = resolveTypedefs(model, types[6]!.kind === 'array' ? types[6].element : types[6]!);
    assert.deepEqual(resolved, { kind: 'array', element: { kind: 'named', name: 'L' }, dimensions: [2, 3] });
  });

  it('calculates constants exactly', () => {
    const model = modelOf(
      'const fixed A = 10d / 3d; const fixed B = 1.10d + 2.2d; const uint64 C = ~0; const long D = -7 / 2; const long E = -7 % 3;' +
        'const wstring F = L"\\u2122"; const char G = \'\\101\'; bitmask M { X, Y }; const M H = X | Y; const fixed I = -0.05d;',
    );
    const value = (name: string) => the(model, 'constant', name).value;
    assert.deepEqual(value('A'), { kind: 'fixed', value: 3333333333333333333333333333333n, scale: 30 });
    assert.deepEqual(value('B'), { kind: 'fixed', value: 33n, scale: 1 });
    assert.deepEqual(the(model, 'constant', 'B').type, { kind: 'fixed', digits: 2, scale: 1 });
    assert.deepEqual(value('C'), { kind: 'integer', value: 0xffff_ffff_ffff_ffffn });
    assert.deepEqual(
      [value('D'), value('E')].map((v) => v.kind === 'integer' && v.value),
      [-3n, -1n],
    );
    assert.deepEqual(value('F'), { kind: 'string', value: '™', wide: true });
    assert.deepEqual(value('G'), { kind: 'character', value: 65 });
    assert.deepEqual(value('H'), { kind: 'flags', bitmask: 'M', value: 3n });
    assert.deepEqual(value('I'), { kind: 'fixed', value: -5n, scale: 2 });
  });

  it('makes keys of what a keylist names', () => {
    const model = modelOf(
      'struct P { long x; long y; }; struct B { long b; }; struct S : B { P p; long q; };\n#pragma keylist S p.x b',
    );
    const s = the(model, 'struct', 'S');
    assert.equal(s.topic, true);
    assert.deepEqual(
      allMembers(model, s).map(({ name, key }) => [name, key]),
      [
        ['b', true],
        ['p', true],
        ['q', false],
      ],
    );
    assert.deepEqual(
      the(model, 'struct', 'P').members.map(({ key }) => key),
      [true, false],
    );
  });

  it('keeps interfaces, exceptions and value types', () => {
    const model = modelOf(
      'exception Full { long limit; }; interface Base { typedef long Id; };' +
        'interface Store : Base { readonly attribute long size; Id add(in string item, out long at) raises (Full); oneway void clear(); };' +
        'valuetype V supports Base { public long a; private string b; factory make(in long a); };',
    );
    assert.deepEqual(ids(the(model, 'exception', 'Full').members), { limit: 0 });
    const store = the(model, 'interface', 'Store');
    assert.deepEqual(store.bases, ['Base']);
    assert.deepEqual(
      store.operations.map(({ name, oneway, result, parameters, raises }) => [
        name,
        oneway,
        result,
        parameters.map((parameter) => `${parameter.direction} ${parameter.name}`),
        raises,
      ]),
      [
        ['add', false, { kind: 'named', name: 'Base::Id' }, ['in item', 'out at'], ['Full']],
        ['clear', true, undefined, [], []],
      ],
    );
    assert.deepEqual(
      store.attributes.map(({ name, readonly }) => [name, readonly]),
      [['size', true]],
    );
    assert.deepEqual(the(model, 'typedef', 'Base::Id').modules, ['Base']);
    const v = the(model, 'valuetype', 'V');
    assert.deepEqual(
      v.state.map(({ visibility, member }) => [visibility, member.name]),
      [
        ['public', 'a'],
        ['private', 'b'],
      ],
    );
    assert.deepEqual([v.supports, v.factories.map(({ name }) => name)], [['Base'], ['make']]);
  });

  it('carries comments', () => {
    const model = modelOf(
      '/// A struct.\n/// Of two lines.\nstruct S {\n  /** One. */ long a;\n  long b; ///< Two.\n};\n' +
        '/** A union. */ union U switch (long) {\n  /// A case.\n  case 1: long x; };\n/// Flags.\nbitmask M { X, ///< The x.\n Y };',
    );
    const s = the(model, 'struct', 'S');
    assert.deepEqual(
      [s.doc, ...s.members.map(({ doc }) => doc)],
      ['A struct.\nOf two lines.', 'One.', 'Two.'],
    );
    const u = the(model, 'union', 'U');
    assert.deepEqual([u.doc, u.cases[0]!.member.doc], ['A union.', 'A case.']);
    const m = the(model, 'bitmask', 'M');
    assert.deepEqual([m.doc, ...m.flags.map(({ doc }) => doc)], ['Flags.', 'The x.', undefined]);
  });
});
