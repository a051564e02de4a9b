import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { InPlaceView, TopicType } from '../../codegen/support/index.js';
import type { StructModel } from '../../idl/index.js';
import { samplesOf } from './arbitrary.js';
import type { Generated, Sample } from './generated.js';
import { isMalformed, isSampleError, load, memoryFrom, memoryOf } from './generated.js';

const idl = `module p {
  enum Mode { OFF, ON };
  @final struct Vector { float x; float y; };
  @final @topic struct Position {
    boolean valid; double latitude; octet o; int16 height; char grade; Mode mode; int64 stamp; uint32 flags;
    Vector speed; octet id[3]; short grid[2][3]; Vector path[2]; Mode modes[2]; boolean bits[2]; uint64 last; octet rows[2][2];
  };
  @final @topic struct Small { short a; };
  @final @topic struct Text { string s; };
  @topic struct Open { long a; };
  @final @topic struct Holder { Open open; };
};`;

const sample = {
  valid: true,
  latitude: 51.47,
  o: 255,
  height: -2,
  grade: 'é',
  mode: 1,
  stamp: -3n,
  flags: 0xdeadbeef,
  speed: { x: 1.5, y: -2 },
  id: new Uint8Array([1, 2, 3]),
  grid: [
    [1, 2, 3],
    [-1, -2, -3],
  ],
  path: [
    { x: 1, y: 2 },
    { x: 3, y: 4 },
  ],
  modes: [0, 1],
  bits: [false, true],
  last: (1n << 64n) - 1n,
  rows: [new Uint8Array([9, 8]), new Uint8Array([7, 6])],
};

/** The layout, written down by hand. */
function expected(): Uint8Array {
  const { bytes, view } = memoryFrom(new Uint8Array(112));
  view.setUint8(0, 1);
  view.setFloat64(8, 51.47, true);
  view.setUint8(16, 255);
  view.setInt16(18, -2, true);
  view.setUint8(20, 0xe9);
  view.setInt32(24, 1, true);
  view.setBigInt64(32, -3n, true);
  view.setUint32(40, 0xdeadbeef, true);
  view.setFloat32(44, 1.5, true);
  view.setFloat32(48, -2, true);
  bytes.set([1, 2, 3], 52);
  [1, 2, 3, -1, -2, -3].forEach((value, i) => view.setInt16(56 + 2 * i, value, true));
  [1, 2, 3, 4].forEach((value, i) => view.setFloat32(68 + 4 * i, value, true));
  view.setInt32(84, 0, true);
  view.setInt32(88, 1, true);
  bytes.set([0, 1], 92);
  view.setBigUint64(96, (1n << 64n) - 1n, true);
  bytes.set([9, 8, 7, 6], 104);
  return bytes;
}

type View = InPlaceView & Record<string, unknown> & Record<string, (...values: unknown[]) => unknown>;

describe('a sample in place', () => {
  let generated: Generated;
  let inPlace: NonNullable<TopicType<Sample>['inPlace']>;

  before(async () => {
    generated = await load({ 'p.idl': idl });
    inPlace = generated.topic('Position').inPlace!;
  });

  it('lies at natural alignment, little-endian, in a multiple of 8 bytes', () => {
    const memory = memoryOf(128);
    assert.equal(inPlace.byteLength, 112);
    assert.equal(inPlace.encode(sample, memory, 8, 120), 120);
    assert.deepEqual(memory.bytes.subarray(8, 120), expected());
    assert.deepEqual(memory.bytes.subarray(120), new Uint8Array(8).fill(0xaa));
    assert.deepEqual(inPlace.decode(memory, 8, 112), sample);
    assert.equal(inPlace.encode(sample, memory, 8, 119), -1);
    assert.equal(generated.topic('Small').inPlace?.byteLength, 8);
  });

  it('is what it was after any round', () => {
    const struct = generated.model.definitions.get('p::Position') as StructModel;
    const memory = memoryOf(112);
    fc.assert(
      fc.property(samplesOf(generated.model, struct), (value) => {
        inPlace.encode(value, memory, 0, 112);
        assert.deepEqual(inPlace.decode(memory, 0, 112), value);
      }),
    );
  });

  it('is read and written member by member through a view', () => {
    const memory = memoryOf(240);
    inPlace.encode(sample, memory, 8, 240);
    const view = inPlace.createView() as View;
    assert.throws(() => view['latitude'], RangeError);
    view.attach(memory, 8);
    assert.equal(view['valid'], true);
    assert.equal(view['latitude'], 51.47);
    assert.equal(view['grade'], 'é');
    assert.equal(view['mode'], 1);
    assert.equal(view['stamp'], -3n);
    assert.equal((view['speed'] as unknown as { x: number }).x, 1.5);
    assert.deepEqual(view['id'], new Uint8Array([1, 2, 3]));
    assert.equal(view['getGrid']!(1, 2), -3);
    assert.equal((view['getPath']!(1) as { y: number }).y, 4);
    assert.deepEqual(view['getRows']!(1), new Uint8Array([7, 6]));
    assert.throws(() => view['getGrid']!(2, 0), RangeError);
    assert.throws(() => view['getGrid']!(0, -1), RangeError);

    const filled = inPlace.createView() as View;
    memory.bytes.fill(0);
    filled.attach(memory, 120);
    Object.assign(filled, {
      valid: true,
      latitude: 51.47,
      o: 255,
      height: -2,
      grade: 'é',
      mode: 1,
      stamp: -3n,
    });
    Object.assign(filled, { flags: 0xdeadbeef, id: sample.id, last: sample.last });
    Object.assign(filled['speed'], sample.speed);
    sample.grid.forEach((row, i) => row.forEach((value, j) => filled['setGrid']!(i, j, value)));
    sample.path.forEach((value, i) => Object.assign(filled['getPath']!(i) as object, value));
    sample.modes.forEach((value, i) => filled['setModes']!(i, value));
    sample.bits.forEach((value, i) => filled['setBits']!(i, value));
    sample.rows.forEach((value, i) => filled['setRows']!(i, value));
    assert.deepEqual(memory.bytes.subarray(120, 232), expected());
  });

  it('is checked when it is encoded and when it is decoded', () => {
    const memory = memoryOf(112);
    const refuses = (change: object, member: string) =>
      assert.throws(
        () => inPlace.encode({ ...sample, ...change }, memory, 0, 112),
        (error) => isSampleError(error, member),
      );
    refuses({ height: 40000 }, 'p::Position.height');
    refuses({ speed: { x: 1 } }, 'p::Vector.y');
    refuses({ grid: [[1, 2, 3]] }, 'p::Position.grid');
    refuses({ id: new Uint8Array(4) }, 'p::Position.id');
    inPlace.encode(sample, memory, 0, 112);
    assert.throws(() => inPlace.decode(memory, 0, 104), isMalformed);
    memory.bytes[0] = 2;
    assert.throws(() => inPlace.decode(memory, 0, 112), isMalformed);
    memory.bytes[0] = 1;
    memory.view.setInt32(24, -1, true);
    assert.throws(() => inPlace.decode(memory, 0, 112), isMalformed);
  });

  it('may have whatever is of fixed size: inherited members, bits, wide characters, decimals', async () => {
    const more = await load({
      'q.idl': `@bit_bound(8) enum Small { @value(2) TWO, @value(-1) MINUS };
        @bit_bound(40) bitmask Wide { @position(39) TOP }; bitmask Flags { @position(0) A, @position(31) Z };
        bitset Bits { bitfield<3> a; bitfield<9, int16> b; };
        @final @nested struct Base { octet first; };
        @final @topic struct Q : Base { wchar w; Small s; fixed<5,2> f; long double l; Wide wide; Flags flags; Bits bits; Bits more[2]; };
        @final @nested union U switch (long) { case 1: long a; }; @final @topic struct Chosen { U u; };`,
    });
    const value: Sample = {
      first: 1,
      w: '\u4e2d',
      s: -1,
      f: '-1.50',
      l: 0.1,
      wide: 1n << 39n,
      flags: 0x80000001,
      bits: { a: 5, b: -3 },
      more: [
        { a: 1, b: 2 },
        { a: 7, b: -256 },
      ],
    };
    const codec = more.topic('Q').inPlace!;
    const memory = memoryOf(codec.byteLength);
    assert.equal(codec.encode(value, memory, 0, codec.byteLength), codec.byteLength);
    assert.equal(
      Buffer.from(memory.bytes).toString('hex'),
      '01002d4eff00150d' +
        '9a9999999999b93f' +
        '0000000080000000' +
        '01000080' +
        'ed0f' +
        '1100' +
        '0708' +
        '0000' +
        '00000000',
    );
    assert.deepEqual(codec.decode(memory, 0, codec.byteLength), value);
    const view = codec.createView() as View;
    view.attach(memory, 0);
    const { more: list, ...single } = value;
    for (const [name, expected] of Object.entries(single)) assert.deepEqual(view[name], expected, name);
    assert.deepEqual(view['getMore']!(1), (list as Sample[])[1]);
    memory.bytes.fill(0);
    Object.assign(view, single);
    view['setMore']!(0, (list as Sample[])[0]);
    view['setMore']!(1, (list as Sample[])[1]);
    assert.deepEqual(codec.decode(memory, 0, codec.byteLength), value);
    assert.equal(more.topic('Chosen').inPlace, undefined);
  });

  it('exists for fixed-size @final types alone', () => {
    for (const name of ['Text', 'Open', 'Holder'])
      assert.equal(generated.topic(name).inPlace, undefined, name);
  });
});
