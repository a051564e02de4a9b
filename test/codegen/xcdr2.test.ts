import assert from 'node:assert/strict';
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

describe('the XCDR2 codec', function () {
  this.timeout(60_000);
  let generated: Generated;
  const codecOf = (name: string): Codec<Sample> => generated.topic(name).xcdr2!;
  const samples = (name: string) =>
    samplesOf(generated.model, generated.model.definitions.get(`x::${name}`) as StructModel, { nul: false });

  before(async () => {
    generated = await load({ 'x.idl': cycloneIdl });
  });

  describe('beside Cyclone DDS', function () {
    let cyclone: Cyclone;
    before(function () {
      const reason = whyNoCyclone();
      if (reason !== undefined) {
        console.warn(`      not compared with Cyclone DDS: ${reason}`);
        this.skip();
      }
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
        ours.forEach((bytes, i) =>
          assert.deepEqual(hex(theirs[i]), hex(bytes), JSON.stringify(all[i], shown)),
        );
      });
    }
  });
});

const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('hex');
const shown = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value);
