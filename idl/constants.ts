import { describe } from './describe-value.js';
import type { Target } from './evaluate.js';
import { evaluate } from './evaluate.js';
import type { Expression } from './expression-syntax.js';
import { digitsOf, fixedText, rescaled } from './fixed-point.js';
import type { Definition } from './model.js';
import type { Names } from './names.js';
import type { Scope } from './scope.js';
import type { ConstantValue, PrimitiveName, Type } from './type.js';
import { typeText } from './type-text.js';

/** The ranges of the integer types. */
export const integerRanges: Readonly<Partial<Record<PrimitiveName, readonly [min: bigint, max: bigint]>>> = {
  octet: [0n, 255n],
  int8: [-128n, 127n],
  uint8: [0n, 255n],
  int16: [-32768n, 32767n],
  uint16: [0n, 65535n],
  int32: [-(1n << 31n), (1n << 31n) - 1n],
  uint32: [0n, (1n << 32n) - 1n],
  int64: [-(1n << 63n), (1n << 63n) - 1n],
  uint64: [0n, (1n << 64n) - 1n],
};
const floatMax = 3.4028234663852886e38;

/**
 * The value of an expression as a value of a type (typedefs resolved); `undefined` after reporting where it is none. `inner`
 * is the scope of the `@annotation` definition that it is a parameter of.
 */
export function constantOf(
  expression: Expression,
  type: Type,
  scope: Scope,
  names: Names,
  inner?: Scope,
): ConstantValue | undefined {
  const range = type.kind === 'primitive' ? integerRanges[type.name] : undefined;
  const target: Target = {
    scope,
    inner,
    names,
    unsignedMax: range?.[0] === 0n ? range[1] : undefined,
    bits: range === undefined || range[1] > 0xffff_ffffn ? 64 : 32,
    wanted: type.kind === 'named' ? type.name : undefined,
  };
  const value = evaluate(expression, target);
  if (value === undefined) return undefined;
  const widened = widen(value, type, expression, names);
  const converted = convert(widened, type, names);
  if (!('problem' in converted)) return converted;
  names.log.report(converted.code, expression.span, converted.problem);
  return undefined;
}

interface Refusal {
  readonly code: 'IDL4001' | 'IDL4002' | 'IDL4006';
  readonly problem: string;
}

/** A literal without its L is taken for a wide one where only that fits: so do the files of ROS. */
function widen(value: ConstantValue, type: Type, { span }: Expression, { log }: Names): ConstantValue {
  const wanted = type.kind === 'wstring' || (type.kind === 'primitive' && type.name === 'wchar');
  if (!wanted || (value.kind !== 'string' && value.kind !== 'character') || value.wide) return value;
  if ((value.kind === 'string') !== (type.kind === 'wstring')) return value;
  const message = 'Other IDL compilers refuse this where a wide literal is needed: write L before it.';
  log.report('IDL1022', span, message);
  return { ...value, wide: true };
}

/** A value as one of a type, or why it is none. */
function convert(value: ConstantValue, type: Type, { definitions }: Names): ConstantValue | Refusal {
  switch (type.kind) {
    case 'primitive':
      return primitive(value, type);
    case 'string':
    case 'wstring': {
      if (value.kind !== 'string' || !!value.wide !== (type.kind === 'wstring')) return mismatch(value, type);
      const wide = type.kind === 'wstring';
      const length = wide ? value.value.length : new TextEncoder().encode(value.value).length;
      if (type.bound === undefined || length <= type.bound) return value;
      const unit = wide ? 'characters' : 'bytes';
      return outside(`This string has ${length} ${unit}; its type allows ${type.bound}.`);
    }
    case 'fixed': {
      if (value.kind !== 'fixed' && value.kind !== 'integer') return mismatch(value, type);
      const number = value.kind === 'fixed' ? value : { value: value.value, scale: 0 };
      const scaled = rescaled(number, type.scale);
      if (scaled !== undefined && digitsOf(scaled) <= type.digits) return { kind: 'fixed', ...scaled };
      return outside(`${fixedText(number)} does not fit in ${typeText(type)}.`);
    }
    case 'named':
      if (value.kind === 'enumerator' && value.enum === type.name) return value;
      if (value.kind === 'flags' && value.bitmask === type.name) return value;
      return named(value, type, definitions.get(type.name));
    default:
      return noConstants(type);
  }
}

function named(
  value: ConstantValue,
  type: Type & { kind: 'named' },
  definition: Definition | undefined,
): ConstantValue | Refusal {
  if (definition?.kind === 'bitmask' && value.kind === 'integer') {
    if (value.value >= 0n && value.value < 1n << BigInt(definition.bitBound)) {
      return { kind: 'flags', bitmask: type.name, value: value.value };
    }
    return outside(`${value.value} does not fit in the ${definition.bitBound} bits of ${typeText(type)}.`);
  }
  return definition?.kind === 'enum' || definition?.kind === 'bitmask'
    ? mismatch(value, type)
    : noConstants(type);
}

function noConstants(type: Type): Refusal {
  return { code: 'IDL4006', problem: `There are no constants of type ${typeText(type)}.` };
}

function primitive(value: ConstantValue, type: Type & { kind: 'primitive' }): ConstantValue | Refusal {
  const { name } = type;
  const range = integerRanges[name];
  if (range !== undefined) {
    if (value.kind !== 'integer') return mismatch(value, type);
    if (value.value >= range[0] && value.value <= range[1]) return value;
    return outside(`${value.value} is not in the range of ${typeText(type)}: ${range[0]} to ${range[1]}.`);
  }
  switch (name) {
    case 'boolean':
      return value.kind === 'boolean' ? value : mismatch(value, type);
    case 'char':
    case 'wchar':
      return value.kind === 'character' && !!value.wide === (name === 'wchar')
        ? value
        : mismatch(value, type);
  }
  if (value.kind !== 'float' && value.kind !== 'integer') return mismatch(value, type);
  const number = Number(value.value);
  if (name !== 'float') return { kind: 'float', value: number };
  if (Math.abs(number) > floatMax) return outside(`${value.value} is too large for a float.`);
  return { kind: 'float', value: Math.fround(number) };
}

function mismatch(value: ConstantValue, type: Type): Refusal {
  const hint = hintFor(value, type);
  return {
    code: 'IDL4002',
    problem: `A value of type ${typeText(type)} is needed here; this is ${describe(value)}${hint}.`,
  };
}

function hintFor(value: ConstantValue, type: Type): string {
  if ((value.kind === 'string' || value.kind === 'character') && value.wide)
    return ': remove the L before it';
  if (type.kind === 'fixed' && value.kind === 'float') return ': write d after it';
  if (type.kind === 'primitive' && type.name === 'boolean' && value.kind === 'integer')
    return ': write TRUE or FALSE';
  return '';
}

function outside(problem: string): Refusal {
  return { code: 'IDL4001', problem };
}
