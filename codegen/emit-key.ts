import type { MemberModel } from '../idl/index.js';
import { CodeLines } from './code-lines.js';
import { hasKey, keyMembers } from './key-members.js';
import { keyFits } from './key-size.js';
import { literalText } from './literal.js';
import { LocalNames } from './local-names.js';
import type { ModuleWriter } from './module-writer.js';
import { codecOf } from './scalar-text.js';
import type { Aggregate, ScalarShape, Shape } from './shape.js';
import { isScalar, shapeOf } from './shape.js';
import { branchesOf, discriminatorOf, givenDiscriminator } from './union-branches.js';
import { isPrimitive, isPrimitiveArray, isPrimitiveMap } from './xcdr2-form.js';

/** The `key` property of a topic descriptor; nothing for a type without key. */
export function emitKey(module: ModuleWriter, aggregate: Aggregate): string {
  if (!hasKey(module.model, aggregate)) return '';
  const shape = { kind: aggregate.kind, model: aggregate } as Shape & { kind: 'struct' | 'union' };
  const parts = keyParts(module, shape, 'sample', `'${aggregate.name}'`);
  const fits = keyFits(module.model, shape);
  const hash = hashText(module, shape);
  const of =
    parts === undefined
      ? `${hash}      return ${module.support('bytesKey')}(key.hash(${fits}));\n`
      : `      return ${ofText(module, parts)};\n`;
  return (
    `  key: {\n    of(sample) {\n${of}    },\n` +
    `    hash(sample) {\n${hash}      return key.hash(${fits});\n    },\n  },\n`
  );
}

function hashText(module: ModuleWriter, shape: Shape): string {
  const emitter = new HashEmitter(module);
  emitter.value(shape, 'sample', "''");
  return `      const key = keyWriter.start();\n${emitter.text}`;
}

/** The statements that serialize a key: big-endian, members by id, without what says how long nested types are. */
class HashEmitter {
  readonly #module: ModuleWriter;
  readonly #lines = new CodeLines(3);
  readonly #locals: LocalNames;

  constructor(module: ModuleWriter) {
    this.#module = module;
    this.#locals = new LocalNames(module);
  }

  get text(): string {
    return this.#lines.text;
  }

  value(shape: Shape, value: string, path: string): void {
    const lines = this.#lines;
    if (isScalar(shape)) {
      lines.add(`key.${codecOf(shape).key}(${this.#carried(shape, value, path)});`);
      return;
    }
    switch (shape.kind) {
      case 'string':
        lines.add(`key.string(${value}, ${path});`);
        return;
      case 'wstring':
        lines.add(`key.wstring(${value});`);
        return;
      case 'fixed':
        lines.add(`key.fixed(${value}, ${shape.digits}, ${shape.scale}, ${path});`);
        return;
      case 'bytes':
        if (shape.length === undefined) lines.add(`key.uint32(${value}.length);`);
        lines.add(`key.bytes(${value});`);
        return;
      case 'struct':
        for (const member of keyMembers(this.#module.model, shape.model))
          this.#member(shape.model, member, value);
        return;
      case 'union':
        this.#union(shape, value);
        return;
      case 'sequence':
        this.#delimited(isPrimitive(shape.element), () => {
          lines.add(`key.uint32(${value}.length);`);
          this.#each(shape.element, value, path);
        });
        return;
      case 'array':
        this.#delimited(isPrimitiveArray(shape), () => {
          this.#each(shape.element, value + '.flat()'.repeat(shape.dimensions.length - 1), path);
        });
        return;
      case 'map':
        this.#map(shape, value, path);
    }
  }

  #member(owner: Aggregate, member: MemberModel, value: string): void {
    const shape = shapeOf(this.#module.model, member.type);
    const text = memberText(this.#module, value, member);
    const path = `'${owner.name}.${member.name}'`;
    if (!member.optional) {
      this.value(shape, text, path);
      return;
    }
    this.#lines.add(`key.boolean(${text} !== undefined);`);
    this.#lines.block(`if (${text} !== undefined)`, () => this.value(shape, text, path));
  }

  #union(shape: Extract<Shape, { kind: 'union' }>, value: string): void {
    const { model } = shape;
    const lines = this.#lines;
    const branches = branchesOf(this.#module, model);
    const discriminator = this.#locals.claim('label');
    lines.add(`const ${discriminator} = ${givenDiscriminator(this.#module, model, branches, value)};`);
    this.value(discriminatorOf(this.#module, model), discriminator, `'${model.name}.$d'`);
    if (model.discriminatorKey) return;
    lines.block(`switch (${value}.$d)`, () => {
      for (const { labels, hasRest, member } of branches) {
        if (member === undefined) continue;
        const cases = [...labels.map((label) => label.value), ...(hasRest ? [`'default'`] : [])];
        cases.slice(0, -1).forEach((text) => lines.add(`case ${text}:`));
        lines.block(`case ${cases.at(-1)!}:`, () => {
          this.#member(model, member, value);
          lines.add('break;');
        });
      }
    });
  }

  #map({ key, value, ...shape }: Extract<Shape, { kind: 'map' }>, map: string, path: string): void {
    const [entryKey, entryValue] = [this.#locals.claim('entryKey'), this.#locals.claim('entryValue')];
    this.#delimited(isPrimitiveMap({ ...shape, key, value }), () => {
      this.#lines.add(`key.uint32(${map}.size);`);
      this.#lines.block(`for (const [${entryKey}, ${entryValue}] of ${map})`, () => {
        this.value(key, entryKey, path);
        this.value(value, entryValue, path);
      });
    });
  }

  #each(element: Shape, values: string, path: string): void {
    const item = this.#locals.claim('element');
    this.#lines.block(`for (const ${item} of ${values})`, () => this.value(element, item, path));
  }

  #delimited(isPlain: boolean, body: () => void): void {
    if (isPlain) {
      body();
      return;
    }
    const start = this.#locals.claim('begin');
    this.#lines.add(`const ${start} = key.open();`);
    body();
    this.#lines.add(`key.close(${start});`);
  }

  #carried(shape: ScalarShape, value: string, path: string): string {
    if (shape.kind === 'bitset') return `${this.#module.named(shape.model, 'pack')}(${value}, ${path})`;
    const isText = shape.kind === 'primitive' && (shape.name === 'char' || shape.name === 'wchar');
    return isText ? `${value}.charCodeAt(0)` : value;
  }
}

function memberText(module: ModuleWriter, value: string, member: MemberModel): string {
  const text = `${value}.${member.name}`;
  if (member.default === undefined) return text;
  return `(${text} ?? ${literalText(module, member.default, member.type)})`;
}

/** One value of a key, reached through nested structs. */
interface KeyPart {
  readonly value: string;
  readonly path: string;
  readonly shape: Shape;
}

/** The values of a key, where each is simple enough to be put into a text by one expression. */
function keyParts(module: ModuleWriter, shape: Shape, value: string, path: string): KeyPart[] | undefined {
  if (shape.kind === 'struct') {
    const parts: KeyPart[] = [];
    for (const member of keyMembers(module.model, shape.model)) {
      const own = memberText(module, value, member);
      const inner = shapeOf(module.model, member.type);
      const found = keyParts(module, inner, own, `'${shape.model.name}.${member.name}'`);
      if (member.optional || found === undefined) return undefined;
      parts.push(...found);
    }
    return parts;
  }
  if (shape.kind === 'union' || shape.kind === 'map') return undefined;
  const isList = shape.kind === 'sequence' || shape.kind === 'array';
  if (isList && shape.element.kind !== 'primitive' && shape.element.kind !== 'enum') return undefined;
  return [{ value, path, shape }];
}

function ofText(module: ModuleWriter, parts: readonly KeyPart[]): string {
  const [only, ...others] = parts;
  if (only !== undefined && others.length === 0) return singleText(module, only);
  return `\`${parts.map((part) => `\${${partText(module, part)}}`).join('|')}\``;
}

function singleText(module: ModuleWriter, { value, shape, path }: KeyPart): string {
  switch (shape.kind) {
    case 'primitive':
      if (shape.name === 'boolean') return `${value} ? 1 : 0`;
      if (shape.name === 'int64' || shape.name === 'uint64') return `${value}.toString()`;
      if (shape.name === 'float') return `${module.support('floatKey')}(Math.fround(${value}))`;
      if (shape.name === 'double' || shape.name === 'longdouble')
        return `${module.support('floatKey')}(${value})`;
      return value;
    case 'bitmask':
      return shape.model.bitBound > 32 ? `${value}.toString()` : `${value} >>> 0`;
    case 'bitset': {
      const packed = `${module.named(shape.model, 'pack')}(${value}, ${path})`;
      return shape.model.bitCount > 32 ? `${packed}.toString()` : packed;
    }
    case 'fixed':
      return `${module.support('fixedText')}(${value}, ${shape.digits}, ${shape.scale}, ${path})`;
    case 'bytes':
      return `${module.support('bytesKey')}(${value})`;
    case 'array':
    case 'sequence':
      return joined(module, value, shape);
    default:
      return value;
  }
}

/** A part of a composite key: whatever it holds, it is clear where it ends. */
function partText(module: ModuleWriter, part: KeyPart): string {
  const { kind } = part.shape;
  if (kind === 'string' || kind === 'wstring') return `${module.support('textKey')}(${part.value})`;
  if (kind === 'sequence') return `${module.support('textKey')}(${singleText(module, part)})`;
  return singleText(module, part);
}

function joined(
  module: ModuleWriter,
  value: string,
  shape: Extract<Shape, { kind: 'array' | 'sequence' }>,
): string {
  const { element } = shape;
  const isFloat = element.kind === 'primitive' && ['float', 'double', 'longdouble'].includes(element.name);
  if (!isFloat) return `${value}.join()`;
  const inner = element.name === 'float' ? 'Math.fround(v)' : 'v';
  const list = shape.kind === 'array' ? value + '.flat()'.repeat(shape.dimensions.length - 1) : value;
  return `${list}.map((v) => ${module.support('floatKey')}(${inner})).join()`;
}
