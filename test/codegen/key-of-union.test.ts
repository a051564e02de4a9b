import assert from 'node:assert/strict';
import type { Sample } from './generated.js';
import { encoded, load, memoryFrom } from './generated.js';
import { problems } from './type-check.js';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** Discriminators, with the label of the one case beside the default, and where they have no `'default'` the default's. */
const discriminators: readonly { type: string; label: string; value: unknown; own?: unknown }[] = [
  { type: 'long', label: '0', value: 0 },
  { type: 'int8', label: '0', value: 0 },
  { type: 'octet', label: '0', value: 0 },
  { type: 'long long', label: '0', value: 0n },
  { type: 'uint64', label: '0', value: 0n },
  { type: 'char', label: "'\\0'", value: '\0' },
  { type: 'char', label: "'a'", value: 'a' },
  { type: 'wchar', label: "L'\\u0000'", value: '\0' },
  { type: 'wchar', label: "L'a'", value: 'a' },
  { type: 'Flags', label: '0', value: 0 },
  { type: 'boolean', label: 'FALSE', value: false, own: true },
  { type: 'Color', label: 'RED', value: 0, own: 1 },
];

describe('the key of a union whose default branch has no $label', () => {
  it('has a number below 0 where all others are taken', async () => {
    const cases = Array.from({ length: 128 }, (_, i) => `case ${i}:`).join(' ');
    const { topic } = await load({
      'u.idl': `@topic union Full switch (@key int8) { ${cases} long a; default: long b; };`,
    });
    const { key, protobuf, xcdr2 } = topic('Full');
    for (const codec of [protobuf, xcdr2!]) {
      const bytes = encoded(codec, { $d: 'default', b: 7 });
      const read = codec.decode(memoryFrom(bytes), 0, bytes.length) as { $label: number };
      assert.equal(read.$label, -128);
      assert.equal(key!.of(read), key!.of({ $d: 'default', b: 7 }));
    }
  });

  for (const { type, label, value, own } of discriminators) {
    it(`is the reader's too, and not that of the case ${label}, for ${type}`, async () => {
      const { topic, files } = await load({
        'u.idl': `enum Color { RED, GREEN }; @bit_bound(8) bitmask Flags { F0, F1 };
          @topic union ByKey switch (@key ${type}) { case ${label}: long a; default: long b; };
          @topic union Only switch (@key ${type}) { default: long b; };
          @nested union Whole switch (${type}) { case ${label}: long a; default: long b; };
          @topic struct Entire { @key Whole whole; };
          @nested struct Inner { @optional Whole maybe; };
          @topic struct Many { @key sequence<Whole> wholes; @key Inner inner; @key map<long, Whole> byNumber; };`,
      });
      assert.deepEqual(problems(files.map(({ path }) => path)), []);
      const rest = { $d: own ?? 'default', b: 7 };
      const first = { $d: value, a: 7 };
      const many = (one: Sample) => ({ wholes: [one], inner: { maybe: one }, byNumber: new Map([[1, one]]) });
      const pairs: Record<string, [rest: Sample, first?: Sample]> = {
        ByKey: [rest, first],
        Only: [rest],
        Entire: [{ whole: rest }, { whole: first }],
        Many: [many(rest), many(first)],
      };
      for (const [name, [written, other]] of Object.entries(pairs)) {
        const { key, protobuf, xcdr2 } = topic(name);
        for (const codec of [protobuf, xcdr2!]) {
          const bytes = encoded(codec, written);
          const read = codec.decode(memoryFrom(bytes), 0, bytes.length);
          assert.equal(hex(key!.hash(read)), hex(key!.hash(written)), name);
          assert.equal(key!.of(read), key!.of(written), name);
        }
        if (other === undefined) continue;
        assert.notEqual(hex(key!.hash(written)), hex(key!.hash(other)), name);
        assert.notEqual(key!.of(written), key!.of(other), name);
      }
    });
  }
});
