import { describe } from './describe-value.js';
import type { Expression, LiteralKind, ScopedName } from './expression-syntax.js';
import type { FixedPoint } from './fixed-point.js';
import { calculate, digitsOf, fixedDigitsMax, parseFixed } from './fixed-point.js';
import type { LiteralProblem } from './literals.js';
import { hasUnicodeEscape, parseCharacter, parseInteger, parseString } from './literals.js';
import type { Definition } from './model.js';
import type { Names } from './names.js';
import type { Scope } from './scope.js';
import { kindText } from './scope.js';
import type { ConstantValue } from './type.js';

const uint64Max = (1n << 64n) - 1n;

/** What an expression is evaluated for. */
export interface Target {
  readonly scope: Scope;
  /** Of a parameter of an annotation, the scope of its `@annotation` definition: seen where `scope` has no such constant. */
  readonly inner?: Scope | undefined;
  readonly names: Names;
  /** The largest value of the unsigned type that is wanted: decides what `~` gives; absent for other types. */
  readonly unsignedMax?: bigint | undefined;
  /** The bits in which each step has to fit, signed or not (IDL 4.2, 7.4.1.4.3); 64 where nothing is said. */
  readonly bits?: 32 | 64 | undefined;
  /** The scoped name of the enum or bitmask that is wanted. */
  readonly wanted?: string | undefined;
}

/** The value of a constant expression; `undefined` after reporting where it has none. */
export function evaluate(expression: Expression, target: Target): ConstantValue | undefined {
  switch (expression.kind) {
    case 'unreadable':
      return undefined;
    case 'literal':
      return literal(expression, target);
    case 'name': {
      const declared = valueWithin(expression.name, target);
      if (declared !== undefined) return declared;
      const hidden = hiddenValue(expression.name, target);
      if (hidden !== undefined) return hidden;
      const entity = target.names.find(target.scope, expression.name, 'constant');
      if (entity === undefined || entity.kind === 'broken') return undefined;
      if ('value' in entity) return entity.value;
      const message = `'${entity.name}' is ${kindText(entity.kind)}; a constant or an enumerator is needed here.`;
      target.names.log.report('IDL3004', expression.span, message);
      return undefined;
    }
    case 'unary':
      return unary(expression, target);
    case 'binary':
      return binary(expression, target);
  }
}

/** The value of a constant that an `@annotation` declares for its parameters, where nothing else is meant. */
function valueWithin(name: ScopedName, { scope, inner, names }: Target): ConstantValue | undefined {
  if (inner === undefined || valueIn(scope, name, names.silent) !== undefined) return undefined;
  return valueIn(inner, name, names.silent) && valueIn(inner, name, names);
}

function valueIn(scope: Scope, name: ScopedName, names: Names): ConstantValue | undefined {
  const entity = names.find(scope, name, 'constant');
  return entity !== undefined && 'value' in entity ? entity.value : undefined;
}

/**
 * An enumerator of the enum that is wanted, which cannot be seen from where it is written: `case A:` of another module's enum.
 * Nothing else can be meant.
 */
function hiddenValue({ parts, absolute }: ScopedName, target: Target): ConstantValue | undefined {
  const { names, scope, wanted } = target;
  const { text, written, span } = parts[0]!;
  if (wanted === undefined || parts.length > 1 || absolute || names.isVisible(scope, text)) return undefined;
  const value = valueNamed(names.definitions.get(wanted), text);
  if (value !== undefined) {
    const message = `'${written}' cannot be seen from here, and other IDL compilers refuse it: write ${wanted}::${text}.`;
    names.log.report('IDL3012', span, message);
  }
  return value;
}

/** The value that an enumerator or a flag of a name has. */
function valueNamed(definition: Definition | undefined, text: string): ConstantValue | undefined {
  if (definition?.kind === 'enum') {
    const found = definition.enumerators.find(({ name }) => name === text);
    return found && { kind: 'enumerator', enum: definition.name, name: text, value: found.value };
  }
  if (definition?.kind !== 'bitmask') return undefined;
  const found = definition.flags.find(({ name }) => name === text);
  return found && { kind: 'flags', bitmask: definition.name, value: 1n << BigInt(found.position) };
}

function literal(expression: Expression & { kind: 'literal' }, { names }: Target): ConstantValue | undefined {
  const { span } = expression;
  const text = expression.texts.join('');
  const { log } = names;
  switch (expression.literal) {
    case 'integer': {
      const value = parseInteger(text);
      if (value <= uint64Max) return { kind: 'integer', value };
      log.report('IDL4001', span, 'This number does not fit in 64 bits.');
      return undefined;
    }
    case 'float': {
      const value = Number(text);
      if (Number.isFinite(value)) return { kind: 'float', value };
      log.report('IDL4001', span, 'This number is too large for a double.');
      return undefined;
    }
    case 'fixed': {
      const value = text.length > 100 ? undefined : parseFixed(text.slice(0, -1));
      if (value !== undefined && digitsOf(value) <= fixedDigitsMax) return { kind: 'fixed', ...value };
      log.report('IDL4001', span, `A fixed-point number has at most ${fixedDigitsMax} digits.`);
      return undefined;
    }
    case 'boolean':
      return { kind: 'boolean', value: text === 'TRUE' };
    default:
      return textLiteral(expression, expression.literal, names);
  }
}

function textLiteral(
  { texts, span }: Expression & { kind: 'literal' },
  literal: LiteralKind & ('string' | 'wideString' | 'character' | 'wideCharacter'),
  { log }: Names,
): ConstantValue | undefined {
  const wide = literal === 'wideString' || literal === 'wideCharacter';
  const problem = ({ problem: what }: LiteralProblem): undefined => {
    log.report('IDL1006', span, `This literal cannot be read: ${what}.`);
    return undefined;
  };
  if (literal === 'character' || literal === 'wideCharacter') {
    const value = parseCharacter(texts[0]!, wide);
    if (typeof value !== 'number') return problem(value);
    return { kind: 'character', value, ...(wide && { wide }) };
  }
  let whole = '';
  for (const text of texts) {
    const value = parseString(text);
    if (typeof value !== 'string') return problem(value);
    if (!wide && hasUnicodeEscape(text)) {
      log.report('IDL1022', span, 'Other IDL compilers refuse \\u but in wide literals: write L before it.');
    }
    whole += value;
  }
  if (whole.includes('\0')) return problem({ problem: 'a string cannot hold the character 0' });
  return { kind: 'string', value: whole, ...(wide && { wide }) };
}

function unary(expression: Expression & { kind: 'unary' }, target: Target): ConstantValue | undefined {
  const operand = evaluate(expression.operand, target);
  if (operand === undefined) return undefined;
  const { operator, span } = expression;
  if (operator !== '~') {
    if (operand.kind === 'float')
      return operator === '-' ? { kind: 'float', value: -operand.value } : operand;
    if (operand.kind === 'fixed') return operator === '-' ? { ...operand, value: -operand.value } : operand;
  }
  if (operand.kind !== 'integer') {
    target.names.log.report('IDL4003', span, `'${operator}' cannot be applied to ${describe(operand)}.`);
    return undefined;
  }
  if (operator === '+') return operand;
  if (operator === '-') return integer(-operand.value, expression, target);
  const { unsignedMax } = target;
  const flipped = unsignedMax === undefined ? ~operand.value : unsignedMax - operand.value;
  return integer(flipped, expression, target);
}

function binary(expression: Expression & { kind: 'binary' }, target: Target): ConstantValue | undefined {
  const left = evaluate(expression.left, target);
  const right = evaluate(expression.right, target);
  if (left === undefined || right === undefined) return undefined;
  const { log } = target.names;
  const { operator, span } = expression;
  if (left.kind === 'flags' && right.kind === 'flags') return flags(expression, left, right, target);
  const refuse = (value: ConstantValue): undefined => {
    log.report('IDL4003', span, `'${operator}' cannot be applied to ${describe(value)}.`);
    return undefined;
  };
  if (!isNumber(left)) return refuse(left);
  if (!isNumber(right)) return refuse(right);
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
  if (operator !== '+' && operator !== '-' && operator !== '*' && operator !== '/') {
    log.report('IDL4003', span, `'${operator}' takes whole numbers.`);
    return undefined;
  }
  if (left.kind !== 'fixed' && right.kind !== 'fixed') {
    const value = floatOperators[operator](Number(left.value), Number(right.value));
    if (Number.isFinite(value)) return { kind: 'float', value };
    log.report('IDL4001', span, 'The result is too large for a double.');
    return undefined;
  }
  if (left.kind === 'float') return refuse(right);
  if (right.kind === 'float') return refuse(left);
  const value = calculate(operator, fixedOf(left), fixedOf(right));
  if (value !== undefined) return { kind: 'fixed', ...value };
  log.report('IDL4001', span, `The result has more than ${fixedDigitsMax} digits.`);
  return undefined;
}

type NumberValue = ConstantValue & { kind: 'integer' | 'float' | 'fixed' };

function isNumber(value: ConstantValue): value is NumberValue {
  return value.kind === 'integer' || value.kind === 'float' || value.kind === 'fixed';
}

function fixedOf(value: NumberValue & { kind: 'integer' | 'fixed' }): FixedPoint {
  return value.kind === 'fixed' ? value : { value: value.value, scale: 0 };
}

/** Flags of one bitmask together: `a | b`. */
function flags(
  { operator, span }: Expression & { kind: 'binary' },
  left: ConstantValue & { kind: 'flags' },
  right: ConstantValue & { kind: 'flags' },
  { names }: Target,
): ConstantValue | undefined {
  const combines = operator === '|' || operator === '&' || operator === '^';
  if (combines && left.bitmask === right.bitmask) {
    return { ...left, value: integerOperators[operator](left.value, right.value) };
  }
  const message = combines
    ? `Flags of '${left.bitmask}' and of '${right.bitmask}' cannot be combined.`
    : `'${operator}' cannot be applied to ${describe(left)}: flags are combined by '|'.`;
  names.log.report('IDL4003', span, message);
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

/** Each step is to fit in as many bits as the wanted type has, 32 at least; its own range is checked at the end. */
function integer(
  value: bigint,
  { span }: Expression,
  { names, bits = 64 }: Target,
): ConstantValue | undefined {
  const half = 1n << BigInt(bits - 1);
  if (value >= -half && value < 2n * half) return { kind: 'integer', value };
  names.log.report('IDL4001', span, `The result of this, ${shortened(value)}, does not fit in ${bits} bits.`);
  return undefined;
}

function shortened(value: bigint): string {
  const text = String(value);
  return text.length <= 30 ? text : `${text.slice(0, 30)}…`;
}
