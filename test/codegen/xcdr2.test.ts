import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Codec } from '../../codegen/support/index.js';
import type { StructModel } from '../../idl/index.js';
import { samplesOf } from './arbitrary.js';
import type { Cyclone } from './cyclone.js';
import { cycloneOf, whyNoCyclone } from './cyclone.js';
import type { Generated, Sample } from './generated.js';
import { encoded, isMalformed, load, memoryFrom, memoryOf } from './generated.js';

/** What our compiler and Cyclone's both read; a row is a construct. */
const idl = `
module x {
  enum Colour { RED, GREEN, BLUE };
  @final @nested struct Point { octet kind; double x; float y; };
  @appendable @nested struct Open { long a; string b; };
  @mutable @nested struct Loose { octet a; @id(7) string b; };

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
    sequence<Colour> e; sequence<Point> p; sequence<Open> q; sequence<Loose> r; sequence<sequence<short> > deep;
  };
  @mutable @topic struct MutableSequences {
    sequence<boolean> b; sequence<octet> o; sequence<short> i16; sequence<long> i32; sequence<double> d; sequence<string> s;
    sequence<Colour> e; sequence<Point> p; sequence<sequence<long> > deep;
  };
  @final @topic struct Arrays {
    octet a[3]; short b[2][3]; octet c; double d[2]; Colour e[3]; string s[2]; Point p[2]; Open q[2]; octet rows[2][3];
  };
  @mutable @topic struct MutableArrays { octet a[3]; short b[2]; long c[2]; Colour e[3]; string s[2]; Point p[2]; };
  @final @topic struct Nested { octet a; Point p; octet b; Open q; octet c; Loose r; octet d; };
  @appendable @topic struct Optionals {
    @optional octet a; @optional long b; octet c; @optional string d; @optional Point e; @optional double f; @optional sequence<long> g;
  };
  @final @topic struct FinalOptionals { @optional long b; @optional double f; short s; @optional Open o; };
  @mutable @topic struct MutableOptionals { @optional octet a; @optional string d; @optional Point e; long b; @optional Loose l; };
  @mutable @topic struct MutableKeys { @key long id; @key string name; long rest; };
};`;

const names = [...idl.matchAll(/@topic struct (\w+)/g)].map(([, name]) => name!);

describe('the XCDR2 codec', function () {
  this.timeout(60_000);
  let generated: Generated;
  const codecOf = (name: string): Codec<Sample> => generated.topic(name).xcdr2!;
  const samples = (name: string) =>
    samplesOf(generated.model, generated.model.definitions.get(`x::${name}`) as StructModel, { nul: false });

  before(async () => {
    generated = await load({ 'x.idl': idl });
  });

  for (const name of names) {
    it(`reads back what it writes, in room of the exact size: ${name}`, () => {
      const codec = codecOf(name);
      fc.assert(
        fc.property(samples(name), fc.double({ min: 0, max: 1, noNaN: true }), (sample, part) => {
          const bytes = encoded(codec, sample);
          assert.deepEqual(codec.decode(memoryFrom(bytes), 0, bytes.length), sample);
          const { length } = bytes;
          // At an odd place: what is aligned, is from the begin of the sample.
          const memory = memoryOf(length + 10);
          assert.equal(codec.encode(sample, memory, 5, 5 + length), 5 + length);
          assert.deepEqual(memory.bytes.subarray(5, 5 + length), bytes);
          assert.deepEqual(memory.bytes.subarray(5 + length), new Uint8Array(5).fill(0xaa));
          assert.deepEqual(codec.decode(memory, 5, length), sample);
          const limit = 5 + Math.floor((length - 1) * part);
          const small = memoryOf(length + 10);
          assert.equal(codec.encode(sample, small, 5, limit), -1);
          assert.deepEqual(small.bytes.subarray(limit), new Uint8Array(length + 10 - limit).fill(0xaa));
        }),
      );
    });

    it(`refuses bytes that are no sample with MalformedSampleError alone: ${name}`, () => {
      const codec = codecOf(name);
      const check = (bytes: Uint8Array) => {
        try {
          codec.decode(memoryFrom(bytes), 0, bytes.length);
        } catch (error) {
          assert.ok(isMalformed(error), String(error));
        }
      };
      fc.assert(
        fc.property(
          samples(name),
          fc.nat(),
          fc.nat(255),
          fc.uint8Array({ maxLength: 40 }),
          (sample, place, value, noise) => {
            const bytes = encoded(codec, sample);
            check(Uint8Array.from([...bytes.subarray(0, 4), ...noise]));
            check(bytes.slice(0, place % bytes.length));
            bytes[place % bytes.length] = value;
            check(bytes);
          },
        ),
      );
    });
  }

  describe('beside Cyclone DDS', function () {
    let cyclone: Cyclone;
    before(function () {
      const reason = whyNoCyclone();
      if (reason !== undefined) {
        console.warn(`      not compared with Cyclone DDS: ${reason}`);
        this.skip();
      }
      cyclone = cycloneOf(
        idl,
        names.map((name) => `x::${name}`),
      );
    });
    after(() => cyclone?.close());

    for (const name of names) {
      it(`writes the bytes that Cyclone does: ${name}`, () => {
        const all = fc.sample(samples(name), { numRuns: 200, seed: 42 });
        const ours = all.map((sample) => encoded(codecOf(name), sample).subarray(4));
        const theirs = cyclone.again(`x::${name}`, ours);
        ours.forEach((bytes, i) =>
          assert.deepEqual(hex(theirs[i]), hex(bytes), JSON.stringify(all[i], shown)),
        );
      });
    }
  });
});

const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('hex');
const shown = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value);
