import type { CheckContext } from './check-context.js';
import type { Identifier } from './expression-syntax.js';
import type { MemberModel, StructModel } from './model.js';
import type { Scope } from './scope.js';
import { didYouMean } from './suggest.js';
import type { KeylistSyntax } from './syntax.js';

/** A keylist, and the scope in which it stands. */
export interface Keylist {
  readonly syntax: KeylistSyntax;
  readonly scope: Scope;
}

/** By the name of a struct, the names of its own members that are keys. */
type Keys = Map<string, Set<string>>;

/** Makes keys of what `#pragma keylist` names, once all types are known: as if `@key` stood before each. */
export function applyKeylists(keylists: readonly Keylist[], context: CheckContext): void {
  const all: Keys = new Map();
  for (const keylist of keylists) {
    const struct = targetOf(keylist, context);
    if (struct === undefined) continue;
    context.model.set(struct.name, { ...struct, topic: true });
    for (const [name, keys] of keysOf(keylist.syntax, struct, context)) {
      if (isContradicted(keylist.syntax, name, keys, all, context)) continue;
      all.set(name, keys);
    }
  }
  for (const [name, keys] of all) {
    const struct = context.model.get(name);
    if (struct?.kind !== 'struct') continue;
    const members = struct.members.map((member): MemberModel => {
      return keys.has(member.name) ? { ...member, key: true, mustUnderstand: true } : member;
    });
    context.model.set(name, { ...struct, members });
  }
}

function targetOf({ syntax: { target }, scope }: Keylist, context: CheckContext): StructModel | undefined {
  const entity = context.names.find(scope, target, 'struct');
  if (entity === undefined || entity.kind === 'broken') return undefined;
  const definition = context.definitionOf({ kind: 'named', name: entity.name });
  if (definition?.kind === 'struct') return definition;
  const notes = [{ message: 'It is declared here.', span: entity.span }];
  context.log.report('IDL3004', target.span, `'${entity.name}' is no struct: only structs have keys.`, notes);
  return undefined;
}

function keysOf({ keys: paths }: KeylistSyntax, struct: StructModel, context: CheckContext): Keys {
  const keys: Keys = new Map();
  for (const path of paths) {
    let at: StructModel | undefined = struct;
    for (const [i, name] of path.entries()) {
      if (at === undefined) {
        const message = `'${path[i - 1]!.written}' has no members: it is no struct.`;
        context.log.report('IDL3004', name.span, message);
        break;
      }
      const found = memberOf(at, name, context);
      if (found === undefined) break;
      const member = `${found.owner.name}::${found.member.name}`;
      context.names.uses(name, { kind: 'member', name: member, span: found.member.span });
      const own = keys.get(found.owner.name);
      if (own === undefined) keys.set(found.owner.name, new Set([name.text]));
      else own.add(name.text);
      const inner = context.definitionOf(found.member.type);
      at = inner?.kind === 'struct' ? inner : undefined;
    }
  }
  return keys;
}

/** The member of a name, and the struct that declares it: the one that is asked, or one that it inherits from. */
function memberOf(
  struct: StructModel,
  { text, written, span }: Identifier,
  { model, log }: CheckContext,
): { owner: StructModel; member: MemberModel } | undefined {
  const names: string[] = [];
  for (let owner: StructModel | undefined = struct; owner !== undefined;) {
    const member = owner.members.find(({ name }) => name === text);
    if (member?.optional) {
      log.report(
        'IDL4107',
        span,
        `The key member '${written}' cannot be @optional: an instance without it has no key.`,
      );
      return undefined;
    }
    if (member !== undefined) return { owner, member };
    names.push(...owner.members.map(({ name }) => name));
    owner = baseOf(owner, model);
  }
  log.report(
    'IDL3003',
    span,
    `There is no member '${written}' in '${struct.name}'.${didYouMean(text, names)}`,
  );
  return undefined;
}

function baseOf({ base }: StructModel, model: CheckContext['model']): StructModel | undefined {
  const definition = base === undefined ? undefined : model.get(base);
  return definition?.kind === 'struct' ? definition : undefined;
}

/** A struct has one set of keys, wherever it is used. */
function isContradicted(
  { span }: KeylistSyntax,
  name: string,
  keys: ReadonlySet<string>,
  before: Keys,
  { model, log }: CheckContext,
): boolean {
  const struct = model.get(name);
  const annotated = struct?.kind === 'struct' ? struct.members.filter(({ key }) => key) : [];
  const known =
    before.get(name) ?? (annotated.length > 0 ? new Set(annotated.map((key) => key.name)) : undefined);
  if (known === undefined || (known.size === keys.size && [...keys].every((key) => known.has(key))))
    return false;
  const message = `The struct '${name}' has other keys elsewhere (${[...known].join(', ')}), and here ${[...keys].join(', ')}: a struct has the same keys everywhere.`;
  log.report('IDL4110', span, message);
  return true;
}
