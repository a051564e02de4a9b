import type { BitmaskModel, EnumModel } from '../idl/index.js';
import type { Emitted } from './emit-types.js';
import { docComment } from './emit-types.js';
import type { ModuleWriter } from './module-writer.js';
import { typeOnly } from './module-writer.js';
import { isCounted } from './shape.js';

/** One name of an enum or a bitmask. */
interface Entry {
  readonly name: string;
  readonly value: string;
  readonly doc?: string | undefined;
}

/** An object of the values, and a type of the same name. */
export function emitEnum(module: ModuleWriter, model: EnumModel): Emitted {
  const { type, values } = module.names.get(model.name)!;
  const doc = docComment(model.doc);
  const entries = model.enumerators.map(({ name, value, doc: own }) => ({
    name,
    value: `${value}`,
    doc: own,
  }));
  const alias = `${doc}export type ${type} = (typeof ${type})[keyof typeof ${type}];\n`;
  const set = isCounted(model) ? undefined : valuesText(type, values);
  return {
    code: `${doc}export const ${type} = ${object(entries)}${typeOnly(' as const')};\n${typeOnly(alias)}${set?.code ?? ''}`,
    declaration: `${doc}export declare const ${type}: ${declared(entries)};\n${alias}${set?.declaration ?? ''}`,
  };
}

/** The values of an enum, where they are not 0, 1, 2 and so on. */
function valuesText(type: string, values: string): Emitted {
  const doc = `/** The values of \`${type}\`. */\n`;
  const set = `ReadonlySet<number>`;
  return {
    code: `\n${doc}export const ${values}${typeOnly(`: ${set}`)} = new Set(Object.values(${type}));\n`,
    declaration: `${doc}export declare const ${values}: ${set};\n`,
  };
}

/** An object of the flags, and the type of their combinations by `|`. */
export function emitBitmask(module: ModuleWriter, model: BitmaskModel): Emitted {
  const { type } = module.names.get(model.name)!;
  const isLong = model.bitBound > 32;
  const entries = model.flags.map(({ name, position, doc }) => {
    const value = `0x${(1n << BigInt(position)).toString(16)}${isLong ? 'n' : ''}`;
    return { name, value, doc };
  });
  const doc = docComment(model.doc);
  const own = docComment(model.doc, '', [`Flags of \`${type}\`, joined by \`|\`.`]);
  const alias = `${own}export type ${type} = ${isLong ? 'bigint' : 'number'};\n`;
  return {
    code: `${doc}export const ${type} = ${object(entries)}${typeOnly(' as const')};\n${typeOnly(alias)}`,
    declaration: `${doc}export declare const ${type}: ${declared(entries)};\n${alias}`,
  };
}

function object(entries: readonly Entry[]): string {
  const lines = entries.map(({ name, value, doc }) => `${docComment(doc, '  ')}  ${name}: ${value},\n`);
  return `{\n${lines.join('')}}`;
}

function declared(entries: readonly Entry[]): string {
  const lines = entries.map(
    ({ name, value, doc }) => `${docComment(doc, '  ')}  readonly ${name}: ${value};\n`,
  );
  return `{\n${lines.join('')}}`;
}
