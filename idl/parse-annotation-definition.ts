import type { Prefix } from './parse-body.js';
import { body } from './parse-body.js';
import { parseExpression } from './parse-expression.js';
import type { DefinitionReader } from './parse-interface.js';
import { parseType } from './parse-type.js';
import { spanTo } from './source.js';
import type { AnnotationDefinitionSyntax, DefinitionSyntax } from './syntax.js';
import type { TokenStream } from './token-stream.js';

/** From `@annotation` to its `}`. */
export function parseAnnotationDefinition(
  stream: TokenStream,
  { annotations, doc, start }: Prefix,
  define: DefinitionReader,
): AnnotationDefinitionSyntax {
  stream.next();
  stream.next();
  // Here keywords are names: the standard itself declares @default.
  const { text, span: at } = stream.next();
  const name = { text, written: text, span: at };
  const parameters: AnnotationDefinitionSyntax['parameters'][number][] = [];
  const definitions: DefinitionSyntax[] = [];
  body(stream, `the annotation '${name.text}'`, () => {
    const isDefinition = ['enum', 'bitmask', 'const', 'typedef'].some((word) => stream.is(word));
    if (isDefinition) {
      const own: Prefix = { annotations: [], doc: stream.token.doc, start: stream.token.span };
      definitions.push(define(stream, own));
    } else parameters.push(parseParameter(stream));
  });
  const span = spanTo(start, stream.previous.span);
  return { kind: 'annotation', annotations, doc, name, parameters, definitions, span };
}

function parseParameter(stream: TokenStream): AnnotationDefinitionSyntax['parameters'][number] {
  const type = stream.accept('any')
    ? undefined
    : parseType(stream, 'the type of a parameter of the annotation');
  const name = stream.identifier('the name of the parameter', 'member');
  const value = stream.accept('default') ? parseExpression(stream) : undefined;
  stream.expectSemicolon(`after the parameter '${name.text}'`);
  return { type, name, default: value };
}
