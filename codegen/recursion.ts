import type { Model } from '../idl/index.js';
import { allMembers } from '../idl/index.js';
import type { Aggregate, Shape } from './shape.js';
import { shapeOf } from './shape.js';

/** Whether a value of a type can hold another of the same type, however deep: then hostile bytes could nest without end. */
export function isRecursive(model: Model, aggregate: Aggregate): boolean {
  const seen = new Set<string>();
  const visit = (shape: Shape): boolean => {
    switch (shape.kind) {
      case 'sequence':
      case 'array':
        return visit(shape.element);
      case 'map':
        return visit(shape.key) || visit(shape.value);
      case 'struct':
      case 'union':
        if (shape.model === aggregate) return true;
        if (seen.has(shape.model.name)) return false;
        seen.add(shape.model.name);
        return within(shape.model);
      default:
        return false;
    }
  };
  const within = (holder: Aggregate): boolean => {
    const members =
      holder.kind === 'struct' ? allMembers(model, holder) : holder.cases.map(({ member }) => member);
    return members.some(({ type }) => visit(shapeOf(model, type)));
  };
  return within(aggregate);
}
