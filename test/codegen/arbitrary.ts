import fc from 'fast-check';
import { isProtobufMap } from '../../codegen/field.js';
import type { Aggregate, Shape } from '../../codegen/shape.js';
import { isRepeated, shapeOf } from '../../codegen/shape.js';
import type {
  BitfieldModel,
  BitmaskModel,
  ConstantValue,
  MemberModel,
  Model,
  UnionModel,
} from '../../idl/index.js';
import { allFields, allMembers } from '../../idl/index.js';
import type { Sample } from './generated.js';

/** What random samples may hold. */
export interface Limits {
  /** Whether texts may hold U+0000. */
  readonly nul: boolean;
  /** How deep types that contain themselves may go. */
  readonly depth?: number;
  /** Elements of the longest sequences, where some are to be long. */
  readonly elementsMax?: number;
}

/** Random samples of a struct or a union, the borders of each range included often. */
export function samplesOf(
  model: Model,
  aggregate: Aggregate,
  limits: Limits = { nul: true },
): fc.Arbitrary<Sample> {
  if (aggregate.kind === 'union') return unionSamples(model, aggregate, limits);
  const members = Object.fromEntries(
    allMembers(model, aggregate).map((member) => [member.name, memberValues(model, member, limits)]),
  );
  return fc.record(members, { noNullPrototype: true });
}

function memberValues(model: Model, member: MemberModel, limits: Limits): fc.Arbitrary<unknown> {
  const depth = limits.depth ?? 3;
  const isLast = member.optional && depth <= 0;
  if (isLast) return fc.constant(undefined);
  const deeper = { ...limits, depth: member.external || member.optional ? depth - 1 : depth };
  let value = valuesOf(model, shapeOf(model, member.type), deeper);
  const { min, max } = member;
  if (min !== undefined || max !== undefined) {
    const isWithin = (v: unknown) =>
      (min === undefined || (v as number) >= (min.value as number)) &&
      (max === undefined || (v as number) <= (max.value as number));
    const bounds = [min, max].filter((each) => each !== undefined).map((each) => number(model, member, each));
    value = fc.oneof(
      value.map((v) => (isWithin(v) ? v : bounds[0])),
      fc.constantFrom(...bounds),
    );
  }
  return member.optional ? fc.option(value, { nil: undefined }) : value;
}

function number(model: Model, member: MemberModel, value: ConstantValue): unknown {
  const shape = shapeOf(model, member.type);
  return shape.kind === 'primitive' && ['int64', 'uint64'].includes(shape.name)
    ? value.value
    : Number(value.value);
}

/** Each case as often as any other, the implicit default too. */
function unionSamples(model: Model, union: UnionModel, limits: Limits): fc.Arbitrary<Sample> {
  const shape = shapeOf(model, union.discriminator);
  const labels = union.cases.flatMap((each) => each.labels.map(labelValue));
  const all = shape.kind === 'enum' ? shape.model.enumerators.map(({ value }) => value) : undefined;
  const isBoolean = shape.kind === 'primitive' && shape.name === 'boolean';
  const few = all ?? (isBoolean ? [false, true] : undefined);
  const isLong =
    shape.kind === 'bitmask' ? shape.model.bitBound > 32 : shape.kind === 'primitive' && is64(shape.name);
  const inType = (value: unknown) =>
    isLong ? value : few || typeof value !== 'bigint' ? value : Number(value);
  const taken = new Set(labels.map(inType));
  const rest = (few ?? []).filter((value) => !taken.has(value));
  const branches = union.cases.map(({ labels: own, isDefault, member }) => {
    const values = own.map((label) => inType(labelValue(label)));
    return {
      tags: isDefault ? tags([...values, ...rest]) : tags(values),
      hasRest: isDefault && few === undefined,
      member,
    };
  });
  const depth = limits.depth ?? 3;
  const choices = branches.map(({ tags: own, hasRest, member }) => (): fc.Arbitrary<Sample> => {
    const value = { [member.name]: memberValues(model, member, { ...limits, depth: depth - 1 }) };
    const tag = hasRest
      ? restTags(
          model,
          shape,
          taken,
          own.map(({ $d }) => $d),
        )
      : fc.constantFrom(...own);
    return fc
      .tuple(tag, fc.record(value, { noNullPrototype: true }))
      .map(([a, b]): Sample => ({ ...a, ...b }));
  });
  if (union.implicitDefault)
    choices.push(() =>
      few === undefined ? restTags(model, shape, taken, []) : fc.constantFrom<Sample>(...tags(rest)),
    );
  // Where it has gone deep enough, the last case is taken, which is to go no deeper.
  return depth <= 0 ? choices.at(-1)!() : fc.oneof(...choices.map((choice) => choice()));
}

const is64 = (name: string) => name === 'int64' || name === 'uint64';

function tags(values: readonly unknown[]): Sample[] {
  return values.map((value) => ({ $d: value }));
}

function restTags(
  model: Model,
  shape: Shape,
  taken: ReadonlySet<unknown>,
  own: readonly unknown[],
): fc.Arbitrary<Sample> {
  return valuesOf(model, shape, { nul: true })
    .filter((value) => !taken.has(value) || own.includes(value))
    .map((value) => ({ $d: 'default', $label: value }));
}

function labelValue(value: ConstantValue): unknown {
  return value.kind === 'character' ? String.fromCharCode(value.value) : value.value;
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
      return primitives[shape.name]!;
    case 'enum':
      return fc.constantFrom(...shape.model.enumerators.map(({ value }) => value));
    case 'bitmask':
      return flags(shape.model);
    case 'bitset':
      return fc.record(
        Object.fromEntries(
          allFields(model, shape.model).flatMap((field) =>
            field.name === undefined ? [] : [[field.name, fieldValues(field)]],
          ),
        ),
        { noNullPrototype: true },
      );
    case 'string': {
      const { bound } = shape;
      const allowed = limits.nul ? text : text.map((value) => value.replaceAll('\0', '0'));
      return bound === undefined ? allowed : allowed.map((value) => cut(value, bound));
    }
    case 'wstring':
      return text.map((value) => wellFormed(value.slice(0, shape.bound)));
    case 'fixed':
      return decimals(shape.digits, shape.scale);
    case 'bytes': {
      if (shape.length !== undefined)
        return fc.uint8Array({ minLength: shape.length, maxLength: shape.length });
      return fc.uint8Array({ maxLength: Math.min(shape.bound ?? 200, 200) });
    }
    case 'struct':
    case 'union':
      return samplesOf(model, shape.model, limits);
    case 'sequence': {
      const depth = limits.depth ?? 3;
      const maxLength = depth <= 0 ? 0 : Math.min(shape.bound ?? 20, depth < 3 ? 3 : 20);
      const element = fc
        .constant(0)
        .chain(() => valuesOf(model, shape.element, { ...limits, depth: depth - 1 }));
      const short = fc.array(element, { maxLength });
      const elementsMax = Math.min(shape.bound ?? Infinity, limits.elementsMax ?? 0);
      if (depth < 3 || elementsMax <= maxLength) return short;
      return fc.oneof({ weight: 4, arbitrary: short }, repeated(element, elementsMax));
    }
    case 'map':
      return maps(model, shape, limits);
    case 'array':
      return shape.dimensions.reduceRight(
        (element, size) =>
          size > longest ? repeated(element, size) : fc.array(element, { minLength: size, maxLength: size }),
        valuesOf(model, shape.element, limits),
      );
  }
}

/** Elements that are drawn one by one; longer arrays repeat some. */
const longest = 200;

function repeated(element: fc.Arbitrary<unknown>, length: number): fc.Arbitrary<unknown[]> {
  return fc
    .array(element, { minLength: 1, maxLength: 7 })
    .map((some) => Array.from({ length }, (_, i) => some[i % some.length]));
}

/** In the order that a JavaScript object of the same keys would have: protobufjs takes maps as objects. */
function maps(
  model: Model,
  { key, value, bound }: Extract<Shape, { kind: 'map' }>,
  limits: Limits,
): fc.Arbitrary<Map<unknown, unknown>> {
  const depth = limits.depth ?? 3;
  if (depth <= 0) return fc.constant(new Map());
  const deeper = fc.constant(0).chain(() => valuesOf(model, value, { ...limits, depth: depth - 1 }));
  const entry = fc.tuple(valuesOf(model, key, limits), deeper);
  return fc.array(entry, { maxLength: Math.min(bound ?? 5, 5) }).map((entries) => {
    const byText = new Map(entries.map((each) => [keyText(each[0]), each]));
    byText.delete('__proto__');
    const order = Object.keys(Object.fromEntries([...byText.keys()].map((each) => [each, 0])));
    return new Map(order.map((each) => byText.get(each)!));
  });
}

function keyText(key: unknown): string {
  return typeof key === 'object' ? JSON.stringify(key) : String(key);
}

function flags({ bitBound, flags: all }: BitmaskModel): fc.Arbitrary<number | bigint> {
  return fc.subarray([...all]).map((some) => {
    const value = some.reduce((sum, { position }) => sum | (1n << BigInt(position)), 0n);
    return bitBound > 32 ? value : Number(value);
  });
}

function fieldValues({ bits: count, type }: BitfieldModel): fc.Arbitrary<unknown> {
  if (type === 'boolean') return fc.boolean();
  const size = 1n << BigInt(count);
  const isSigned = type.startsWith('int');
  const values = isSigned
    ? fc.bigInt({ min: -size / 2n, max: size / 2n - 1n })
    : fc.bigInt({ min: 0n, max: size - 1n });
  return is64(type) ? values : values.map(Number);
}

/** As they are read: all digits after the point, none too many before it. */
function decimals(digits: number, scale: number): fc.Arbitrary<string> {
  const max = 10n ** BigInt(digits) - 1n;
  return fc.bigInt({ min: -max, max }).map((units) => {
    const plain = String(units < 0n ? -units : units).padStart(scale + 1, '0');
    const point = plain.length - scale;
    const number = scale === 0 ? plain : `${plain.slice(0, point)}.${plain.slice(point)}`;
    return units < 0n ? `-${number}` : number;
  });
}

function cut(value: string, bytesMax: number): string {
  let result = '';
  for (const character of value) {
    if (new TextEncoder().encode(result + character).length > bytesMax) break;
    result += character;
  }
  return result;
}

/** Without half surrogate pairs. */
function wellFormed(value: string): string {
  return value.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '?');
}

const primitives: Record<string, fc.Arbitrary<unknown>> = {
  boolean: fc.boolean(),
  octet: integers(8, false),
  uint8: integers(8, false),
  char: fc.nat(255).map((code) => String.fromCharCode(code)),
  wchar: fc.nat(0xffff).map((code) => String.fromCharCode(code)),
  int8: integers(8, true),
  int16: integers(16, true),
  uint16: integers(16, false),
  int32: integers(32, true),
  uint32: integers(32, false),
  int64: fc.oneof(fc.constant(0n), fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n })),
  uint64: fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })),
  float: fc.float(),
  double: fc.double(),
  longdouble: fc.double(),
};

/** A sample as protobufjs's `fromObject` takes it. */
export function forOracle(model: Model, aggregate: Aggregate, sample: Sample): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  const isUnion = aggregate.kind === 'union';
  if (isUnion) {
    const label = '$label' in sample ? sample['$label'] : sample['$d'];
    result['discriminator'] = convert(model, shapeOf(model, aggregate.discriminator), label);
  }
  const members = isUnion ? aggregate.cases.map(({ member }) => member) : allMembers(model, aggregate);
  for (const member of members) {
    const value = sample[member.name];
    if (value === undefined) continue;
    const shape = shapeOf(model, member.type);
    const converted = convert(model, shape, value);
    const isWrapped = (member.optional || isUnion) && isRepeated(shape);
    result[member.name] = isWrapped ? { values: converted } : converted;
  }
  return result;
}

function convert(model: Model, shape: Shape, value: unknown): unknown {
  switch (shape.kind) {
    case 'primitive':
      if (shape.name === 'char' || shape.name === 'wchar') return (value as string).charCodeAt(0);
      return typeof value === 'bigint' ? value.toString() : value;
    case 'bitmask':
      return typeof value === 'bigint' ? value.toString() : value;
    case 'bitset': {
      let packed = 0n;
      for (const { name, bits: count, position } of allFields(model, shape.model)) {
        if (name === undefined) continue;
        const field = BigInt((value as Sample)[name] as number | bigint | boolean);
        packed |= BigInt.asUintN(count, field) << BigInt(position);
      }
      return shape.model.bitCount > 32 ? packed.toString() : Number(packed);
    }
    case 'struct':
    case 'union':
      return forOracle(model, shape.model, value as Sample);
    case 'sequence':
    case 'array': {
      const depth = shape.kind === 'array' ? shape.dimensions.length - 1 : 0;
      return (value as unknown[]).flat(depth).map((element) => alone(model, shape.element, element));
    }
    case 'map': {
      const entries = [...(value as Map<unknown, unknown>)].map(([key, each]): [unknown, unknown] => [
        convert(model, shape.key, key),
        alone(model, shape.value, each),
      ]);
      if (isProtobufMap(shape)) return Object.fromEntries(entries as [string, unknown][]);
      return entries.map(([key, each]) => ({ key, value: each }));
    }
    default:
      return value;
  }
}

/** What is repeated within something repeated is in a message of its own. */
function alone(model: Model, shape: Shape, value: unknown): unknown {
  const inner = convert(model, shape, value);
  return isRepeated(shape) ? { values: inner } : inner;
}
