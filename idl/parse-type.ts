import type { Expression } from './expression-syntax.js';
import { idlWordFor } from './foreign-words.js';
import { keywordLike } from './keywords.js';
import { parseAnnotations } from './parse-annotation.js';
import { parseExpression, parseScopedName } from './parse-expression.js';
import type { Span } from './source.js';
import { spanTo } from './source.js';
import type { ElementSyntax, TypeSyntax } from './syntax.js';
import type { TokenStream } from './token-stream.js';
import type { PrimitiveName } from './type.js';

const oneWord: ReadonlyMap<string, PrimitiveName> = new Map([
  ['boolean', 'boolean'],
  ['octet', 'octet'],
  ['char', 'char'],
  ['wchar', 'wchar'],
  ['short', 'int16'],
  ['float', 'float'],
  ['double', 'double'],
  ['int8', 'int8'],
  ['uint8', 'uint8'],
  ['int16', 'int16'],
  ['uint16', 'uint16'],
  ['int32', 'int32'],
  ['uint32', 'uint32'],
  ['int64', 'int64'],
  ['uint64', 'uint64'],
]);

/** What can hold anything: a codec would have to know it all. */
const unsupported: ReadonlyMap<string, string> = new Map([
  ['any', 'a union of the types that are meant'],
  ['Object', 'a string that names the object'],
  ['ValueBase', 'a struct'],
]);

/** What defines a type, rather than naming one. */
const definers: ReadonlySet<string> = new Set(['struct', 'union', 'enum', 'bitmask', 'bitset']);

/** Whether the definition of a type starts here. */
export function atTypeDefinition(stream: TokenStream): boolean {
  return stream.token.kind === 'identifier' && definers.has(stream.token.text);
}

/** A type; `what` says in messages whose type it is. */
export function parseType(stream: TokenStream, what: string): TypeSyntax {
  return stream.nested(() => {
    skipStandardNamespace(stream);
    const { span: start, kind } = stream.token;
    const text = templateWord(stream);
    const primitive = parsePrimitive(stream);
    if (primitive !== undefined) {
      return { kind: 'primitive', name: primitive, span: spanTo(start, stream.previous.span) };
    }
    if (kind === 'identifier') {
      switch (text) {
        case 'string':
        case 'wstring': {
          stream.next();
          const bound = stream.accept('<') ? parseBound(stream) : undefined;
          return { kind: text, bound, span: spanTo(start, stream.previous.span) };
        }
        case 'sequence':
          return parseSequence(stream, start);
        case 'map':
          return parseMap(stream, start);
        case 'fixed':
          return parseFixed(stream, start);
      }
      const advice = unsupported.get(text);
      if (advice !== undefined) {
        stream.next();
        stream.log.report('IDL5002', start, `The type '${text}' is not supported: use ${advice}.`);
        return { kind: 'unsupported', span: start };
      }
    }
    if (atTypeDefinition(stream)) {
      const message = `A '${text}' cannot be defined here: define it before, and use its name.`;
      return stream.fail('IDL2001', message);
    }
    if (stream.atName) {
      const name = parseScopedName(stream);
      return { kind: 'name', name, span: name.span };
    }
    return stream.fail('IDL2001', `Expected ${what}, found ${stream.found()}.`);
  });
}

/** `std::string` is no type of IDL; what stands behind the `::` may be one, or be named for what it is in IDL. */
function skipStandardNamespace(stream: TokenStream): void {
  if (stream.token.text !== 'std' || stream.peek(1).text !== '::') return;
  const { text } = stream.peek(2);
  const word = idlWordFor(text) ?? (keywordLike(text) === text ? text : undefined);
  if (word === undefined) return;
  const span = spanTo(stream.token.span, stream.peek(2).span);
  stream.fail('IDL2001', `'std::${text}' is no type of IDL. Did you mean '${word}'?`, span);
}

/** No name is followed by `<`: `Sequence<` can mean nothing but `sequence<`. */
function templateWord(stream: TokenStream): string {
  const { kind, text, span } = stream.token;
  if (kind !== 'identifier' || stream.peek(1).text !== '<') return text;
  const word = keywordLike(text);
  if (word === undefined) {
    const meant = idlWordFor(text);
    if (meant !== undefined) stream.fail('IDL2001', `'${text}' is no type of IDL. Did you mean '${meant}'?`);
    return text;
  }
  if (word !== text) {
    const message = `'${text}' is taken for ${word}; other IDL compilers refuse it: write ${word}.`;
    stream.log.report('IDL2008', span, message);
  }
  return word;
}

function parsePrimitive(stream: TokenStream): PrimitiveName | undefined {
  const name = parsePrimitiveWords(stream);
  const { previous, token } = stream;
  // In C `long int` is `long`.
  const isC = (previous.text === 'long' || previous.text === 'short') && token.text === 'int';
  if (name !== undefined && isC && stream.peek(1).kind === 'identifier') {
    stream.log.report('IDL2001', token.span, `IDL has no 'int' after '${previous.text}': remove it.`);
    stream.next();
  }
  return name;
}

function parsePrimitiveWords(stream: TokenStream): PrimitiveName | undefined {
  const name = stream.token.kind === 'identifier' ? oneWord.get(stream.token.text) : undefined;
  if (name !== undefined) {
    stream.next();
    return name;
  }
  if (stream.accept('unsigned')) {
    if (stream.accept('short')) return 'uint16';
    if (!stream.accept('long')) {
      stream.fail('IDL2001', `Expected 'short' or 'long' after 'unsigned', found ${stream.found()}.`);
    }
    return stream.accept('long') ? 'uint64' : 'uint32';
  }
  if (!stream.accept('long')) return undefined;
  if (stream.accept('double')) return 'longdouble';
  return stream.accept('long') ? 'int64' : 'int32';
}

function parseSequence(stream: TokenStream, start: Span): TypeSyntax {
  stream.next();
  stream.expect('<', "after 'sequence'");
  const element = parseElement(stream, 'the element of a sequence');
  let bound: Expression | undefined;
  if (stream.accept(',')) bound = parseBound(stream);
  else closeAngle(stream, "after the element type of 'sequence'");
  return { kind: 'sequence', element, bound, span: spanTo(start, stream.previous.span) };
}

function parseMap(stream: TokenStream, start: Span): TypeSyntax {
  stream.next();
  stream.expect('<', "after 'map'");
  const key = parseElement(stream, 'the key of a map');
  stream.expect(',', 'after the key type of the map');
  const value = parseElement(stream, 'the value of a map');
  let bound: Expression | undefined;
  if (stream.accept(',')) bound = parseBound(stream);
  else closeAngle(stream, "after the value type of 'map'");
  return { kind: 'map', key, value, bound, span: spanTo(start, stream.previous.span) };
}

function parseFixed(stream: TokenStream, start: Span): TypeSyntax {
  stream.next();
  // Without digits it can only be the type of a constant; that is checked where it is used.
  if (!stream.accept('<')) return { kind: 'fixed', span: start };
  const digits = parseExpression(stream, true);
  let scale: Expression | undefined;
  if (stream.accept(',')) scale = parseExpression(stream, true);
  closeAngle(stream, "after the digits and the scale of 'fixed'");
  return { kind: 'fixed', digits, scale, span: spanTo(start, stream.previous.span) };
}

function parseElement(stream: TokenStream, what: string): ElementSyntax {
  const annotations = parseAnnotations(stream);
  return { annotations, type: parseType(stream, what) };
}

function parseBound(stream: TokenStream): Expression {
  const bound = parseExpression(stream, true);
  closeAngle(stream, 'after the bound');
  return bound;
}

/** `>`, or the first half of `>>`. */
function closeAngle(stream: TokenStream, after: string): void {
  if (stream.splitAngle()) return;
  stream.expect('>', after);
}
