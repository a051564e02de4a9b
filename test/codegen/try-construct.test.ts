import assert from 'node:assert/strict';
import { encoded, isMalformed, load, memoryFrom } from './generated.js';
import type { Generated, Sample } from './generated.js';
import { problems } from './type-check.js';

const written = `
  enum E { A, B, C }; enum F { @value(3) X, @value(7) Y, @value(9) Z };
  @extensibility(KIND) union U switch (long) { case 1: string s; case 2: sequence<long> l; case 3: E e; };
  @extensibility(KIND) @topic struct T {
    string s; wstring w; @optional string o; sequence<octet> b; sequence<long> l; map<long, long> m; E e; F f; U u;
  };`;

/** What a reader makes of it. */
const read = `
  enum E { A, B }; enum F { @value(3) X, @default_literal @value(7) Y };
  @extensibility(KIND) union U switch (long) {
    case 1: @try_construct(HOW) string<3> s; case 2: @try_construct(HOW) sequence<long, 2> l; case 3: @try_construct(HOW) E e;
  };
  @extensibility(KIND) @topic struct T {
    @try_construct(HOW) string<3> s; @try_construct(HOW) wstring<3> w; @optional @try_construct(HOW) string<3> o;
    @try_construct(HOW) sequence<octet, 2> b; @try_construct(HOW) sequence<long, 2> l; @try_construct(HOW) map<long, long, 2> m;
    @try_construct(HOW) E e; @try_construct(HOW) F f; @try_construct(HOW) U u;
  };`;

const small: Sample = {
  s: 'abc',
  w: 'abc',
  o: 'abc',
  b: new Uint8Array([1, 2]),
  l: [1, 2],
  m: new Map([[1, 2]]),
  e: 1,
  f: 3,
  u: { $d: 1, s: 'abc' },
};
const large: Sample = {
  s: 'abcd',
  w: 'abcd',
  o: 'abcd',
  b: new Uint8Array([1, 2, 3]),
  l: [1, 2, 3],
  m: new Map([
    [1, 1],
    [2, 2],
    [3, 3],
  ]),
  e: 1,
  f: 3,
  u: { $d: 1, s: 'abcd' },
};
const trimmed: Sample = {
  s: 'abc',
  w: 'abc',
  o: 'abc',
  b: new Uint8Array([1, 2]),
  l: [1, 2],
  m: new Map([
    [1, 1],
    [2, 2],
  ]),
  e: 1,
  f: 3,
  u: { $d: 1, s: 'abc' },
};
const replaced: Sample = {
  s: '',
  w: '',
  o: undefined,
  b: new Uint8Array(0),
  l: [],
  m: new Map(),
  e: 1,
  f: 3,
  u: { $d: 1, s: '' },
};

describe('@try_construct', function () {
  this.timeout(60_000);
  for (const kind of ['FINAL', 'APPENDABLE', 'MUTABLE']) {
    for (const representation of ['protobuf', 'xcdr2'] as const) {
      describe(`of ${kind.toLowerCase()} types in ${representation}`, () => {
        let writer: Generated;
        const readers: Record<string, Generated> = {};
        before(async () => {
          writer = await load({ 'w.idl': written.replaceAll('KIND', kind) });
          for (const how of ['DISCARD', 'TRIM', 'USE_DEFAULT']) {
            readers[how] = await load({ 'r.idl': read.replaceAll('KIND', kind).replaceAll('HOW', how) });
          }
        });
        const through = (how: string, sample: Sample): Sample => {
          const bytes = encoded(writer.topic('T')[representation]!, sample);
          return readers[how]!.topic('T')[representation]!.decode(memoryFrom(bytes), 0, bytes.length);
        };

        it('leaves alone what fits', () => {
          for (const how of Object.keys(readers)) assert.deepEqual(through(how, small), small);
        });

        it('cuts off what is too long', () => {
          assert.deepEqual(through('TRIM', large), trimmed);
          // At characters, not in them: é has two bytes of UTF-8, the last of these two units of UTF-16.
          assert.equal(through('TRIM', { ...small, s: 'abéc' })['s'], 'ab');
          assert.equal(through('TRIM', { ...small, w: 'ab\u{1f600}' })['w'], 'ab');
          assert.deepEqual(through('TRIM', { ...small, u: { $d: 2, l: [1, 2, 3] } })['u'], {
            $d: 2,
            l: [1, 2],
          });
        });

        it('takes a default for what is too long, or not known', () => {
          assert.deepEqual(through('USE_DEFAULT', large), replaced);
          assert.deepEqual(through('USE_DEFAULT', { ...small, e: 2, f: 9 }), { ...small, e: 0, f: 7 });
          assert.deepEqual(through('USE_DEFAULT', { ...small, u: { $d: 3, e: 2 } })['u'], { $d: 3, e: 0 });
          assert.deepEqual(through('USE_DEFAULT', { ...small, o: undefined })['o'], undefined);
        });

        it('discards where nothing else is said, and an enumerator that is not known where it says to cut', () => {
          const cases: [how: string, change: Sample][] = [
            ...Object.entries(large)
              .slice(0, 6)
              .map(([name, value]): [string, Sample] => ['DISCARD', { [name]: value }]),
            ['DISCARD', { e: 2 }],
            ['DISCARD', { f: 9 }],
            ['DISCARD', { u: { $d: 1, s: 'abcd' } }],
            ['TRIM', { e: 2 }],
            ['TRIM', { f: 9 }],
          ];
          for (const [how, change] of cases)
            assert.throws(() => through(how, { ...small, ...change }), isMalformed);
        });

        it('makes code that checks under the strictest settings', () => {
          const files = Object.values(readers).flatMap((each) => each.files.map(({ path }) => path));
          if (representation === 'protobuf') assert.deepEqual(problems(files), []);
        });
      });
    }
  }

  it('is not for keys: of them nothing may be lost', async () => {
    const writer = await load({ 'w.idl': '@topic struct T { @key string s; };' });
    const reader = await load({ 'r.idl': '@topic struct T { @key @try_construct(TRIM) string<3> s; };' });
    const bytes = encoded(writer.topic('T').protobuf, { s: 'abcd' });
    assert.throws(() => reader.topic('T').protobuf.decode(memoryFrom(bytes), 0, bytes.length), isMalformed);
  });
});
