import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { Codec } from '../../codegen/support/index.js';
import type { StructModel } from '../../idl/index.js';
import { samplesOf } from './arbitrary.js';
import { cycloneIdl, topicsOf } from './constructs.js';
import type { Cyclone } from './cyclone.js';
import { cycloneOf, whyNoCyclone } from './cyclone.js';
import type { Generated, Sample } from './generated.js';
import { encoded, load } from './generated.js';

const names = topicsOf(cycloneIdl);

/** Keys that can be no longer than 16 bytes are their own hash. */
const isShortKey = new Set(['Keyed', 'DerivedKeyed', 'NestedKeys', 'KindKeys']);

describe('the XCDR2 codec beside Cyclone DDS', function () {
  this.timeout(60_000);
  let generated: Generated;
  const codecOf = (name: string): Codec<Sample> => generated.topic(name).xcdr2!;
  const samples = (name: string) =>
    samplesOf(generated.model, generated.model.definitions.get(`x::${name}`) as StructModel, { nul: false });

  let cyclone: Cyclone;
  before(async function () {
    const reason = whyNoCyclone();
    if (reason !== undefined) {
      console.warn(`      not compared with Cyclone DDS: ${reason}`);
      this.skip();
    }
    generated = await load({ 'x.idl': cycloneIdl });
    cyclone = cycloneOf(
      cycloneIdl,
      names.map((name) => `x::${name}`),
    );
  });
  after(() => cyclone?.close());

  for (const name of names) {
    it(`writes the bytes that Cyclone does: ${name}`, () => {
      const all = fc.sample(samples(name), { numRuns: 200, seed: 42 });
      const ours = all.map((sample) => encoded(codecOf(name), sample).subarray(4));
      const theirs = cyclone.again(`x::${name}`, ours);
      ours.forEach((bytes, i) => assert.deepEqual(hex(theirs[i]), hex(bytes), JSON.stringify(all[i], shown)));
    });
  }

  it('hashes the keys that Cyclone serializes', () => {
    for (const name of ['MutableKeys', 'Keyed', 'DerivedKeyed', 'NestedKeys', 'KindKeys']) {
      const { key } = generated.topic(name);
      const all = fc.sample(samples(name), { numRuns: 100, seed: 7 });
      const theirs = cyclone.keys(
        `x::${name}`,
        all.map((sample) => encoded(codecOf(name), sample).subarray(4)),
      );
      all.forEach((sample, i) => {
        const bytes = theirs[i]!;
        const plain = Buffer.concat([bytes, Buffer.alloc(Math.max(0, 16 - bytes.length))]);
        const wanted = isShortKey.has(name) ? plain : createHash('md5').update(bytes).digest();
        assert.equal(hex(key!.hash(sample)), hex(wanted), `${name} ${JSON.stringify(sample, shown)}`);
      });
    }
  });
});

const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('hex');
const shown = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value);
