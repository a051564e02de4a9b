import type { PrimitiveName } from './model.js';
import { parseExpression, parseScopedName } from './parse-expression.js';
import type { Span } from './source.js';
import { spanTo } from './source.js';
import type { Expression, TypeSyntax } from './syntax.js';
import type { TokenStream } from './token-stream.js';

const oneWord: ReadonlyMap<string, PrimitiveName> = new Map([
  ['boolean', 'boolean'],
  ['octet', 'octet'],
  ['char', 'char'],
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

/** A type; `what` says in messages whose type it is. */
export function parseType(stream: TokenStream, what: string): TypeSyntax {
  return stream.nested(() => {
    const start = stream.token.span;
    const { text } = stream.token;
    const primitive = stream.token.kind === 'identifier' ? oneWord.get(text) : undefined;
    const done = (): Span => spanTo(start, stream.previous.span);
    const unsupported = (name: string, advice: string): TypeSyntax => {
      stream.log.report('IDL5002', done(), `The type '${name}' is not supported yet: ${advice}.`);
      return { kind: 'unsupported', span: done() };
    };
    if (primitive !== undefined) {
      stream.next();
      return { kind: 'primitive', name: primitive, span: start };
    }
    if (stream.accept('unsigned')) {
      if (stream.accept('short')) return { kind: 'primitive', name: 'uint16', span: done() };
      if (!stream.accept('long')) {
        stream.fail('IDL2001', `Expected 'short' or 'long' after 'unsigned', found ${stream.found()}.`);
      }
      const name = stream.accept('long') ? 'uint64' : 'uint32';
      return { kind: 'primitive', name, span: done() };
    }
    if (stream.accept('long')) {
      if (stream.accept('double')) return unsupported('long double', "use 'double'");
      const name = stream.accept('long') ? 'int64' : 'int32';
      return { kind: 'primitive', name, span: done() };
    }
    if (stream.accept('string')) {
      const bound = stream.accept('<') ? parseBound(stream) : undefined;
      return { kind: 'string', bound, span: done() };
    }
    if (stream.accept('sequence')) {
      stream.expect('<', "after 'sequence'");
      const element = parseType(stream, 'the element of a sequence');
      let bound: Expression | undefined;
      if (stream.accept(',')) bound = parseBound(stream);
      else closeAngle(stream, "after the element type of 'sequence'");
      return { kind: 'sequence', element, bound, span: done() };
    }
    if (stream.accept('wstring')) {
      if (stream.accept('<')) parseBound(stream);
      return unsupported('wstring', "use 'string', which holds all of Unicode");
    }
    if (stream.accept('wchar')) return unsupported('wchar', "use 'string'");
    if (stream.accept('map') || stream.accept('fixed')) {
      const name = stream.previous.text;
      if (stream.accept('<')) skipAngles(stream);
      const advice =
        name === 'map' ? 'use a sequence of a struct with a key and a value' : 'use a scaled int64';
      return unsupported(name, advice);
    }
    if (stream.accept('any') || stream.accept('Object') || stream.accept('ValueBase')) {
      return unsupported(stream.previous.text, 'name the type that is meant');
    }
    if (stream.is('struct') || stream.is('union') || stream.is('enum')) {
      return stream.fail(
        'IDL2001',
        `A '${text}' cannot be defined here: define it before, and use its name.`,
      );
    }
    if (stream.atName) {
      const name = parseScopedName(stream);
      return { kind: 'name', name, span: name.span };
    }
    return stream.fail('IDL2001', `Expected ${what}, found ${stream.found()}.`);
  });
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

function skipAngles(stream: TokenStream): void {
  let open = 1;
  while (open > 0 && !stream.atEnd && !stream.is(';') && !stream.is('}')) {
    if (stream.is('<')) open++;
    else if (stream.is('>')) open--;
    else if (stream.is('>>')) open -= 2;
    stream.next();
  }
}
