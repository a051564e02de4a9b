import type { StructModel } from '../idl/index.js';
import { allMembers } from '../idl/index.js';
import { docComment, shapeText, typeText } from './emit-types.js';
import type { Layout, Place } from './layout.js';
import { sizeOf } from './layout.js';
import { claim } from './module-names.js';
import type { ModuleWriter } from './module-writer.js';
import { typeOnly } from './module-writer.js';
import { uses } from './code-lines.js';
import { getText, placeText, setText } from './scalar-text.js';
import type { Shape } from './shape.js';
import { isScalar } from './shape.js';
import type { Emitted } from './emit-types.js';

/** The class that reads and writes the members of one sample in place. */
export function emitView(module: ModuleWriter, struct: StructModel, layout: Layout): Emitted {
  const emitter = new ViewEmitter(module, struct);
  for (const place of layout.places) emitter.member(place);
  return emitter.finish();
}

class ViewEmitter {
  readonly #module: ModuleWriter;
  readonly #struct: StructModel;
  readonly #taken = new Set(['attach', 'constructor']);
  readonly #fields: string[] = [];
  readonly #attaches: string[] = [];
  readonly #accessors: string[] = [];
  readonly #declarations: string[] = [];
  #usesMemory = false;
  #usesView = false;

  constructor(module: ModuleWriter, struct: StructModel) {
    this.#module = module;
    this.#struct = struct;
    // Members keep their names; what is made for arrays gives way.
    for (const { name } of allMembers(module.model, struct)) this.#taken.add(name);
  }

  member({ member, offset, shape }: Place): void {
    const { name } = member;
    const doc = docComment(member.doc, '  ');
    if (shape.kind === 'array') {
      this.#array(name, offset, shape, doc);
      return;
    }
    const own = name === 'attach' || name === 'constructor' ? claim(`${name}_`, this.#taken) : name;
    const at = placeText('this.#at', offset);
    if (shape.kind === 'struct') {
      const view = this.#viewOf(shape);
      this.#fields.push(`${doc}  readonly ${own} = new ${view}();\n`);
      this.#attaches.push(`    this.${own}.attach(memory, ${placeText('offset', offset)});\n`);
      this.#declarations.push(`${doc}  readonly ${own}: ${view};\n`);
      return;
    }
    const type = typeText(this.#module, member.type);
    this.#accessors.push(
      `${doc}  get ${own}()${typeOnly(`: ${type}`)} {\n    return ${this.#get(shape, at, this.#path(name))};\n  }\n`,
      `  set ${own}(value${typeOnly(`: ${type}`)}) {\n    ${this.#set(shape, at, this.#path(name))};\n  }\n`,
    );
    this.#declarations.push(`${doc}  get ${own}(): ${type};\n  set ${own}(value: ${type});\n`);
  }

  /** An array has a method to get an element and one to set it, with an index for each dimension. */
  #array(name: string, offset: number, shape: Extract<Shape, { kind: 'array' }>, doc: string): void {
    const { dimensions, element } = shape;
    const { size } = sizeOf(this.#module.model, element)!;
    const indices = dimensions.length === 1 ? ['index'] : dimensions.map((_, i) => `index${i + 1}`);
    const checks = dimensions.map(
      (length, i) => `    ${this.#support('checkIndex')}(${indices[i]}, ${length});\n`,
    );
    let position = indices[0]!;
    dimensions.slice(1).forEach((length, i) => {
      position = `${i === 0 ? position : `(${position})`} * ${length} + ${indices[i + 1]}`;
    });
    const scaled = size === 1 ? position : `${dimensions.length > 1 ? `(${position})` : position} * ${size}`;
    const at = `${placeText('this.#at', offset)} + ${scaled}`;
    const parameters = indices.map((index) => `${index}${typeOnly(': number')}`).join(', ');
    const declared = indices.map((index) => `${index}: number`).join(', ');
    const capital = name[0]!.toUpperCase() + name.slice(1);
    const get = claim(`get${capital}`, this.#taken);
    if (element.kind === 'struct') {
      const view = this.#viewOf(element);
      const field = claim(`#${name}`, this.#taken);
      this.#usesMemory = true;
      this.#fields.push(`  readonly ${field} = new ${view}();\n`);
      this.#accessors.push(
        `${doc}  ${get}(${parameters})${typeOnly(`: ${view}`)} {\n${checks.join('')}` +
          `    this.${field}.attach(this.#memory, ${at});\n    return this.${field};\n  }\n`,
      );
      this.#declarations.push(`${doc}  ${get}(${declared}): ${view};\n`);
      return;
    }
    const set = claim(`set${capital}`, this.#taken);
    const type = shapeText(this.#module, element);
    const value = typeOnly(`: ${type}`);
    this.#accessors.push(
      `${doc}  ${get}(${parameters})${value} {\n${checks.join('')}    return ${this.#get(element, at, this.#path(name))};\n  }\n`,
      `  ${set}(${parameters}, value${value})${typeOnly(': void')} {\n${checks.join('')}` +
        `    ${this.#set(element, at, this.#path(name))};\n  }\n`,
    );
    this.#declarations.push(
      `${doc}  ${get}(${declared}): ${type};\n  ${set}(${declared}, value: ${type}): void;\n`,
    );
  }

  finish(): Emitted {
    const { view } = this.#module.names.get(this.#struct.name)!;
    const memory = this.#module.supportType('Memory');
    const base = this.#module.supportType('InPlaceView');
    const nowhere = this.#usesView || this.#usesMemory ? this.#support('nowhere') : '';
    const doc = `/** A \`${this.#struct.name}\` in place: it reads and writes the memory that it is attached to, unchecked. */\n`;
    const fields =
      (this.#usesView ? `  #view = ${nowhere}.view;\n` : '') +
      (this.#usesMemory ? `  #memory${typeOnly(`: ${memory}`)} = ${nowhere};\n` : '') +
      (this.#usesView || this.#usesMemory ? `  #at = 0;\n` : '') +
      this.#fields
        .map((field) =>
          field
            .replace('  readonly #', `  ${typeOnly('readonly ')}#`)
            .replace('  readonly ', `  ${typeOnly('readonly ')}`),
        )
        .join('');
    const attaching =
      (this.#usesView ? '    this.#view = memory.view;\n' : '') +
      (this.#usesMemory ? '    this.#memory = memory;\n' : '') +
      (this.#usesView || this.#usesMemory ? '    this.#at = offset;\n' : '') +
      this.#attaches.join('');
    const parameter = (name: string, type: string) =>
      `${uses(attaching, name) ? '' : '_'}${name}${typeOnly(`: ${type}`)}`;
    const attach =
      `  attach(${parameter('memory', memory)}, ${parameter('offset', 'number')})${typeOnly(': void')} {` +
      (attaching === '' ? '}\n' : `\n${attaching}  }\n`);
    return {
      code:
        `${doc}export class ${view}${typeOnly(` implements ${base}`)} {\n` +
        `${fields}\n${[attach, ...this.#accessors].join('\n')}}\n`,
      declaration:
        `${doc}export declare class ${view} implements ${base} {\n` +
        `  attach(memory: ${memory}, offset: number): void;\n${this.#declarations.join('')}}\n`,
    };
  }

  #get(shape: Shape, at: string, path: string): string {
    if (shape.kind === 'bytes') {
      this.#usesMemory = true;
      return `this.#memory.bytes.subarray(${at}, ${at} + ${shape.length})`;
    }
    if (shape.kind === 'fixed') {
      this.#usesMemory = true;
      return `${this.#support('getFixed')}(this.#memory.bytes, ${at}, ${shape.digits}, ${shape.scale}, ${path})`;
    }
    if (!isScalar(shape)) throw new Error(`a ${shape.kind} has no accessor`);
    this.#usesView = true;
    const text = getText('this.#view', shape, at);
    if (shape.kind === 'enum')
      return text + typeOnly(` as ${this.#module.named(shape.model, 'type', 'type')}`);
    if (shape.kind === 'bitset') return `${this.#module.named(shape.model, 'unpack')}(${text})`;
    if (shape.kind === 'bitmask') return text;
    if (shape.name === 'boolean') return `${text} !== 0`;
    return shape.name === 'char' || shape.name === 'wchar' ? `String.fromCharCode(${text})` : text;
  }

  #set(shape: Shape, at: string, path: string): string {
    if (shape.kind === 'bytes') {
      this.#usesMemory = true;
      const check = `${this.#support('checkByteArray')}(value, ${shape.length}, ${path})`;
      return `${check};\n    this.#memory.bytes.set(value, ${at})`;
    }
    if (shape.kind === 'fixed') {
      this.#usesMemory = true;
      const text = `const text = ${this.#support('fixedText')}(value, ${shape.digits}, ${shape.scale}, ${path})`;
      return `${text};\n    ${this.#support('setFixed')}(this.#memory.bytes, ${at}, text, ${shape.digits})`;
    }
    if (!isScalar(shape)) throw new Error(`a ${shape.kind} has no accessor`);
    this.#usesView = true;
    const isChar = shape.kind === 'primitive' && (shape.name === 'char' || shape.name === 'wchar');
    const value =
      shape.kind === 'bitset' ? `${this.#module.named(shape.model, 'pack')}(value, ${path})` : 'value';
    return setText('this.#view', shape, at, isChar ? 'value.charCodeAt(0)' : value);
  }

  #viewOf(shape: Extract<Shape, { kind: 'struct' }>): string {
    return this.#module.named(shape.model, 'view');
  }

  #path(name: string): string {
    return `'${this.#struct.name}.${name}'`;
  }

  #support(name: string): string {
    return this.#module.support(name);
  }
}
