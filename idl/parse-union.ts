import { parseAnnotations } from './parse-annotation.js';
import type { Prefix } from './parse-body.js';
import { filledBody } from './parse-body.js';
import { parseExpression } from './parse-expression.js';
import { parseMember } from './parse-struct.js';
import { parseType } from './parse-type.js';
import { spanTo } from './source.js';
import type { CaseSyntax, DefinitionSyntax, MemberSyntax } from './syntax.js';
import type { TokenStream } from './token-stream.js';

/** From `union` to its `}`, or a forward declaration. */
export function parseUnion(stream: TokenStream, { annotations, doc, start }: Prefix): DefinitionSyntax {
  stream.next();
  const name = stream.identifier('the name of the union');
  if (stream.is(';')) return { kind: 'forward', what: 'union', annotations, doc, name, span: name.span };
  stream.expect('switch', `after the name of the union '${name.text}'`);
  stream.expect('(', "after 'switch'");
  const own = parseAnnotations(stream);
  const discriminator = { annotations: own, type: parseType(stream, 'the type of the discriminator') };
  stream.expect(')', 'after the type of the discriminator');
  const cases: CaseSyntax[] = [];
  filledBody(stream, `the union '${name.text}'`, name, 'case', () => cases.push(parseCase(stream)));
  const span = spanTo(start, stream.previous.span);
  return { kind: 'union', annotations, doc, name, discriminator, cases, span };
}

function parseCase(stream: TokenStream): CaseSyntax {
  const { doc } = stream.token;
  const labels: CaseSyntax['labels'][number][] = [];
  // Annotations of the member can stand before its labels, as they do in some files.
  for (;;) {
    const { span } = stream.token;
    if (stream.accept('default')) labels.push({ kind: 'default', span });
    else if (stream.accept('case')) {
      const value = parseExpression(stream);
      labels.push({ kind: 'case', value, span: spanTo(span, value.span) });
    } else break;
    stream.expect(':', 'after the label');
  }
  if (labels.length === 0) {
    stream.fail('IDL2001', `Expected 'case' or 'default', found ${stream.found()}.`);
  }
  const member = parseMember(stream);
  return { labels, member: oneDeclarator(stream, { ...member, doc: member.doc ?? doc }) };
}

function oneDeclarator(stream: TokenStream, member: MemberSyntax): MemberSyntax {
  const second = member.declarators[1];
  if (second === undefined) return member;
  const message = `A case has one member: give '${second.name.text}' a case of its own.`;
  stream.log.report('IDL2001', second.name.span, message);
  return { ...member, declarators: member.declarators.slice(0, 1) };
}
