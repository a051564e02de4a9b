import type { ConstantValue, MemberModel } from '../idl/index.js';
import { literalText } from './literal.js';
import type { Body } from './scalar-text.js';
import type { Aggregate } from './shape.js';
import { shapeOf } from './shape.js';

/** Takes a member out of `sample`, its default where it is left out; returns the local that has it, and its path for messages. */
export function memberValue(
  body: Body,
  owner: Aggregate,
  member: MemberModel,
): { value: string; path: string } {
  const { module, lines, locals } = body;
  const value = locals.claim(member.name);
  const path = `'${owner.name}.${member.name}'`;
  let text = `sample.${member.name}`;
  if (member.default !== undefined) text += ` ?? ${literalText(module, member.default, member.type)}`;
  lines.add(`const ${value} = ${text};`);
  checkRange(body, member, value, path);
  return { value, path };
}

/** `@min`, `@max` and `@range`. What is no number at all is found by the check of the type. */
function checkRange({ module, lines }: Body, member: MemberModel, value: string, path: string): void {
  const { min, max, type, optional } = member;
  const isFixed = shapeOf(module.model, type).kind === 'fixed';
  const check = (name: string, bound: ConstantValue) => {
    const [number, limit] = isFixed
      ? [`Number(${value})`, `Number(${literalText(module, bound, type)})`]
      : [value, literalText(module, bound, type)];
    const guard = optional ? `if (${value} !== undefined) ` : '';
    lines.add(`${guard}${module.support(name)}(${number}, ${limit}, ${path});`);
  };
  if (min !== undefined) check('checkMin', min);
  if (max !== undefined) check('checkMax', max);
}
