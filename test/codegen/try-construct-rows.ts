import type { Sample } from './generated.js';

/** What a writer sends, and what becomes of it with a reader whose types have less room and fewer enumerators. */
export interface Row {
  readonly what: string;
  /** The members of the writer's topic, and of the reader's. */
  readonly written: string;
  readonly read: string;
  readonly sample: Sample;
  readonly expected: Sample | 'refused';
  /** Whether the writer's types can be read by the reader only where their end is told: not of final types. */
  readonly delimited?: true;
}

/** What both have; `KIND` is each extensibility in turn. */
export const writtenTypes = `
  enum E { A, B, C };
  @KIND @nested struct P { string s; E e; };
  @KIND @nested struct Middle { P p; long n; };
  @KIND @nested struct Outer { Middle m; };
  @KIND @nested struct Healing { P p; sequence<E> es; };
  @KIND @nested struct Tree { string name; sequence<Tree> children; };
  @KIND @nested union U switch (E) { case A: long number; case B: string text; case C: double other; };
  @KIND @nested union D switch (E) { case A: long number; default: string text; };
  @KIND @nested union L switch (long) { case 1: string text; case 2: E e; };
  typedef E Row[2]; typedef string Texts[2];`;

export const readTypes = `
  enum E { A, B };
  @KIND @nested struct P { string<3> s; E e; };
  @KIND @nested struct Middle { P p; @default(5) long n; };
  @KIND @nested struct Outer { Middle m; };
  @KIND @nested struct Healing { @try_construct(USE_DEFAULT) P p; sequence<@try_construct(USE_DEFAULT) E> es; };
  @KIND @nested struct Tree { string<3> name; sequence<@try_construct(USE_DEFAULT) Tree> children; };
  @KIND @nested union U switch (E) { case A: long number; case B: string<3> text; };
  @KIND @nested union UD switch (@try_construct(USE_DEFAULT) E) { case A: long number; case B: string<3> text; };
  @KIND @nested union UB switch (@try_construct(USE_DEFAULT) @default(B) E) { case A: long number; case B: string<3> text; };
  @KIND @nested union D switch (E) { case A: long number; default: string<3> text; };
  @KIND @nested union DD switch (@try_construct(USE_DEFAULT) E) { case A: long number; default: string<3> text; };
  @KIND @nested union L switch (long) { case 1: string<3> text; case 2: E e; };
  typedef E Row[2]; typedef string<3> Texts[2];`;

const lists: Row[] = [
  {
    what: 'texts in a sequence are cut',
    written: 'sequence<string> l;',
    read: 'sequence<@try_construct(TRIM) string<3>> l;',
    sample: { l: ['abcd', 'x', 'xyzxyz'] },
    expected: { l: ['abc', 'x', 'xyz'] },
  },
  {
    what: 'wide texts in a sequence are cut',
    written: 'sequence<wstring> l;',
    read: 'sequence<@try_construct(TRIM) wstring<3>> l;',
    sample: { l: ['abcd', 'x'] },
    expected: { l: ['abc', 'x'] },
  },
  {
    what: 'octets in a sequence are cut',
    written: 'sequence<sequence<octet>> l;',
    read: 'sequence<@try_construct(TRIM) sequence<octet, 2>> l;',
    sample: { l: [new Uint8Array([1, 2, 3]), new Uint8Array([4])] },
    expected: { l: [new Uint8Array([1, 2]), new Uint8Array([4])] },
  },
  {
    what: 'sequences in a sequence are cut',
    written: 'sequence<sequence<long>> l;',
    read: 'sequence<@try_construct(TRIM) sequence<long, 2>> l;',
    sample: { l: [[1, 2, 3], [4], [5, 6, 7, 8]] },
    expected: { l: [[1, 2], [4], [5, 6]] },
  },
  {
    what: 'sequences in a sequence take their default',
    written: 'sequence<sequence<E>> l;',
    read: 'sequence<@try_construct(USE_DEFAULT) sequence<E, 2>> l;',
    sample: { l: [[0, 1, 0], [1], [2]] },
    expected: { l: [[], [1], []] },
  },
  {
    what: 'texts in a sequence take their default',
    written: 'sequence<string> l;',
    read: 'sequence<@try_construct(USE_DEFAULT) string<3>> l;',
    sample: { l: ['abcd', 'x'] },
    expected: { l: ['', 'x'] },
  },
  {
    what: 'enumerators in a sequence take their default',
    written: 'sequence<E> l;',
    read: 'sequence<@try_construct(USE_DEFAULT) E> l;',
    sample: { l: [2, 1, 2] },
    expected: { l: [0, 1, 0] },
  },
  {
    what: 'structs in a sequence take their default',
    written: 'sequence<P> l;',
    read: 'sequence<@try_construct(USE_DEFAULT) P> l;',
    sample: {
      l: [
        { s: 'abcd', e: 1 },
        { s: 'x', e: 1 },
        { s: 'x', e: 2 },
      ],
    },
    expected: {
      l: [
        { s: '', e: 0 },
        { s: 'x', e: 1 },
        { s: '', e: 0 },
      ],
    },
  },
  {
    what: 'a sequence does not fit where one of its texts does not',
    written: 'sequence<string> l;',
    read: 'sequence<@try_construct(DISCARD) string<3>> l;',
    sample: { l: ['x', 'abcd'] },
    expected: 'refused',
  },
  {
    what: 'a sequence takes its default where one of its enumerators does not fit',
    written: 'sequence<E> l;',
    read: '@try_construct(USE_DEFAULT) sequence<E> l;',
    sample: { l: [0, 2, 1] },
    expected: { l: [] },
  },
  {
    what: 'a sequence takes its default where one of its structs does not fit',
    written: 'sequence<P> l; @optional sequence<P> o;',
    read: '@try_construct(USE_DEFAULT) sequence<P> l; @try_construct(USE_DEFAULT) @optional sequence<P> o;',
    sample: { l: [{ s: 'x', e: 2 }], o: [{ s: 'abcd', e: 0 }] },
    expected: { l: [], o: undefined },
  },
  {
    what: 'a sequence that is cut loses what does not fit with the rest',
    written: 'sequence<E> l; sequence<string> t; sequence<long> n;',
    read: `@try_construct(TRIM) sequence<E, 2> l; @try_construct(TRIM) sequence<string<3>, 1> t;
      @try_construct(TRIM) sequence<long, 2> n;`,
    sample: { l: [0, 1, 2], t: ['abc', 'abcd', 'x'], n: [1, 2, 3, 4] },
    expected: { l: [0, 1], t: ['abc'], n: [1, 2] },
  },
  {
    what: 'a sequence that is cut does not fit for what is left of it',
    written: 'sequence<E> l;',
    read: '@try_construct(TRIM) sequence<E, 2> l;',
    sample: { l: [2, 1, 0] },
    expected: 'refused',
  },
  {
    what: 'elements of an array are cut, and take their defaults',
    written: 'string a[2]; string b[2]; E c[2][2]; P d[2];',
    read: `string<3> a @try_construct(TRIM) [2]; string<3> b @try_construct(USE_DEFAULT) [2];
      E c @try_construct(USE_DEFAULT) [2][2]; P d @try_construct(USE_DEFAULT) [2];`,
    sample: {
      a: ['abcd', 'x'],
      b: ['abcd', 'x'],
      c: [
        [1, 2],
        [2, 1],
      ],
      d: [
        { s: 'x', e: 1 },
        { s: 'abcd', e: 1 },
      ],
    },
    expected: {
      a: ['abc', 'x'],
      b: ['', 'x'],
      c: [
        [1, 0],
        [0, 1],
      ],
      d: [
        { s: 'x', e: 1 },
        { s: '', e: 0 },
      ],
    },
  },
  {
    what: 'an array takes its default where an element does not fit',
    written: 'E a[2]; P b[2]; string c[2]; @optional string d[2];',
    read: `@try_construct(USE_DEFAULT) E a[2]; @try_construct(USE_DEFAULT) P b[2]; @try_construct(USE_DEFAULT) string<3> c[2];
      @try_construct(USE_DEFAULT) @optional string<3> d[2];`,
    sample: {
      a: [1, 2],
      b: [
        { s: 'x', e: 1 },
        { s: 'x', e: 2 },
      ],
      c: ['x', 'abc'],
      d: ['x', 'abcd'],
    },
    expected: {
      a: [0, 0],
      b: [
        { s: '', e: 0 },
        { s: '', e: 0 },
      ],
      c: ['x', 'abc'],
      d: undefined,
    },
  },
  {
    what: 'arrays in an array take their defaults as a whole',
    written: 'Row a[2]; Texts b[2];',
    read: 'Row a @try_construct(USE_DEFAULT) [2]; Texts b @try_construct(USE_DEFAULT) [2];',
    sample: {
      a: [
        [1, 2],
        [1, 1],
      ],
      b: [
        ['x', 'y'],
        ['x', 'abcd'],
      ],
    },
    expected: {
      a: [
        [0, 0],
        [1, 1],
      ],
      b: [
        ['x', 'y'],
        ['', ''],
      ],
    },
  },
];

const maps: Row[] = [
  {
    what: 'keys of a map are cut; of those that are one then, the last stays',
    written: 'map<string, long> m;',
    read: 'map<@try_construct(TRIM) string<3>, long> m;',
    sample: {
      m: new Map([
        ['abcd', 1],
        ['x', 2],
        ['abce', 3],
      ]),
    },
    expected: {
      m: new Map([
        ['abc', 3],
        ['x', 2],
      ]),
    },
  },
  {
    what: 'keys of a map take their default',
    written: 'map<string, long> m; map<E, long> n;',
    read: 'map<@try_construct(USE_DEFAULT) string<3>, long> m; map<@try_construct(USE_DEFAULT) E, long> n;',
    sample: {
      m: new Map([
        ['x', 1],
        ['abcd', 2],
      ]),
      n: new Map([
        [1, 1],
        [2, 2],
      ]),
    },
    expected: {
      m: new Map([
        ['x', 1],
        ['', 2],
      ]),
      n: new Map([
        [1, 1],
        [0, 2],
      ]),
    },
  },
  {
    what: 'values of a map are cut, and take their defaults',
    written:
      'map<long, string> m; map<long, string> n; map<long, P> p; map<long, sequence<long>> q; map<long, E> e;',
    read: `map<long, @try_construct(TRIM) string<3>> m; map<long, @try_construct(USE_DEFAULT) string<3>> n;
      map<long, @try_construct(USE_DEFAULT) P> p; map<long, @try_construct(USE_DEFAULT) sequence<long, 2>> q;
      map<long, @try_construct(USE_DEFAULT) E> e;`,
    sample: {
      m: new Map([[1, 'abcd']]),
      n: new Map([
        [1, 'abcd'],
        [2, 'x'],
      ]),
      p: new Map([
        [1, { s: 'x', e: 2 }],
        [2, { s: 'x', e: 1 }],
      ]),
      q: new Map([
        [1, [1, 2, 3]],
        [2, [4]],
      ]),
      e: new Map([
        [1, 2],
        [2, 1],
      ]),
    },
    expected: {
      m: new Map([[1, 'abc']]),
      n: new Map([
        [1, ''],
        [2, 'x'],
      ]),
      p: new Map([
        [1, { s: '', e: 0 }],
        [2, { s: 'x', e: 1 }],
      ]),
      q: new Map([
        [1, []],
        [2, [4]],
      ]),
      e: new Map([
        [1, 0],
        [2, 1],
      ]),
    },
  },
  {
    what: 'a map does not fit where one of its keys does not',
    written: 'map<string, long> m;',
    read: 'map<string<3>, long> m;',
    sample: { m: new Map([['abcd', 1]]) },
    expected: 'refused',
  },
  {
    what: 'a map takes its default where a key or a value does not fit, or there are too many',
    written: 'map<E, long> m; map<long, P> n; map<long, long> o; @optional map<long, E> p;',
    read: `@try_construct(USE_DEFAULT) map<E, long> m; @try_construct(USE_DEFAULT) map<long, P> n;
      @try_construct(USE_DEFAULT) map<long, long, 1> o; @try_construct(USE_DEFAULT) @optional map<long, E> p;`,
    sample: {
      m: new Map([
        [0, 1],
        [2, 1],
      ]),
      n: new Map([[1, { s: 'abcd', e: 0 }]]),
      o: new Map([
        [1, 1],
        [2, 2],
      ]),
      p: new Map([[1, 2]]),
    },
    expected: { m: new Map(), n: new Map(), o: new Map(), p: undefined },
  },
  {
    what: 'a map that is cut loses what does not fit with the rest',
    written: 'map<long, E> m; map<octet, short> n;',
    read: '@try_construct(TRIM) map<long, E, 1> m; @try_construct(TRIM) map<octet, short, 2> n;',
    sample: {
      m: new Map([
        [1, 1],
        [2, 2],
      ]),
      n: new Map([
        [1, 1],
        [2, 2],
        [3, 3],
      ]),
    },
    expected: {
      m: new Map([[1, 1]]),
      n: new Map([
        [1, 1],
        [2, 2],
      ]),
    },
  },
];

const nested: Row[] = [
  {
    what: 'a struct takes its default where a member does not fit, and nothing else is touched',
    written: 'P p; P q;',
    read: '@try_construct(USE_DEFAULT) P p; P q;',
    sample: { p: { s: 'abcd', e: 1 }, q: { s: 'x', e: 1 } },
    expected: { p: { s: '', e: 0 }, q: { s: 'x', e: 1 } },
  },
  {
    what: 'a struct that does not fit is not made up for by one that may',
    written: 'P p; P q;',
    read: '@try_construct(USE_DEFAULT) P p; P q;',
    sample: { p: { s: 'x', e: 1 }, q: { s: 'x', e: 2 } },
    expected: 'refused',
  },
  {
    what: 'a struct that is optional is missing where a member does not fit',
    written: '@optional P p; @external P q;',
    read: '@try_construct(USE_DEFAULT) @optional P p; @try_construct(USE_DEFAULT) @external P q;',
    sample: { p: { s: 'abcd', e: 1 }, q: { s: 'abcd', e: 1 } },
    expected: { p: undefined, q: { s: '', e: 0 } },
  },
  {
    what: 'what does not fit goes outwards to where a default is taken',
    written: 'Outer o;',
    read: '@try_construct(USE_DEFAULT) Outer o;',
    sample: { o: { m: { p: { s: 'x', e: 2 }, n: 1 } } },
    expected: { o: { m: { p: { s: '', e: 0 }, n: 5 } } },
  },
  {
    what: 'what does not fit goes no further than that',
    written: 'Healing h; sequence<Healing> hs;',
    read: '@try_construct(USE_DEFAULT) Healing h; sequence<@try_construct(USE_DEFAULT) Healing> hs;',
    sample: {
      h: { p: { s: 'abcd', e: 1 }, es: [1, 2] },
      hs: [{ p: { s: 'x', e: 1 }, es: [2, 1] }],
    },
    expected: {
      h: { p: { s: '', e: 0 }, es: [1, 0] },
      hs: [{ p: { s: 'x', e: 1 }, es: [0, 1] }],
    },
  },
  {
    what: 'a sample is refused where nothing takes a default for it',
    written: 'Outer o;',
    read: 'Outer o;',
    sample: { o: { m: { p: { s: 'x', e: 2 }, n: 1 } } },
    expected: 'refused',
  },
  {
    what: 'a type that contains itself takes its default at the innermost place',
    written: 'Tree t;',
    read: 'Tree t;',
    sample: {
      t: {
        name: 'a',
        children: [
          { name: 'b', children: [{ name: 'abcd', children: [{ name: 'c', children: [] }] }] },
          { name: 'd', children: [] },
        ],
      },
    },
    expected: {
      t: {
        name: 'a',
        children: [
          { name: 'b', children: [{ name: '', children: [] }] },
          { name: 'd', children: [] },
        ],
      },
    },
  },
  {
    what: 'nothing is taken for a part of a key',
    written: '@key P p;',
    read: '@key @try_construct(USE_DEFAULT) P p;',
    sample: { p: { s: 'abcd', e: 0 } },
    expected: 'refused',
  },
  {
    what: 'nothing is cut off an element of a key',
    written: '@key string k[2];',
    read: '@key string<3> k @try_construct(TRIM) [2];',
    sample: { k: ['abcd', 'x'] },
    expected: 'refused',
  },
];

const unions: Row[] = [
  {
    what: 'a union whose discriminator is not known does not fit',
    written: 'U u;',
    read: 'U u;',
    sample: { u: { $d: 2, other: 1 } },
    expected: 'refused',
  },
  {
    what: 'a union takes its default where its discriminator is not known',
    written: 'U u; sequence<U> us;',
    read: '@try_construct(USE_DEFAULT) U u; sequence<@try_construct(USE_DEFAULT) U> us;',
    sample: {
      u: { $d: 2, other: 1 },
      us: [
        { $d: 1, text: 'x' },
        { $d: 2, other: 1 },
      ],
    },
    expected: {
      u: { $d: 0, number: 0 },
      us: [
        { $d: 1, text: 'x' },
        { $d: 0, number: 0 },
      ],
    },
    delimited: true,
  },
  {
    what: 'a discriminator takes its default, and what that selects has its own',
    written: 'U u; U v; U w; U x;',
    read: 'UD u; UB v; UD w; UB x;',
    sample: {
      u: { $d: 2, other: 1 },
      v: { $d: 2, other: 1 },
      w: { $d: 1, text: 'x' },
      x: { $d: 0, number: 9 },
    },
    expected: {
      u: { $d: 0, number: 0 },
      v: { $d: 1, text: '' },
      w: { $d: 1, text: 'x' },
      x: { $d: 0, number: 9 },
    },
    delimited: true,
  },
  {
    what: 'a discriminator takes its default, whatever its default case is sent with',
    written: 'D d; D e; D f;',
    read: 'DD d; DD e; DD f;',
    sample: { d: { $d: 2, text: 'x' }, e: { $d: 2, text: 'abcd' }, f: { $d: 1, text: 'x' } },
    expected: { d: { $d: 0, number: 0 }, e: { $d: 0, number: 0 }, f: { $d: 1, text: 'x' } },
  },
  {
    what: 'a discriminator that is known makes up for no member that does not fit',
    written: 'D d;',
    read: 'DD d;',
    sample: { d: { $d: 1, text: 'abcd' } },
    expected: 'refused',
  },
  {
    what: 'a union takes its default where its member does not fit',
    written: 'L a; L b; L c; map<long, L> m;',
    read: `@try_construct(USE_DEFAULT) L a; @try_construct(USE_DEFAULT) L b; @try_construct(USE_DEFAULT) L c;
      map<long, @try_construct(USE_DEFAULT) L> m;`,
    sample: {
      a: { $d: 1, text: 'abcd' },
      b: { $d: 2, e: 2 },
      c: { $d: 2, e: 1 },
      m: new Map([[1, { $d: 1, text: 'abcd' }]]),
    },
    expected: {
      a: { $d: 'default', $label: 0 },
      b: { $d: 'default', $label: 0 },
      c: { $d: 2, e: 1 },
      m: new Map([[1, { $d: 'default', $label: 0 }]]),
    },
  },
  {
    what: 'a union that may take its default does so for a default case that does not fit',
    written: 'D d; D e;',
    read: '@try_construct(USE_DEFAULT) D d; @try_construct(USE_DEFAULT) D e;',
    sample: { d: { $d: 2, text: 'abcd' }, e: { $d: 1, text: 'abcd' } },
    expected: { d: { $d: 0, number: 0 }, e: { $d: 0, number: 0 } },
  },
];

export const rowsByConstruct: Readonly<Record<string, readonly Row[]>> = { lists, maps, nested, unions };
