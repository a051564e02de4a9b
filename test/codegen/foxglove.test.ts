import assert from 'node:assert/strict';
import { parseIDL } from '@foxglove/omgidl-parser';
import { MessageReader } from '@foxglove/omgidl-serialization';
import fc from 'fast-check';
import type { StructModel } from '../../idl/index.js';
import { samplesOf } from './arbitrary.js';
import { topicsOf } from './constructs.js';
import type { Generated, Sample } from './generated.js';
import { encoded, load } from './generated.js';

/**
 * What Foxglove's parser and reader know. It takes the form of nested types from the sample's, expects no length before elements that are not primitive
 * (but in mutable types), and reads on past the end for a member that is left
 * out, so that types are of one kind here and have all their members.
 */
const foxgloveIdl = `module f {
  enum Colour { RED, GREEN };
  @final struct Point { octet kind; double x; float y; };
  @appendable struct Open { long a; string b; };
  @mutable struct Loose { @id(3) octet a; @id(7) string b; };
  @final union Choice switch (Colour) { case RED: long number; case GREEN: string text; };
  @final @topic struct Final {
    boolean b; octet o; short s; long l; int64 h; float f; double d; string t; Point p; sequence<short> ss; octet z;
  };
  @appendable @topic struct Appendable {
    octet o; uint64 u; sequence<short> s; Open p; double d[2]; octet z;
  };
  @mutable @topic struct Mutable {
    @id(9) octet o; @id(4) double d; @id(1) sequence<long> l; @id(2) sequence<Loose> m; @id(5) string t; @id(6) Open q;
  };
  @final @topic struct Chosen { octet o; Choice c; };
};`;

describe('the XCDR2 codec beside @foxglove/omgidl-serialization', () => {
  let own: Generated;
  before(async () => {
    own = await load({ 'f.idl': foxgloveIdl });
  });

  for (const name of topicsOf(foxgloveIdl)) {
    it(`writes what its reader reads: ${name}`, () => {
      const reader = new MessageReader(`f::${name}`, parseIDL(foxgloveIdl));
      const struct = own.model.definitions.get(`f::${name}`) as StructModel;
      for (const sample of fc.sample(samplesOf(own.model, struct, { nul: false }), {
        numRuns: 100,
        seed: 3,
      })) {
        const read: Sample = reader.readMessage(encoded(own.topic(name).xcdr2!, sample));
        assert.deepEqual(plain(read), plain(sample));
      }
    });
  }
});

/** As JSON. Foxglove's reader drops the discriminator. */
function plain(sample: Sample): string {
  return JSON.stringify(sample, (key, value: unknown) => {
    if (key === '$d') return undefined;
    if (typeof value === 'bigint') return `${value}`;
    return ArrayBuffer.isView(value) ? [...(value as Uint8Array)] : value;
  });
}
