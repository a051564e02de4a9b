import { parseAnnotations } from './parse-annotation.js';
import type { Prefix } from './parse-body.js';
import { list } from './parse-body.js';
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
  if (stream.is('=')) {
    const annotation = kind === 'enum' ? '@value(…)' : '@position(…)';
    const message = `In IDL nothing is given a number by '=': write ${annotation} before '${name.text}'.`;
    stream.log.report('IDL2001', stream.token.span, message);
    while (!stream.atEnd && !stream.is(',') && !stream.is('}')) stream.next();
  }
  return { annotations, name, doc };
}
