import { parseAnnotations } from './parse-annotation.js';
import type { Prefix } from './parse-body.js';
import { list } from './parse-body.js';
import { parseExpression } from './parse-expression.js';
import { spanTo } from './source.js';
import type { EnumeratorSyntax, EnumSyntax } from './syntax.js';
import type { TokenStream } from './token-stream.js';

/** From `enum` or `bitmask` to its `}`. */
export function parseEnum(
  stream: TokenStream,
  kind: 'enum' | 'bitmask',
  { annotations, doc, start }: Prefix,
): EnumSyntax {
  stream.next();
  const name = stream.identifier(`the name of the ${kind}`);
  const needed = kind === 'enum' ? 'enumerator' : 'flag';
  const what = `the ${kind} '${name.text}'`;
  const enumerators = list(stream, what, name, needed, () => parseEnumerator(stream, kind));
  return { kind, annotations, doc, name, enumerators, span: spanTo(start, stream.previous.span) };
}

function parseEnumerator(stream: TokenStream, kind: 'enum' | 'bitmask'): EnumeratorSyntax {
  const docBefore = stream.token.doc;
  const annotations = parseAnnotations(stream);
  const doc = docBefore ?? stream.token.doc;
  const name = stream.identifier(kind === 'enum' ? 'the name of an enumerator' : 'the name of a flag');
  if (!stream.is('=')) return { annotations, name, doc };
  const { span } = stream.next();
  const value = parseExpression(stream);
  if (kind === 'enum') {
    const message = `'=' is taken for @value; other IDL compilers refuse it: write @value(…) before '${name.text}'.`;
    stream.log.report('IDL2010', span, message);
    return { annotations, name, value, doc };
  }
  // Some compilers would take it for the position, others for the value of the flag.
  const message = `A flag is given its bit by @position(…), before '${name.text}', and not by '='.`;
  stream.log.report('IDL2001', span, message);
  return { annotations, name, doc };
}
