import type {
  ConstantValue,
  Definition,
  MemberModel,
  StructModel,
  Type,
  TypedefModel,
} from '../idl/index.js';
import { resolveTypedefs } from '../idl/index.js';
import { quoted } from './literal.js';
import type { ModuleWriter, Need } from './module-writer.js';
import { typeOnly, withoutMarks } from './module-writer.js';
import type { Shape } from './shape.js';
import { isData, shapeOf } from './shape.js';

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
export function typeText(module: ModuleWriter, type: Type, need: Need = 'type'): string {
  switch (type.kind) {
    case 'primitive':
      return primitiveText(type.name);
    case 'string':
    case 'wstring':
    case 'fixed':
      return 'string';
    case 'sequence':
      return isBytes(module, type) ? 'Uint8Array' : `${typeText(module, type.element, need)}[]`;
    case 'array': {
      const element = resolveTypedefs(module.model, type.element);
      const octets = element.kind === 'primitive' && (element.name === 'octet' || element.name === 'uint8');
      const inner = octets ? 'Uint8Array' : typeText(module, type.element, need);
      return inner + '[]'.repeat(type.dimensions.length - (octets ? 1 : 0));
    }
    case 'map':
      return `Map<${typeText(module, type.key, need)}, ${typeText(module, type.value, need)}>`;
    case 'named':
      return module.named(module.model.definitions.get(type.name)!, 'type', need);
  }
}

/** The type of a shape as TypeScript writes it. */
export function shapeText(module: ModuleWriter, shape: Shape): string {
  switch (shape.kind) {
    case 'primitive':
      return primitiveText(shape.name);
    case 'string':
    case 'wstring':
    case 'fixed':
      return 'string';
    case 'bytes':
      return 'Uint8Array';
    case 'sequence':
      return `${shapeText(module, shape.element)}[]`;
    case 'array':
      return shapeText(module, shape.element) + '[]'.repeat(shape.dimensions.length);
    case 'map':
      return `Map<${shapeText(module, shape.key)}, ${shapeText(module, shape.value)}>`;
    default:
      return module.named(shape.model, 'type', 'type');
  }
}

function isBytes(module: ModuleWriter, type: Type): boolean {
  return shapeOf(module.model, type).kind === 'bytes';
}

function primitiveText(name: string): string {
  if (name === 'boolean') return 'boolean';
  if (name === 'char' || name === 'wchar') return 'string';
  return name === 'int64' || name === 'uint64' ? 'bigint' : 'number';
}

export function emitStructType(module: ModuleWriter, struct: StructModel): Emitted {
  const { type } = module.names.get(struct.name)!;
  const base = struct.base === undefined ? undefined : module.model.definitions.get(struct.base);
  const heritage = base === undefined ? '' : ` extends ${module.named(base, 'type', 'type')}`;
  const members = struct.members.map((member) => memberText(module, member)).join('');
  // An interface that adds nothing would be taken for a mistake.
  const text =
    members === '' && base !== undefined
      ? `export type ${type} = ${module.named(base, 'type', 'type')};\n`
      : `export interface ${type}${heritage} {${members === '' ? '' : `\n${members}`}}\n`;
  const declared = `${docComment(struct.doc)}${text}`;
  return { code: typeOnly(declared), declaration: declared };
}

/** A member as a property, with what is said of it. */
export function memberText(module: ModuleWriter, member: MemberModel, indent = '  '): string {
  const optional = member.optional ? '?' : '';
  const text = typeText(module, member.type) + (member.optional ? ' | undefined' : '');
  const doc = docComment(member.doc, indent, remarks(module, member));
  return `${doc}${indent}${member.name}${optional}: ${text};\n`;
}

/** What the type of a member does not say of itself. */
function remarks(module: ModuleWriter, member: MemberModel): string[] {
  const said: string[] = [];
  const shape = shapeOf(module.model, member.type);
  if (member.key) said.push('Key of the instance.');
  said.push(...shapeRemarks(shape));
  if (member.min !== undefined && member.max !== undefined)
    said.push(`From ${valueRemark(member.min)} to ${valueRemark(member.max)}.`);
  else if (member.min !== undefined) said.push(`At least ${valueRemark(member.min)}.`);
  else if (member.max !== undefined) said.push(`At most ${valueRemark(member.max)}.`);
  if (member.unit !== undefined) said.push(`Unit: ${withoutMarks(member.unit).replaceAll('*/', '*\\/')}.`);
  if (member.default !== undefined) said.push(`Default: ${valueRemark(member.default)}.`);
  return said.length === 0 ? [] : [said.join(' ')];
}

function shapeRemarks(shape: Shape): string[] {
  switch (shape.kind) {
    case 'string':
      return shape.bound === undefined ? [] : [`At most ${shape.bound} bytes of UTF-8.`];
    case 'wstring':
      return shape.bound === undefined ? [] : [`At most ${shape.bound} units of UTF-16.`];
    case 'sequence':
      return shape.bound === undefined ? [] : [`At most ${shape.bound} elements.`];
    case 'map':
      return shape.bound === undefined ? [] : [`At most ${shape.bound} entries.`];
    case 'bytes':
      if (shape.length !== undefined) return [`Exactly ${shape.length} bytes.`];
      return shape.bound === undefined ? [] : [`At most ${shape.bound} bytes.`];
    case 'array':
      return [`${shape.dimensions.join(' × ')} elements.`];
    case 'fixed':
      return [`A decimal number of at most ${shape.digits} digits, ${shape.scale} of them after the point.`];
    case 'primitive':
      return shape.name === 'wchar' ? ['One unit of UTF-16.'] : [];
    default:
      return [];
  }
}

function valueRemark(value: ConstantValue): string {
  switch (value.kind) {
    case 'enumerator':
      return value.name;
    case 'string':
      return withoutMarks(JSON.stringify(value.value)).replaceAll('*/', '*\\/');
    case 'character':
      return withoutMarks(JSON.stringify(String.fromCharCode(value.value)));
    case 'fixed':
      return String(Number(value.value) / 10 ** value.scale);
    default:
      return String(value.value);
  }
}

export function emitTypedef(module: ModuleWriter, model: TypedefModel): Emitted {
  if (!isData(module.model, model.type)) return emitNothing(model);
  const { type } = module.names.get(model.name)!;
  const text = `${docComment(model.doc)}export type ${type} = ${typeText(module, model.type)};\n`;
  return { code: typeOnly(text), declaration: text };
}

/** What is in the model and has no code says so. */
export function emitNothing({ kind, name }: Definition): Emitted {
  const text = `// Nothing is generated for the ${kind} ${quoted(name).slice(1, -1)}.\n`;
  return { code: text, declaration: text };
}
