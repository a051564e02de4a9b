import type { Identifier } from './expression-syntax.js';
import { parseAnnotations } from './parse-annotation.js';
import type { Prefix } from './parse-body.js';
import { body, filledBody, withTrailingDoc } from './parse-body.js';
import { parseExpression, parseScopedName } from './parse-expression.js';
import { parseType } from './parse-type.js';
import { spanTo } from './source.js';
import type { BitfieldSyntax, BitsetSyntax, TypeSyntax } from './syntax.js';
import type { TokenStream } from './token-stream.js';

/** From `bitset` to its `}`. */
export function parseBitset(stream: TokenStream, { annotations, doc, start }: Prefix): BitsetSyntax {
  stream.next();
  const name = stream.identifier('the name of the bitset');
  const base = stream.accept(':') ? parseScopedName(stream) : undefined;
  const fields: BitfieldSyntax[] = [];
  const what = `the bitset '${name.text}'`;
  const read = () => fields.push(parseBitfield(stream));
  if (base === undefined) filledBody(stream, what, name, 'bitfield', read);
  else body(stream, what, read);
  return { kind: 'bitset', annotations, doc, name, base, fields, span: spanTo(start, stream.previous.span) };
}

/** `bitfield<bits[, type]> names;`, or, without names, padding. */
function parseBitfield(stream: TokenStream): BitfieldSyntax {
  const docBefore = stream.token.doc;
  const annotations = parseAnnotations(stream);
  const { doc = docBefore, span: start } = stream.token;
  stream.expect('bitfield', 'for a part of the bitset');
  stream.expect('<', "after 'bitfield'");
  const bits = parseExpression(stream, true);
  let type: TypeSyntax | undefined;
  if (stream.accept(',')) type = parseType(stream, 'the type of the bitfield');
  stream.expect('>', "after the number of bits of 'bitfield'");
  const span = spanTo(start, stream.previous.span);
  const names: Identifier[] = [];
  if (!stream.is(';')) {
    do names.push(stream.identifier('the name of the bitfield'));
    while (stream.accept(','));
  }
  stream.expectSemicolon('after the bitfield');
  return { annotations, bits, type, names, doc: withTrailingDoc(stream, docBefore ?? doc), span };
}
