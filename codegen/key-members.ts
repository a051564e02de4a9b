import type { MemberModel, Model, StructModel } from '../idl/index.js';
import { allMembers } from '../idl/index.js';
import type { Aggregate } from './shape.js';

/** Whether a type has instances. */
export function hasKey(model: Model, aggregate: Aggregate): boolean {
  if (aggregate.kind === 'union') return aggregate.discriminatorKey;
  return allMembers(model, aggregate).some(({ key }) => key);
}

/** The members that make the key holder of a struct: those with @key, or all where a nested struct has none. */
export function keyMembers(model: Model, struct: StructModel): MemberModel[] {
  const members = allMembers(model, struct);
  const keys = members.filter(({ key }) => key);
  return [...(keys.length > 0 ? keys : members)].sort((a, b) => a.id - b.id);
}
