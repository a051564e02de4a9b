import type { Model } from '../idl/index.js';
import { allMembers } from '../idl/index.js';
import type { Aggregate, Shape } from './shape.js';
import { shapeOf } from './shape.js';
import type { ModuleWriter } from './module-writer.js';
import { quoted } from './literal.js';

/** Whether a value of a type can hold another of the same type, however deep: then hostile bytes could nest without end. */
export function isRecursive(model: Model, aggregate: Aggregate): boolean {
  return heldBy(model, aggregate).has(aggregate);
}

/** Whether a type is one that can contain itself, or can hold one. */
export function holdsRecursive(model: Model, aggregate: Aggregate): boolean {
  return [aggregate, ...heldBy(model, aggregate)].some((each) => isRecursive(model, each));
}

/** The structs and unions that a value can hold, however deep. */
function heldBy(model: Model, aggregate: Aggregate): ReadonlySet<Aggregate> {
  const held = new Set<Aggregate>();
  const visit = (shape: Shape): void => {
    switch (shape.kind) {
      case 'sequence':
      case 'array':
        return visit(shape.element);
      case 'map':
        visit(shape.key);
        return visit(shape.value);
      case 'struct':
      case 'union':
        if (held.has(shape.model)) return;
        held.add(shape.model);
        within(shape.model);
    }
  };
  const within = (holder: Aggregate): void => {
    const members =
      holder.kind === 'struct' ? allMembers(model, holder) : holder.cases.map(({ member }) => member);
    for (const { type } of members) visit(shapeOf(model, type));
  };
  within(aggregate);
  return held;
}

/** The lines that write a value, within the limit of what readers take. */
export function nested(module: ModuleWriter, aggregate: Aggregate, lines: string): string {
  if (!isRecursive(module.model, aggregate)) return lines;
  const enter = `${module.support('enterNested')}(${quoted(aggregate.name)});`;
  return `  ${enter}\n${lines}  ${module.support('leaveNested')}();\n`;
}
