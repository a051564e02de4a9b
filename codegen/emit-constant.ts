import type { ConstantModel } from '../idl/index.js';
import type { Emitted } from './emit-types.js';
import { docComment, typeText } from './emit-types.js';
import { literalText } from './literal.js';
import type { ModuleWriter } from './module-writer.js';
import { typeOnly } from './module-writer.js';

export function emitConstant(module: ModuleWriter, model: ConstantModel): Emitted {
  const { type: name } = module.names.get(model.name)!;
  const doc = docComment(model.doc);
  // The literal's own type says more than `number`; that of an enum is wanted as the enum's.
  const isAnnotated = model.value.kind === 'enumerator';
  const type = typeText(module, model.type, isAnnotated ? 'type' : 'declaration');
  const annotation = isAnnotated ? typeOnly(`: ${type}`) : '';
  return {
    code: `${doc}export const ${name}${annotation} = ${constantText(module, model)};\n`,
    declaration: `${doc}export declare const ${name}: ${type};\n`,
  };
}

function constantText(module: ModuleWriter, { value, type }: ConstantModel): string {
  if (value.kind !== 'enumerator') return literalText(module, value, type);
  const here = module.names.get(value.enum);
  return here === undefined ? String(value.value) : `${here.type}.${value.name}`;
}
