import type { UnionModel } from '../idl/index.js';
import type { Emitted } from './emit-types.js';
import { docComment, memberText } from './emit-types.js';
import type { ModuleWriter } from './module-writer.js';
import { typeOnly } from './module-writer.js';
import type { Branch } from './union-branches.js';
import { branchesOf, labelType } from './union-branches.js';

/** A union as a discriminated union of object types: a `switch` over `$d` narrows it to its member. */
export function emitUnionType(module: ModuleWriter, union: UnionModel): Emitted {
  const { type } = module.names.get(union.name)!;
  const branches = branchesOf(module, union);
  const text =
    branches.length === 1
      ? `export type ${type} = ${branchText(module, union, branches[0]!, '')};\n`
      : `export type ${type} =${branches.map((branch) => `\n  | ${branchText(module, union, branch, '    ')}`).join('')};\n`;
  const declared = docComment(union.doc) + text;
  return { code: typeOnly(declared), declaration: declared };
}

function branchText(module: ModuleWriter, union: UnionModel, branch: Branch, indent: string): string {
  const { labels, hasRest, member } = branch;
  const inner = `${indent}  `;
  const types = [...labels.map((label) => label.type), ...(hasRest ? [`'default'`] : [])];
  const short = `${inner}$d: ${types.join(' | ')};\n`;
  const discriminator =
    short.length <= 111
      ? short
      : `${inner}$d:\n${types
          .map((type) => `${inner}  | ${type}\n`)
          .join('')
          .slice(0, -1)};\n`;
  const label = hasRest
    ? docComment(
        'The discriminator where `$d` is `default`; without it, the first that no other case has.',
        inner,
      ) + `${inner}$label?: ${labelType(module, union)} | undefined;\n`
    : '';
  const own = member === undefined ? '' : memberText(module, member, inner);
  return `{\n${discriminator}${label}${own}${indent}}`;
}
