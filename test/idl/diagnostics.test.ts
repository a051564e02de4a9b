import assert from 'node:assert/strict';
import { diagnosticRecord, formatDiagnostic } from '../../idl/index.js';
import { compileText, found } from './compile.js';

describe('one run', () => {
  it('shows every error of a file, each at its place', () => {
    const result = compileText(`module m {
  struct A {
    strin name;
    long x
    long y;
    @kye octet z;
  };
  union U switch (long) { case 1: long a; };
  struct B {
    A a;
    map<long, long> m;
    U u;
    Missing q;
    octet = 5;
    long ok;
  };
  const octet BIG = 300;
};
struct C {
  m::B b;
  m::D d;
`);
    assert.deepEqual(found(result), [
      'IDL3003 3:5',
      'IDL2002 4:11',
      'IDL4101 6:5',
      'IDL3003 13:5',
      'IDL2001 14:11',
      'IDL4001 17:21',
      'IDL3003 21:6',
      'IDL2003 22:1',
    ]);
  });

  it('shows the errors of all files, included ones first where they come first', () => {
    const result = compileText({
      'a.idl': '#include "b.idl"\nstruct A { x a; };',
      'b.idl': 'struct B { y b; };',
    });
    assert.deepEqual(
      result.diagnostics.map(({ span }) => span.file.path),
      ['b.idl', 'a.idl'],
    );
  });
});

describe('a diagnostic', () => {
  it('shows the place, the line and what is meant', () => {
    const { diagnostics } = compileText('module m {\n\tstruct S { strin a; };\n};');
    assert.equal(
      formatDiagnostic(diagnostics[0]!),
      "a.idl:2:13: error IDL3003: There is no type 'strin'. Did you mean 'string'?\n" +
        '  2 |  struct S { strin a; };\n' +
        '    |             ^~~~~',
    );
  });

  it('shows where else to look', () => {
    const { diagnostics } = compileText('struct S { long a; };\nstruct S { long b; };');
    assert.match(
      formatDiagnostic(diagnostics[0]!),
      /a\.idl:1:8: note: 'S' is declared here\.\n {2}1 \| struct S/,
    );
  });

  it('shows a part of a long line, and no control characters', () => {
    const { diagnostics } = compileText(`/*${'x'.repeat(1000)}\u001b[31m*/ strange /*${'y'.repeat(1000)}*/`);
    const text = formatDiagnostic(diagnostics[0]!);
    assert.ok(text.length < 500, text);
    assert.ok(!text.includes('\u001b'));
  });

  it('suggests names of types, constants and annotations', () => {
    const messages = (idl: string) => compileText(idl).diagnostics.map(({ message }) => message);
    assert.match(
      messages('struct Flight { long a; }; struct S { Fligth f; };')[0]!,
      /Did you mean 'Flight'\?/,
    );
    assert.match(messages('const long MAXIMUM = 1; const long B = MAXINUM;')[0]!, /Did you mean 'MAXIMUM'\?/);
    assert.match(messages('struct S { @optinal long a; };')[0]!, /Did you mean 'optional'\?/);
    assert.match(messages('struct S { int32_t a; };')[0]!, /Did you mean 'int32'\?/);
    assert.match(messages('struct S { bool a; };')[0]!, /Did you mean 'boolean'\?/);
    assert.match(messages('struct S { std::vector<long> a; };')[0]!, /Did you mean 'sequence'\?/);
    assert.match(
      messages('module geo { struct P { long x; }; }; struct S { goe::P p; };')[0]!,
      /Did you mean 'geo'\?/,
    );
  });

  it('shows names as they are written, with the underscore that escapes them', () => {
    const messages = (idl: string) => compileText(idl).diagnostics.map(({ message }) => message);
    assert.match(messages('const long A = __TAO_IDL;')[0]!, /no constant '__TAO_IDL'/);
    assert.match(messages('struct S { __T a; }; struct _T { long a; };')[0]!, /no type '__T'/);
    assert.match(messages('struct S { __T a; }; struct __T { long a; };')[0]!, /'__T' is used before/);
    assert.match(messages('struct S { long _long; double _long; };')[0]!, /name '_long' is already/);
    assert.match(messages('struct _T { long a; }; struct S { _t a; };')[0]!, /'_t' is declared as 'T'/);
    assert.match(messages('struct S { long a; };\n#pragma keylist S __b')[0]!, /no member '__b'/);
  });

  it('is plain data for tools', () => {
    const { diagnostics } = compileText('struct S { x a; };');
    assert.deepEqual(diagnosticRecord(diagnostics[0]!), {
      code: 'IDL3003',
      severity: 'error',
      message: "There is no type 'x'.",
      file: 'a.idl',
      line: 1,
      column: 12,
      offset: 11,
      length: 1,
      includedAt: [],
      notes: [],
    });
  });
});
