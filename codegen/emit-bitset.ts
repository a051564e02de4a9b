import type { BitfieldModel, BitsetModel } from '../idl/index.js';
import { allFields } from '../idl/index.js';
import { CodeLines } from './code-lines.js';
import type { Emitted } from './emit-types.js';
import { docComment } from './emit-types.js';
import { LocalNames } from './local-names.js';
import type { ModuleWriter } from './module-writer.js';
import { functionHead, typeOnly } from './module-writer.js';
import { maskText } from './scalar-text.js';

type NamedField = BitfieldModel & { readonly name: string };

/** The fields of a bitset as an interface. */
export function emitBitsetType(module: ModuleWriter, model: BitsetModel): Emitted {
  const { type } = module.names.get(model.name)!;
  const base = model.base === undefined ? undefined : module.model.definitions.get(model.base);
  const heritage = base === undefined ? '' : ` extends ${module.named(base, 'type', 'type')}`;
  const fields = named(model.fields).map((field) => {
    const { min, max } = rangeOf(field);
    const remark = field.type === 'boolean' ? [] : [`From ${min} to ${max}.`];
    return `${docComment(field.doc, '  ', remark)}  ${field.name}: ${fieldType(field)};\n`;
  });
  const body = fields.length === 0 ? '' : `\n${fields.join('')}`;
  const text = `${docComment(model.doc)}export interface ${type}${heritage} {${body}}\n`;
  return { code: typeOnly(text), declaration: text };
}

/** The functions that make one number of the fields, and the fields of a number. */
export function emitBitset(module: ModuleWriter, model: BitsetModel): string {
  const { type, pack, unpack } = module.names.get(model.name)!;
  const carrier = model.bitCount > 32 ? 'bigint' : 'number';
  const fields = named(allFields(module.model, model));
  const packing = packText(module, model, fields);
  const unpacking = fields.map((field) => `${field.name}: ${unpackText(field, model.bitCount)}`);
  const unpackBody = `  return {\n${unpacking.map((text) => `    ${text},\n`).join('')}  };\n`;
  return (
    `/** The bits of a \`${model.name}\`. */\n` +
    functionHead(
      pack,
      [
        ['value', type],
        ['member', 'string'],
      ],
      carrier,
      packing,
    ) +
    `${packing}}\n\n` +
    `/** The \`${model.name}\` of these bits. */\n` +
    functionHead(unpack, [['bits', carrier]], type, unpackBody) +
    `${unpackBody}}\n`
  );
}

function packText(module: ModuleWriter, model: BitsetModel, fields: readonly NamedField[]): string {
  const lines = new CodeLines();
  const locals = new LocalNames(module);
  const isLong = model.bitCount > 32;
  lines.add(`${module.support('checkObject')}(value, member);`);
  const parts = fields.map((field) => {
    const local = locals.claim(field.name);
    lines.add(`const ${local} = value.${field.name};`);
    checkField(module, lines, model, field, local);
    return isLong ? longPart(field, local) : shortPart(field, local);
  });
  const text = parts.length === 0 ? (isLong ? '0n' : '0') : parts.join(' | ');
  const whole = parts.length > 1 ? `(${text})` : text;
  lines.add(isLong || parts.length === 0 ? `return ${text};` : `return ${whole} >>> 0;`);
  return lines.text;
}

function checkField(
  module: ModuleWriter,
  lines: CodeLines,
  model: BitsetModel,
  field: NamedField,
  local: string,
): void {
  const path = `'${model.name}.${field.name}'`;
  if (field.type === 'boolean') {
    lines.add(`${module.support('checkBoolean')}(${local}, ${path});`);
    return;
  }
  const isLong = fieldType(field) === 'bigint';
  const { min, max } = rangeOf(field);
  const end = isLong ? 'n' : '';
  lines.add(
    `${module.support(isLong ? 'checkLong' : 'checkWhole')}(${local}, ${min}${end}, ${max}${end}, ${path});`,
  );
}

function shortPart({ type, bits, position }: NamedField, local: string): string {
  const value =
    type === 'boolean' ? `(${local} ? 1 : 0)` : isSigned(type) ? `(${local} & ${maskText(bits)})` : local;
  return position === 0 ? value : `(${value} << ${position})`;
}

function longPart({ type, bits, position }: NamedField, local: string): string {
  const number = type === 'boolean' ? `${local} ? 1 : 0` : local;
  const bigint = type === 'int64' || type === 'uint64' ? local : `BigInt(${number})`;
  const value = isSigned(type) ? `BigInt.asUintN(${bits}, ${bigint})` : bigint;
  return position === 0 ? value : `(${value} << ${position}n)`;
}

function unpackText(field: NamedField, bitCount: number): string {
  const { type, bits, position } = field;
  if (bitCount > 32) {
    const shifted = position === 0 ? 'bits' : `bits >> ${position}n`;
    const part = `BigInt.as${isSigned(type) ? 'Int' : 'Uint'}N(${bits}, ${shifted})`;
    if (type === 'boolean') return `${part} !== 0n`;
    return fieldType(field) === 'bigint' ? part : `Number(${part})`;
  }
  if (isSigned(type)) return `(bits << ${32 - position - bits}) >> ${32 - bits}`;
  const shifted = position === 0 ? 'bits' : `(bits >>> ${position})`;
  const part = bits === 32 ? 'bits' : `${shifted} & ${maskText(bits)}`;
  if (type === 'boolean') return `(${part}) !== 0`;
  return fieldType(field) === 'bigint' ? `BigInt(${part})` : part;
}

function named(fields: readonly BitfieldModel[]): NamedField[] {
  return fields.filter((field): field is NamedField => field.name !== undefined);
}

function fieldType({ type }: BitfieldModel): string {
  if (type === 'boolean') return 'boolean';
  return type === 'int64' || type === 'uint64' ? 'bigint' : 'number';
}

function isSigned(type: string): boolean {
  return type.startsWith('int');
}

function rangeOf({ bits, type }: BitfieldModel): { min: bigint; max: bigint } {
  const count = 1n << BigInt(bits);
  return isSigned(type) ? { min: -count / 2n, max: count / 2n - 1n } : { min: 0n, max: count - 1n };
}
