import type { CheckContext } from './check-context.js';
import type { MemberModel, StructModel, UnionModel } from './model.js';
import type { Type } from './type.js';

/**
 * Reports the types that no value can have, since each would hold another without end: `struct S { @external S next; };`.
 * What is optional, a sequence, a map or another case of a union ends it.
 */
export function checkFinite(context: CheckContext): void {
  const aggregates: (StructModel | UnionModel)[] = [];
  for (const definition of context.model.values()) {
    if (definition.kind === 'struct' || definition.kind === 'union') aggregates.push(definition);
  }
  const open = new Set(aggregates.filter(holdsExternal).map(({ name }) => name));
  if (open.size === 0) return;
  // All are taken to be endless but those whose parts are known to end, until nothing more is known.
  const endless = new Map(aggregates.map((model) => [model.name, model]));
  for (let before = -1; before !== endless.size;) {
    before = endless.size;
    for (const model of endless.values()) if (ends(model, endless, context)) endless.delete(model.name);
  }
  for (const model of endless.values()) {
    if (!open.has(model.name)) continue;
    const message = `No value of '${model.name}' can end, since it always holds another: make what it holds @optional too.`;
    context.log.report('IDL3011', model.span, message);
  }
}

function membersOf(model: StructModel | UnionModel): readonly MemberModel[] {
  return model.kind === 'struct' ? model.members : model.cases.map(({ member }) => member);
}

function holdsExternal(model: StructModel | UnionModel): boolean {
  return membersOf(model).some(({ external }) => external);
}

function ends(
  model: StructModel | UnionModel,
  endless: ReadonlyMap<string, unknown>,
  context: CheckContext,
): boolean {
  const memberEnds = ({ optional, type }: MemberModel): boolean =>
    optional || typeEnds(type, endless, context);
  if (model.kind === 'union') return model.implicitDefault || membersOf(model).some(memberEnds);
  if (model.base !== undefined && endless.has(model.base)) return false;
  return model.members.every(memberEnds);
}

function typeEnds(type: Type, endless: ReadonlyMap<string, unknown>, context: CheckContext): boolean {
  const resolved = context.resolve(type);
  if (resolved.kind === 'array') return typeEnds(resolved.element, endless, context);
  return resolved.kind !== 'named' || !endless.has(resolved.name);
}
