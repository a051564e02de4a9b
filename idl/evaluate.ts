import { parseCharacter, parseInteger, parseString } from './literals.js';
import type { ConstantValue } from './model.js';
import type { Names } from './names.js';
import type { Scope } from './scope.js';
import type { Expression } from './syntax.js';

const int64Min = -(1n << 63n);
const uint64Max = (1n << 64n) - 1n;

/** What an expression is evaluated for: decides what `~` gives. */
export interface Target {
  readonly scope: Scope;
  readonly names: Names;
  /** The largest value of the unsigned type that is wanted; absent for signed and other types. */
  readonly unsignedMax?: bigint | undefined;
}

/** The value of a constant expression; `undefined` after reporting where it has none. */
export function evaluate(expression: Expression, target: Target): ConstantValue | undefined {
  const { log } = target.names;
  switch (expression.kind) {
    case 'unreadable':
      return undefined;
    case 'literal':
      return literal(expression, target);
    case 'name': {
      const entity = target.names.find(target.scope, expression.name, 'constant');
      if (entity === undefined || entity.kind === 'broken') return undefined;
      if (entity.kind === 'constant') return entity.model.value;
      if (entity.kind === 'enumerator') {
        const name = entity.name.slice(entity.name.lastIndexOf('::') + 2);
        return { kind: 'enumerator', enum: entity.enum, name, value: entity.value };
      }
      const message = `'${entity.name}' is a ${entity.kind}; a constant or an enumerator is needed here.`;
      log.report('IDL3004', expression.span, message);
      return undefined;
    }
    case 'unary': {
      const operand = evaluate(expression.operand, target);
      if (operand === undefined) return undefined;
      const { operator } = expression;
      if (operand.kind === 'float' && operator !== '~') {
        return { kind: 'float', value: operator === '-' ? -operand.value : operand.value };
      }
      if (operand.kind !== 'integer') {
        log.report('IDL4003', expression.span, `'${operator}' cannot be applied to ${describe(operand)}.`);
        return undefined;
      }
      if (operator === '+') return operand;
      if (operator === '-') return integer(-operand.value, expression, target);
      const { unsignedMax } = target;
      const flipped = unsignedMax === undefined ? ~operand.value : unsignedMax - operand.value;
      return integer(flipped, expression, target);
    }
    case 'binary':
      return binary(expression, target);
  }
}

function literal(expression: Expression & { kind: 'literal' }, { names }: Target): ConstantValue | undefined {
  const { text, span } = expression;
  switch (expression.literal) {
    case 'integer': {
      const value = parseInteger(text);
      if (value <= uint64Max) return { kind: 'integer', value };
      names.log.report('IDL4001', span, 'This number does not fit in 64 bits.');
      return undefined;
    }
    case 'float': {
      const value = Number(text);
      if (Number.isFinite(value)) return { kind: 'float', value };
      names.log.report('IDL4001', span, 'This number is too large for a double.');
      return undefined;
    }
    case 'boolean':
      return { kind: 'boolean', value: text === 'TRUE' };
    case 'character': {
      const value = parseCharacter(text);
      if (value !== undefined) return { kind: 'character', value };
      names.log.report('IDL1006', span, 'A character literal holds one character of ISO 8859-1.');
      return undefined;
    }
    case 'string': {
      const value = parseString(text);
      if (value === undefined) {
        names.log.report(
          'IDL1006',
          span,
          "This string has an escape that IDL does not know: write '\\\\' for '\\'.",
        );
      } else if (value.includes('\0')) {
        names.log.report('IDL1006', span, 'A string cannot hold the character 0.');
        return undefined;
      }
      return value === undefined ? undefined : { kind: 'string', value };
    }
  }
}

function binary(expression: Expression & { kind: 'binary' }, target: Target): ConstantValue | undefined {
  const left = evaluate(expression.left, target);
  const right = evaluate(expression.right, target);
  if (left === undefined || right === undefined) return undefined;
  const { log } = target.names;
  const { operator, span } = expression;
  const leftIsNumber = left.kind === 'integer' || left.kind === 'float';
  const rightIsNumber = right.kind === 'integer' || right.kind === 'float';
  if (!leftIsNumber || !rightIsNumber) {
    const culprit = leftIsNumber ? right : left;
    log.report('IDL4003', span, `'${operator}' cannot be applied to ${describe(culprit)}.`);
    return undefined;
  }
  const arithmetic = '+-*/%'.includes(operator);
  if ((operator === '/' || operator === '%') && Number(right.value) === 0) {
    log.report('IDL4004', expression.right.span, 'This divides by zero.');
    return undefined;
  }
  if (left.kind === 'integer' && right.kind === 'integer') {
    const shift = operator === '<<' || operator === '>>';
    if (shift && (right.value < 0n || right.value > 63n)) {
      log.report('IDL4001', expression.right.span, `A shift is by 0 to 63, not by ${right.value}.`);
      return undefined;
    }
    return integer(integerOperators[operator](left.value, right.value), expression, target);
  }
  if (!arithmetic || operator === '%') {
    log.report('IDL4003', span, `'${operator}' takes whole numbers.`);
    return undefined;
  }
  const value = floatOperators[operator as '+' | '-' | '*' | '/'](Number(left.value), Number(right.value));
  if (Number.isFinite(value)) return { kind: 'float', value };
  log.report('IDL4001', span, 'The result is too large for a double.');
  return undefined;
}

const integerOperators = {
  '|': (a: bigint, b: bigint) => a | b,
  '^': (a: bigint, b: bigint) => a ^ b,
  '&': (a: bigint, b: bigint) => a & b,
  '<<': (a: bigint, b: bigint) => a << b,
  '>>': (a: bigint, b: bigint) => a >> b,
  '+': (a: bigint, b: bigint) => a + b,
  '-': (a: bigint, b: bigint) => a - b,
  '*': (a: bigint, b: bigint) => a * b,
  '/': (a: bigint, b: bigint) => a / b,
  '%': (a: bigint, b: bigint) => a % b,
};
const floatOperators = {
  '+': (a: number, b: number) => a + b,
  '-': (a: number, b: number) => a - b,
  '*': (a: number, b: number) => a * b,
  '/': (a: number, b: number) => a / b,
};

/** Each step is to fit in 64 bits, signed or not; the range of the wanted type is checked at the end. */
function integer(value: bigint, { span }: Expression, { names }: Target): ConstantValue | undefined {
  if (value >= int64Min && value <= uint64Max) return { kind: 'integer', value };
  names.log.report('IDL4001', span, 'The result does not fit in 64 bits.');
  return undefined;
}

/** A value as it is named in messages. */
export function describe(value: ConstantValue): string {
  switch (value.kind) {
    case 'integer':
    case 'float':
      return `the number ${value.value}`;
    case 'boolean':
      return `the boolean ${value.value ? 'TRUE' : 'FALSE'}`;
    case 'string':
      return 'a string';
    case 'character':
      return 'a character';
    case 'enumerator':
      return `the enumerator '${value.enum}::${value.name}'`;
  }
}
