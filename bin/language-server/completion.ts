import type { CompletionItem } from 'vscode-languageserver/node';
import { CompletionItemKind } from 'vscode-languageserver/node';
import { SourceFile } from '../../idl/source.js';
import { keywords } from '../../idl/keywords.js';
import type { Occurrence } from '../../idl/name-index.js';
import { directives } from '../../idl/preprocessor.js';
import { scan } from '../../idl/scanner.js';
import type { Token } from '../../idl/token.js';
import { annotationNames, annotationText } from './annotation-text.js';
import type { Cursor } from './cursor.js';
import { describe } from './describe.js';

type Entity = Occurrence['entity'];

const kinds: Readonly<Record<Entity['kind'], CompletionItemKind>> = {
  module: CompletionItemKind.Module,
  struct: CompletionItemKind.Struct,
  union: CompletionItemKind.Struct,
  interface: CompletionItemKind.Interface,
  valuetype: CompletionItemKind.Class,
  enum: CompletionItemKind.Enum,
  bitmask: CompletionItemKind.Enum,
  bitset: CompletionItemKind.Struct,
  exception: CompletionItemKind.Class,
  typedef: CompletionItemKind.TypeParameter,
  constant: CompletionItemKind.Constant,
  enumerator: CompletionItemKind.EnumMember,
  flag: CompletionItemKind.EnumMember,
  member: CompletionItemKind.Field,
  broken: CompletionItemKind.Text,
};

/** What can be written at the cursor, by the tokens before it: the file need not be readable. */
export function completionsAt(cursor: Cursor): CompletionItem[] {
  const { file, offset } = cursor;
  const before = file.text.slice(0, offset);
  const tokens = scan(new SourceFile(file.path, before)).filter(({ kind }) => kind !== 'end');
  const last = tokens.at(-1);
  if (last !== undefined && (isWithinLiteral(last) || endsInComment(before, last))) return [];
  if (last === undefined && endsInComment(before, undefined)) return [];
  // The word at the cursor is what is being completed.
  if (last?.kind === 'identifier' && endOf(last) === offset) tokens.pop();
  const previous = tokens.at(-1);
  const directive = directiveAt(tokens, before, offset);
  if (directive !== undefined) return directive.length === 1 ? directives.map(directiveItem) : [];
  if (previous?.text === '@') return annotationNames.map(annotationItem);
  if (previous?.text === '::') return membersOf(cursor, scopeBefore(tokens), bodiesAt(tokens));
  return [...[...keywords].map(keywordItem), ...namesAt(cursor, bodiesAt(tokens))];
}

/** The tokens of the directive that the cursor is in. */
function directiveAt(tokens: readonly Token[], before: string, offset: number): readonly Token[] | undefined {
  const start = tokens.findLastIndex(({ startsLine }) => startsLine);
  const line = tokens.slice(Math.max(0, start));
  if (line[0]?.text !== '#' || line[0].kind !== 'punctuation') return undefined;
  const newLine = before
    .slice(endOf(line.at(-1)!), offset)
    .replaceAll(/\\\r?\n/g, '')
    .includes('\n');
  return newLine ? undefined : line;
}

function isWithinLiteral({ problem }: Token): boolean {
  return problem?.code === 'IDL1004' || problem?.code === 'IDL1005';
}

function endsInComment(before: string, last: Token | undefined): boolean {
  const gap = before.slice(last === undefined ? 0 : endOf(last));
  const open = gap.lastIndexOf('//');
  return open >= 0 && !gap.slice(open).includes('\n');
}

/** The scoped name of the body that the end of the tokens is in, as a list. */
function bodiesAt(tokens: readonly Token[]): string[] {
  const open: (string | undefined)[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const { kind, text } = tokens[i]!;
    if (kind !== 'punctuation') continue;
    if (text === '}') open.pop();
    else if (text === '{') open.push(nameOfBody(tokens, i));
  }
  return open.filter((name) => name !== undefined);
}

const bodyWords = [
  'module',
  'struct',
  'union',
  'enum',
  'bitmask',
  'bitset',
  'exception',
  'interface',
  'valuetype',
];

function nameOfBody(tokens: readonly Token[], open: number): string | undefined {
  for (let i = open - 1; i > 0; i--) {
    const { text } = tokens[i]!;
    if (text === ';' || text === '{' || text === '}') return undefined;
    if (bodyWords.includes(tokens[i - 1]!.text)) return text.replace(/^_(?=.)/, '');
  }
  return undefined;
}

/** The name before a `::`, as a list; starts with an empty part where it is absolute. */
function scopeBefore(tokens: readonly Token[]): string[] {
  const parts: string[] = [];
  let at = tokens.length - 1;
  while (at >= 0 && tokens[at]!.text === '::') {
    const name = tokens[at - 1];
    const isName = name?.kind === 'identifier' && !keywords.has(name.text);
    parts.unshift(isName ? name.text.replace(/^_(?=.)/, '') : '');
    if (!isName) break;
    at -= 2;
  }
  return parts;
}

function membersOf(cursor: Cursor, prefix: readonly string[], bodies: readonly string[]): CompletionItem[] {
  const [first, ...rest] = prefix;
  const outer = first === '' ? [''] : scopesFrom(bodies).map((scope) => joined(scope, first!));
  for (const scope of outer) {
    const name = rest.reduce(joined, scope);
    const items = declaredIn(cursor, name, false);
    if (items.length > 0) return items;
  }
  return [];
}

/** What is declared around the cursor: the innermost of a name hides others. */
function namesAt(cursor: Cursor, bodies: readonly string[]): CompletionItem[] {
  const found = new Map<string, CompletionItem>();
  for (const scope of scopesFrom(bodies)) {
    for (const item of declaredIn(cursor, scope, true))
      if (!found.has(item.label)) found.set(item.label, item);
  }
  return [...found.values()];
}

/** Scoped names of bodies, from the innermost to the global one. */
function scopesFrom(bodies: readonly string[]): string[] {
  return [...bodies.map((_, i) => bodies.slice(0, bodies.length - i).join('::')), ''];
}

function joined(scope: string, name: string): string {
  return scope === '' ? name : `${scope}::${name}`;
}

/** What a scope declares before the cursor; with `spilled` also the enumerators of its enums. */
function declaredIn({ analysis, file, offset }: Cursor, scope: string, spilled: boolean): CompletionItem[] {
  const found = new Map<string, Entity>();
  for (const { entity, span } of analysis.index.declarations()) {
    if (entity.kind === 'member' || (span.file.path === file.path && span.offset >= offset)) continue;
    const outer = outerOf(entity.name);
    const isSpilled =
      spilled && (entity.kind === 'enumerator' || entity.kind === 'flag') && outerOf(outer) === scope;
    if (outer === scope || (isSpilled && outer !== '')) found.set(entity.name, entity);
  }
  return [...found.values()].map((entity) => {
    const { idl, doc } = describe(entity, analysis.definitions);
    const label = entity.name.slice(entity.name.lastIndexOf(':') + 1);
    return {
      label,
      kind: kinds[entity.kind],
      detail: idl,
      ...(doc === undefined ? {} : { documentation: doc }),
    };
  });
}

function outerOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('::')));
}

function endOf({ span }: Token): number {
  return span.offset + span.length;
}

function keywordItem(label: string): CompletionItem {
  return { label, kind: CompletionItemKind.Keyword };
}

function directiveItem(label: string): CompletionItem {
  return { label, kind: CompletionItemKind.Keyword };
}

function annotationItem(label: string): CompletionItem {
  return { label, kind: CompletionItemKind.Property, detail: annotationText(label)! };
}
