import type { MemberModel, StructModel } from '../idl/index.js';
import { resolveTypedefs } from '../idl/index.js';
import { CodeLines } from './code-lines.js';
import { literalText, shapeText, typeText } from './emit-types.js';
import { LocalNames } from './local-names.js';
import type { ModuleWriter } from './module-writer.js';
import { typeOnly } from './module-writer.js';
import { getText } from './scalar-text.js';
import { scalarCodecs } from './scalars.js';
import type { Shape } from './shape.js';
import {
  elementCount,
  fieldNumber,
  isPackable,
  isRepeated,
  shapeOf,
  tagOf,
  unbounded,
  wireTypeOf,
} from './shape.js';

/** Writes the function that decodes one struct from protobuf, and the one that makes it where it was left out. */
export function emitDecode(module: ModuleWriter, struct: StructModel): string {
  return new DecodeEmitter(module, struct).emit();
}

/** An expression for the value that a shape has where nothing was sent. */
export function defaultText(module: ModuleWriter, shape: Shape): string {
  switch (shape.kind) {
    case 'primitive':
      return scalarCodecs[shape.name].zero;
    case 'enum':
      return '0';
    case 'string':
      return "''";
    case 'bytes':
      return `new Uint8Array(${shape.length ?? 0})`;
    case 'struct':
      return `${module.named(shape.model, 'defaults')}()`;
    case 'sequence':
      return '[]';
    case 'array': {
      const [first, ...rest] = shape.dimensions;
      const element = defaultText(module, rest.length > 0 ? { ...shape, dimensions: rest } : shape.element);
      return `Array.from({ length: ${first} }, () => ${element})`;
    }
  }
}

/** An expression for the value that a member has where nothing was sent. */
export function defaultOf(module: ModuleWriter, member: MemberModel): string {
  if (member.optional) return 'undefined';
  if (member.default !== undefined)
    return literalText(member.default, resolveTypedefs(module.model, member.type));
  return defaultText(module, shapeOf(module.model, member.type));
}

class DecodeEmitter {
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
    const { members, name } = this.#struct;
    const module = this.#module;
    const names = module.names.get(name)!;
    const lines = this.#lines;
    const reader = typeOnly(`: ${module.supportType('ProtobufReader')}`);
    const result = typeOnly(`: ${names.type}`);
    const locals = members.map((member) => this.#locals.claim(member.name));
    members.forEach((member, i) => this.#declare(member, locals[i]!));
    lines.block('while (at < end)', () =>
      this.#fields('tag', () => {
        members.forEach((member, i) => this.#cases(member, locals[i]!));
      }),
    );
    const values = members.map((member, i) => this.#result(member, locals[i]!));
    const body = lines.text;
    const used = body.includes('view.') ? 'view, end' : 'end';
    return (
      `/** Reads the protobuf fields of a \`${name}\` to the end of the message that the reader is in. */\n` +
      `export function ${names.decode}(reader${reader})${result} {\n` +
      `  const { ${used} } = reader;\n  let { at } = reader;\n${body}${objectText(values)}}\n\n` +
      this.#defaults()
    );
  }

  /** The function that makes a struct of nothing but defaults. */
  #defaults(): string {
    const names = this.#module.names.get(this.#struct.name)!;
    const values = this.#struct.members.map((member) => `${member.name}: ${defaultOf(this.#module, member)}`);
    const result = typeOnly(`: ${names.type}`);
    return (
      `/** A \`${this.#struct.name}\` of which nothing was sent. */\n` +
      `export function ${names.defaults}()${result} {\n${objectText(values)}}\n`
    );
  }

  #declare(member: MemberModel, local: string): void {
    const shape = shapeOf(this.#module.model, member.type);
    const type = typeText(this.#module, member.type);
    const lines = this.#lines;
    if (isRepeated(shape) && !member.optional) {
      // Arrays of several dimensions come as one run of elements.
      const flat = this.#elementType(shape);
      lines.add(`const ${local}${typeOnly(`: ${flat}[]`)} = [];`);
    } else if (member.optional || shape.kind === 'struct' || shape.kind === 'bytes') {
      lines.add(`let ${local}${typeOnly(`: ${type} | undefined`)};`);
    } else {
      const annotation = shape.kind === 'enum' ? typeOnly(`: ${type}`) : '';
      lines.add(`let ${local}${annotation} = ${defaultOf(this.#module, member)};`);
    }
  }

  /** One field: the switch over its tag, with the cases that are given. */
  #fields(tag: string, cases: () => void): void {
    const lines = this.#lines;
    lines.add(`const ${tag} = reader.tag(at);`);
    this.#goOn();
    lines.block(`switch (${tag})`, () => {
      cases();
      lines.branch('default:', () => {
        lines.add(`reader.skip(${tag}, at);`);
        this.#goOn();
      });
    });
  }

  /** Goes on where the reader has come to; `at` is a local, as that is what makes decoding fast. */
  #goOn(): void {
    this.#lines.add('at = reader.at;');
  }

  #cases(member: MemberModel, local: string): void {
    const shape = shapeOf(this.#module.model, member.type);
    const path = `'${this.#struct.name}.${member.name}'`;
    const number = fieldNumber(member.id);
    const lines = this.#lines;
    if (!isRepeated(shape)) {
      const block = shape.kind === 'struct';
      lines.branch(`case ${tagOf(number, wireTypeOf(shape))}:${block ? ' {' : ''}`, () => {
        this.#read(shape, path, (text) => lines.add(`${local} = ${text};`));
        lines.add('break;');
      });
      if (block) lines.add('}');
    } else if (member.optional) {
      lines.branch(`case ${tagOf(number, 2)}: {`, () => {
        this.#wrapped(shape, path, (text) => lines.add(`${local} = ${text};`));
        lines.add('break;');
      });
      lines.add('}');
    } else {
      this.#repeatedCases(shape, number, local, path);
    }
  }

  /** The cases of a repeated field that goes into the list `local`. */
  #repeatedCases(
    shape: Shape & { kind: 'sequence' | 'array' },
    number: number,
    local: string,
    path: string,
  ): void {
    const lines = this.#lines;
    const { element } = shape;
    const push = (text: string) => lines.add(`${local}.push(${text});`);
    if (isPackable(element)) {
      lines.branch(`case ${tagOf(number, 2)}: {`, () => {
        this.#delimited(() => {
          this.#goOn();
          lines.block('while (at < reader.end)', () => this.#read(element, path, push));
        });
        lines.add('break;');
      });
      lines.add('}');
      // Protobuf asks readers to take what is not packed, too.
      lines.branch(`case ${tagOf(number, wireTypeOf(element))}:`, () => {
        this.#read(element, path, push);
        lines.add('break;');
      });
      return;
    }
    lines.branch(`case ${tagOf(number, 2)}: {`, () => {
      if (isRepeated(element)) this.#wrapped(element, path, push);
      else this.#read(element, path, push);
      lines.add('break;');
    });
    lines.add('}');
  }

  /** What has its length in front of it. */
  #delimited(body: () => void): void {
    const outer = this.#locals.claim('around');
    this.#lines.add(`const ${outer} = reader.open(at);`);
    body();
    this.#lines.add(`at = reader.close(${outer});`);
  }

  /** Reads one value; gives the expression for it to `use`, once the lines before it are written. */
  #read(shape: Shape, path: string, use: (text: string) => void): void {
    const lines = this.#lines;
    switch (shape.kind) {
      case 'primitive': {
        const { read, size } = scalarCodecs[shape.name];
        if (read !== undefined) {
          use(`reader.${read(path)}`);
          this.#goOn();
          return;
        }
        lines.add(`reader.need(at, ${size});`);
        use(getText('view', shape, 'at'));
        lines.add(`at += ${size};`);
        return;
      }
      case 'enum': {
        const type = this.#module.named(shape.model, 'type', 'type');
        use(`reader.enum(at, ${shape.model.enumerators.length}, ${path})${typeOnly(` as ${type}`)}`);
        this.#goOn();
        return;
      }
      case 'string':
        use(`reader.string(at, ${shape.bound ?? unbounded}, ${path})`);
        this.#goOn();
        return;
      case 'bytes':
        if (shape.length !== undefined) use(`reader.byteArray(at, ${shape.length}, ${path})`);
        else use(`reader.bytes(at, ${shape.bound ?? unbounded}, ${path})`);
        this.#goOn();
        return;
      case 'struct':
        this.#delimited(() => use(`${this.#module.named(shape.model, 'decode')}(reader)`));
        return;
      default:
        throw new Error(`a ${shape.kind} is no single value`);
    }
  }

  /** A message of one repeated field. */
  #wrapped(shape: Shape & { kind: 'sequence' | 'array' }, path: string, use: (text: string) => void): void {
    const lines = this.#lines;
    const list = this.#locals.claim('inner');
    const tag = this.#locals.claim('innerTag');
    lines.add(`const ${list}${typeOnly(`: ${this.#elementType(shape)}[]`)} = [];`);
    this.#delimited(() => {
      this.#goOn();
      lines.block('while (at < reader.end)', () => {
        this.#fields(tag, () => this.#repeatedCases(shape, 1, list, path));
      });
    });
    use(this.#complete(shape, list, path));
  }

  #result(member: MemberModel, local: string): string {
    const shape = shapeOf(this.#module.model, member.type);
    const path = `'${this.#struct.name}.${member.name}'`;
    const pair = (value: string) => (value === member.name ? value : `${member.name}: ${value}`);
    if (member.optional) return pair(local);
    if (isRepeated(shape)) return pair(this.#complete(shape, local, path));
    if (shape.kind === 'struct' || shape.kind === 'bytes') {
      return `${member.name}: ${local} ?? ${defaultText(this.#module, shape)}`;
    }
    return pair(local);
  }

  /** Checks the number of elements of a list; returns the expression for it in its own dimensions. */
  #complete(shape: Shape & { kind: 'sequence' | 'array' }, list: string, path: string): string {
    const lines = this.#lines;
    if (shape.kind === 'sequence') {
      if (shape.bound !== undefined)
        lines.add(`reader.checkSequence(${list}.length, ${shape.bound}, ${path});`);
      return list;
    }
    const count = elementCount(shape.dimensions);
    const element = defaultText(this.#module, shape.element);
    // A writer of an older version did not send it at all.
    lines.block(`if (${list}.length === 0)`, () => {
      lines.add(`for (let i = 0; i < ${count}; i++) ${list}.push(${element});`);
    });
    lines.add(`reader.checkArray(${list}.length, ${count}, ${path});`);
    let text = list;
    for (const size of shape.dimensions.slice(1).reverse())
      text = `${this.#module.support('rows')}(${text}, ${size})`;
    return text;
  }

  /** The type of the elements of a list as they come, one after the other. */
  #elementType({ element }: Shape & { kind: 'sequence' | 'array' }): string {
    return shapeText(this.#module, element);
  }
}

/** The statement that returns an object. */
export function objectText(values: readonly string[]): string {
  const short = `  return { ${values.join(', ')} };\n`;
  if (short.length <= 110) return short;
  return `  return {\n${values.map((value) => `    ${value},\n`).join('')}  };\n`;
}
