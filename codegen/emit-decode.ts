import type { MemberModel } from '../idl/index.js';
import { allMembers } from '../idl/index.js';
import { CodeLines, uses } from './code-lines.js';
import { defaultOf, defaultText, isCheap, objectText } from './defaults.js';
import { shapeText, typeText } from './emit-types.js';
import { fieldNumber, numberOf, tagOf, wireTypeOf } from './field.js';
import { LocalNames } from './local-names.js';
import type { ModuleWriter } from './module-writer.js';
import { typeOnly } from './module-writer.js';
import { isRecursive } from './recursion.js';
import { codecOf, getText, valueOf } from './scalar-text.js';
import type { Aggregate, RepeatedShape, ScalarShape, Shape } from './shape.js';
import { elementCount, isCounted, isRepeated, isScalar, shapeOf, unbounded } from './shape.js';
import { fitted, shapeRead } from './try-construct.js';
import { branchesOf, discriminatorOf, readBranches } from './union-branches.js';

/** Writes the function that decodes one struct or union from protobuf. */
export function emitDecode(module: ModuleWriter, aggregate: Aggregate): string {
  return new DecodeEmitter(module, aggregate).emit();
}

/** A field, and the local variable that it is read into. */
interface Slot {
  /** What is read. */
  readonly shape: Shape;
  readonly number: number;
  readonly local: string;
  /** For messages. */
  readonly path: string;
  readonly type: string;
  /** Whether it is known to be missing: then it is `undefined` before it comes, and what is repeated is in a message of its own. */
  readonly hasPresence: boolean;
  /** What it is where nothing comes. */
  readonly fallback: string;
}

class DecodeEmitter {
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
    const { name } = this.#owner;
    const names = this.#module.names.get(name)!;
    const reader = typeOnly(`: ${this.#module.supportType('ProtobufReader')}`);
    const result = typeOnly(`: ${names.type}`);
    const end = this.#owner.kind === 'struct' ? this.#struct() : this.#union();
    const recursive = isRecursive(this.#module.model, this.#owner);
    const body = this.#lines.text;
    const used = uses(body, 'view') ? 'view, end' : 'end';
    return (
      `/** Reads the protobuf fields of a \`${name}\` to the end of the message that the reader is in. */\n` +
      `export function ${names.decode}(reader${reader})${result} {\n` +
      `  const { ${used} } = reader;\n  let { at } = reader;\n` +
      (recursive ? '  reader.enter();\n' : '') +
      body +
      (recursive ? '  reader.leave();\n' : '') +
      `${end}}\n`
    );
  }

  /** Reads all fields; returns the statement that returns the struct. */
  #struct(): string {
    const members = this.#owner.kind === 'struct' ? allMembers(this.#module.model, this.#owner) : [];
    const slots = members.map((member) => this.#slot(member, member.optional));
    this.#all(slots);
    const values = slots.map((slot, i) => {
      const member = members[i]!;
      const { name } = member;
      const value = this.#fitted(member, this.#result(slot));
      return value === name ? value : `${name}: ${value}`;
    });
    return objectText(values);
  }

  #union(): string {
    const owner = this.#owner;
    if (owner.kind !== 'union') throw new Error(`${owner.name} is no union`);
    const shape = discriminatorOf(this.#module, owner);
    const discriminator: Slot = {
      shape,
      number: fieldNumber(0),
      local: 'discriminator',
      path: `'${owner.name}.$d'`,
      type: typeText(this.#module, owner.discriminator),
      hasPresence: false,
      fallback: defaultText(this.#module, shape),
    };
    const branches = branchesOf(this.#module, owner);
    const slots = new Map<MemberModel, Slot>();
    for (const { member } of branches) if (member !== undefined) slots.set(member, this.#slot(member, true));
    this.#all([discriminator, ...slots.values()]);
    this.#lines.add(`let result${typeOnly(`: ${this.#module.names.get(owner.name)!.type}`)};`);
    const body = { module: this.#module, lines: this.#lines, locals: this.#locals };
    readBranches(body, owner, branches, (member) => {
      const { local, shape: of } = slots.get(member)!;
      return `${member.name}: ${this.#fitted(member, `${local} ?? ${defaultText(this.#module, of)}`)}`;
    });
    return '  return result;\n';
  }

  #fitted(member: MemberModel, value: string): string {
    return fitted(this.#module, member, shapeOf(this.#module.model, member.type), value);
  }

  #slot(member: MemberModel, hasPresence: boolean): Slot {
    const own = shapeOf(this.#module.model, member.type);
    const shape = shapeRead(member, own, 'protobuf');
    return {
      shape,
      number: numberOf(this.#owner, member),
      local: this.#locals.claim(member.name),
      path: `'${this.#owner.name}.${member.name}'`,
      type: shape === own ? typeText(this.#module, member.type) : shapeText(this.#module, shape),
      hasPresence,
      fallback: hasPresence ? 'undefined' : defaultOf(this.#module, member),
    };
  }

  /** The fields of a message, to its end. */
  #all(slots: readonly Slot[]): void {
    for (const slot of slots) this.#declare(slot);
    this.#lines.block('while (at < end)', () =>
      this.#fields('tag', () => {
        for (const slot of slots) this.#cases(slot);
      }),
    );
  }

  #declare({ shape, local, type, hasPresence, fallback }: Slot): void {
    const lines = this.#lines;
    if (isRepeated(shape) && !hasPresence) this.#declareRepeated(shape, local);
    else if (hasPresence || !isCheap(shape)) lines.add(`let ${local}${typeOnly(`: ${type} | undefined`)};`);
    else {
      const annotation = shape.kind === 'enum' ? typeOnly(`: ${type}`) : '';
      lines.add(`let ${local}${annotation} = ${fallback};`);
    }
  }

  /** Arrays of several dimensions come as one run of elements. */
  #declareRepeated(shape: RepeatedShape, local: string): void {
    if (shape.kind === 'map')
      this.#lines.add(`const ${local}${typeOnly(`: ${shapeText(this.#module, shape)}`)} = new Map();`);
    else this.#lines.add(`const ${local}${typeOnly(`: ${shapeText(this.#module, shape.element)}[]`)} = [];`);
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

  #cases({ shape, number, local, path, hasPresence }: Slot): void {
    const lines = this.#lines;
    const assign = (text: string) => lines.add(`${local} = ${text};`);
    if (!isRepeated(shape)) {
      const block = shape.kind === 'struct' || shape.kind === 'union';
      lines.branch(`case ${tagOf(number, wireTypeOf(shape))}:${block ? ' {' : ''}`, () => {
        this.#read(shape, path, assign);
        lines.add('break;');
      });
      if (block) lines.add('}');
    } else if (hasPresence) this.#case(number, () => this.#wrapped(shape, path, assign));
    else this.#repeatedCases(shape, number, local, path);
  }

  /** A case of a field that has its length in front of it. */
  #case(number: number, body: () => void): void {
    const lines = this.#lines;
    lines.branch(`case ${tagOf(number, 2)}: {`, () => {
      body();
      lines.add('break;');
    });
    lines.add('}');
  }

  /** The cases of a repeated field that goes into the list or map `local`. */
  #repeatedCases(shape: RepeatedShape, number: number, local: string, path: string): void {
    const lines = this.#lines;
    if (shape.kind === 'map') {
      this.#case(number, () => this.#entry(shape, local, path));
      return;
    }
    const { element } = shape;
    const push = (text: string) => lines.add(`${local}.push(${text});`);
    if (!isScalar(element)) {
      this.#case(number, () => {
        if (isRepeated(element)) this.#wrapped(element, path, push);
        else this.#read(element, path, push);
      });
      return;
    }
    this.#case(number, () => {
      this.#delimited(() => {
        this.#goOn();
        lines.block('while (at < reader.end)', () => this.#read(element, path, push));
      });
    });
    // Protobuf asks readers to take what is not packed, too.
    lines.branch(`case ${tagOf(number, wireTypeOf(element))}:`, () => {
      this.#read(element, path, push);
      lines.add('break;');
    });
  }

  /** An entry of a map: a message of a key and a value. */
  #entry(shape: Extract<Shape, { kind: 'map' }>, map: string, path: string): void {
    const slot = (of: Shape, name: string, number: number): Slot => ({
      shape: of,
      number,
      local: this.#locals.claim(name),
      path,
      type: shapeText(this.#module, of),
      hasPresence: isRepeated(of),
      fallback: defaultText(this.#module, of),
    });
    const slots = [slot(shape.key, 'entryKey', 1), slot(shape.value, 'entryValue', 2)];
    const tag = this.#locals.claim('entryTag');
    for (const each of slots) this.#declare(each);
    this.#delimited(() => {
      this.#goOn();
      this.#lines.block('while (at < reader.end)', () => {
        this.#fields(tag, () => {
          for (const each of slots) this.#cases(each);
        });
      });
    });
    const values = slots.map(({ shape: of, local, fallback }) =>
      isCheap(of) ? local : `${local} ?? ${fallback}`,
    );
    this.#lines.add(`${map}.set(${values.join(', ')});`);
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
    if (isScalar(shape)) {
      this.#scalar(shape, path, use);
      return;
    }
    switch (shape.kind) {
      case 'string':
        use(`reader.string(at, ${shape.bound ?? unbounded}, ${path})`);
        break;
      case 'wstring':
        use(`reader.wstring(at, ${shape.bound ?? unbounded}, ${path})`);
        break;
      case 'fixed':
        use(`reader.fixed(at, ${shape.digits}, ${shape.scale}, ${path})`);
        break;
      case 'bytes':
        if (shape.length !== undefined) use(`reader.byteArray(at, ${shape.length}, ${path})`);
        else use(`reader.bytes(at, ${shape.bound ?? unbounded}, ${path})`);
        break;
      case 'struct':
      case 'union':
        this.#delimited(() => use(`${this.#module.named(shape.model, 'decode')}(reader)`));
        return;
      default:
        throw new Error(`a ${shape.kind} is no single value`);
    }
    this.#goOn();
  }

  #scalar(shape: ScalarShape, path: string, use: (text: string) => void): void {
    const { read, size } = codecOf(shape);
    if (shape.kind === 'enum') {
      const type = typeOnly(` as ${this.#module.named(shape.model, 'type', 'type')}`);
      if (isCounted(shape.model)) use(`reader.enum(at, ${shape.model.enumerators.length}, ${path})${type}`);
      else use(valueOf(this.#module, shape, 'reader.int32(at)', path));
      this.#goOn();
      return;
    }
    if (read !== undefined) {
      const text = `reader.${read(path)}`;
      use(shape.kind === 'primitive' ? text : valueOf(this.#module, shape, text, path));
      this.#goOn();
      return;
    }
    this.#lines.add(`reader.need(at, ${size});`);
    use(getText('view', shape, 'at'));
    this.#lines.add(`at += ${size};`);
  }

  /** A message of one repeated field. */
  #wrapped(shape: RepeatedShape, path: string, use: (text: string) => void): void {
    const lines = this.#lines;
    const list = this.#locals.claim('inner');
    const tag = this.#locals.claim('innerTag');
    this.#declareRepeated(shape, list);
    this.#delimited(() => {
      this.#goOn();
      lines.block('while (at < reader.end)', () => {
        this.#fields(tag, () => this.#repeatedCases(shape, 1, list, path));
      });
    });
    use(this.#complete(shape, list, path));
  }

  #result({ shape, local, path, hasPresence, fallback }: Slot): string {
    if (hasPresence || isCheap(shape)) return local;
    return isRepeated(shape) ? this.#complete(shape, local, path) : `${local} ?? ${fallback}`;
  }

  /** Checks the number of elements of a list; returns the expression for it in its own dimensions. */
  #complete(shape: RepeatedShape, list: string, path: string): string {
    const lines = this.#lines;
    if (shape.kind !== 'array') {
      const count = shape.kind === 'map' ? 'size' : 'length';
      if (shape.bound !== undefined)
        lines.add(`reader.checkSequence(${list}.${count}, ${shape.bound}, ${path});`);
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
}
