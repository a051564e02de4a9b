import type { AnnotationParameterSyntax, AnnotationSyntax, Identifier } from './expression-syntax.js';
import { parseExpression } from './parse-expression.js';
import { spanTo } from './source.js';
import type { Token } from './token.js';
import type { TokenStream } from './token-stream.js';

/** All annotations that stand here. */
export function parseAnnotations(stream: TokenStream): AnnotationSyntax[] {
  const annotations: AnnotationSyntax[] = [];
  // `@annotation name { … }` declares one: a definition, not an application.
  while (stream.is('@') && !atAnnotationDefinition(stream)) annotations.push(parseAnnotation(stream));
  return annotations;
}

/** Whether an `@annotation` definition starts here. */
export function atAnnotationDefinition(stream: TokenStream): boolean {
  return stream.is('@') && stream.peek(1).text === 'annotation' && stream.peek(2).kind === 'identifier';
}

function parseAnnotation(stream: TokenStream): AnnotationSyntax {
  const start = stream.next().span;
  const parts: Identifier[] = [];
  const absolute = stream.accept('::');
  do {
    const { token } = stream;
    // Here keywords are names: @default.
    if (token.kind !== 'identifier') {
      stream.fail('IDL2001', `Expected the name of an annotation after '@', found ${stream.found()}.`);
    }
    parts.push({ text: token.text, written: token.text, span: token.span });
    stream.next();
    // `@key ::a::B` is an annotation and a type: only what touches belongs to the name.
  } while (touches(stream.previous, stream.token) && stream.accept('::'));
  const name = { absolute, parts, span: spanTo(parts[0]!.span, stream.previous.span) };
  const parameters: AnnotationParameterSyntax[] = [];
  if (stream.accept('(') && !stream.accept(')')) {
    do parameters.push(parseParameter(stream));
    while (stream.accept(','));
    stream.expect(')', 'after the parameters of the annotation');
  }
  return { name, parameters, span: spanTo(start, stream.previous.span) };
}

function touches({ span: a }: Token, { span: b }: Token): boolean {
  return a.file === b.file && a.offset + a.length === b.offset;
}

function parseParameter(stream: TokenStream): AnnotationParameterSyntax {
  const { token } = stream;
  let name: Identifier | undefined;
  if (token.kind === 'identifier' && stream.peek(1).text === '=') {
    name = { text: token.text, written: token.text, span: token.span };
    stream.next();
    stream.next();
  }
  const value = parseExpression(stream);
  return { name, value, span: spanTo(token.span, stream.previous.span) };
}
