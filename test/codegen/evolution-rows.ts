import { tried } from './try-construct-evolution.js';

/** Pairs of old and new types, and whether one understands the other. */

/** `yes`, or why not; and what is lost on the way. */
export interface Verdict {
  /** Whether readers of the old version understand writers of the new. */
  readonly oldReadsNew: RegExp | 'yes';
  readonly newReadsOld: RegExp | 'yes';
}

const yes: Verdict = { oldReadsNew: 'yes', newReadsOld: 'yes' };
const never = (why: RegExp): Verdict => ({ oldReadsNew: why, newReadsOld: why });
const onlyForwards = (why: RegExp): Verdict => ({ oldReadsNew: why, newReadsOld: 'yes' });
const onlyBack = (why: RegExp): Verdict => ({ oldReadsNew: 'yes', newReadsOld: why });

export type Row = [what: string, before: string, after: string, verdict: Verdict];

const structs: Row[] = [
  ['an appendable struct that grows', 'struct T { long a; };', 'struct T { long a; long b; };', yes],
  [
    'an appendable struct with a member in the middle',
    'struct T { long a; long c; };',
    'struct T { long a; long b; long c; };',
    never(/^T\.[bc]: the writer has '[bc]' in its place; members are added at the end only$/),
  ],
  [
    'a final struct that grows',
    '@final struct T { long a; };',
    '@final struct T { long a; long b; };',
    never(/^T is @final, and only the (writer|reader) has 'b'$/),
  ],
  [
    'a mutable struct that is reordered, loses and gains members',
    '@mutable struct T { @id(1) long a; @id(2) long b; @id(3) string c; };',
    '@mutable struct T { @id(3) string c; @id(4) double d; @id(1) long a; };',
    yes,
  ],
  [
    'a mutable struct in which an id changes its member',
    '@mutable struct T { @id(1) long a; @id(2) long b; };',
    '@mutable struct T { @id(1) long a; @id(2) long c; };',
    never(/^T\.[bc]: the writer has the id 2 for '[bc]'; an id belongs to one member for ever$/),
  ],
  [
    'a mutable struct in which a member changes its id',
    '@mutable struct T { @id(1) long a; @id(2) long b; };',
    '@mutable struct T { @id(1) long a; @id(3) long b; };',
    never(/^T\.b: its id is [23] for the writer and [23] for the reader$/),
  ],
  [
    'a mutable struct of which nothing is left',
    '@mutable struct T { @id(1) long a; };',
    '@mutable struct T { @id(2) long b; };',
    never(/^T: no member is the same on both sides$/),
  ],
  [
    'ids by hash, which follow names and not places',
    '@mutable @autoid(HASH) struct T { long a; long b; };',
    '@mutable @autoid(HASH) struct T { long b; long c; long a; };',
    yes,
  ],
  ['another extensibility', 'struct T { long a; };', '@mutable struct T { long a; };', never(/^T is @/)],
  [
    'another type',
    'struct T { long a; };',
    'struct T { int64 a; };',
    never(/^T\.a: it is int(32|64) for the writer and int(32|64) for the reader$/),
  ],
  ['another name of the same type', 'typedef long L; struct T { L a; };', 'struct T { int32 a; };', yes],
  [
    'a member that becomes optional',
    '@mutable struct T { long a; };',
    '@mutable struct T { @optional long a; };',
    never(/^T\.a: it is @optional on one side only$/),
  ],
  [
    'an optional member that is added',
    'struct T { long a; };',
    'struct T { long a; @optional long b; };',
    yes,
  ],
  [
    'another default',
    'struct T { @default(1) long a; };',
    'struct T { @default(2) long a; };',
    never(/^T\.a: its default is [12] for the writer and [12] for the reader$/),
  ],
  [
    'a member that must be understood, added',
    'struct T { long a; };',
    'struct T { long a; @must_understand long b; };',
    never(/^T\.b: it is @must_understand, and only the (writer|reader) has it$/),
  ],
  [
    'a member that must be understood, where it is there',
    '@mutable struct T { long a; @must_understand @optional long b; };',
    '@mutable struct T { long a; };',
    yes,
  ],
  [
    'documentation, units, ranges, @external',
    'struct T { long a; };',
    'struct T { @unit("m") @external long a; };',
    yes,
  ],
  [
    'members that move into a base',
    'struct T { long a; long b; };',
    'struct B { long a; }; struct T : B { long b; };',
    yes,
  ],
  [
    'a base that grows at its end',
    '@mutable struct B { @id(1) long a; }; @mutable struct T : B { @id(2) long b; };',
    '@mutable struct B { @id(1) long a; @id(3) long c; }; @mutable struct T : B { @id(2) long b; };',
    yes,
  ],
];

const keys: Row[] = [
  [
    'a key that is added',
    'struct T { @key long a; };',
    'struct T { @key long a; @key long b; };',
    never(/^T\.b: it is a @key member that only the (writer|reader) has$/),
  ],
  [
    'a member that becomes a key',
    'struct T { long a; };',
    'struct T { @key long a; };',
    never(/^T\.a: it is a @key member on one side only$/),
  ],
  [
    'a key of a mutable struct that is removed',
    '@mutable struct T { @key long a; @id(1) long b; };',
    '@mutable struct T { @id(1) long b; };',
    never(/^T\.a: it is a @key member that only the (writer|reader) has$/),
  ],
  [
    'a key in a struct that is no part of the key',
    'struct P { long x; }; struct T { @key long a; P p; };',
    'struct P { @key long x; }; struct T { @key long a; P p; };',
    yes,
  ],
  [
    'a struct that is the key, growing: all of it is key',
    'struct P { long x; }; struct T { @key P p; };',
    'struct P { long x; long y; }; struct T { @key P p; };',
    never(/^P\.y: it is a @key member that only the (writer|reader) has$/),
  ],
  [
    'a struct with a key of its own that is the key, growing elsewhere',
    'struct P { @key long x; }; struct T { @key P p; };',
    'struct P { @key long x; long y; }; struct T { @key P p; };',
    yes,
  ],
  [
    'an enum in the key that grows',
    'enum E { A }; struct T { @key E e; };',
    'enum E { A, B }; struct T { @key E e; };',
    onlyForwards(/^E: the reader does not know B, and it is part of the key$/),
  ],
  [
    'a bound in the key, whatever is tried',
    'struct T { @key @try_construct(TRIM) string<5> a; };',
    'struct T { @key @try_construct(TRIM) string<9> a; };',
    onlyForwards(/^T\.a: the writer has the bound 9, the reader takes at most 5$/),
  ],
];

const collections: Row[] = [
  [
    'a string with more room',
    'struct T { string<5> a; };',
    'struct T { string<9> a; };',
    onlyForwards(/^T\.a: the writer has the bound 9, the reader takes at most 5$/),
  ],
  [
    'a wide string without bound',
    'struct T { wstring<5> a; };',
    'struct T { wstring a; };',
    onlyForwards(/^T\.a: the writer has no bound, the reader takes at most 5$/),
  ],
  [
    'a string with less room, by readers that cut',
    'struct T { string<9> a; };',
    'struct T { @try_construct(TRIM) string<5> a; };',
    yes,
  ],
  [
    'a sequence with less room, by readers that take a default',
    'struct T { sequence<long, 9> a; };',
    'struct T { @try_construct(USE_DEFAULT) sequence<long, 5> a; };',
    yes,
  ],
  [
    'strings in a sequence with less room',
    'struct T { sequence<string<9>> a; };',
    'struct T { sequence<string<5>> a; };',
    onlyBack(/^T\.a \(its elements\): the writer has the bound 9, the reader takes at most 5$/),
  ],
  [
    'strings in a sequence with less room, by readers that cut the sequence',
    'struct T { sequence<string<9>> a; };',
    'struct T { @try_construct(TRIM) sequence<string<5>> a; };',
    onlyBack(/^T\.a \(its elements\): the writer has the bound 9, the reader takes at most 5$/),
  ],
  [
    'a string that becomes wide',
    'struct T { string a; };',
    'struct T { wstring a; };',
    never(/^T\.a: it is w?string for/),
  ],
  [
    'an array of another size',
    'struct T { long a[2][3]; };',
    'struct T { long a[3][2]; };',
    never(/int32\[2\]\[3\]/),
  ],
  [
    'a sequence that becomes an array',
    'struct T { sequence<long> a; };',
    'struct T { long a[2]; };',
    never(/^T\.a: it is/),
  ],
  [
    'a map with more room',
    'struct T { map<long, string, 5> a; };',
    'struct T { map<long, string, 9> a; };',
    onlyForwards(/^T\.a: the writer has the bound 9, the reader takes at most 5$/),
  ],
  [
    'a map of other values',
    'struct T { map<long, string> a; };',
    'struct T { map<long, long> a; };',
    never(/^T\.a \(its values\): it is (string|int32) for the writer and (string|int32) for the reader$/),
  ],
  [
    'a map whose keys are an enum that grows',
    'enum E { A }; struct T { map<E, long> a; };',
    'enum E { A, B }; struct T { map<E, long> a; };',
    onlyForwards(/^E: the reader does not know B, and it is part of the key$/),
  ],
  ['another scale', 'struct T { fixed<5, 2> a; };', 'struct T { fixed<5, 3> a; };', never(/fixed<5, 2>/)],
];

const nested: Row[] = [
  [
    'an appendable struct within that grows',
    'struct P { long x; }; struct T { P p; sequence<P> q; };',
    'struct P { long x; long y; }; struct T { P p; sequence<P> q; };',
    yes,
  ],
  [
    'a final struct within, in which a bound grows: nothing tells where it ends',
    '@final struct P { string<5> x; }; struct T { P p; };',
    '@final struct P { string<9> x; }; struct T { P p; };',
    {
      oldReadsNew: /^P\.x: the writer has the bound 9/,
      newReadsOld:
        /^T\.p: P is @final or holds what is, so that nothing tells where it ends: it has to be the same on both sides$/,
    },
  ],
  [
    'a final struct within that is the same',
    '@final struct P { string<5> x; }; struct T { P p; };',
    '@final struct Q { string<5> x; }; struct T { Q p; string s; };',
    yes,
  ],
  [
    'types that hold themselves',
    'struct Node { long v; sequence<Node> next; }; @topic struct T { Node n; };',
    'struct Node { long v; sequence<Node> next; string s; }; @topic struct T { Node n; };',
    yes,
  ],
  [
    'types that hold themselves, and differ within',
    'struct Node { long v; sequence<Node> next; }; @topic struct T { Node n; };',
    'struct Node { short v; sequence<Node> next; }; @topic struct T { Node n; };',
    never(/^Node\.v: it is/),
  ],
  [
    'a struct that becomes a union',
    'struct P { long x; }; struct T { P p; };',
    'union P switch (long) { case 1: long x; }; struct T { P p; };',
    never(/^T\.p: P is a (struct|union) for the writer and P a (struct|union) for the reader$/),
  ],
];

const enums: Row[] = [
  [
    'enumerators that are added, anywhere',
    'enum E { A, @value(5) C }; struct T { E e; };',
    'enum E { A, B, @value(5) C, D }; struct T { E e; };',
    yes,
  ],
  [
    'enumerators that move',
    'enum E { A, B }; struct T { E e; };',
    'enum E { B, A }; struct T { E e; };',
    never(/^E: the writer has [AB] = [01] where the reader has/),
  ],
  [
    'an enumerator of another name',
    'enum E { A, B }; struct T { E e; };',
    'enum E { A, C }; struct T { E e; };',
    never(/^E: the writer has [BC] = 1 where the reader has [BC] = 1$/),
  ],
  [
    'a final enum that grows',
    '@final enum E { A }; struct T { E e; };',
    '@final enum E { A, B }; struct T { E e; };',
    never(/^E is @final, and has [12] enumerators/),
  ],
  [
    'enums of other widths',
    '@bit_bound(8) enum E { A }; struct T { E e; };',
    '@bit_bound(16) enum E { A }; struct T { E e; };',
    never(/^E: its @bit_bound is (8|16) for the writer/),
  ],
  [
    'enums with nothing in common',
    'enum E { @value(1) A }; struct T { E e; };',
    'enum E { @value(2) B }; struct T { E e; };',
    never(/^E: no enumerator is the same on both sides$/),
  ],
  [
    'another default enumerator',
    'enum E { A, B }; struct T { E e; };',
    'enum E { A, @default_literal B }; struct T { E e; };',
    yes,
  ],
  [
    'flags that are added',
    'bitmask M { A }; struct T { M m; };',
    'bitmask M { A, B }; struct T { M m; };',
    yes,
  ],
  [
    'bitmasks of other widths',
    '@bit_bound(8) bitmask M { A }; struct T { M m; };',
    '@bit_bound(16) bitmask M { A }; struct T { M m; };',
    never(/^M: its @bit_bound is/),
  ],
  [
    'a bitmask that becomes its integer',
    '@bit_bound(16) bitmask M { A }; struct T { M m; };',
    'struct T { uint16 m; };',
    yes,
  ],
  [
    'a bitmask that becomes another integer',
    '@bit_bound(16) bitmask M { A }; struct T { M m; };',
    'struct T { uint32 m; };',
    never(/^T\.m: it is (M|uint32) for the writer/),
  ],
  [
    'a bitset of the same bits',
    'bitset B { bitfield<3> a; bitfield<2> b; }; struct T { B b; };',
    'bitset C { bitfield<3> a; }; bitset B : C { bitfield<2> b; }; struct T { B b; };',
    yes,
  ],
  [
    'a bitset of other bits',
    'bitset B { bitfield<3> a; }; struct T { B b; };',
    'bitset B { bitfield<4> a; }; struct T { B b; };',
    never(/^B: the writer has a in [34] bits/),
  ],
];

const unions: Row[] = [
  [
    'a case that is added',
    'union U switch (long) { case 1: long a; }; struct T { U u; };',
    'union U switch (long) { case 1: long a; case 2: string b; }; struct T { U u; };',
    yes,
  ],
  [
    'a case that is added to a final union',
    '@final union U switch (long) { case 1: long a; }; struct T { U u; };',
    '@final union U switch (long) { case 1: long a; case 2: string b; }; struct T { U u; };',
    never(/^U is @final, and only the (writer|reader) has a case 2$/),
  ],
  [
    'a case that is added where there was a default of another type',
    'union U switch (long) { case 1: long a; default: @id(9) string d; }; struct T { U u; };',
    'union U switch (long) { case 1: long a; case 2: long b; default: @id(9) string d; }; struct T { U u; };',
    never(/^U\.[bd]: it is (string|int32) for the writer/),
  ],
  [
    'a case that is added where there was a default of the same type',
    'union U switch (long) { case 1: long a; default: @id(9) string d; }; struct T { U u; };',
    'union U switch (long) { case 1: long a; case 2: string b; default: @id(9) string d; }; struct T { U u; };',
    yes,
  ],
  [
    'another discriminator',
    'union U switch (long) { case 1: long a; }; struct T { U u; };',
    'union U switch (short) { case 1: long a; }; struct T { U u; };',
    never(/^U \(its discriminator\): it is int(16|32) for the writer/),
  ],
  [
    'a label that selects another type',
    'union U switch (long) { case 1: long a; case 2: string b; }; struct T { U u; };',
    'union U switch (long) { case 2: long a; case 1: string b; }; struct T { U u; };',
    never(/^U\.[ab]: it is (string|int32) for the writer/),
  ],
  [
    'a case of another name',
    'union U switch (long) { case 1: long a; }; struct T { U u; };',
    'union U switch (long) { case 1: long b; }; struct T { U u; };',
    never(/^U\.[ab]: the writer has the id \d+ for '[ab]'; an id belongs to one member for ever$/),
  ],
  [
    'nothing in common',
    'union U switch (long) { case 1: @id(1) long a; }; struct T { U u; };',
    'union U switch (long) { case 2: @id(2) long b; }; struct T { U u; };',
    never(/^U: no case is the same on both sides$/),
  ],
  [
    'a discriminator that becomes a key, within a key',
    'union U switch (long) { case 1: long a; }; struct T { @key U u; };',
    'union U switch (@key long) { case 1: long a; }; struct T { @key U u; };',
    never(/^U: its discriminator is a @key on one side only$/),
  ],
  [
    'a case that is added within a key',
    'union U switch (long) { case 1: long a; }; struct T { @key U u; };',
    'union U switch (long) { case 1: long a; case 2: string b; }; struct T { @key U u; };',
    onlyForwards(/^U: the reader has no case 2, and it is part of the key$/),
  ],
  [
    'an enum that selects, and grows',
    'enum E { A }; union U switch (E) { case A: long a; }; struct T { U u; };',
    'enum E { A, B }; union U switch (E) { case A: long a; case B: string b; }; struct T { U u; };',
    yes,
  ],
];

export const rowsByTopic: Readonly<Record<string, readonly Row[]>> = {
  structs,
  keys,
  collections,
  nested,
  enums,
  unions,
  '@try_construct': tried,
};
