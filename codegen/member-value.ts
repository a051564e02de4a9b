import type { MemberModel, StructModel } from '../idl/index.js';
import { resolveTypedefs } from '../idl/index.js';
import { literalText } from './emit-types.js';
import type { Body } from './scalar-text.js';

/** Takes a member out of `sample`, its default where it is left out; returns the local that has it, and its path for messages. */
export function memberValue(
  { module, lines, locals }: Body,
  struct: StructModel,
  member: MemberModel,
): { value: string; path: string } {
  const value = locals.claim(member.name);
  let text = `sample.${member.name}`;
  if (member.default !== undefined)
    text += ` ?? ${literalText(member.default, resolveTypedefs(module.model, member.type))}`;
  lines.add(`const ${value} = ${text};`);
  return { value, path: `'${struct.name}.${member.name}'` };
}
