import type { DiagnosticLog } from './diagnostic.js';
import type { Macros } from './macros.js';
import { parseCharacter, parseInteger } from './literals.js';
import type { Token } from './token.js';

const depthMax = 100;
type Operator = readonly [precedence: number, apply: (a: bigint, b: bigint) => bigint];
const binary = new Map<string, Operator>(
  Object.entries<Operator>({
    '||': [1, (a, b) => truth(a !== 0n || b !== 0n)],
    '&&': [2, (a, b) => truth(a !== 0n && b !== 0n)],
    '|': [3, (a, b) => a | b],
    '^': [4, (a, b) => a ^ b],
    '&': [5, (a, b) => a & b],
    '==': [6, (a, b) => truth(a === b)],
    '!=': [6, (a, b) => truth(a !== b)],
    '<': [7, (a, b) => truth(a < b)],
    '>': [7, (a, b) => truth(a > b)],
    '<=': [7, (a, b) => truth(a <= b)],
    '>=': [7, (a, b) => truth(a >= b)],
    '<<': [8, (a, b) => a << (b & 63n)],
    '>>': [8, (a, b) => a >> (b & 63n)],
    '+': [9, (a, b) => a + b],
    '-': [9, (a, b) => a - b],
    '*': [10, (a, b) => a * b],
    // Division by zero is reported by the caller only where the branch counts; C leaves it open, here it is 0.
    '/': [10, (a, b) => (b === 0n ? 0n : a / b)],
    '%': [10, (a, b) => (b === 0n ? 0n : a % b)],
  }),
);

/** Whether the condition of `#if` or `#elif` holds; a malformed one is reported and does not. */
export function evaluateCondition(
  directive: Token,
  tokens: readonly Token[],
  macros: Macros,
  log: DiagnosticLog,
): boolean {
  const reader = new ConditionReader(resolveDefined(tokens, macros));
  try {
    const value = reader.expression(0, 0);
    if (!reader.atEnd) throw new MalformedCondition(`'${reader.next}' does not belong here`);
    return value !== 0n;
  } catch (error) {
    if (!(error instanceof MalformedCondition)) throw error;
    const message = `The condition of this #${directive.text} cannot be read: ${error.message}.`;
    log.report('IDL1014', directive.span, message);
    return false;
  }
}

class MalformedCondition extends Error {}

/** `defined X` and `defined(X)` become 1 or 0 before macros are expanded, as in C. */
function resolveDefined(tokens: readonly Token[], macros: Macros): readonly Token[] {
  const output: Token[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    if (token.text !== 'defined' || token.kind !== 'identifier') {
      output.push(token);
      continue;
    }
    const bracket = tokens[i + 1]?.text === '(' ? 1 : 0;
    const name = tokens[i + 1 + bracket];
    if (name?.kind !== 'identifier' || (bracket === 1 && tokens[i + 3]?.text !== ')')) {
      output.push(token);
      continue;
    }
    output.push({ ...token, kind: 'integer', text: macros.has(name.text) ? '1' : '0' });
    i += bracket === 1 ? 3 : 1;
  }
  return macros.expand(output);
}

class ConditionReader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get atEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }

  get next(): string {
    return this.#tokens[this.#at]?.text.slice(0, 40) ?? '';
  }

  expression(precedence: number, depth: number): bigint {
    if (depth > depthMax) throw new MalformedCondition('it is nested too deep');
    let left = this.#operand(depth + 1);
    for (;;) {
      const operator = binary.get(this.next);
      if (this.atEnd || operator === undefined || operator[0] <= precedence) return left;
      this.#at++;
      left = BigInt.asIntN(64, operator[1](left, this.expression(operator[0], depth + 1)));
    }
  }

  #operand(depth: number): bigint {
    if (depth > depthMax) throw new MalformedCondition('it is nested too deep');
    const token = this.#tokens[this.#at];
    if (token === undefined) throw new MalformedCondition('something is missing at its end');
    this.#at++;
    if (token.kind === 'integer') return parseInteger(token.text);
    if (token.kind === 'character') return characterCode(token.text);
    // A name that is no macro counts as 0.
    if (token.kind === 'identifier') return 0n;
    switch (token.text) {
      case '!':
        return truth(this.#operand(depth + 1) === 0n);
      case '-':
        return -this.#operand(depth + 1);
      case '+':
        return this.#operand(depth + 1);
      case '~':
        return ~this.#operand(depth + 1);
      case '(': {
        const value = this.expression(0, depth + 1);
        if (this.next !== ')') throw new MalformedCondition("a ')' is missing");
        this.#at++;
        return value;
      }
    }
    throw new MalformedCondition(`'${token.text.slice(0, 40)}' is no value`);
  }
}

function characterCode(text: string): bigint {
  const code = parseCharacter(text);
  if (typeof code === 'number') return BigInt(code);
  throw new MalformedCondition(code.problem);
}

function truth(holds: boolean): bigint {
  return holds ? 1n : 0n;
}
