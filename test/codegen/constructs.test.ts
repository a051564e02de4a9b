import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import * as prettier from 'prettier';
import type { Aggregate } from '../../codegen/shape.js';
import type { Codec } from '../../codegen/support/index.js';
import { forOracle, samplesOf } from './arbitrary.js';
import { cycloneIdl, ownIdl, topicsOf } from './constructs.js';
import type { Generated, Sample } from './generated.js';
import { encoded, isMalformed, load, memoryFrom, memoryOf } from './generated.js';
import { problems } from './type-check.js';

describe('each construct of IDL', function () {
  this.timeout(120_000);
  const sources: [module: string, idl: string][] = [
    ['x', cycloneIdl],
    ['y', ownIdl],
  ];
  const generated = new Map<string, Generated>();

  for (const [module, idl] of sources) {
    before(async () => {
      generated.set(module, await load({ [`${module}.idl`]: idl }));
    });

    const samples = (name: string, nul: boolean) => {
      const { model } = generated.get(module)!;
      return samplesOf(model, model.definitions.get(`${module}::${name}`) as Aggregate, { nul });
    };

    for (const name of topicsOf(idl)) {
      it(`travels as the protobuf that protobufjs has of its .proto: ${module}::${name}`, () => {
        const { model, topic, oracle } = generated.get(module)!;
        const { protobuf } = topic(name);
        const type = oracle(`${module}.${name}`);
        const aggregate = model.definitions.get(`${module}::${name}`) as Aggregate;
        fc.assert(
          fc.property(samples(name, true), (sample) => {
            const bytes = encoded(protobuf, sample);
            const expected = type.encode(type.fromObject(forOracle(model, aggregate, sample))).finish();
            assert.deepEqual(Buffer.from(bytes).toString('hex'), Buffer.from(expected).toString('hex'));
            assert.deepEqual(protobuf.decode(memoryFrom(bytes), 0, bytes.length), sample);
          }),
        );
        checkHostile(protobuf, samples(name, true));
      });

      it(`travels as XCDR2, from any place into room of the exact size: ${module}::${name}`, () => {
        const codec = generated.get(module)!.topic(name).xcdr2!;
        fc.assert(
          fc.property(samples(name, false), fc.double({ min: 0, max: 1, noNaN: true }), (sample, part) => {
            const bytes = encoded(codec, sample);
            assert.deepEqual(codec.decode(memoryFrom(bytes), 0, bytes.length), sample);
            checkRoom(codec, sample, bytes, part);
          }),
        );
        checkHostile(codec, samples(name, false));
      });
    }
  }

  it('checks under the strictest settings, without any or unknown, and is as prettier would have it', async () => {
    const files = [...generated.values()].flatMap(({ files: own }) => own);
    assert.deepEqual(problems(files.map(({ path }) => path)), []);
    for (const { path, text } of files) {
      assert.doesNotMatch(text.replaceAll(/\/\*\*.*?\*\//gs, ''), /\b(any|unknown)\b/, path);
      const pretty = await prettier.format(text, {
        parser: 'typescript',
        singleQuote: true,
        printWidth: 110,
      });
      const lines = pretty.split('\n');
      const other = text.split('\n').findIndex((line, i) => line !== lines[i]);
      assert.equal(other, -1, `${path}:${other + 1}: prettier has ${lines[other]}`);
    }
  });

  it('is narrowed by a switch over the discriminator of a union', () => {
    const { folder } = generated.get('y')!;
    const use = `${folder}/narrow.ts`;
    writeFileSync(
      use,
      `import { Colour, Flags, Negative, type Changing, type Choice, type Rest, type ByWchar } from './y.js';
       export function text(choice: Choice): string {
         switch (choice.$d) {
           case Colour.RED: return choice.number.toFixed();
           case Colour.GREEN: return choice.text;
           case Colour.BLUE: return String(choice.point.x);
         }
       }
       export function rest(value: Rest): string | number {
         switch (value.$d) {
           case 1: return value.small;
           case 7: case -5: return value.numbers.length;
           case 'default': return value.text + String(value.$label);
         }
       }
       export const choices: (Choice | Changing)[] = [{ $d: Colour.RED, number: 1 }, { $d: Colour.BLUE, point: { kind: 1, x: 1, y: 1 } }];
       export const rests: Rest[] = [{ $d: 'default', text: 'x' }, { $d: 'default', $label: 3, text: 'x' }];
       export const wide: ByWchar = { $d: '\\u4e2d', b: 1 };
       export const flags: Flags = Flags.A | Flags.L;
       export const negative: Negative = Negative.NOT;
       // @ts-expect-error GREEN selects text
       export const wrong: Choice = { $d: Colour.GREEN, number: 1 };`,
    );
    assert.deepEqual(problems([use]), []);
  });
});

/** At an odd place: what is aligned, is from the begin of the sample. */
function checkRoom(codec: Codec<Sample>, sample: Sample, bytes: Uint8Array, part: number): void {
  const { length } = bytes;
  const memory = memoryOf(length + 10);
  assert.equal(codec.encode(sample, memory, 5, 5 + length), 5 + length);
  assert.deepEqual(memory.bytes.subarray(5, 5 + length), bytes);
  assert.deepEqual(memory.bytes.subarray(5 + length), new Uint8Array(5).fill(0xaa));
  assert.deepEqual(codec.decode(memory, 5, length), sample);
  const limit = 5 + Math.floor((length - 1) * part);
  const small = memoryOf(length + 10);
  assert.equal(codec.encode(sample, small, 5, limit), -1);
  assert.deepEqual(small.bytes.subarray(limit), new Uint8Array(length + 10 - limit).fill(0xaa));
}

/** Bytes that are no sample are refused with MalformedSampleError alone. */
function checkHostile(codec: Codec<Sample>, samples: fc.Arbitrary<Sample>): void {
  const check = (bytes: Uint8Array) => {
    try {
      codec.decode(memoryFrom(bytes), 0, bytes.length);
    } catch (error) {
      assert.ok(isMalformed(error), String(error));
    }
  };
  const noise = fc.uint8Array({ maxLength: 40 });
  fc.assert(
    fc.property(samples, fc.nat(), fc.nat(255), noise, (sample, place, value, more) => {
      const bytes = encoded(codec, sample);
      check(Uint8Array.from([...bytes.subarray(0, 4), ...more]));
      check(bytes.slice(0, place % (bytes.length + 1)));
      if (bytes.length > 0) bytes[place % bytes.length] = value;
      check(bytes);
    }),
  );
}
