import type { MemberModel } from '../idl/index.js';
import { allMembers } from '../idl/index.js';
import { literalText } from './literal.js';
import type { ModuleWriter } from './module-writer.js';
import { typeOnly } from './module-writer.js';
import { zeroOf } from './scalar-text.js';
import type { Aggregate, Shape } from './shape.js';
import { isScalar, shapeOf } from './shape.js';
import { defaultBranch } from './union-branches.js';

/** An expression for the value that a member has where nothing was sent. */
export function defaultOf(module: ModuleWriter, member: MemberModel): string {
  if (member.optional) return 'undefined';
  if (member.default !== undefined) return literalText(module, member.default, member.type);
  return defaultText(module, shapeOf(module.model, member.type));
}

/** An expression for the value that a shape has where nothing was sent. */
export function defaultText(module: ModuleWriter, shape: Shape): string {
  if (isScalar(shape)) return zeroOf(module, shape);
  switch (shape.kind) {
    case 'string':
    case 'wstring':
      return "''";
    case 'fixed':
      return shape.scale === 0 ? "'0'" : `'0.${'0'.repeat(shape.scale)}'`;
    case 'bytes':
      return `new Uint8Array(${shape.length ?? 0})`;
    case 'struct':
    case 'union':
      return `${module.named(shape.model, 'defaults')}()`;
    case 'sequence':
      return '[]';
    case 'map':
      return 'new Map()';
    case 'array': {
      const [first, ...rest] = shape.dimensions;
      const element = defaultText(module, rest.length > 0 ? { ...shape, dimensions: rest } : shape.element);
      return `Array.from({ length: ${first} }, () => ${element})`;
    }
  }
}

/** Whether a default is made at no cost, so that it may be made before it is known to be needed. */
export function isCheap(shape: Shape): boolean {
  return (isScalar(shape) && shape.kind !== 'bitset') || ['string', 'wstring', 'fixed'].includes(shape.kind);
}

/** The function that makes a struct or union of nothing but defaults. */
export function emitDefaults(module: ModuleWriter, aggregate: Aggregate): string {
  const names = module.names.get(aggregate.name)!;
  const result = typeOnly(`: ${names.type}`);
  const body =
    aggregate.kind === 'union'
      ? `  return ${defaultBranch(module, aggregate, (member) => defaultOf(module, member))};\n`
      : objectText(
          allMembers(module.model, aggregate).map((member) => `${member.name}: ${defaultOf(module, member)}`),
        );
  return (
    `/** A \`${aggregate.name}\` of which nothing was sent. */\n` +
    `export function ${names.defaults}()${result} {\n${body}}\n`
  );
}

/** The statement that returns an object. */
export function objectText(values: readonly string[]): string {
  if (values.length === 0) return '  return {};\n';
  const short = `  return { ${values.join(', ')} };\n`;
  if (short.length <= 110) return short;
  return `  return {\n${values.map((value) => `    ${value},\n`).join('')}  };\n`;
}
