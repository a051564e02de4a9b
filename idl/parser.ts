import type { DiagnosticLog } from './diagnostic.js';
import { atAnnotationDefinition, parseAnnotations } from './parse-annotation.js';
import { parseAnnotationDefinition } from './parse-annotation-definition.js';
import { parseBitset } from './parse-bitset.js';
import type { Prefix } from './parse-body.js';
import { attempt, body } from './parse-body.js';
import { parseEnum } from './parse-enum.js';
import { parseExpression } from './parse-expression.js';
import { parseInterface } from './parse-interface.js';
import { parseKeylist } from './parse-keylist.js';
import { parseDeclarators, parseException, parseStruct } from './parse-struct.js';
import { atTypeDefinition, parseType } from './parse-type.js';
import { parseUnion } from './parse-union.js';
import { parseUnsupported } from './parse-unsupported.js';
import { parseValuetype } from './parse-valuetype.js';
import { spanTo } from './source.js';
import type { ConstantSyntax, DefinitionSyntax, ModuleSyntax, TypedefSyntax, TypeSyntax } from './syntax.js';
import type { Token } from './token.js';
import { TokenStream } from './token-stream.js';

/** Reads the definitions of a token stream. It goes on after each error, so that one run shows them all. */
export function parse(tokens: readonly Token[], log: DiagnosticLog): DefinitionSyntax[] {
  const stream = new TokenStream(tokens, log);
  const definitions: DefinitionSyntax[] = [];
  while (!stream.atEnd) {
    if (stream.is('}')) {
      log.report('IDL2004', stream.token.span, "This '}' closes nothing: remove it.");
      stream.next();
      stream.accept(';');
      continue;
    }
    attempt(stream, () => parseDefinitionInto(stream, definitions));
  }
  return definitions;
}

function parseDefinitionInto(stream: TokenStream, definitions: DefinitionSyntax[]): void {
  // An empty definition is harmless, and common after a module.
  if (stream.accept(';')) return;
  if (stream.token.kind === 'keylist') {
    const keylist = parseKeylist(stream.next(), stream.log);
    if (keylist !== undefined) definitions.push(keylist);
    return;
  }
  const { doc: docBefore, span: start } = stream.token;
  const annotations = parseAnnotations(stream);
  definitions.push(parseDefinition(stream, { annotations, doc: docBefore ?? stream.token.doc, start }));
}

/** A definition, its `;` included. */
function parseDefinition(stream: TokenStream, prefix: Prefix): DefinitionSyntax {
  const unsupported = parseUnsupported(stream);
  if (unsupported !== undefined) {
    const span = spanTo(prefix.start, stream.previous.span);
    return { kind: 'unsupported', annotations: [], names: unsupported, span };
  }
  const definition = parseWithoutSemicolon(stream, prefix);
  stream.expectSemicolon(`after ${whatOf(definition)}`);
  return definition;
}

function parseWithoutSemicolon(stream: TokenStream, prefix: Prefix): DefinitionSyntax {
  if (atAnnotationDefinition(stream)) return parseAnnotationDefinition(stream, prefix, parseDefinition);
  if (atTypeDefinition(stream)) return parseTypeDefinition(stream, prefix);
  const { text, kind } = stream.token;
  if (kind === 'identifier') {
    switch (text) {
      case 'module':
        return parseModule(stream, prefix);
      case 'typedef':
        return parseTypedef(stream, prefix);
      case 'const':
        return parseConstant(stream, prefix);
      case 'exception':
        return parseException(stream, prefix);
      case 'interface':
      case 'local':
        return parseInterface(stream, prefix, parseDefinition);
      case 'valuetype':
      case 'custom':
        return parseValuetype(stream, prefix, parseDefinition);
      case 'abstract':
        return stream.peek(1).text === 'valuetype'
          ? parseValuetype(stream, prefix, parseDefinition)
          : parseInterface(stream, prefix, parseDefinition);
    }
  }
  const message = `Expected a definition (module, struct, union, enum, typedef, const …), found ${stream.found()}.`;
  return stream.fail('IDL2001', message);
}

function parseTypeDefinition(stream: TokenStream, prefix: Prefix): DefinitionSyntax {
  switch (stream.token.text) {
    case 'struct':
      return parseStruct(stream, prefix);
    case 'union':
      return parseUnion(stream, prefix);
    case 'bitset':
      return parseBitset(stream, prefix);
    default:
      return parseEnum(stream, stream.is('enum') ? 'enum' : 'bitmask', prefix);
  }
}

function parseModule(stream: TokenStream, { annotations, doc, start }: Prefix): ModuleSyntax {
  stream.next();
  const name = stream.identifier('the name of the module');
  const definitions: DefinitionSyntax[] = [];
  body(stream, `the module '${name.text}'`, () =>
    stream.nested(() => parseDefinitionInto(stream, definitions)),
  );
  return { kind: 'module', annotations, doc, name, definitions, span: spanTo(start, stream.previous.span) };
}

function parseTypedef(stream: TokenStream, { annotations, doc, start }: Prefix): TypedefSyntax {
  stream.next();
  const type = parseTypedefType(stream);
  const declarators = parseDeclarators(stream, 'declared');
  return {
    kind: 'typedef',
    annotations,
    doc,
    type,
    declarators,
    span: spanTo(start, stream.previous.span),
  };
}

/** A typedef can define the type that it gives another name (IDL 4.2, 7.4.1.4.4.5). */
function parseTypedefType(stream: TokenStream): TypeSyntax {
  if (!atTypeDefinition(stream)) return parseType(stream, "a type after 'typedef'");
  const { span: start, doc } = stream.token;
  const definition = parseTypeDefinition(stream, { annotations: [], doc, start });
  return { kind: 'defined', definition, span: definition.span };
}

function parseConstant(stream: TokenStream, { annotations, doc, start }: Prefix): ConstantSyntax {
  stream.next();
  const type = parseType(stream, "a type after 'const'");
  const name = stream.identifier('the name of the constant');
  stream.expect('=', 'after the name of the constant');
  const value = parseExpression(stream);
  const span = spanTo(start, stream.previous.span);
  return { kind: 'constant', annotations, doc, name, type, value, span };
}

/** What a `;` is missing after. */
function whatOf(definition: DefinitionSyntax): string {
  switch (definition.kind) {
    case 'typedef':
    case 'constant':
      return `the ${definition.kind}`;
    case 'forward':
      return `the declaration of '${definition.name.text}'`;
    case 'keylist':
    case 'unsupported':
      return 'the definition';
    case 'valuetype':
      return `the value type '${definition.name.text}'`;
    default:
      return `the '}' of the ${definition.kind} '${definition.name.text}'`;
  }
}
