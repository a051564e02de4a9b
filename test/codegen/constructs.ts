/** A row for each construct of IDL: the topic types whose codecs are generated, run and compared, byte by byte. */

const common = `
  enum Colour { RED, GREEN, BLUE };
  @bit_bound(8) enum Small { S0, S1 };
  @bit_bound(16) enum Middle { M0, @value(300) M1 };
  @bit_bound(12) bitmask Flags { @position(0) A, B, @position(11) L };
  @bit_bound(8) bitmask Few { F0, @position(7) F7 };
  @bit_bound(32) bitmask Many { @position(31) TOP };
  @bit_bound(64) bitmask Most { @position(0) M_A, @position(63) M_B };
  @final @nested struct Point { octet kind; double x; float y; };
  @appendable @nested struct Open { long a; string b; };
  @mutable @nested struct Loose { octet a; @id(7) string b; };
  typedef short Grid[2][3];
  typedef sequence<long, 5> Row;
  typedef octet Tag[3];
  @final @nested union Choice switch (Colour) {
    case RED: long number;
    case GREEN: string text;
    case BLUE: Point point;
  };
  @appendable @nested union Rest switch (long) {
    case 1: octet small;
    case -5: case 7: sequence<double> numbers;
    default: string text;
  };
`;

/** What Cyclone's compiler reads, too. */
export const cycloneIdl = `
module x {${common}
  @final @topic struct Scalars {
    boolean b; octet o; char c; int8 i8; uint8 u8; short i16; unsigned short u16; long i32; unsigned long u32;
    long long i64; unsigned long long u64; float f; double d; octet last; Colour e;
  };
  @appendable @topic struct AppendableScalars {
    boolean b; octet o; short i16; char c; long i32; octet o2; long long i64; float f; octet o3; double d; Colour e;
  };
  @mutable @topic struct MutableScalars {
    boolean b; short i16; long i32; long long i64; @id(100) float f; double d; Colour e; char c;
  };
  @final @topic struct Strings { octet a; string s; string<7> s7; octet b; string t; };
  @appendable @topic struct Sequences {
    sequence<boolean> b; sequence<octet> o; sequence<short> i16; octet a; sequence<long, 4> i32; sequence<double> d; sequence<string> s;
    sequence<Colour> e; sequence<Point> p; sequence<Open> q; sequence<Loose> r; sequence<sequence<short> > deep; sequence<Row> rows;
  };
  @mutable @topic struct MutableSequences {
    sequence<boolean> b; sequence<octet> o; sequence<short> i16; sequence<long> i32; sequence<double> d; sequence<string> s;
    sequence<Colour> e; sequence<Point> p; sequence<sequence<long> > deep;
  };
  @final @topic struct Arrays {
    octet a[3]; short b[2][3]; octet c; double d[2]; Colour e[3]; string s[2]; Point p[2]; Open q[2]; octet rows[2][3]; Grid g;
    Tag i; Small t[3]; Few w[2];
  };
  @mutable @topic struct MutableArrays {
    octet a[3]; short b[2]; long c[2]; Colour e[3]; string s[2]; Point p[2]; octet rows[2][3];
  };
  @final @topic struct Nested { octet a; Point p; octet b; Open q; octet c; Loose r; octet d; };
  @appendable @topic struct Optionals {
    @optional octet a; @optional long b; octet c; @optional string d; @optional Point e; @optional double f; @optional sequence<long> g;
  };
  @final @topic struct FinalOptionals { @optional long b; @optional double f; short s; @optional Open o; };
  @mutable @topic struct MutableOptionals {
    @optional octet a; @optional string d; @optional Point e; long b; @optional Loose l; @optional Choice c; @must_understand long must;
  };
  @mutable @topic struct MutableKeys { @key long id; @key string name; long rest; };
  @final @topic struct Enums { octet o; Small s; Middle m; Colour c; sequence<Small> ss; sequence<Middle> ms; Middle more[2]; };
  @appendable @topic struct Bitmasks { Few w; Flags l; octet o; Many n; Most m; sequence<Few> fs; sequence<Flags> ls; };
  @mutable @topic struct MutableBits { Few w; Flags l; Many n; Most m; Small s; Middle d; };
  @final @topic struct Unions { octet a; Choice c; octet b; Rest r; sequence<Choice> cs; Rest rs[2]; };
  @mutable @topic struct MutableUnions { Choice c; Rest r; sequence<Rest> rs; };
  @final @nested union ByBoolean switch (boolean) { case TRUE: long long yes; case FALSE: string no; };
  @final @nested union ByChar switch (char) { case 'a': octet a; case 'b': short b[2]; default: Open rest; };
  @final @nested union ByOctet switch (octet) { case 1: octet a; case 2: sequence<long> b; };
  @appendable @nested union ByShort switch (short) { case 1: double a; default: octet b; };
  @final @nested union Some switch (Colour) { case GREEN: Colour green; default: octet other; };
  @final @nested union ByUshort switch (unsigned short) { case 65535: double a; };
  @final @topic struct Discriminators {
    ByBoolean b; octet p; ByChar c; ByOctet o; ByShort s; octet q; Some e; ByUshort w;
  };
  @appendable @nested struct Base { octet a; long b; };
  @appendable @nested struct Middling : Base { string c; };
  @appendable @topic struct Derived : Middling { octet d; double e; };
  @final @nested struct FinalBase { octet a; };
  @final @topic struct FinalDerived : FinalBase { double e; };
  @mutable @nested struct MutableBase { @id(10) octet a; };
  @mutable @topic struct MutableDerived : MutableBase { @id(3) double e; string s; };
  @appendable @topic struct Keyed { @key octet a; @key long long b; @key short c; string rest; };
  @appendable @nested struct KeyedBase { octet first; @key long id; };
  @appendable @topic struct DerivedKeyed : KeyedBase { string rest; };
  @final @nested struct InnerKeys { long a; @key short b; };
  @final @nested struct AllKeys { octet a; long b; };
  @final @topic struct NestedKeys { @key InnerKeys inner; @key AllKeys all; double rest; };
  @final @topic struct KindKeys { @key boolean b; @key char c; @key Colour e; @key Small s; @key Few f; @key short n[2]; };
  @final @topic struct Externals { @external long a; @external @optional double b; octet o; @external Open q; @external @optional Loose l; };
};`;

/** What only we read. */
export const ownIdl = `
module y {${common}
  @final @topic struct Wide { octet o; wchar c; wstring s; wstring<4> s4; octet p; sequence<wstring> ss; wchar cs[2]; sequence<wchar> more; };
  @mutable @topic struct MutableWide { wchar c; wstring s; sequence<wchar> cs; long double l; };
  @appendable @topic struct LongDoubles { octet o; long double l; sequence<long double> ls; long double la[2]; @optional long double lo; };
  @final @topic struct Decimals { fixed<5,2> a; octet o; fixed<6,0> b; fixed<31,31> c; sequence<fixed<4,1> > ds; fixed<3,1> es[2]; };
  @mutable @topic struct MutableDecimals { fixed<5,2> a; @optional fixed<31,10> b; };
  bitset Bits { bitfield<3> a; bitfield<1> b; bitfield<4>; bitfield<12, short> c; };
  bitset Tiny { bitfield<2> t; };
  bitset Lengthy { bitfield<40> a; bitfield<1> b; bitfield<7, int8> c; bitfield<16> d; };
  bitset More : Bits { bitfield<9> e; };
  bitset Full { bitfield<32> all; };
  bitset Signed { bitfield<64, int64> all; };
  @final @topic struct Bitsets { octet o; Bits b; Tiny t; Lengthy l; More m; sequence<Bits> bs; Tiny ts[3]; @optional Bits maybe; Full f; Signed s; };
  @mutable @topic struct MutableBitsets { Bits b; Tiny t; Lengthy l; };
  @appendable @topic struct Maps {
    map<string, long> counts; map<long, string> names; map<octet, octet> octets; map<short, Point, 3> points; map<string<5>, Colour> colours;
    map<string, Choice> choices; map<wstring, wstring> wide;
  };
  @appendable @topic struct DeepMaps {
    map<string, sequence<long> > lists; map<Colour, string> byColour; map<long, map<string, octet> > deep; sequence<map<string, long> > many;
    map<string, short> pair[2]; @optional map<string, long> maybe;
  };
  @mutable @topic struct MutableMaps { map<string, long> a; map<octet, double> b; @optional map<string, Loose> c; };
  @mutable @nested union Changing switch (Colour) { case RED: long number; case GREEN: @id(77) string text; default: Point point; };
  @final @topic struct ChangingUnions { octet o; Changing c; sequence<Changing> cs; };
  @topic union Root switch (long) { case 1: long a; case 2: string b; case 3: sequence<string> c; case 4: map<string, long> d; case 5: Grid e; };
  @final @nested union ByWchar switch (wchar) { case L'x': octet a; case L'\\u4e2d': short b; default: wchar c; };
  @final @nested union ByInt8 switch (int8) { case -128: octet a; case 1: long b; };
  @final @nested union ByLong64 switch (long long) { case 5: double a; default: octet b; };
  @final @nested union ByUint64 switch (unsigned long long) { case 5: double a; };
  @final @topic struct OddDiscriminators { octet o; ByWchar w; ByInt8 i; ByLong64 l; ByUint64 u; };
  @appendable @nested struct Tree { long value; sequence<Tree> children; };
  @appendable @topic struct Recursive { Tree tree; };
  @final @topic struct List { long value; @external @optional List next; };
  @nested union Expression switch (octet) { case 0: double number; case 1: sequence<Expression> terms; default: octet symbol; };
  @topic struct Formula { Expression root; };
  enum Late { @value(5) FIVE, @default_literal @value(2) TWO, @value(9) NINE };
  enum Negative { @value(-1) NOT, @value(0) ZERO };
  @appendable @topic struct OddEnums { Late l; @optional Late o; sequence<Late> ls; Late la[2]; Negative n; sequence<Negative> ns; map<string, Late> m; @default(NINE) Late d; };
  union ByFlags switch (Flags) { case A: long a; case A | B: string b; default: octet c; };
  union ByMost switch (Most) { case M_B: long a; };
  union OnlyDefault switch (long) { default: string text; };
  struct Empty {}; @final struct EmptyFinal {}; @mutable struct EmptyMutable {}; struct Inheriting : Empty {}; struct MoreInheriting : Inheriting { long x; };
  @final union FromZero switch (octet) { case 1: @id(0) octet a; case 2: @id(1) string b; };
  @final union Chain switch (short) { case 1: @external Chain next; default: char end; };
  @topic struct Zeros { FromZero z; Chain c; };
  interface Service { void ping(in long a); };
  exception Failed { string why; };
  @topic struct Odd {
    ByFlags f; ByMost m; OnlyDefault d; Empty e; sequence<EmptyFinal> fs; EmptyFinal a[2]; EmptyMutable em; MoreInheriting more;
    map<Flags, string> byFlags; sequence<map<long, map<string, Row> > > deep; @optional map<string, Open> maybe; wchar wc[2][2];
  };
  @nested union Guarded switch (@try_construct(USE_DEFAULT) @default(GREEN) Colour) {
    case RED: string<5> short_text; case GREEN: @try_construct(USE_DEFAULT) sequence<Colour, 3> colours; default: @try_construct(TRIM) wstring<4> wide;
  };
  @final @nested union GuardedFinal switch (@try_construct(USE_DEFAULT) Colour) { case RED: long a; default: string<5> b; };
  typedef Colour Pair[2];
  @appendable @topic struct Tried {
    @try_construct(USE_DEFAULT) Guarded g; GuardedFinal f; @try_construct(USE_DEFAULT) Open o; @optional @try_construct(USE_DEFAULT) Row row;
    @try_construct(USE_DEFAULT) sequence<Guarded, 4> gs; sequence<@try_construct(USE_DEFAULT) Row> rows; sequence<@try_construct(TRIM) string<7>, 9> texts;
    map<@try_construct(TRIM) string<6>, @try_construct(USE_DEFAULT) Guarded> m; @try_construct(TRIM) map<octet, short, 3> n;
    @try_construct(USE_DEFAULT) map<Colour, sequence<Colour, 2>, 4> e; Colour c @try_construct(USE_DEFAULT) [3]; Pair ps @try_construct(USE_DEFAULT) [2];
    @try_construct(USE_DEFAULT) string<8> s[2]; @try_construct(TRIM) sequence<Colour, 5> cs; @try_construct(TRIM) sequence<octet, 5> bs;
    @try_construct(USE_DEFAULT) @default(BLUE) Colour last;
  };
  @mutable @topic struct MutableTried {
    @try_construct(USE_DEFAULT) Guarded g; @try_construct(USE_DEFAULT) sequence<Guarded, 4> gs; @try_construct(TRIM) map<Colour, Guarded, 3> m;
    Pair ps @try_construct(USE_DEFAULT) [2]; @try_construct(TRIM) sequence<double, 5> ds; @optional @try_construct(USE_DEFAULT) wstring<8> w;
  };
  @final @topic struct FinalTried {
    octet first; @try_construct(USE_DEFAULT) sequence<Colour, 4> cs; GuardedFinal f; @try_construct(USE_DEFAULT) Colour e[3]; octet next; @try_construct(TRIM) sequence<short, 5> ss;
    @try_construct(USE_DEFAULT) map<octet, Colour> m; short last;
  };
  @topic struct Words { long discriminator; long result; string label; long key; long member; long value; long end; long at; long origin; long reader; };
  @topic struct Ranges {
    @min(-5) @max(5) long a; @range(min=0.5, max=1.5) double b; @max(10) @optional octet c; @default(7) @range(min=3, max=9) int64 d;
    @unit("m") float e;
  };
};`;

/** The topic types of a source, in their order. */
export function topicsOf(idl: string): string[] {
  return [...idl.matchAll(/@topic (?:struct|union) (\w+)/g)].map(([, name]) => name!);
}
