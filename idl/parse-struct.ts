import type { Expression } from './expression-syntax.js';
import { annotationWords } from './foreign-words.js';
import { parseAnnotations } from './parse-annotation.js';
import type { Prefix } from './parse-body.js';
import { body, withTrailingDoc } from './parse-body.js';
import { parseExpression, parseScopedName } from './parse-expression.js';
import { parseType } from './parse-type.js';
import { spanTo } from './source.js';
import type { Declarator, DefinitionSyntax, ExceptionSyntax, MemberSyntax } from './syntax.js';
import type { TokenStream } from './token-stream.js';

/** From `struct` to its `}`, or a forward declaration. */
export function parseStruct(stream: TokenStream, { annotations, doc, start }: Prefix): DefinitionSyntax {
  stream.next();
  const name = stream.identifier('the name of the struct');
  if (stream.is(';')) return { kind: 'forward', what: 'struct', annotations, doc, name, span: name.span };
  const base = stream.accept(':') ? parseScopedName(stream) : undefined;
  const what = `the struct '${name.text}'`;
  const members = parseMembers(stream, what);
  return { kind: 'struct', annotations, doc, name, base, members, span: spanTo(start, stream.previous.span) };
}

/** From `exception` to its `}`. */
export function parseException(stream: TokenStream, { annotations, doc, start }: Prefix): ExceptionSyntax {
  stream.next();
  const name = stream.identifier('the name of the exception');
  const members = parseMembers(stream, `the exception '${name.text}'`);
  return { kind: 'exception', annotations, doc, name, members, span: spanTo(start, stream.previous.span) };
}

function parseMembers(stream: TokenStream, what: string): MemberSyntax[] {
  const members: MemberSyntax[] = [];
  body(stream, what, () => members.push(parseMember(stream)));
  return members;
}

/** Annotations, type, declarators and `;`. */
export function parseMember(stream: TokenStream): MemberSyntax {
  const docBefore = stream.token.doc;
  const annotations = parseAnnotations(stream);
  const doc = docBefore ?? stream.token.doc;
  skipAnnotationWord(stream);
  const type = parseType(stream, 'the type of a member');
  const declarators = parseDeclarators(stream, 'member');
  stream.expectSemicolon(`after the member '${declarators.at(-1)!.name.text}'`);
  return { annotations, type, declarators, doc: withTrailingDoc(stream, doc) };
}

/** `optional long a`: the word cannot be a type, since one follows. */
function skipAnnotationWord(stream: TokenStream): void {
  const { kind, text, span } = stream.token;
  if (kind !== 'identifier' || !annotationWords.has(text) || stream.peek(1).kind !== 'identifier') return;
  // `optional a;` is a member of a type of that name.
  if ([';', ',', '['].includes(stream.peek(2).text)) return;
  stream.log.report('IDL2001', span, `In IDL this is an annotation: write @${text}.`);
  stream.next();
}

/** Names with their array sizes, with commas between. */
export function parseDeclarators(stream: TokenStream, of: 'declared' | 'member'): Declarator[] {
  const declarators = [parseDeclarator(stream, of)];
  while (stream.accept(',')) declarators.push(parseDeclarator(stream, of));
  return declarators;
}

function parseDeclarator(stream: TokenStream, of: 'declared' | 'member'): Declarator {
  const name = stream.identifier('a name', of);
  const elementAnnotations = parseAnnotations(stream);
  const dimensions: Expression[] = [];
  while (stream.accept('[')) {
    dimensions.push(parseExpression(stream));
    stream.expect(']', 'after the size of the array');
  }
  return { name, elementAnnotations, dimensions };
}
