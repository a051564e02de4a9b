import fc from 'fast-check';
import type { Model, StructModel } from '../../idl/index.js';
import type { Shape } from '../../codegen/shape.js';
import { isRepeated, shapeOf } from '../../codegen/shape.js';
import type { Sample } from './generated.js';

/** What random samples may hold. */
export interface Limits {
  /** Whether texts may hold U+0000. */
  readonly nul: boolean;
}

/** Random samples of a struct, the borders of each range included often. */
export function samplesOf(
  model: Model,
  struct: StructModel,
  limits: Limits = { nul: true },
): fc.Arbitrary<Sample> {
  const members = Object.fromEntries(
    struct.members.map((member) => {
      const value = valuesOf(model, shapeOf(model, member.type), limits);
      return [member.name, member.optional ? fc.option(value, { nil: undefined }) : value];
    }),
  );
  return fc.record(members, { noNullPrototype: true });
}

const text = fc.oneof(
  fc.string({ unit: 'grapheme-ascii' }),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme', minLength: 30, maxLength: 200 }),
  fc.string({ unit: 'grapheme-ascii', minLength: 120, maxLength: 140 }),
);

function integers(bits: number, signed: boolean): fc.Arbitrary<number> {
  const max = 2 ** (signed ? bits - 1 : bits) - 1;
  return fc.oneof(fc.constant(0), fc.integer({ min: signed ? -max - 1 : 0, max }));
}

function valuesOf(model: Model, shape: Shape, limits: Limits): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case 'primitive':
      return primitives[shape.name];
    case 'enum':
      return fc.nat(shape.model.enumerators.length - 1);
    case 'string': {
      const { bound } = shape;
      const allowed = limits.nul ? text : text.map((value) => value.replaceAll('\0', '0'));
      return bound === undefined ? allowed : allowed.map((value) => cut(value, bound));
    }
    case 'bytes': {
      if (shape.length !== undefined)
        return fc.uint8Array({ minLength: shape.length, maxLength: shape.length });
      return fc.uint8Array({ maxLength: Math.min(shape.bound ?? 200, 200) });
    }
    case 'struct':
      return samplesOf(model, shape.model, limits);
    case 'sequence': {
      const maxLength = Math.min(shape.bound ?? 20, 20);
      return fc.array(valuesOf(model, shape.element, limits), { maxLength });
    }
    case 'array':
      return shape.dimensions.reduceRight(
        (element, size) => fc.array(element, { minLength: size, maxLength: size }),
        valuesOf(model, shape.element, limits),
      );
  }
}

function cut(value: string, bytesMax: number): string {
  let result = '';
  for (const character of value) {
    if (new TextEncoder().encode(result + character).length > bytesMax) break;
    result += character;
  }
  return result;
}

const primitives: Record<string, fc.Arbitrary<unknown>> = {
  boolean: fc.boolean(),
  octet: integers(8, false),
  uint8: integers(8, false),
  char: fc.nat(255).map((code) => String.fromCharCode(code)),
  int8: integers(8, true),
  int16: integers(16, true),
  uint16: integers(16, false),
  int32: integers(32, true),
  uint32: integers(32, false),
  int64: fc.oneof(fc.constant(0n), fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n })),
  uint64: fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })),
  float: fc.float(),
  double: fc.double(),
};

/** A sample as protobufjs's `fromObject` takes it. */
export function forOracle(model: Model, struct: StructModel, sample: Sample): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const member of struct.members) {
    const value = sample[member.name];
    if (value === undefined) continue;
    const shape = shapeOf(model, member.type);
    const converted = convert(model, shape, value);
    result[member.name] = member.optional && isRepeated(shape) ? { values: converted } : converted;
  }
  return result;
}

function convert(model: Model, shape: Shape, value: unknown): unknown {
  switch (shape.kind) {
    case 'primitive':
      if (shape.name === 'char') return (value as string).charCodeAt(0);
      return typeof value === 'bigint' ? value.toString() : value;
    case 'struct':
      return forOracle(model, shape.model, value as Sample);
    case 'sequence':
    case 'array': {
      const depth = shape.kind === 'array' ? shape.dimensions.length - 1 : 0;
      return (value as unknown[]).flat(depth).map((element) => {
        const inner = convert(model, shape.element, element);
        return isRepeated(shape.element) ? { values: inner } : inner;
      });
    }
    default:
      return value;
  }
}
