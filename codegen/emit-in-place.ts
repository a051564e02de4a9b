import type { StructModel } from '../idl/index.js';
import { CodeLines, uses } from './code-lines.js';
import { shapeText } from './emit-types.js';
import type { Layout, Place } from './layout.js';
import { sizeOf } from './layout.js';
import { LocalNames } from './local-names.js';
import type { ModuleWriter } from './module-writer.js';
import { functionHead, typeOnly } from './module-writer.js';
import { memberValue } from './member-value.js';
import { checked, getText, placeText, setText, valueOf } from './scalar-text.js';
import type { Shape } from './shape.js';
import { elementCount, isScalar } from './shape.js';

/** The functions that write and read a struct of fixed layout in place. */
export function emitInPlace(module: ModuleWriter, struct: StructModel, layout: Layout): string {
  return new InPlaceEmitter(module, struct, layout).emit();
}

class InPlaceEmitter {
  readonly #module: ModuleWriter;
  readonly #struct: StructModel;
  readonly #layout: Layout;
  #lines = new CodeLines();
  #locals: LocalNames;

  constructor(module: ModuleWriter, struct: StructModel, layout: Layout) {
    this.#module = module;
    this.#struct = struct;
    this.#layout = layout;
    this.#locals = new LocalNames(module);
  }

  emit(): string {
    const names = this.#module.names.get(this.#struct.name)!;
    const memory = this.#module.supportType('Memory');
    let end = 0;
    for (const place of this.#layout.places) {
      this.#clear(end, place.offset);
      this.#write(place);
      end = place.offset + sizeOf(this.#module.model, place.shape)!.size;
    }
    this.#clear(end, this.#layout.size);
    const writes = this.#lines.text;
    this.#lines = new CodeLines();
    this.#locals = new LocalNames(this.#module);
    const values = this.#layout.places.map((place) => this.#read(place));
    const reads = this.#lines.text;
    const used = (body: string) => ['bytes', 'view'].filter((name) => uses(body, name)).join(', ');
    const usedBy = (body: string, from: string) =>
      used(body) === '' ? '' : `  const { ${used(body)} } = ${from};\n`;
    const result = `  return {\n${values.map((value) => `    ${value},\n`).join('')}  };\n`;
    const writeBody = usedBy(writes, 'target') + writes;
    const readBody = usedBy(reads + result, 'source') + reads + result;
    return (
      `/** Writes a \`${this.#struct.name}\` in place, in its ${this.#layout.size} bytes at \`at\`. */\n` +
      functionHead(
        names.write,
        [
          ['sample', names.type],
          ['target', memory],
          ['at', 'number'],
        ],
        'void',
        writeBody,
      ) +
      `${writeBody}}\n\n` +
      `/** Reads a \`${this.#struct.name}\` that is in place at \`at\`. */\n` +
      functionHead(
        names.read,
        [
          ['source', memory],
          ['at', 'number'],
        ],
        names.type,
        readBody,
      ) +
      `${readBody}}\n`
    );
  }

  /** Zeros what lies between members, so that equal samples are equal bytes. At most 7 bytes: a call would cost more. */
  #clear(from: number, to: number): void {
    for (let at = from; at < to; at++) this.#lines.add(`bytes[${placeText('at', at)}] = 0;`);
  }

  #path(name: string): string {
    return `'${this.#struct.name}.${name}'`;
  }

  #write({ member, offset, shape }: Place): void {
    const lines = this.#lines;
    const { value, path } = memberValue(this.#body, this.#struct, member);
    if (shape.kind !== 'array') {
      this.#writeOne(shape, value, placeText('at', offset), path);
      return;
    }
    const place = this.#locals.claim('place');
    lines.add(`let ${place} = ${placeText('at', offset)};`);
    this.#writeRows(shape, shape.dimensions, value, place, path);
  }

  get #body() {
    return { module: this.#module, lines: this.#lines, locals: this.#locals };
  }

  #writeRows(
    shape: Extract<Shape, { kind: 'array' }>,
    sizes: readonly number[],
    rows: string,
    place: string,
    path: string,
  ): void {
    const lines = this.#lines;
    lines.add(`${this.#module.support('checkArray')}(${rows}, ${sizes[0]}, ${path});`);
    const element = this.#locals.claim(sizes.length > 1 ? 'row' : 'element');
    lines.block(`for (const ${element} of ${rows})`, () => {
      if (sizes.length > 1) this.#writeRows(shape, sizes.slice(1), element, place, path);
      else {
        this.#writeOne(shape.element, element, place, path);
        lines.add(`${place} += ${sizeOf(this.#module.model, shape.element)!.size};`);
      }
    });
  }

  #writeOne(shape: Shape, value: string, at: string, path: string): void {
    const lines = this.#lines;
    const support = (name: string) => this.#module.support(name);
    if (isScalar(shape)) {
      const written = checked(this.#body, shape, value, path);
      lines.add(`${setText('view', shape, at, written)};`);
      return;
    }
    switch (shape.kind) {
      case 'bytes':
        lines.add(`${support('checkByteArray')}(${value}, ${shape.length}, ${path});`);
        lines.add(`bytes.set(${value}, ${at});`);
        return;
      case 'fixed': {
        const text = `${support('fixedText')}(${value}, ${shape.digits}, ${shape.scale}, ${path})`;
        lines.add(`${support('setFixed')}(bytes, ${at}, ${text}, ${shape.digits});`);
        return;
      }
      case 'struct':
        lines.add(`${support('checkObject')}(${value}, ${path});`);
        lines.add(`${this.#module.named(shape.model, 'write')}(${value}, target, ${at});`);
        return;
      default:
        throw new Error(`a ${shape.kind} has no fixed size`);
    }
  }

  #read({ member: { name }, offset, shape }: Place): string {
    if (shape.kind !== 'array')
      return `${name}: ${this.#readOne(shape, placeText('at', offset), this.#path(name))}`;
    const { size } = sizeOf(this.#module.model, shape.element)!;
    const list = this.#locals.claim(name);
    const value = this.#readOne(shape.element, `${placeText('at', offset)} + i * ${size}`, this.#path(name));
    this.#lines.add(`const ${list}${typeOnly(`: ${shapeText(this.#module, shape.element)}[]`)} = [];`);
    this.#lines.block(`for (let i = 0; i < ${elementCount(shape.dimensions)}; i++)`, () => {
      this.#lines.add(`${list}.push(${value});`);
    });
    let text = list;
    for (const length of shape.dimensions.slice(1).reverse())
      text = `${this.#module.support('rows')}(${text}, ${length})`;
    return text === name ? name : `${name}: ${text}`;
  }

  #readOne(shape: Shape, at: string, path: string): string {
    if (isScalar(shape)) return valueOf(this.#module, shape, getText('view', shape, at), path);
    switch (shape.kind) {
      case 'bytes':
        return `${this.#module.support('copyOctets')}(source, ${at}, ${shape.length})`;
      case 'fixed':
        return `${this.#module.support('getFixed')}(bytes, ${at}, ${shape.digits}, ${shape.scale}, ${path})`;
      case 'struct':
        return `${this.#module.named(shape.model, 'read')}(source, ${at})`;
      default:
        throw new Error(`a ${shape.kind} has no fixed size`);
    }
  }
}
