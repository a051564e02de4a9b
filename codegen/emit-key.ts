import type { MemberModel, StructModel } from '../idl/index.js';
import { resolveTypedefs } from '../idl/index.js';
import { CodeLines } from './code-lines.js';
import { literalText } from './emit-types.js';
import type { ModuleWriter } from './module-writer.js';
import { scalarCodecs } from './scalars.js';
import type { Shape } from './shape.js';
import { elementCount, shapeOf } from './shape.js';

/** One value of a key, reached through nested structs. */
interface KeyPart {
  readonly value: string;
  readonly path: string;
  readonly shape: Shape;
}

/** The `key` property of a topic descriptor; nothing for a type without @key members. */
export function emitKey(module: ModuleWriter, struct: StructModel): string {
  if (!struct.members.some(({ key }) => key)) return '';
  const parts = keyParts(module, struct, 'sample');
  const lines = new CodeLines(3);
  for (const part of parts) emitHash(lines, part);
  return (
    `  key: {\n` +
    `    of(sample) {\n      return ${ofText(module, parts)};\n    },\n` +
    `    hash(sample) {\n      const key = keyWriter.start();\n${lines.text}      return key.hash(${fits(parts)});\n    },\n` +
    `  },\n`
  );
}

/** The members that make the key holder of a struct: those with @key, or all where a nested struct has none. */
function keyParts(module: ModuleWriter, struct: StructModel, value: string): KeyPart[] {
  const keys = struct.members.filter(({ key }) => key);
  const members = [...(keys.length > 0 ? keys : struct.members)].sort((a, b) => a.id - b.id);
  return members.flatMap((member): KeyPart[] => {
    const shape = shapeOf(module.model, member.type);
    const own = memberText(module, value, member);
    if (shape.kind === 'struct') return keyParts(module, shape.model, own);
    return [{ value: own, path: `'${struct.name}.${member.name}'`, shape }];
  });
}

function memberText(module: ModuleWriter, value: string, member: MemberModel): string {
  const text = `${value}.${member.name}`;
  if (member.default === undefined) return text;
  return `(${text} ?? ${literalText(member.default, resolveTypedefs(module.model, member.type))})`;
}

function ofText(module: ModuleWriter, parts: readonly KeyPart[]): string {
  const [only, ...others] = parts;
  if (only !== undefined && others.length === 0) return singleText(module, only);
  return `\`${parts.map((part) => `\${${partText(module, part)}}`).join('|')}\``;
}

function singleText(module: ModuleWriter, { value, shape }: KeyPart): string {
  if (shape.kind === 'primitive') {
    if (shape.name === 'boolean') return `${value} ? 1 : 0`;
    if (shape.name === 'int64' || shape.name === 'uint64') return `${value}.toString()`;
    if (shape.name === 'float') return `${module.support('floatKey')}(Math.fround(${value}))`;
    if (shape.name === 'double') return `${module.support('floatKey')}(${value})`;
    return value;
  }
  if (shape.kind === 'bytes') return `${module.support('bytesKey')}(${value})`;
  if (shape.kind === 'array' || shape.kind === 'sequence') return joined(module, value, shape);
  return value;
}

/** A part of a composite key: whatever it holds, it is clear where it ends. */
function partText(module: ModuleWriter, part: KeyPart): string {
  if (part.shape.kind === 'string') return `${module.support('textKey')}(${part.value})`;
  if (part.shape.kind === 'sequence') return `${module.support('textKey')}(${singleText(module, part)})`;
  return singleText(module, part);
}

function joined(module: ModuleWriter, value: string, shape: Shape & { kind: 'array' | 'sequence' }): string {
  const { element } = shape;
  if (element.kind !== 'primitive' || (element.name !== 'float' && element.name !== 'double'))
    return `${value}.join()`;
  const flat = shape.kind === 'array' && shape.dimensions.length > 1 ? '.flat(Infinity)' : '';
  const inner = element.name === 'float' ? 'Math.fround(v)' : 'v';
  const list = flat === '' ? value : nestedFlat(value, shape);
  return `${list}.map((v) => ${module.support('floatKey')}(${inner})).join()`;
}

/** `flat` once for each further dimension: its type is then known. */
function nestedFlat(value: string, shape: Shape & { kind: 'array' | 'sequence' }): string {
  return shape.kind === 'array' ? value + '.flat()'.repeat(shape.dimensions.length - 1) : value;
}

function emitHash(lines: CodeLines, { value, path, shape }: KeyPart): void {
  switch (shape.kind) {
    case 'primitive':
      lines.add(scalarHash(shape.name, value));
      return;
    case 'enum':
      lines.add(`key.uint32(${value});`);
      return;
    case 'string':
      lines.add(`key.string(${value}, ${path});`);
      return;
    case 'bytes':
      if (shape.length === undefined) lines.add(`key.uint32(${value}.length);`);
      lines.add(`key.bytes(${value});`);
      return;
    case 'sequence':
    case 'array': {
      const { element } = shape;
      if (element.kind !== 'primitive')
        throw new Error('keys are arrays and sequences of primitive types only');
      if (shape.kind === 'sequence') lines.add(`key.uint32(${value}.length);`);
      const flat = nestedFlat(value, shape);
      lines.add(`for (const element of ${flat}) ${scalarHash(element.name, 'element')}`);
      return;
    }
    default:
      throw new Error('structs are taken apart before');
  }
}

function scalarHash(name: keyof typeof scalarCodecs, value: string): string {
  return `key.${scalarCodecs[name].key}(${name === 'char' ? `${value}.charCodeAt(0)` : value});`;
}

/** Whether no key can be longer than 16 bytes. Aligning only ever adds, so that the longest values decide. */
function fits(parts: readonly KeyPart[]): boolean {
  let end = 0;
  const take = (size: number, alignment: number, count = 1) => {
    for (let i = 0; i < count && end <= 16; i++) end = Math.ceil(end / alignment) * alignment + size;
  };
  for (const { shape } of parts) {
    switch (shape.kind) {
      case 'primitive':
        take(scalarCodecs[shape.name].size, Math.min(4, scalarCodecs[shape.name].size));
        break;
      case 'enum':
        take(4, 4);
        break;
      case 'string':
        take(4 + (shape.bound ?? Infinity) + 1, 4);
        break;
      case 'bytes':
        if (shape.length !== undefined) take(shape.length, 1);
        else take(4 + (shape.bound ?? Infinity), 4);
        break;
      case 'sequence':
      case 'array': {
        const count = shape.kind === 'array' ? elementCount(shape.dimensions) : (shape.bound ?? Infinity);
        const size = shape.element.kind === 'primitive' ? scalarCodecs[shape.element.name].size : 0;
        if (shape.kind === 'sequence') take(4, 4);
        take(size, Math.min(4, size), count);
        break;
      }
    }
  }
  return end <= 16;
}
