import type { Row } from './evolution-rows.js';

/** A newer reader that has less room, or an older one that knows fewer enumerators, and what its types say of that. */

const forwards = (why: RegExp) => ({ oldReadsNew: 'yes', newReadsOld: why }) as const;
const back = (why: RegExp) => ({ oldReadsNew: why, newReadsOld: 'yes' }) as const;
const yes = { oldReadsNew: 'yes', newReadsOld: 'yes' } as const;

export const tried: Row[] = [
  ...(['TRIM', 'USE_DEFAULT'] as const).flatMap((how): Row[] => [
    [
      `elements of a sequence with less room (${how})`,
      'struct T { sequence<string> a; };',
      `struct T { sequence<@try_construct(${how}) string<3>> a; };`,
      yes,
    ],
    [
      `elements of an array with less room (${how})`,
      'struct T { string a[2]; };',
      `struct T { string<3> a @try_construct(${how}) [2]; };`,
      yes,
    ],
    [
      `keys of a map with less room (${how})`,
      'struct T { map<string, long> a; };',
      `struct T { map<@try_construct(${how}) string<3>, long> a; };`,
      yes,
    ],
    [
      `values of a map with less room (${how})`,
      'struct T { map<long, sequence<long, 9>> a; };',
      `struct T { map<long, @try_construct(${how}) sequence<long, 2>> a; };`,
      yes,
    ],
  ]),
  [
    'elements with less room, whatever is tried for a key that they are part of',
    'struct T { @key string a[2]; };',
    'struct T { @key string<3> a @try_construct(TRIM) [2]; };',
    forwards(/^T\.a \(its elements\): the writer has no bound, the reader takes at most 3$/),
  ],
  [
    'a sequence that takes its default where an element has less room',
    'struct T { sequence<string> a; };',
    'struct T { @try_construct(USE_DEFAULT) sequence<string<3>> a; };',
    yes,
  ],
  [
    'a sequence that is cut, whose elements have less room',
    'struct T { sequence<string> a; };',
    'struct T { @try_construct(TRIM) sequence<string<3>, 2> a; };',
    forwards(/^T\.a \(its elements\): the writer has no bound/),
  ],
  [
    'a map that takes its default where a key or a value has less room',
    'struct T { map<string, string> a; };',
    'struct T { @try_construct(USE_DEFAULT) map<string<3>, string<3>> a; };',
    yes,
  ],
  [
    'keys of a map that are an enum which grows',
    'enum E { A }; struct T { map<E, long> a; };',
    'enum E { A, B }; struct T { map<E, long> a; };',
    back(/^E: the reader does not know B, and it is part of the key$/),
  ],
  [
    'keys of a map that are an enum which grows, and take their default',
    'enum E { A }; struct T { map<@try_construct(USE_DEFAULT) E, long> a; };',
    'enum E { A, B }; struct T { map<@try_construct(USE_DEFAULT) E, long> a; };',
    yes,
  ],
  [
    'a struct that takes its default where a member has less room, however deep',
    'struct Q { string a; }; struct P { Q q; sequence<Q> qs; }; struct T { P p; };',
    'struct Q { string<3> a; }; struct P { Q q; sequence<Q> qs; }; struct T { @try_construct(USE_DEFAULT) P p; };',
    yes,
  ],
  [
    'a struct that takes its default at one of two places only',
    'struct P { string a; }; struct T { P p; P q; };',
    'struct P { string<3> a; }; struct T { @try_construct(USE_DEFAULT) P p; P q; };',
    forwards(/^P\.a: the writer has no bound, the reader takes at most 3$/),
  ],
  [
    'a struct that would take its default, and is a key',
    'struct P { string a; }; struct T { @key P p; };',
    'struct P { string<3> a; }; struct T { @key @try_construct(USE_DEFAULT) P p; };',
    forwards(/^P\.a: the writer has no bound/),
  ],
  [
    'a struct that takes its default, of other types',
    'struct P { string a; }; struct T { P p; };',
    'struct P { long a; }; struct T { @try_construct(USE_DEFAULT) P p; };',
    {
      oldReadsNew: /^P\.a: it is int32 for the writer/,
      newReadsOld: /^P\.a: it is string for the writer/,
    },
  ],
  [
    'a union that takes its default where a member has less room',
    'union U switch (long) { case 1: string a; }; struct T { U u; };',
    'union U switch (long) { case 1: string<3> a; }; struct T { @try_construct(USE_DEFAULT) U u; };',
    yes,
  ],
  [
    'a discriminator that takes its default, of an enum that grows',
    'enum E { A }; union U switch (@try_construct(USE_DEFAULT) E) { case A: long a; }; struct T { U u; };',
    'enum E { A, B }; union U switch (@try_construct(USE_DEFAULT) E) { case A: long a; case B: string b; }; struct T { U u; };',
    yes,
  ],
  [
    'a discriminator that takes its default, of a final union whose enum grows',
    'enum E { A }; @final union U switch (@try_construct(USE_DEFAULT) E) { case A: long a; default: string b; }; struct T { U u; };',
    'enum E { A, B }; @final union U switch (@try_construct(USE_DEFAULT) E) { case A: long a; default: string b; }; struct T { U u; };',
    {
      oldReadsNew: /^T\.u: U is @final or holds what is/,
      newReadsOld: /^T\.u: U is @final or holds what is/,
    },
  ],
  [
    'a discriminator that has another default',
    'union U switch (@default(1) long) { case 1: long a; }; struct T { U u; };',
    'union U switch (@default(2) long) { case 1: long a; }; struct T { U u; };',
    {
      oldReadsNew: /^U: its discriminator's default is 2 for the writer and 1 for the reader$/,
      newReadsOld: /^U: its discriminator's default is 1 for the writer and 2 for the reader$/,
    },
  ],
  [
    'arrays in an array that take their defaults as a whole',
    'typedef string R[2]; struct T { R a[2]; };',
    'typedef string<3> R[2]; struct T { R a @try_construct(USE_DEFAULT) [2]; };',
    yes,
  ],
];

/** What is told of what a reader makes of samples: the writer's types, the reader's, and the notes. */
export const told: [writer: string, reader: string, ...notes: string[]][] = [
  [
    'struct T { sequence<string> a; };',
    'struct T { sequence<@try_construct(TRIM) string<3>> a; };',
    'T.a (its elements): the writer has no bound, the reader takes at most 3, and cuts off the rest',
  ],
  [
    'struct T { map<string, string> a; };',
    'struct T { map<@try_construct(TRIM) string<3>, @try_construct(USE_DEFAULT) string<4>> a; };',
    'T.a (its keys): the writer has no bound, the reader takes at most 3, and cuts off the rest',
    'T.a (its values): the writer has no bound, the reader takes at most 4, and takes its default for what is longer',
  ],
  [
    'struct P { string a; }; struct T { P p; };',
    'struct P { string<3> a; }; struct T { @try_construct(USE_DEFAULT) P p; };',
    'P.a: the writer has no bound, the reader takes at most 3, and takes the default of T.p for what is longer',
  ],
  [
    'enum E { A, B }; struct P { E e; }; struct T { P p; P q; };',
    'enum E { A }; struct P { E e; }; struct T { @try_construct(USE_DEFAULT) P p; P q; };',
    'E: the reader does not know B, and takes the default of T.p for it',
    'E: the reader does not know B: a sample that holds it does not arrive',
  ],
  [
    'enum E { A, B }; union U switch (E) { case A: long a; case B: long b; }; struct T { U u; };',
    'enum E { A }; union U switch (@try_construct(USE_DEFAULT) E) { case A: long a; }; struct T { U u; };',
    'E: the reader does not know B, and takes its default for it',
  ],
  [
    'enum E { A, B }; union U switch (E) { case A: long a; case B: long b; }; struct T { U u; };',
    'enum E { A }; union U switch (E) { case A: long a; }; struct T { U u; };',
    'E: the reader does not know B: a sample that holds it does not arrive',
  ],
];
