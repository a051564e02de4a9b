import assert from 'node:assert/strict';
import type { Generated, Sample } from './generated.js';
import { isSampleError, load, memoryOf } from './generated.js';

const idl = `module m {
  enum E { A, B };
  struct P { double x; };
  @topic struct S {
    boolean b; octet o; char c; int8 i8; int16 i16; uint16 u16; int32 i32; uint32 u32; int64 i64; uint64 u64; float f;
    double d; string s; string<3> s3; sequence<octet> raw; sequence<octet, 2> raw2; octet id[2]; E e; P p;
    sequence<long, 2> xs; sequence<P> ps; short grid[2][2]; @optional long maybe; @default(7) long seven;
  };
};`;

const valid: Sample = {
  b: true,
  o: 1,
  c: 'c',
  i8: 1,
  i16: 1,
  u16: 1,
  i32: 1,
  u32: 1,
  i64: 1n,
  u64: 1n,
  f: 1,
  d: 1,
  s: 's',
  s3: 's',
  raw: new Uint8Array(1),
  raw2: new Uint8Array(1),
  id: new Uint8Array(2),
  e: 1,
  p: { x: 1 },
  xs: [1],
  ps: [{ x: 1 }],
  grid: [
    [1, 2],
    [3, 4],
  ],
  seven: 7,
};

const wrong: Record<string, unknown[]> = {
  b: [1, 'true', null],
  o: [-1, 256, 1.5, '1', NaN, 1n],
  c: ['', 'ab', 'Ā', 99],
  i8: [-129, 128],
  i16: [-32769, 32768, 0.1, Infinity],
  u16: [-1, 65536],
  i32: [2 ** 31, -(2 ** 31) - 1, true],
  u32: [2 ** 32, -1],
  i64: [1n << 63n, -(1n << 63n) - 1n, 5],
  u64: [1n << 64n, -1n, '5'],
  f: ['1', 1e39, 1n],
  d: ['1', null, {}],
  s: [1, null, '\ud800', 'x\udc00', 'é\ud800', `${'x'.repeat(200)}\ud800`, Symbol('s')],
  s3: ['four', 'éé'],
  raw: [[1], 'x', new Uint16Array(1)],
  raw2: [new Uint8Array(3)],
  id: [new Uint8Array(1), new Uint8Array(3)],
  e: [2, -1, 0.5, 'A'],
  p: [null, 5],
  xs: ['12', [1, 2, 3], { length: 1 }],
  ps: [null],
  grid: [[[1, 2]], [[1, 2], 3], [[1], [2]]],
  maybe: [null, '1'],
  seven: ['x', 1.5],
};

describe('a sample that does not fit its type', () => {
  let generated: Generated;

  before(async () => {
    generated = await load({ 'm.idl': idl });
  });

  for (const [member, values] of Object.entries(wrong)) {
    it(`is refused for its member ${member}`, () => {
      const { protobuf } = generated.topic('S');
      const memory = memoryOf(4096);
      for (const value of values) {
        assert.throws(
          () => protobuf.encode({ ...valid, [member]: value }, memory, 0, 4096),
          (error) => isSampleError(error, `m::S.${member}`),
          `${member} = ${String(value)}`,
        );
      }
      const { [member]: left, ...without } = valid;
      if (member === 'maybe' || member === 'seven') assert.ok(protobuf.encode(without, memory, 0, 4096) > 0);
      else {
        assert.throws(
          () => protobuf.encode(without, memory, 0, 4096),
          (error) => isSampleError(error, `m::S.${member}`) && error.message.includes('missing'),
          String(left),
        );
      }
    });
  }

  it('is refused for the element or the nested member that is wrong', () => {
    const { protobuf } = generated.topic('S');
    const memory = memoryOf(4096);
    const refuses = (change: Sample, member: string) =>
      assert.throws(
        () => protobuf.encode({ ...valid, ...change }, memory, 0, 4096),
        (error) => isSampleError(error, member),
      );
    refuses({ xs: [1, 'x'] }, 'm::S.xs');
    refuses({ xs: [undefined] }, 'm::S.xs');
    refuses({ ps: [{ x: 1 }, {}] }, 'm::P.x');
    refuses({ p: {} }, 'm::P.x');
    assert.throws(
      () => protobuf.encode(undefined as unknown as Sample, memory, 0, 4096),
      (error) => isSampleError(error, 'm::S'),
    );
  });

  it('is not one that holds NaN, infinities or -0, which are kept', () => {
    const { protobuf } = generated.topic('S');
    const memory = memoryOf(4096);
    for (const value of [NaN, Infinity, -Infinity, -0, 0]) {
      const end = protobuf.encode({ ...valid, f: value, d: value }, memory, 0, 4096);
      const { f, d } = protobuf.decode(memory, 0, end);
      assert.ok(Object.is(f, value) && Object.is(d, value), String(value));
    }
  });

  it('is completed where a member with a default is left out', () => {
    const { protobuf } = generated.topic('S');
    const memory = memoryOf(4096);
    const { seven, ...without } = valid;
    const end = protobuf.encode(without, memory, 0, 4096);
    assert.equal(protobuf.decode(memory, 0, end)['seven'], seven);
    const zero = protobuf.encode({ ...valid, seven: 0 }, memory, 0, 4096);
    assert.equal(protobuf.decode(memory, 0, zero)['seven'], 0);
  });

  it('is told by a message that names member, need and value', () => {
    const { protobuf } = generated.topic('S');
    assert.throws(() => protobuf.encode({ ...valid, i16: 40000 }, memoryOf(99), 0, 99), {
      name: 'SampleError',
      message: 'm::S.i16: needs a whole number from -32768 to 32767, not 40000',
    });
  });
});
