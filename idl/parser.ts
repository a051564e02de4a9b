import type { DiagnosticLog } from './diagnostic.js';
import { joinDocs } from './doc-comment.js';
import { parseAnnotations, parseExpression } from './parse-expression.js';
import { parseType } from './parse-type.js';
import { parseUnsupported } from './parse-unsupported.js';
import type { Span } from './source.js';
import { spanTo } from './source.js';
import type {
  AnnotationSyntax,
  Declarator,
  DefinitionSyntax,
  EnumeratorSyntax,
  Expression,
  MemberSyntax,
  ModuleSyntax,
  StructSyntax,
} from './syntax.js';
import type { Token } from './token.js';
import { SyntaxFailure, TokenStream } from './token-stream.js';

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
    parseDefinitionInto(stream, definitions);
  }
  return definitions;
}

function parseDefinitionInto(stream: TokenStream, definitions: DefinitionSyntax[]): void {
  attempt(stream, () => {
    // An empty definition is harmless, and common after a module.
    if (stream.accept(';')) return;
    definitions.push(parseDefinition(stream));
  });
}

/** Runs a reader; after an error in it, goes on behind it. Always moves forward. */
function attempt(stream: TokenStream, read: () => void): void {
  const before = stream.token;
  try {
    read();
  } catch (error) {
    if (!(error instanceof SyntaxFailure)) throw error;
    stream.recover();
    if (stream.token === before && !stream.atEnd && !stream.is('}')) stream.next();
  }
}

interface Prefix {
  readonly annotations: readonly AnnotationSyntax[];
  readonly doc: string | undefined;
  readonly start: Span;
}

function parseDefinition(stream: TokenStream): DefinitionSyntax {
  const { doc: docBefore, span: start } = stream.token;
  const annotations = parseAnnotations(stream);
  const prefix: Prefix = { annotations, doc: docBefore ?? stream.token.doc, start };
  if (stream.is('module')) return parseModule(stream, prefix);
  if (stream.is('struct')) return parseStruct(stream, prefix);
  if (stream.is('enum')) return parseEnum(stream, prefix);
  if (stream.accept('typedef')) {
    const type = parseType(stream, "a type after 'typedef'");
    const declarators = parseDeclarators(stream);
    const span = spanTo(start, stream.previous.span);
    stream.expectSemicolon('after the typedef');
    return { kind: 'typedef', annotations, doc: prefix.doc, type, declarators, span };
  }
  if (stream.accept('const')) {
    const type = parseType(stream, "a type after 'const'");
    const name = stream.identifier('the name of the constant');
    stream.expect('=', 'after the name of the constant');
    const value = parseExpression(stream);
    const span = spanTo(start, stream.previous.span);
    stream.expectSemicolon('after the constant');
    return { kind: 'constant', annotations, doc: prefix.doc, name, type, value, span };
  }
  const unsupported = parseUnsupported(stream);
  if (unsupported !== undefined) {
    return {
      kind: 'unsupported',
      annotations: [],
      names: unsupported,
      span: spanTo(start, stream.previous.span),
    };
  }
  return stream.fail(
    'IDL2001',
    `Expected a definition (module, struct, enum, typedef or const), found ${stream.found()}.`,
  );
}

function parseModule(stream: TokenStream, { annotations, doc, start }: Prefix): ModuleSyntax {
  stream.next();
  const name = stream.identifier('the name of the module');
  const definitions: DefinitionSyntax[] = [];
  const closed = body(stream, `the module '${name.text}'`, () =>
    stream.nested(() => parseDefinitionInto(stream, definitions)),
  );
  const span = spanTo(start, stream.previous.span);
  if (closed) stream.expectSemicolon(`after the '}' of the module '${name.text}'`);
  return { kind: 'module', annotations, doc, name, definitions, span };
}

/** `{`, then one element after the other until its `}`; `false` after reporting where that is missing. */
function body(stream: TokenStream, what: string, element: () => void): boolean {
  const open = stream.expect('{', `to open ${what}`);
  while (!stream.is('}')) {
    if (stream.atEnd) {
      const notes = [{ message: 'It is opened here.', span: open.span }];
      stream.log.report('IDL2003', stream.token.span, `The '}' of ${what} is missing.`, notes);
      return false;
    }
    element();
  }
  stream.next();
  return true;
}

function parseStruct(stream: TokenStream, prefix: Prefix): DefinitionSyntax {
  const { annotations, doc, start } = prefix;
  stream.next();
  const name = stream.identifier('the name of the struct');
  if (stream.accept(';')) return { kind: 'forward', annotations, doc, name, span: name.span };
  if (stream.is(':')) {
    const message =
      'Inheritance of structs is not supported yet: repeat the members, or make the base a member.';
    stream.log.report('IDL5001', spanTo(stream.token.span, stream.peek(1).span), message);
    while (!stream.atEnd && !stream.is('{') && !stream.is(';') && !stream.is('}')) stream.next();
  }
  const members: MemberSyntax[] = [];
  const problems = stream.log.diagnostics.length;
  const closed = body(stream, `the struct '${name.text}'`, () => parseMemberInto(stream, members));
  const span = spanTo(start, stream.previous.span);
  if (members.length === 0 && stream.log.diagnostics.length === problems) {
    const message = `The struct '${name.text}' has no members: give it at least one.`;
    stream.log.report('IDL2007', name.span, message);
  }
  if (closed) stream.expectSemicolon(`after the '}' of the struct '${name.text}'`);
  const struct: StructSyntax = { kind: 'struct', annotations, doc, name, members, span };
  return struct;
}

function parseMemberInto(stream: TokenStream, members: MemberSyntax[]): void {
  attempt(stream, () => {
    const docBefore = stream.token.doc;
    const annotations = parseAnnotations(stream);
    const doc = docBefore ?? stream.token.doc;
    const type = parseType(stream, 'the type of a member');
    const declarators = parseDeclarators(stream);
    stream.expectSemicolon(`after the member '${declarators.at(-1)!.name.text}'`);
    const trailing = stream.previous.trailingDoc;
    const whole = trailing === undefined ? doc : joinDocs(doc, trailing);
    members.push({ annotations, type, declarators, doc: whole });
  });
}

function parseDeclarators(stream: TokenStream): Declarator[] {
  const declarators: Declarator[] = [];
  do {
    const name = stream.identifier('a name');
    const dimensions: Expression[] = [];
    while (stream.accept('[')) {
      dimensions.push(parseExpression(stream));
      stream.expect(']', 'after the size of the array');
    }
    declarators.push({ name, dimensions });
  } while (stream.accept(','));
  return declarators;
}

function parseEnum(stream: TokenStream, { annotations, doc, start }: Prefix): DefinitionSyntax {
  stream.next();
  const name = stream.identifier('the name of the enum');
  const enumerators: EnumeratorSyntax[] = [];
  const closed = body(stream, `the enum '${name.text}'`, () => {
    attempt(stream, () => {
      const docBefore = stream.token.doc;
      const own = parseAnnotations(stream);
      const ownDoc = docBefore ?? stream.token.doc;
      const enumerator = stream.identifier('the name of an enumerator');
      if (stream.is('=')) {
        const message = "Enumerators have no '= value' in IDL: remove it; they count from 0.";
        stream.log.report('IDL2001', stream.token.span, message);
        while (!stream.atEnd && !stream.is(',') && !stream.is('}')) stream.next();
      }
      const comma = stream.accept(',');
      const trailing = stream.previous.trailingDoc;
      const whole = trailing === undefined ? ownDoc : joinDocs(ownDoc, trailing);
      enumerators.push({ annotations: own, name: enumerator, doc: whole });
      if (comma && stream.is('}')) {
        stream.log.report(
          'IDL2001',
          stream.previous.span,
          "A ',' cannot end the list of enumerators: remove it.",
        );
      }
      if (!comma && !stream.is('}')) {
        stream.fail('IDL2001', `Expected ',' or '}' after the enumerator, found ${stream.found()}.`);
      }
    });
  });
  const span = spanTo(start, stream.previous.span);
  if (enumerators.length === 0) {
    stream.log.report(
      'IDL2007',
      name.span,
      `The enum '${name.text}' has no enumerators: give it at least one.`,
    );
  }
  if (closed) stream.expectSemicolon(`after the '}' of the enum '${name.text}'`);
  return { kind: 'enum', annotations, doc, name, enumerators, span };
}
