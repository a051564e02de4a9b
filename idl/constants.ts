import { describe, evaluate } from './evaluate.js';
import type { ConstantValue, PrimitiveName, Type } from './model.js';
import type { Names } from './names.js';
import type { Scope } from './scope.js';
import type { Expression } from './syntax.js';

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

/** The value of an expression as a value of a type (typedefs resolved); `undefined` after reporting where it is none. */
export function constantOf(
  expression: Expression,
  type: Type,
  scope: Scope,
  names: Names,
): ConstantValue | undefined {
  const range = type.kind === 'primitive' ? integerRanges[type.name] : undefined;
  const unsignedMax = range?.[0] === 0n ? range[1] : undefined;
  const value = evaluate(expression, { scope, names, unsignedMax });
  if (value === undefined) return undefined;
  const { span } = expression;
  const mismatch = (): undefined => {
    names.log.report(
      'IDL4002',
      span,
      `A value of type ${typeText(type)} is needed here; this is ${describe(value)}.`,
    );
    return undefined;
  };
  switch (type.kind) {
    case 'primitive':
      if (range !== undefined) {
        if (value.kind !== 'integer') return mismatch();
        if (value.value >= range[0] && value.value <= range[1]) return value;
        const message = `${value.value} is not in the range of ${typeText(type)}: ${range[0]} to ${range[1]}.`;
        names.log.report('IDL4001', span, message);
        return undefined;
      }
      if (type.name === 'boolean') return value.kind === 'boolean' ? value : mismatch();
      if (type.name === 'char') return value.kind === 'character' ? value : mismatch();
      if (value.kind !== 'float' && value.kind !== 'integer') return mismatch();
      if (type.name === 'float' && Math.abs(Number(value.value)) > floatMax) {
        names.log.report('IDL4001', span, `${value.value} is too large for a float.`);
        return undefined;
      }
      return {
        kind: 'float',
        value: type.name === 'float' ? Math.fround(Number(value.value)) : Number(value.value),
      };
    case 'string': {
      if (value.kind !== 'string') return mismatch();
      const length = new TextEncoder().encode(value.value).length;
      if (type.bound === undefined || length <= type.bound) return value;
      const message = `This string has ${length} bytes; its type allows ${type.bound}.`;
      names.log.report('IDL4001', span, message);
      return undefined;
    }
    case 'named':
      return value.kind === 'enumerator' && value.enum === type.name ? value : mismatch();
    default:
      names.log.report('IDL4006', span, `There are no constants of ${typeText(type)}.`);
      return undefined;
  }
}

/** A type as it is named in messages. */
export function typeText(type: Type): string {
  switch (type.kind) {
    case 'primitive':
      return type.name;
    case 'string':
      return type.bound === undefined ? 'string' : `string<${type.bound}>`;
    case 'sequence':
      return `sequence<${typeText(type.element)}${type.bound === undefined ? '' : `, ${type.bound}`}>`;
    case 'array':
      return `${typeText(type.element)}${type.dimensions.map((size) => `[${size}]`).join('')}`;
    case 'named':
      return `'${type.name}'`;
  }
}
