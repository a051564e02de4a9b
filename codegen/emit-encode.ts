import type { MemberModel, StructModel, UnionModel } from '../idl/index.js';
import { allMembers } from '../idl/index.js';
import { CodeLines, uses } from './code-lines.js';
import { fieldNumber, numberOf, tagOf, varintBytes, wireTypeOf } from './field.js';
import { LocalNames } from './local-names.js';
import { memberValue } from './member-value.js';
import type { ModuleWriter } from './module-writer.js';
import { functionHead } from './module-writer.js';
import { checked, codecOf, defaultEnumerator, placeText, setText } from './scalar-text.js';
import type { Aggregate, RepeatedShape, ScalarShape, Shape } from './shape.js';
import { isRepeated, isScalar, shapeOf, unbounded } from './shape.js';
import { nested } from './recursion.js';
import { branchesOf, discriminatorOf, takeDiscriminator, writeBranches } from './union-branches.js';

/** Whether a field is left out where its value is protobuf's default (implicit presence), or always written. */
type Presence = 'implicit' | 'always';

/** Whether a member has explicit presence in protobuf: a default that is not protobuf's own must not be taken for it. */
export function hasPresence(member: MemberModel, shape: Shape): boolean {
  if (member.optional) return true;
  const value = member.default;
  if (value === undefined) return isNotZero(shape);
  if (value.kind === 'string') return value.value !== '';
  return Number(value.value) !== 0 || Object.is(value.value, -0);
}

/** Whether what stands for nothing sent is not what protobuf takes for it. */
export function isNotZero(shape: Shape): boolean {
  return shape.kind === 'enum' && defaultEnumerator(shape).value !== 0;
}

/** Writes the function that encodes the members of one struct or union as protobuf, straight into memory. */
export function emitEncode(module: ModuleWriter, aggregate: Aggregate): string {
  return new EncodeEmitter(module, aggregate).emit();
}

class EncodeEmitter {
  readonly #module: ModuleWriter;
  readonly #owner: Aggregate;
  readonly #lines = new CodeLines();
  readonly #locals: LocalNames;

  constructor(module: ModuleWriter, owner: Aggregate) {
    this.#module = module;
    this.#owner = owner;
    this.#locals = new LocalNames(module);
  }

  emit(): string {
    const module = this.#module;
    const names = module.names.get(this.#owner.name)!;
    if (this.#owner.kind === 'struct') this.#struct(this.#owner);
    else this.#union(this.#owner);
    const body = nested(module, this.#owner, this.#lines.text);
    const used = ['bytes', 'view'].filter((name) => uses(body, name));
    const memory = module.supportType('Memory');
    const code =
      (used.length > 0 ? `  const { ${used.join(', ')} } = target;\n` : '') +
      `  let end = offset;\n${body}  return end;\n`;
    return (
      `/** Writes the protobuf fields of a \`${this.#owner.name}\`; returns their end, or -1 where they do not fit. */\n` +
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

  #struct(struct: StructModel): void {
    const members = [...allMembers(this.#module.model, struct)].sort((a, b) => a.id - b.id);
    for (const member of members) this.#member(member);
  }

  /** A field for the discriminator, and one for what it selects. */
  #union(union: UnionModel): void {
    const branches = branchesOf(this.#module, union);
    const shape = discriminatorOf(this.#module, union);
    const written = takeDiscriminator(this.#body, union, branches);
    this.#scalar(shape, written, fieldNumber(0), isNotZero(shape) ? 'always' : 'implicit');
    writeBranches(this.#body, union, branches, (member) => {
      const { value, path } = memberValue(this.#body, union, member);
      this.#alone(shapeOf(this.#module.model, member.type), value, numberOf(this.#owner, member), path);
    });
  }

  #member(member: MemberModel): void {
    const shape = shapeOf(this.#module.model, member.type);
    const number = numberOf(this.#owner, member);
    const { value, path } = memberValue(this.#body, this.#owner, member);
    if (member.optional)
      this.#lines.block(`if (${value} !== undefined)`, () => this.#alone(shape, value, number, path));
    else this.#field(shape, value, number, hasPresence(member, shape) ? 'always' : 'implicit', path);
  }

  /** A field with presence: what protobuf cannot leave out by itself is in a message of its own. */
  #alone(shape: Shape, value: string, number: number, path: string): void {
    if (isRepeated(shape)) this.#wrapped(shape, value, number, path);
    else this.#field(shape, value, number, 'always', path);
  }

  #field(shape: Shape, value: string, number: number, presence: Presence, path: string): void {
    const lines = this.#lines;
    if (isScalar(shape)) {
      this.#scalar(shape, checked(this.#body, shape, value, path), number, presence);
      return;
    }
    const tag = tagOf(number, 2);
    const put = (name: string, ...rest: (string | number)[]) =>
      this.#put(name, 'bytes', 'end', 'limit', tag, ...rest);
    const putString = (text: string, max: number) =>
      this.#put('putString', 'target', 'end', 'limit', tag, text, max, path);
    const putText = (text: string, max: number) => {
      if (presence === 'always') putString(text, max);
      else lines.block(`if (${text} !== '')`, () => putString(text, max));
    };
    switch (shape.kind) {
      case 'string':
        putText(value, shape.bound ?? unbounded);
        return;
      case 'wstring':
        lines.add(`${this.#support('checkWstring')}(${value}, ${shape.bound ?? unbounded}, ${path});`);
        putText(value, unbounded);
        return;
      case 'fixed': {
        const text = `${this.#support('fixedText')}(${value}, ${shape.digits}, ${shape.scale}, ${path})`;
        putString(text, unbounded);
        return;
      }
      case 'bytes': {
        const isArray = shape.length !== undefined;
        const max = shape.length ?? shape.bound ?? unbounded;
        const write = () => put(isArray ? 'putByteArray' : 'putBytes', value, max, path);
        if (presence === 'always' || isArray) write();
        else {
          lines.add(`${this.#support('checkBytes')}(${value}, ${max}, ${path});`);
          lines.block(`if (${value}.length > 0)`, write);
        }
        return;
      }
      case 'struct':
      case 'union':
        lines.add(`${this.#support('checkObject')}(${value}, ${path});`);
        this.#delimited(tag, () => {
          const encode = this.#module.named(shape.model, 'encode');
          lines.add(`end = ${encode}(${value}, target, end, limit);`);
          lines.add('if (end < 0) return -1;');
        });
        return;
      case 'sequence':
        lines.add(`${this.#support('checkSequence')}(${value}, ${shape.bound ?? unbounded}, ${path});`);
        if (isScalar(shape.element)) {
          lines.block(`if (${value}.length > 0)`, () =>
            this.#repeated(shape.element, [], value, number, path),
          );
        } else this.#repeated(shape.element, [], value, number, path);
        return;
      case 'array':
        this.#checkArray(value, shape.dimensions[0]!, path);
        this.#repeated(shape.element, shape.dimensions.slice(1), value, number, path);
        return;
      case 'map':
        lines.add(`${this.#support('checkMap')}(${value}, ${shape.bound ?? unbounded}, ${path});`);
        this.#map(shape, value, number, path);
    }
  }

  /** An entry is a message of the key and the value, both always written. */
  #map(shape: Extract<Shape, { kind: 'map' }>, map: string, number: number, path: string): void {
    const key = this.#locals.claim('entryKey');
    const value = this.#locals.claim('entryValue');
    this.#lines.block(`for (const [${key}, ${value}] of ${map})`, () => {
      this.#delimited(tagOf(number, 2), () => {
        this.#alone(shape.key, key, 1, path);
        this.#alone(shape.value, value, 2, path);
      });
    });
  }

  #scalar(shape: ScalarShape, written: string, number: number, presence: Presence): void {
    const { put, isWritten } = codecOf(shape);
    const tag = tagOf(number, wireTypeOf(shape));
    const write =
      put === undefined
        ? () => this.#fixed(shape, written, tag)
        : () => this.#put(put, 'bytes', 'end', 'limit', tag, written);
    if (presence === 'always') write();
    else this.#lines.block(`if (${isWritten(written)})`, write);
  }

  #put(name: string, ...rest: (string | number)[]): void {
    this.#lines.add(`end = ${this.#support(name)}(${rest.join(', ')});`);
    this.#lines.add('if (end < 0) return -1;');
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
    if (isScalar(element)) {
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

  #packed(element: ScalarShape, value: string, path: string): void {
    const { write, memory } = codecOf(element);
    const written = checked(this.#body, element, value, path);
    this.#lines.add(`end = ${this.#support(write)}(${memory}, end, limit, ${written});`);
    this.#lines.add('if (end < 0) return -1;');
  }

  /** A message of one repeated field, for what protobuf cannot repeat or leave out by itself. */
  #wrapped(shape: RepeatedShape, value: string, number: number, path: string): void {
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

  get #body() {
    return { module: this.#module, lines: this.#lines, locals: this.#locals };
  }

  #checkArray(value: string, length: number, path: string): void {
    this.#lines.add(`${this.#support('checkArray')}(${value}, ${length}, ${path});`);
  }

  #support(name: string): string {
    return this.#module.support(name);
  }
}
