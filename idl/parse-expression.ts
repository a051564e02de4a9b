import { spanTo } from './source.js';
import type { AnnotationSyntax, BinaryOperator, Expression, Identifier, ScopedName } from './syntax.js';
import type { TokenStream } from './token-stream.js';

/** Each operator of a row makes the tree one deeper. */
const chainMax = 500;

/** Lowest first (IDL 4.2, 7.4.1.4.3). */
const precedences: readonly (readonly BinaryOperator[])[] = [
  ['|'],
  ['^'],
  ['&'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];

/**
 * A constant expression. In `<…>` a `>>` ends two brackets rather than shifting, so shifts are then left to parentheses.
 */
export function parseExpression(stream: TokenStream, inAngles = false): Expression {
  return stream.nested(() => parseBinary(stream, 0, inAngles));
}

function parseBinary(stream: TokenStream, level: number, inAngles: boolean): Expression {
  const operators = precedences[level];
  if (operators === undefined) return parseUnary(stream, inAngles);
  let left = parseBinary(stream, level + 1, inAngles);
  for (let length = 1; ; length++) {
    const operator = operators.find((candidate) => stream.is(candidate));
    if (operator === undefined || (inAngles && operator === '>>')) return left;
    stream.next();
    if (length > chainMax) stream.fail('IDL2006', `More than ${chainMax} operators in a row: split it.`);
    const right = parseBinary(stream, level + 1, inAngles);
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
    case 'character':
      stream.next();
      return { kind: 'literal', literal: token.kind, text: token.text, span };
    case 'string': {
      stream.next();
      const texts = [token.text];
      // Adjacent strings are one (IDL 4.2, 7.2.6.3).
      while (stream.token.kind === 'string') texts.push(stream.next().text);
      return {
        kind: 'literal',
        literal: 'string',
        text: texts.join(''),
        span: spanTo(span, stream.previous.span),
      };
    }
    case 'fixed':
    case 'wideString':
    case 'wideCharacter': {
      stream.next();
      const what = token.kind === 'fixed' ? 'Fixed-point literals are' : 'Wide literals are';
      stream.log.report('IDL5005', span, `${what} not supported yet.`);
      return { kind: 'unreadable', span };
    }
  }
  if (stream.is('TRUE') || stream.is('FALSE')) {
    stream.next();
    return { kind: 'literal', literal: 'boolean', text: token.text, span };
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

/** `a::b` or `::a::b`. */
export function parseScopedName(stream: TokenStream): ScopedName {
  const start = stream.token.span;
  const absolute = stream.accept('::');
  const parts: Identifier[] = [];
  do {
    parts.push(stream.identifier('a name', true));
  } while (stream.accept('::'));
  return { absolute, parts, span: spanTo(start, stream.previous.span) };
}

/** All annotations that stand here. */
export function parseAnnotations(stream: TokenStream): AnnotationSyntax[] {
  const annotations: AnnotationSyntax[] = [];
  // `@annotation name { … }` declares one: a definition, not an application.
  while (stream.is('@') && !(stream.peek(1).text === 'annotation' && stream.peek(2).kind === 'identifier')) {
    annotations.push(parseAnnotation(stream));
  }
  return annotations;
}

function parseAnnotation(stream: TokenStream): AnnotationSyntax {
  const start = stream.next().span;
  const parts: string[] = [];
  stream.accept('::');
  do {
    const { token } = stream;
    // Here keywords are names: @default.
    if (token.kind !== 'identifier') {
      stream.fail('IDL2001', `Expected the name of an annotation after '@', found ${stream.found()}.`);
    }
    parts.push(stream.next().text);
  } while (stream.accept('::'));
  const parameters: AnnotationSyntax['parameters'][number][] = [];
  if (stream.accept('(') && !stream.accept(')')) {
    do {
      const { token } = stream;
      const named = token.kind === 'identifier' && stream.peek(1).text === '=';
      if (named) {
        stream.next();
        stream.next();
      }
      const value = parseExpression(stream);
      const span = spanTo(token.span, stream.previous.span);
      parameters.push({ name: named ? token.text : undefined, value, span });
    } while (stream.accept(','));
    stream.expect(')', 'after the parameters of the annotation');
  }
  return { name: parts.join('::'), parameters, span: spanTo(start, stream.previous.span) };
}
