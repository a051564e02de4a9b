import type { MemberModel, StructModel } from '../idl/index.js';
import { resolveTypedefs } from '../idl/index.js';
import { CodeLines } from './code-lines.js';
import { literalText } from './emit-types.js';
import { LocalNames } from './local-names.js';
import type { ModuleWriter } from './module-writer.js';
import { functionHead } from './module-writer.js';
import type { ScalarShape } from './scalar-text.js';
import { checked, codecOf, placeText, setText } from './scalar-text.js';
import type { Shape } from './shape.js';
import {
  fieldNumber,
  isPackable,
  isRepeated,
  shapeOf,
  tagOf,
  unbounded,
  varintBytes,
  wireTypeOf,
} from './shape.js';

/** Whether a field is left out where its value is protobuf's default (implicit presence), or always written. */
type Presence = 'implicit' | 'always';

/** Whether a member has explicit presence in protobuf: a default that is not protobuf's own must not be taken for it. */
export function hasPresence(member: MemberModel): boolean {
  if (member.optional) return true;
  const value = member.default;
  if (value === undefined) return false;
  if (value.kind === 'string') return value.value !== '';
  return Number(value.value) !== 0 || Object.is(value.value, -0);
}

/** Writes the function that encodes the members of one struct as protobuf, straight into memory. */
export function emitEncode(module: ModuleWriter, struct: StructModel): string {
  return new EncodeEmitter(module, struct).emit();
}

class EncodeEmitter {
  readonly #module: ModuleWriter;
  readonly #struct: StructModel;
  readonly #lines = new CodeLines();
  readonly #locals: LocalNames;

  constructor(module: ModuleWriter, struct: StructModel) {
    this.#module = module;
    this.#struct = struct;
    this.#locals = new LocalNames(module);
  }

  emit(): string {
    const module = this.#module;
    const names = module.names.get(this.#struct.name)!;
    const members = [...this.#struct.members].sort((a, b) => a.id - b.id);
    for (const member of members) this.#member(member);
    const body = this.#lines.text;
    const used = ['bytes', 'view'].filter((name) =>
      new RegExp(`\\(.*\\b${name}, |\\b${name}[.[]`).test(body),
    );
    const memory = module.supportType('Memory');
    const code =
      (used.length > 0 ? `  const { ${used.join(', ')} } = target;\n` : '') +
      `  let end = offset;\n${body}  return end;\n`;
    return (
      `/** Writes the protobuf fields of a \`${this.#struct.name}\`; returns their end, or -1 where they do not fit. */\n` +
      functionHead(
        names.encode,
        [
          ['sample', names.type],
          ['target', memory],
          ['offset', 'number'],
          ['limit', 'number'],
        ],
        'number',
        code,
      ) +
      `${code}}\n`
    );
  }

  #member(member: MemberModel): void {
    const shape = shapeOf(this.#module.model, member.type);
    const path = `'${this.#struct.name}.${member.name}'`;
    const lines = this.#lines;
    const number = fieldNumber(member.id);
    const local = this.#locals.claim(member.name);
    if (member.optional) {
      lines.add(`const ${local} = sample.${member.name};`);
      lines.block(`if (${local} !== undefined)`, () => {
        if (isRepeated(shape)) this.#wrapped(shape, local, number, path);
        else this.#field(shape, local, number, 'always', path);
      });
      return;
    }
    let value = `sample.${member.name}`;
    if (member.default !== undefined) {
      value += ` ?? ${literalText(member.default, resolveTypedefs(this.#module.model, member.type))}`;
    }
    lines.add(`const ${local} = ${value};`);
    this.#field(shape, local, number, hasPresence(member) ? 'always' : 'implicit', path);
  }

  #field(shape: Shape, value: string, number: number, presence: Presence, path: string): void {
    const lines = this.#lines;
    const tag = tagOf(number, wireTypeOf(shape));
    const put = (name: string, ...rest: (string | number)[]) => {
      lines.add(`end = ${this.#support(name)}(bytes, ${rest.join(', ')});`);
      lines.add('if (end < 0) return -1;');
    };
    switch (shape.kind) {
      case 'primitive':
      case 'enum': {
        const { put: name, isWritten } = codecOf(shape);
        const checked = this.#check(shape, value, path);
        const write =
          name === undefined
            ? () => this.#fixed(shape, checked, tag)
            : () => put(name, 'end', 'limit', tag, checked);
        if (presence === 'always') write();
        else lines.block(`if (${isWritten(checked)})`, write);
        return;
      }
      case 'string': {
        const write = () => put('putString', 'end', 'limit', tag, value, shape.bound ?? unbounded, path);
        if (presence === 'always') write();
        else lines.block(`if (${value} !== '')`, write);
        return;
      }
      case 'bytes': {
        const isArray = shape.length !== undefined;
        const max = shape.length ?? shape.bound ?? unbounded;
        const write = () => put(isArray ? 'putByteArray' : 'putBytes', 'end', 'limit', tag, value, max, path);
        if (presence === 'always' || isArray) write();
        else {
          lines.add(`${this.#support('checkBytes')}(${value}, ${max}, ${path});`);
          lines.block(`if (${value}.length > 0)`, write);
        }
        return;
      }
      case 'struct':
        lines.add(`${this.#support('checkObject')}(${value}, ${path});`);
        this.#delimited(tag, () => {
          const encode = this.#module.named(shape.model, 'encode');
          lines.add(`end = ${encode}(${value}, target, end, limit);`);
          lines.add('if (end < 0) return -1;');
        });
        return;
      case 'sequence':
        lines.add(`${this.#support('checkSequence')}(${value}, ${shape.bound ?? unbounded}, ${path});`);
        if (isPackable(shape.element)) {
          lines.block(`if (${value}.length > 0)`, () =>
            this.#repeated(shape.element, [], value, number, path),
          );
        } else this.#repeated(shape.element, [], value, number, path);
        return;
      case 'array':
        this.#checkArray(value, shape.dimensions[0]!, path);
        this.#repeated(shape.element, shape.dimensions.slice(1), value, number, path);
    }
  }

  /** A field whose size is known beforehand: put where it goes, since a call would cost as much as all of it. */
  #fixed(shape: ScalarShape, value: string, tag: number): void {
    const lines = this.#lines;
    const tagBytes = varintBytes(tag);
    const { size } = codecOf(shape);
    lines.add(`if (limit - end < ${tagBytes.length + size}) return -1;`);
    tagBytes.forEach((byte, i) => lines.add(`bytes[${placeText('end', i)}] = ${byte};`));
    lines.add(`${setText('view', shape, placeText('end', tagBytes.length), value)};`);
    lines.add(`end += ${tagBytes.length + size};`);
  }

  /** A repeated field, packed where protobuf packs; `inner` are the dimensions within each element of `values`. */
  #repeated(element: Shape, inner: readonly number[], values: string, number: number, path: string): void {
    if (isPackable(element)) {
      this.#delimited(tagOf(number, 2), () => {
        this.#each(inner, values, path, (value) => this.#packed(element, value, path));
      });
      return;
    }
    this.#each(inner, values, path, (value) => {
      if (isRepeated(element)) this.#wrapped(element, value, number, path);
      else this.#field(element, value, number, 'always', path);
    });
  }

  /** A loop for each dimension. */
  #each(inner: readonly number[], values: string, path: string, body: (value: string) => void): void {
    const value = this.#locals.claim(inner.length > 0 ? 'row' : 'element');
    this.#lines.block(`for (const ${value} of ${values})`, () => {
      if (inner.length === 0) body(value);
      else {
        this.#checkArray(value, inner[0]!, path);
        this.#each(inner.slice(1), value, path, body);
      }
    });
  }

  #packed(element: Shape, value: string, path: string): void {
    if (element.kind !== 'primitive' && element.kind !== 'enum') throw new Error('only scalars are packed');
    const { write, memory } = codecOf(element);
    const checked = this.#check(element, value, path);
    this.#lines.add(`end = ${this.#support(write)}(${memory}, end, limit, ${checked});`);
    this.#lines.add('if (end < 0) return -1;');
  }

  /** A message of one repeated field, for what protobuf cannot repeat or leave out by itself. */
  #wrapped(shape: Shape, value: string, number: number, path: string): void {
    this.#delimited(tagOf(number, 2), () => this.#field(shape, value, 1, 'implicit', path));
  }

  #delimited(tag: number, body: () => void): void {
    const lines = this.#lines;
    const start = this.#locals.claim('begin');
    lines.add(`const ${start} = ${this.#support('openLength')}(bytes, end, limit, ${tag});`);
    lines.add(`if (${start} < 0) return -1;`);
    lines.add(`end = ${start};`);
    body();
    lines.add(`end = ${this.#support('closeLength')}(bytes, ${start}, end, limit);`);
    lines.add('if (end < 0) return -1;');
  }

  #check(shape: ScalarShape, value: string, path: string): string {
    return checked({ module: this.#module, lines: this.#lines, locals: this.#locals }, shape, value, path);
  }

  #checkArray(value: string, length: number, path: string): void {
    this.#lines.add(`${this.#support('checkArray')}(${value}, ${length}, ${path});`);
  }

  #support(name: string): string {
    return this.#module.support(name);
  }
}
