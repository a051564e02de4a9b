import type { BinaryOperator, Expression, Identifier, LiteralKind, ScopedName } from './expression-syntax.js';
import { spanTo } from './source.js';
import type { TokenStream } from './token-stream.js';

/** Each operator of a row makes the tree one deeper. */
const chainMax = 500;

/** The higher, the tighter (IDL 4.2, 7.4.1.4.3). */
const precedences: ReadonlyMap<string, number> = new Map<BinaryOperator, number>([
  ['|', 1],
  ['^', 2],
  ['&', 3],
  ['<<', 4],
  ['>>', 4],
  ['+', 5],
  ['-', 5],
  ['*', 6],
  ['/', 6],
  ['%', 6],
]);

/**
 * A constant expression. In `<…>` a `>>` ends two brackets rather than shifting, so shifts are then left to parentheses.
 */
export function parseExpression(stream: TokenStream, inAngles = false): Expression {
  return stream.nested(() => parseBinary(stream, 1, inAngles));
}

/** Operators of this precedence or a higher one, and what they stand between. */
function parseBinary(stream: TokenStream, lowest: number, inAngles: boolean): Expression {
  let left = parseUnary(stream, inAngles);
  for (let length = 1; ; length++) {
    const { kind, text } = stream.token;
    const precedence = kind === 'punctuation' ? (precedences.get(text) ?? 0) : 0;
    if (precedence < lowest || (inAngles && text === '>>')) return left;
    stream.next();
    if (length > chainMax) stream.fail('IDL2006', `More than ${chainMax} operators in a row: split it.`);
    const right = parseBinary(stream, precedence + 1, inAngles);
    const operator = text as BinaryOperator;
    left = { kind: 'binary', operator, left, right, span: spanTo(left.span, right.span) };
  }
}

function parseUnary(stream: TokenStream, inAngles: boolean): Expression {
  const { token } = stream;
  if (token.kind === 'punctuation' && (token.text === '+' || token.text === '-' || token.text === '~')) {
    const operator = token.text;
    stream.next();
    const operand = stream.nested(() => parseUnary(stream, inAngles));
    return { kind: 'unary', operator, operand, span: spanTo(token.span, operand.span) };
  }
  return parsePrimary(stream);
}

function parsePrimary(stream: TokenStream): Expression {
  const { token } = stream;
  const { span } = token;
  switch (token.kind) {
    case 'integer':
    case 'float':
    case 'fixed':
    case 'character':
    case 'wideCharacter':
      stream.next();
      return { kind: 'literal', literal: token.kind, texts: [token.text], span };
    case 'string':
    case 'wideString':
      return parseStrings(stream, token.kind);
  }
  if (token.kind === 'identifier' && /^(?:true|false)$/i.test(token.text) && stream.peek(1).text !== '::') {
    return parseBoolean(stream);
  }
  if (stream.accept('(')) {
    const inner = parseExpression(stream);
    stream.expect(')', 'after the expression');
    return inner;
  }
  if (stream.atName) {
    const name = parseScopedName(stream);
    return { kind: 'name', name, span: name.span };
  }
  return stream.fail('IDL2001', `Expected a constant, found ${stream.found()}.`);
}

/** Names that differ from keywords by case only are not allowed: `true` can mean nothing but TRUE. */
function parseBoolean(stream: TokenStream): Expression {
  const { text, span } = stream.next();
  const word = text.toUpperCase();
  if (text !== word) {
    const message = `'${text}' is taken for ${word}; other IDL compilers refuse it: write ${word}.`;
    stream.log.report('IDL2008', span, message);
  }
  return { kind: 'literal', literal: 'boolean', texts: [word], span };
}

/** Adjacent strings are one (IDL 4.2, 7.2.6.3): all wide or none. */
function parseStrings(stream: TokenStream, literal: LiteralKind & ('string' | 'wideString')): Expression {
  const { span } = stream.token;
  const texts: string[] = [];
  while (stream.token.kind === 'string' || stream.token.kind === 'wideString') {
    if (stream.token.kind !== literal) {
      stream.fail('IDL2001', 'Wide and other strings cannot be joined: write L before each or before none.');
    }
    texts.push(stream.next().text);
  }
  return { kind: 'literal', literal, texts, span: spanTo(span, stream.previous.span) };
}

/** `a::b` or `::a::b`. */
export function parseScopedName(stream: TokenStream): ScopedName {
  const start = stream.token.span;
  const absolute = stream.accept('::');
  const parts: Identifier[] = [];
  do {
    parts.push(stream.identifier('a name', 'used'));
  } while (stream.accept('::'));
  return { absolute, parts, span: spanTo(start, stream.previous.span) };
}

/** One or more scoped names with commas between. */
export function parseScopedNames(stream: TokenStream): ScopedName[] {
  const names = [parseScopedName(stream)];
  while (stream.accept(',')) names.push(parseScopedName(stream));
  return names;
}
