import { parseAnnotations } from './parse-annotation.js';
import type { Prefix } from './parse-body.js';
import { body } from './parse-body.js';
import { parseScopedNames } from './parse-expression.js';
import type { DefinitionReader } from './parse-interface.js';
import { parseExport, parseParameters, parseRaises } from './parse-interface.js';
import { parseMember } from './parse-struct.js';
import { parseType } from './parse-type.js';
import { spanTo } from './source.js';
import type { DefinitionSyntax, FactorySyntax, StateSyntax, ValuetypeSyntax } from './syntax.js';
import type { TokenStream } from './token-stream.js';

/** From `valuetype`, with what may stand before it, to its `}`, a value box, or a forward declaration. */
export function parseValuetype(
  stream: TokenStream,
  { annotations, doc, start }: Prefix,
  define: DefinitionReader,
): DefinitionSyntax {
  const abstract = stream.accept('abstract');
  const custom = !abstract && stream.accept('custom');
  stream.expect('valuetype', abstract ? "after 'abstract'" : "after 'custom'");
  const name = stream.identifier('the name of the value type');
  if (stream.is(';')) return { kind: 'forward', what: 'valuetype', annotations, doc, name, span: name.span };
  const common = { kind: 'valuetype', annotations, doc, abstract, custom, name } as const;
  if (!stream.is(':') && !stream.is('supports') && !stream.is('{')) {
    const boxed = parseType(stream, "':', 'supports', '{' or the type of a value box");
    const span = spanTo(start, stream.previous.span);
    return { ...common, truncatable: false, bases: [], supports: [], boxed, exports: [], span };
  }
  let truncatable = false;
  let bases: ValuetypeSyntax['bases'] = [];
  if (stream.accept(':')) {
    truncatable = stream.accept('truncatable');
    bases = parseScopedNames(stream);
  }
  const supports = stream.accept('supports') ? parseScopedNames(stream) : [];
  const exports: ValuetypeSyntax['exports'][number][] = [];
  body(stream, `the value type '${name.text}'`, () => exports.push(parseElement(stream, define)));
  return { ...common, truncatable, bases, supports, exports, span: spanTo(start, stream.previous.span) };
}

function parseElement(stream: TokenStream, define: DefinitionReader): ValuetypeSyntax['exports'][number] {
  if (stream.is('public') || stream.is('private')) return parseState(stream);
  return stream.is('factory') ? parseFactory(stream) : parseExport(stream, define);
}

function parseState(stream: TokenStream): StateSyntax {
  const { doc } = stream.token;
  const visibility = stream.next().text === 'public' ? 'public' : 'private';
  const member = parseMember(stream);
  return { kind: 'state', visibility, member: { ...member, doc: member.doc ?? doc } };
}

function parseFactory(stream: TokenStream): FactorySyntax {
  const { doc } = stream.next();
  const annotations = parseAnnotations(stream);
  const name = stream.identifier('the name of the factory');
  const parameters = parseParameters(stream, `the factory '${name.text}'`);
  const raises = parseRaises(stream, 'raises');
  stream.expectSemicolon(`after the factory '${name.text}'`);
  const operation = { kind: 'operation', annotations, doc, oneway: false, name, parameters, raises } as const;
  return { kind: 'factory', operation };
}
