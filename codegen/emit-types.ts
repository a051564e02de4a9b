import type { ConstantModel, EnumModel, MemberModel, StructModel, Type, TypedefModel } from '../idl/index.js';
import { resolveTypedefs } from '../idl/index.js';
import type { ModuleWriter } from './module-writer.js';
import { typeOnly, withoutMarks } from './module-writer.js';
import type { Shape } from './shape.js';
import { shapeOf } from './shape.js';

/** One generated declaration, for the module itself and for its declaration file. */
export interface Emitted {
  readonly code: string;
  readonly declaration: string;
}

/** A documentation comment, indented; nothing where there is nothing to say. */
export function docComment(doc: string | undefined, indent = '', extra: readonly string[] = []): string {
  const said = doc === undefined ? [] : withoutMarks(doc).replaceAll('*/', '*\\/').split('\n');
  const lines = [...said.filter((line, i) => line !== '' || i > 0), ...extra];
  if (lines.length === 0) return '';
  const single = `${indent}/** ${lines[0]!} */\n`;
  if (lines.length === 1 && single.length <= 111) return single;
  const body = lines.map((line) => `${indent} *${line === '' ? '' : ` ${line}`}\n`).join('');
  return `${indent}/**\n${body}${indent} */\n`;
}

/** A type as TypeScript writes it. */
export function typeText(module: ModuleWriter, type: Type): string {
  switch (type.kind) {
    case 'primitive':
      return primitiveText(type.name);
    case 'string':
      return 'string';
    case 'sequence':
      return isBytes(module, type) ? 'Uint8Array' : `${typeText(module, type.element)}[]`;
    case 'array': {
      const element = resolveTypedefs(module.model, type.element);
      const octets = element.kind === 'primitive' && (element.name === 'octet' || element.name === 'uint8');
      const inner = octets ? 'Uint8Array' : typeText(module, type.element);
      return inner + '[]'.repeat(type.dimensions.length - (octets ? 1 : 0));
    }
    case 'named':
      return module.named(module.model.definitions.get(type.name)!, 'type', 'type');
  }
}

/** The type of a shape as TypeScript writes it. */
export function shapeText(module: ModuleWriter, shape: Shape): string {
  switch (shape.kind) {
    case 'primitive':
      return primitiveText(shape.name);
    case 'string':
      return 'string';
    case 'bytes':
      return 'Uint8Array';
    case 'enum':
    case 'struct':
      return module.named(shape.model, 'type', 'type');
    case 'sequence':
      return `${shapeText(module, shape.element)}[]`;
    case 'array':
      return shapeText(module, shape.element) + '[]'.repeat(shape.dimensions.length);
  }
}

function isBytes(module: ModuleWriter, type: Type): boolean {
  return shapeOf(module.model, type).kind === 'bytes';
}

function primitiveText(name: string): string {
  if (name === 'boolean') return 'boolean';
  if (name === 'char') return 'string';
  return name === 'int64' || name === 'uint64' ? 'bigint' : 'number';
}

export function emitStructType(module: ModuleWriter, struct: StructModel): Emitted {
  const { type } = module.names.get(struct.name)!;
  const members = struct.members.map((member) => {
    const optional = member.optional ? '?' : '';
    const text = typeText(module, member.type) + (member.optional ? ' | undefined' : '');
    return `${docComment(member.doc, '  ', remarks(module, member))}  ${member.name}${optional}: ${text};\n`;
  });
  const text = `${docComment(struct.doc)}export interface ${type} {\n${members.join('')}}\n`;
  return { code: typeOnly(text), declaration: text };
}

/** What the type of a member does not say of itself. */
function remarks(module: ModuleWriter, member: MemberModel): string[] {
  const said: string[] = [];
  const shape = shapeOf(module.model, member.type);
  if (member.key) said.push('Key of the instance.');
  if (shape.kind === 'string' && shape.bound !== undefined)
    said.push(`At most ${shape.bound} bytes of UTF-8.`);
  if (shape.kind === 'sequence' && shape.bound !== undefined) said.push(`At most ${shape.bound} elements.`);
  if (shape.kind === 'bytes' && shape.bound !== undefined) said.push(`At most ${shape.bound} bytes.`);
  if (shape.kind === 'bytes' && shape.length !== undefined) said.push(`Exactly ${shape.length} bytes.`);
  if (shape.kind === 'array') said.push(`${shape.dimensions.join(' × ')} elements.`);
  if (member.default !== undefined) said.push(`Default: ${defaultRemark(member)}.`);
  return said.length === 0 ? [] : [said.join(' ')];
}

function defaultRemark({ default: value }: MemberModel): string {
  switch (value?.kind) {
    case 'enumerator':
      return value.name;
    case 'string':
      return withoutMarks(JSON.stringify(value.value)).replaceAll('*/', '*\\/');
    case 'character':
      return JSON.stringify(String.fromCharCode(value.value));
    default:
      return String(value?.value);
  }
}

export function emitEnum(module: ModuleWriter, model: EnumModel): Emitted {
  const { type } = module.names.get(model.name)!;
  const doc = docComment(model.doc);
  const entry = (separator: string, end: string, readonly: string) =>
    model.enumerators
      .map(
        ({ name, value, doc: own }) =>
          `${docComment(own, '  ')}  ${readonly}${name}${separator}${value}${end}\n`,
      )
      .join('');
  const values = `{\n${entry(': ', ',', '')}}`;
  const declared = `{\n${entry(': ', ';', 'readonly ')}}`;
  const alias = `${doc}export type ${type} = (typeof ${type})[keyof typeof ${type}];\n`;
  return {
    code: `${doc}export const ${type} = ${values}${typeOnly(' as const')};\n${typeOnly(alias)}`,
    declaration: `${doc}export declare const ${type}: ${declared};\n${alias}`,
  };
}

export function emitTypedef(module: ModuleWriter, model: TypedefModel): Emitted {
  const { type } = module.names.get(model.name)!;
  const text = `${docComment(model.doc)}export type ${type} = ${typeText(module, model.type)};\n`;
  return { code: typeOnly(text), declaration: text };
}

export function emitConstant(module: ModuleWriter, model: ConstantModel): Emitted {
  const { type: name } = module.names.get(model.name)!;
  const doc = docComment(model.doc);
  const type = typeText(module, model.type);
  const resolved = resolveTypedefs(module.model, model.type);
  const text = constantText(module, model, resolved);
  // The literal's own type says more than `number`; that of an enum is wanted as the enum's.
  const annotation = model.value.kind === 'enumerator' ? typeOnly(`: ${type}`) : '';
  return {
    code: `${doc}export const ${name}${annotation} = ${text};\n`,
    declaration: `${doc}export declare const ${name}: ${type};\n`,
  };
}

function constantText(module: ModuleWriter, { value }: ConstantModel, type: Type): string {
  if (value.kind !== 'enumerator') return literalText(value, type);
  const here = module.names.get(value.enum);
  return here === undefined ? String(value.value) : `${here.type}.${value.name}`;
}

/** A value of a type (typedefs resolved) as JavaScript writes it. */
export function literalText(value: ConstantModel['value'], type: Type): string {
  switch (value.kind) {
    case 'integer':
      if (type.kind === 'primitive' && (type.name === 'int64' || type.name === 'uint64'))
        return `${value.value}n`;
      return String(value.value);
    case 'string':
      return quoted(value.value);
    case 'character':
      return quoted(String.fromCharCode(value.value));
    case 'float':
      return Object.is(value.value, -0) ? '-0' : String(value.value);
    default:
      return String(value.value);
  }
}

/** A string literal in single quotes. */
export function quoted(text: string): string {
  const escaped = JSON.stringify(text)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replaceAll("'", "\\'")
    .replaceAll(/[\u2028\u2029\ue000\ue001]/g, (c) => `\\u${c.charCodeAt(0).toString(16)}`);
  return `'${escaped}'`;
}
