import type { Row } from './row.js';

/** Constants and expressions. */
export const constants: Row[] = [
  ['const long A = 1 + 2 * 3 - 4 / 2 % 3; const long B = (1 | 6) ^ 3 & 5; const long C = -A << 2 >> 1;'],
  ['const uint64 A = 18446744073709551615; const int64 B = -9223372036854775808;'],
  ['const unsigned long A = ~0; const long B = ~0; const octet C = ~1;'],
  ['const long A = 5; struct S { long a[A + 1]; string<A> b; sequence<long, A * 2> c; };'],
  ['const octet A = 255; const int8 B = -128; const uint16 C = 65535;'],
  ['const double A = 1; const float B = 1.5; const double C = 2.0 * 3 - 1; const long double D = 1.5;'],
  [
    'const fixed A = 1.25d * 3d; const fixed B = 10d / 4d - A; const fixed<5, 2> C = 1.5d; const fixed<4, 1> D = 3;',
  ],
  ['typedef fixed<5, 2> Money; const Money A = 1.25d; typedef long Int; const Int B = 1;'],
  ['enum E { A, B }; const E X = A; const E Y = X;'],
  ['bitmask M { A, B, C }; const M X = A | C & B ^ A; const M Y = 3;'],
  ['const char C = \'a\'; const char D = C; const string S = "x"; const string T = S;'],
  ['const boolean A = TRUE; const boolean B = A;'],
  [
    'const octet A = 256; const short B = -32769; const uint64 C = 1 << 63; const int64 D = 1 << 63;',
    'IDL4001',
    'IDL4001',
    'IDL4001',
  ],
  ['const uint64 A = 18446744073709551615; const uint64 B = A + 1;', 'IDL4001'],
  ['const uint64 A = 18446744073709551616;', 'IDL4001'],
  [
    'const int8 A = 128; const uint8 B = -1; const int16 C = 32768; const uint16 D = 65536;',
    ...four('IDL4001'),
  ],
  ['const long A = 2147483648; const unsigned long B = 4294967296;', 'IDL4001', 'IDL4001'],
  ['const long A = 4294967295 + 1 - 4294967296;', 'IDL4001'],
  ['const long A = 65536 * 65536 / 65536;', 'IDL4001'],
  ['const long A = 2147483647 + 1 - 1;'],
  ['const long long A = 65536 * 65536 / 65536;'],
  ['const float A = 1e39; const double B = 1e999;', 'IDL4001', 'IDL4001'],
  ['const double A = 1e308 * 10;', 'IDL4001'],
  [
    'const string<2> A = "abc"; const wstring<2> B = L"abc"; const string<3> C = "abc";',
    'IDL4001',
    'IDL4001',
  ],
  ['const string<2> A = "\u4e2d"; const wstring<1> B = L"\u4e2d";', 'IDL4001'],
  ['const long A = 1 << 64; const long B = 1 >> -1;', 'IDL4001', 'IDL4001'],
  ['const fixed A = 12345678901234567890123456789012d;', 'IDL4001'],
  ['const fixed A = 1234567890123456789012345678901d * 10d;', 'IDL4001'],
  ['const fixed<3, 1> A = 1.25d; const fixed<3, 1> B = 100.5d;', 'IDL4001', 'IDL4001'],
  ['bitmask M { A }; const M X = 4294967296;', 'IDL4001'],
  ['const long A = "x"; const string B = 1; const boolean C = 1; const char D = "x";', ...four('IDL4002')],
  ['const long A = 1.5;', 'IDL4002'],
  ['const long A = TRUE; const double B = FALSE;', 'IDL4002', 'IDL4002'],
  ["const long A = 'a'; const char B = 97;", 'IDL4002', 'IDL4002'],
  ['const string A = L"x"; const char B = L\'x\';', 'IDL4002', 'IDL4002'],
  ['const fixed A = 1.5; const fixed<5, 2> B = 1.5; const double C = 1.5d;', 'IDL4002', 'IDL4002', 'IDL4002'],
  ['enum E { A }; enum F { B }; const E X = B; const long Y = A;', 'IDL4002', 'IDL4002'],
  ['enum E { A }; const E X = 0;', 'IDL4002'],
  ['bitmask M { A }; bitmask N { B }; const M X = B;', 'IDL4002'],
  [
    'const long A = TRUE + 1; const long B = ~1.5; const double C = 1.5 | 2; const long D = -"x";',
    ...four('IDL4003'),
  ],
  ['const long A = "a" + "b"; const double B = 1.5 % 2;', 'IDL4003', 'IDL4003'],
  [
    'const fixed A = 1d + 1.5; const fixed B = 1d << 2d; const fixed C = ~1d;',
    'IDL4003',
    'IDL4003',
    'IDL4003',
  ],
  [
    'bitmask M { A }; bitmask N { B }; const M X = A | B; const M Y = A + A; const M Z = ~A;',
    ...three('IDL4003'),
  ],
  [
    'const long A = 1 / 0; const long B = 1 % (1 - 1); const double C = 1.0 / 0.0; const fixed D = 1d / 0d;',
    ...four('IDL4004'),
  ],
  ['struct S { sequence<long, 0> a; long b[-1]; string<0> c; };', ...three('IDL4005')],
  ['struct S { wstring<0> a; map<long, long, 0> b; long c[4294967296]; };', ...three('IDL4005')],
  ['struct S { fixed<0, 0> a; fixed<32, 2> b; fixed<5, 6> c; fixed<5, -1> d; };', ...four('IDL4005')],
  ['struct S { long a[1.5]; string<TRUE> b; };', 'IDL4002', 'IDL4002'],
  ['struct S { long a; }; const S A = 1;', 'IDL4006'],
  ['typedef sequence<long> L; const L A = 1;', 'IDL4006'],
  ['union U switch (long) { case 1: long a; }; const U A = 1;', 'IDL4006'],
];

function three(code: string): string[] {
  return [code, code, code];
}

function four(code: string): string[] {
  return [code, code, code, code];
}
