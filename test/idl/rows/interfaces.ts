import type { Row } from './row.js';

/** Interfaces, exceptions, value types, and what is not supported. */
export const interfaces: Row[] = [
  ['exception X { long code; string what; }; exception Empty { };'],
  [
    'exception X { }; interface I { void f(); long g(in long a, out string b, inout double c) raises (X); oneway void h(in long a); };',
  ],
  ['interface I { attribute long a; readonly attribute string b, c; };'],
  [
    'exception X { }; interface I { readonly attribute long a raises (X); attribute long b getraises (X) setraises (X); };',
  ],
  [
    'interface A { typedef long T; const long N = 1; }; interface B : A { T f(in T a); }; struct S { A::T t; long a[A::N]; };',
  ],
  ['interface A; interface B { A get(); void set(in sequence<A> a); }; interface A { };'],
  ['abstract interface A { }; local interface B : A { }; interface C : A, B { };'],
  ['interface A { }; typedef A B; interface C : B { };'],
  ['interface I { struct S { long a; }; enum E { X }; exception Z { }; S f(in E e) raises (Z); };'],
  ['valuetype V { public long a; private string b; factory make(in long a); void f(); };'],
  [
    'interface I { }; valuetype A { public long a; }; valuetype B : truncatable A supports I { public long b; };',
  ],
  ['valuetype Name string; abstract valuetype A { void f(); }; custom valuetype C { public long a; };'],
  ['interface I { }; valuetype V { public I i; private sequence<V> parents; };'],
  ['interface I { long f(); }; interface J : I { void g() raises (Missing); };', 'IDL3003'],
  ['struct S { long a; }; interface I { void f() raises (S); };', 'IDL3004'],
  ['struct S { long a; }; interface I : S { };', 'IDL3010'],
  ['interface A; interface B : A { };', 'IDL3010'],
  ['interface I { }; valuetype V : I { };', 'IDL3010'],
  ['interface I { oneway long f(); oneway void g(out long a); };', 'IDL4105', 'IDL4105'],
  ['exception X { }; interface I { @oneway void f() raises (X); };', 'IDL4105'],
  ['interface I { void f(long a); };', 'IDL2011'],
  ['interface I { void f(in long); };', 'IDL2001'],
  ['interface I { void f; };', 'IDL2001'],
  ['interface I { f(); };', 'IDL2001'],
  ['interface I { void f() raises X; };', 'IDL2001'],
  ['interface I { void a(in any x); };', 'IDL5002'],
  ['interface I { void f()\n void g(); };', 'IDL2002'],
  ['exception X { Missing a; };', 'IDL3003'],
  ['valuetype V { long a; };', 'IDL2001'],
  ['valuetype V { public Missing a; };', 'IDL3003'],
  ['native N; struct S { N n; };', 'IDL5001'],
  ['component C { }; home H manages C { };', 'IDL5001', 'IDL5001'],
  ['porttype P { }; connector C { }; eventtype E { };', 'IDL5001', 'IDL5001', 'IDL5001'],
  ['typeid I "x"; typeprefix m "y"; import m;', 'IDL5001', 'IDL5001', 'IDL5001'],
];
