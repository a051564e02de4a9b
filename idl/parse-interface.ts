import type { ScopedName } from './expression-syntax.js';
import { atAnnotationDefinition, parseAnnotations } from './parse-annotation.js';
import type { Prefix } from './parse-body.js';
import { body, withTrailingDoc } from './parse-body.js';
import { parseScopedNames } from './parse-expression.js';
import { parseType } from './parse-type.js';
import { spanTo } from './source.js';
import type {
  AttributeSyntax,
  DefinitionSyntax,
  ExportSyntax,
  OperationSyntax,
  ParameterSyntax,
} from './syntax.js';
import type { TokenStream } from './token-stream.js';

/** Reads a definition: given from outside, since interfaces hold definitions, and definitions are interfaces. */
export type DefinitionReader = (stream: TokenStream, prefix: Prefix) => DefinitionSyntax;

const definers = new Set(['const', 'typedef', 'struct', 'union', 'enum', 'bitmask', 'bitset', 'exception']);

/** From `interface`, with what may stand before it, to its `}`, or a forward declaration. */
export function parseInterface(
  stream: TokenStream,
  { annotations, doc, start }: Prefix,
  define: DefinitionReader,
): DefinitionSyntax {
  const abstract = stream.accept('abstract');
  const local = !abstract && stream.accept('local');
  stream.expect('interface', abstract ? "after 'abstract'" : "after 'local'");
  const name = stream.identifier('the name of the interface');
  if (stream.is(';')) return { kind: 'forward', what: 'interface', annotations, doc, name, span: name.span };
  const bases = stream.accept(':') ? parseScopedNames(stream) : [];
  const exports: ExportSyntax[] = [];
  body(stream, `the interface '${name.text}'`, () => exports.push(parseExport(stream, define)));
  const span = spanTo(start, stream.previous.span);
  return { kind: 'interface', annotations, doc, abstract, local, name, bases, exports, span };
}

/** An operation, an attribute, or a definition within an interface or a value type. */
export function parseExport(stream: TokenStream, define: DefinitionReader): ExportSyntax {
  const { doc: docBefore, span: start } = stream.token;
  const annotations = parseAnnotations(stream);
  const prefix: Prefix = { annotations, doc: docBefore ?? stream.token.doc, start };
  const isDefinition = stream.token.kind === 'identifier' && definers.has(stream.token.text);
  if (isDefinition || atAnnotationDefinition(stream)) return define(stream, prefix);
  if (stream.is('attribute') || stream.is('readonly')) return parseAttribute(stream, prefix);
  return parseOperation(stream, prefix);
}

function parseOperation(stream: TokenStream, { annotations, doc }: Prefix): OperationSyntax {
  const oneway = stream.accept('oneway');
  const result = stream.accept('void') ? undefined : parseType(stream, 'an operation or an attribute');
  const name = stream.identifier('the name of the operation');
  const parameters = parseParameters(stream, `the operation '${name.text}'`);
  const raises = parseRaises(stream, 'raises');
  stream.expectSemicolon(`after the operation '${name.text}'`);
  const whole = withTrailingDoc(stream, doc);
  return { kind: 'operation', annotations, doc: whole, oneway, result, name, parameters, raises };
}

/** `(in type name, …)`. */
export function parseParameters(stream: TokenStream, what: string): ParameterSyntax[] {
  stream.expect('(', `after the name of ${what}`);
  const parameters: ParameterSyntax[] = [];
  if (stream.accept(')')) return parameters;
  do {
    const annotations = parseAnnotations(stream);
    let direction: ParameterSyntax['direction'] = 'in';
    if (stream.accept('out')) direction = 'out';
    else if (stream.accept('inout')) direction = 'inout';
    else if (!stream.accept('in')) {
      const message =
        "A parameter without 'in', 'out' or 'inout' is taken for 'in'; other IDL compilers refuse it: write in.";
      stream.log.report('IDL2011', stream.token.span, message);
    }
    const type = parseType(stream, 'the type of a parameter');
    parameters.push({
      annotations,
      direction,
      type,
      name: stream.identifier('the name of a parameter', 'member'),
    });
  } while (stream.accept(','));
  stream.expect(')', `after the parameters of ${what}`);
  return parameters;
}

/** `raises (a, b)`, also by the names that it has at attributes. */
export function parseRaises(stream: TokenStream, word: 'raises' | 'getraises' | 'setraises'): ScopedName[] {
  if (!stream.accept(word)) return [];
  stream.expect('(', `after '${word}'`);
  const names = parseScopedNames(stream);
  stream.expect(')', 'after the exceptions');
  return names;
}

function parseAttribute(stream: TokenStream, { annotations, doc }: Prefix): AttributeSyntax {
  const readonly = stream.accept('readonly');
  stream.expect('attribute', "after 'readonly'");
  const type = parseType(stream, 'the type of the attribute');
  const names = [stream.identifier('the name of the attribute')];
  while (stream.accept(',')) names.push(stream.identifier('the name of an attribute'));
  const getRaises = parseRaises(stream, readonly ? 'raises' : 'getraises');
  const setRaises = readonly ? [] : parseRaises(stream, 'setraises');
  stream.expectSemicolon(`after the attribute '${names.at(-1)!.text}'`);
  const whole = withTrailingDoc(stream, doc);
  return { kind: 'attribute', annotations, doc: whole, readonly, type, names, getRaises, setRaises };
}
