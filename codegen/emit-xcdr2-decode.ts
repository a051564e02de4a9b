import type { MemberModel, UnionModel } from '../idl/index.js';
import { allMembers } from '../idl/index.js';
import { CodeLines, uses } from './code-lines.js';
import { defaultOf, defaultText, isCheap, objectText } from './defaults.js';
import { shapeText, typeText } from './emit-types.js';
import { LocalNames } from './local-names.js';
import type { ModuleWriter } from './module-writer.js';
import { functionHead, typeOnly } from './module-writer.js';
import type { Alignment, Phase } from './phase.js';
import { advanced, aligned, anywhere, met, padding } from './phase.js';
import { isRecursive } from './recursion.js';
import { placeText, valueOf } from './scalar-text.js';
import type { Aggregate, Shape } from './shape.js';
import { elementCount, isScalar, shapeOf, unbounded } from './shape.js';
import { fitted, shapeRead } from './try-construct.js';
import type { Branch } from './union-branches.js';
import { branchesOf, discriminatorOf, discriminatorText, readBranches } from './union-branches.js';
import {
  alignmentOf,
  isPrimitive,
  isPrimitiveArray,
  isPrimitiveMap,
  leastSize,
  loadText,
  scalarSize,
} from './xcdr2-form.js';

/** Writes the function that decodes one struct or union from XCDR2. */
export function emitXcdr2Decode(module: ModuleWriter, aggregate: Aggregate): string {
  return new Xcdr2DecodeEmitter(module, aggregate).emit();
}

/** A member, and the local variable that it is read into. */
interface Slot {
  readonly member: MemberModel;
  /** What is read. */
  readonly shape: Shape;
  /** For the local. */
  readonly type: string;
  readonly local: string;
  readonly path: string;
}

/** As when encoding, reads of fixed size are gathered, and their bytes are asked for once. */
class Xcdr2DecodeEmitter {
  readonly #module: ModuleWriter;
  readonly #owner: Aggregate;
  readonly #lines = new CodeLines();
  readonly #locals: LocalNames;
  #phase: Phase = anywhere;
  #gathered: string[] = [];
  #gatheredBytes = 0;

  constructor(module: ModuleWriter, owner: Aggregate) {
    this.#module = module;
    this.#owner = owner;
    this.#locals = new LocalNames(module);
  }

  emit(): string {
    const owner = this.#owner;
    if (!this.#isFinal) this.#phase = aligned(4);
    const result = owner.kind === 'union' ? this.#union(owner) : this.#struct();
    this.#flush();
    return this.#function(result());
  }

  get #isFinal(): boolean {
    return this.#owner.extensibility === 'final';
  }

  #function(result: string): string {
    const names = this.#module.names.get(this.#owner.name)!;
    const text = this.#lines.text;
    const used = ['view', 'origin', 'littleEndian'].filter((word) => uses(text, word));
    const recursive = isRecursive(this.#module.model, this.#owner);
    const hasAt = uses(text, 'at');
    const statements = [
      used.length > 0 && `const { ${used.join(', ')} } = reader;`,
      !this.#isFinal && 'const outer = reader.open(reader.at);',
      uses(text, 'end') && 'const { end } = reader;',
      recursive && 'reader.enter();',
      hasAt && 'let { at } = reader;',
    ];
    const last = [
      this.#isFinal ? hasAt && 'reader.at = at;' : 'reader.at = reader.close(outer);',
      recursive && 'reader.leave();',
    ];
    const lines = (list: readonly (string | false)[]) =>
      list.map((line) => (line === false ? '' : `  ${line}\n`)).join('');
    const body = lines(statements) + text + lines(last) + result;
    const reader: [string, string] = ['reader', this.#module.supportType('Xcdr2Reader')];
    const head = functionHead(names.decodeXcdr2, [reader], names.type, body);
    return `/** Reads a \`${this.#owner.name}\` of XCDR2 where the reader is. */\n${head}${body}}\n`;
  }

  #fitted(member: MemberModel, value: string): string {
    return fitted(this.#module, member, shapeOf(this.#module.model, member.type), value);
  }

  #slot(member: MemberModel): Slot {
    const own = shapeOf(this.#module.model, member.type);
    const shape = shapeRead(member, own, 'xcdr2');
    return {
      member,
      shape,
      type: shape === own ? typeText(this.#module, member.type) : shapeText(this.#module, shape),
      local: this.#locals.claim(member.name),
      path: `'${this.#owner.name}.${member.name}'`,
    };
  }

  /** Reads the members; returns what makes the statement that returns the struct. */
  #struct(): () => string {
    const owner = this.#owner;
    const members = owner.kind === 'struct' ? allMembers(this.#module.model, owner) : [];
    const slots = members.map((member) => this.#slot(member));
    for (const slot of slots) if (!this.#isFinal || slot.member.optional) this.#declare(slot);
    if (owner.extensibility === 'mutable') this.#byId(slots);
    else for (const slot of slots) this.#inOrder(slot);
    return () => objectText(slots.map((slot) => this.#result(slot)));
  }

  /** A member that may not be there at all: its local holds what it is then. */
  #declare({ member, shape, type, local }: Slot): void {
    if (member.optional || !isCheap(shape))
      this.#lines.add(`let ${local}${typeOnly(`: ${type} | undefined`)};`);
    else {
      const annotation = shape.kind === 'enum' ? typeOnly(`: ${type}`) : '';
      this.#lines.add(`let ${local}${annotation} = ${defaultOf(this.#module, member)};`);
    }
  }

  #result({ member, shape, local }: Slot): string {
    const whole =
      this.#isFinal || member.optional || isCheap(shape)
        ? local
        : `${local} ?? ${defaultOf(this.#module, member)}`;
    const value = this.#fitted(member, whole);
    return value === member.name ? value : `${member.name}: ${value}`;
  }

  /** A member in its place. An appendable type may end before it: its writer did not know of it. */
  #inOrder(slot: Slot): void {
    const { member, shape, local, path } = slot;
    const isFirst = this.#isFinal && !member.optional;
    const read = () =>
      isFirst
        ? this.#constant(shape, local, path)
        : this.#value(shape, path, (text) => `${local} = ${text};`);
    const present = () => (member.optional ? this.#ifPresent(slot, read) : read());
    if (this.#isFinal) present();
    else this.#onlyIf('at < end', present, 'absent');
  }

  #ifPresent({ local, path }: Slot, read: () => void): void {
    this.#flush();
    const present = this.#locals.claim(`${local}IsPresent`);
    this.#lines.add(`const ${present} = reader.boolean(at, ${path});`);
    this.#lines.add('at = reader.at;');
    this.#phase = advanced(this.#phase, 1);
    this.#onlyIf(present, read);
  }

  /** Members of a mutable type, in whatever order they come. */
  #byId(slots: readonly Slot[]): void {
    const lines = this.#lines;
    this.#eachHeaded('reader.hasMember(at)', () => {
      lines.block('switch (reader.id)', () => {
        for (const { member, shape, local, path } of slots) {
          lines.block(`case ${member.id}:`, () => {
            this.#phase = aligned(4);
            this.#value(shape, path, (text) => `${local} = ${text};`);
            this.#flush();
            lines.add('break;');
          });
        }
        lines.branch('default:', () => lines.add('reader.passOver();'));
      });
    });
  }

  /** A loop over members that have their id and their length before them. */
  #eachHeaded(condition: string, body: () => void): void {
    this.#flush();
    this.#lines.block(`while (${condition})`, () => this.#headed(body));
    this.#phase = anywhere;
  }

  #headed(body: () => void): void {
    const lines = this.#lines;
    const around = this.#locals.claim('around');
    lines.add(`const ${around} = reader.openMember(at);`);
    lines.add('at = reader.at;');
    this.#phase = aligned(4);
    body();
    this.#flush();
    lines.add(`at = reader.close(${around});`);
    this.#phase = anywhere;
  }

  /** The discriminator, and what it selects; returns what makes the last statement. */
  #union(union: UnionModel): () => string {
    const lines = this.#lines;
    const branches = branchesOf(this.#module, union);
    const shape = discriminatorOf(this.#module, union);
    const take = () =>
      this.#take(scalarSize(shape), alignmentOf(shape), (at) => {
        const text = discriminatorText(this.#module, union, loadText(this.#module, shape, at));
        return union.extensibility === 'mutable'
          ? `discriminator = ${text};`
          : `const discriminator = ${text};`;
      });
    if (union.extensibility === 'mutable') {
      const type = typeOnly(`: ${typeText(this.#module, union.discriminator)}`);
      lines.add(`let discriminator${type};`);
      this.#headed(() => {
        lines.add('reader.expectDiscriminator();');
        take();
      });
    } else take();
    this.#flush();
    lines.add(`let result${typeOnly(`: ${this.#module.names.get(union.name)!.type}`)};`);
    this.#branches(union, branches);
    return () => '  return result;\n';
  }

  #branches(union: UnionModel, branches: readonly Branch[]): void {
    const before = this.#phase;
    const ends: Phase[] = [];
    const body = { module: this.#module, lines: this.#lines, locals: this.#locals };
    readBranches(body, union, branches, (member) => {
      this.#phase = before;
      const slot = this.#slot(member);
      const { shape, local, path } = slot;
      if (union.extensibility === 'mutable') {
        this.#declare(slot);
        this.#eachHeaded('reader.hasMember(at)', () => {
          this.#lines.add(`if (reader.id !== ${member.id}) reader.passOver();`);
          this.#lines.block('else', () => {
            this.#value(shape, path, (text) => `${local} = ${text};`);
            this.#flush();
          });
        });
      } else this.#constant(shape, local, path);
      this.#flush();
      ends.push(this.#phase);
      const isThere = union.extensibility !== 'mutable' || isCheap(shape);
      const value = this.#fitted(member, isThere ? local : `${local} ?? ${defaultText(this.#module, shape)}`);
      return value === member.name ? value : `${member.name}: ${value}`;
    });
    this.#phase = ends.reduce(met, before);
  }

  /** After `absent`, nothing further is read, so that what was known in the block holds. */
  #onlyIf(condition: string, body: () => void, otherwise: 'absent' | 'goesOn' = 'goesOn'): void {
    this.#flush();
    const before = this.#phase;
    this.#lines.block(`if (${condition})`, () => {
      body();
      this.#flush();
    });
    if (otherwise === 'goesOn') this.#phase = met(before, this.#phase);
  }

  /** Reads one value into a constant. */
  #constant(shape: Shape, local: string, path: string): void {
    this.#value(shape, path, (text) => `const ${local} = ${text};`, local);
  }

  /** Reads one value; `use` makes a line of the expression for it. `into` is the constant that it makes, where it does. */
  #value(shape: Shape, path: string, use: (text: string) => string, into?: string): void {
    if (isScalar(shape)) {
      this.#take(scalarSize(shape), alignmentOf(shape), (at) =>
        use(valueOf(this.#module, shape, loadText(this.#module, shape, at), path)),
      );
      return;
    }
    switch (shape.kind) {
      case 'string':
        this.#call(`string(at, ${shape.bound ?? unbounded}, ${path})`, use);
        return;
      case 'wstring':
        this.#call(`wstring(at, ${shape.bound ?? unbounded}, ${path})`, use);
        return;
      case 'fixed':
        this.#call(`fixed(at, ${shape.digits}, ${shape.scale}, ${path})`, use);
        return;
      case 'bytes':
        if (shape.length !== undefined) this.#call(`byteArray(at, ${shape.length})`, use);
        else this.#call(`bytes(at, ${shape.bound ?? unbounded}, ${path})`, use);
        return;
      case 'struct':
      case 'union':
        this.#nested(this.#module.named(shape.model, 'decodeXcdr2'), use);
        return;
      case 'sequence':
        this.#sequence(shape, path, use, into);
        return;
      case 'array':
        this.#array(shape, path, use, into);
        return;
      case 'map':
        this.#map(shape, path, use, into);
    }
  }

  #call(call: string, use: (text: string) => string): void {
    this.#flush();
    this.#lines.add(use(`reader.${call}`));
    this.#lines.add('at = reader.at;');
    this.#phase = anywhere;
  }

  #nested(decode: string, use: (text: string) => string): void {
    this.#flush();
    this.#lines.add('reader.at = at;');
    this.#lines.add(use(`${decode}(reader)`));
    this.#lines.add('at = reader.at;');
    this.#phase = anywhere;
  }

  #sequence(
    shape: Extract<Shape, { kind: 'sequence' }>,
    path: string,
    use: (text: string) => string,
    into?: string,
  ): void {
    const { element } = shape;
    this.#flush();
    const list = this.#list(element, into);
    this.#delimited(isPrimitive(element), () => {
      const count = this.#locals.claim('count');
      const least = leastSize(this.#module.model, element);
      this.#lines.add(`const ${count} = reader.count(at, ${least}, ${shape.bound ?? unbounded}, ${path});`);
      this.#lines.add('at = reader.at;');
      this.#phase = aligned(4);
      this.#elements(element, count, list, path, true);
    });
    if (list !== into) this.#lines.add(use(list));
  }

  #array(
    shape: Extract<Shape, { kind: 'array' }>,
    path: string,
    use: (text: string) => string,
    into?: string,
  ): void {
    const { element, dimensions } = shape;
    this.#flush();
    const list = this.#list(element, dimensions.length === 1 ? into : undefined);
    const count = elementCount(dimensions);
    this.#delimited(isPrimitiveArray(shape), () => {
      if (isScalar(element)) {
        this.#align(alignmentOf(element));
        this.#flush();
        this.#lines.add(`reader.need(at, ${count * scalarSize(element)});`);
      }
      this.#elements(element, `${count}`, list, path, isScalar(element));
    });
    let text = list;
    for (const size of dimensions.slice(1).reverse())
      text = `${this.#module.support('rows')}(${text}, ${size})`;
    if (text !== into) this.#lines.add(use(text));
  }

  #map(
    shape: Extract<Shape, { kind: 'map' }>,
    path: string,
    use: (text: string) => string,
    into?: string,
  ): void {
    const { key, value, bound } = shape;
    const lines = this.#lines;
    this.#flush();
    const map = into ?? this.#locals.claim('map');
    lines.add(`const ${map}${typeOnly(`: ${shapeText(this.#module, shape)}`)} = new Map();`);
    this.#delimited(isPrimitiveMap(shape), () => {
      const count = this.#locals.claim('count');
      const least = leastSize(this.#module.model, key) + leastSize(this.#module.model, value);
      lines.add(`const ${count} = reader.count(at, ${least}, ${bound ?? unbounded}, ${path});`);
      lines.add('at = reader.at;');
      const index = this.#locals.claim('n');
      const [entryKey, entryValue] = [this.#locals.claim('entryKey'), this.#locals.claim('entryValue')];
      lines.block(`for (let ${index} = 0; ${index} < ${count}; ${index}++)`, () => {
        this.#phase = anywhere;
        this.#constant(key, entryKey, path);
        this.#constant(value, entryValue, path);
        this.#flush();
        lines.add(`${map}.set(${entryKey}, ${entryValue});`);
      });
      this.#phase = anywhere;
    });
    if (map !== into) lines.add(use(map));
  }

  #list(element: Shape, into?: string): string {
    const list = into ?? this.#locals.claim('list');
    this.#lines.add(`const ${list}${typeOnly(`: ${shapeText(this.#module, element)}[]`)} = [];`);
    return list;
  }

  /** The elements of a collection: those that are not primitive have their length in bytes before them. */
  #delimited(isPlain: boolean, body: () => void): void {
    if (isPlain) {
      body();
      return;
    }
    const around = this.#locals.claim('around');
    this.#lines.add(`const ${around} = reader.open(at);`);
    this.#lines.add('at = reader.at;');
    this.#phase = aligned(4);
    body();
    this.#lines.add(`reader.closeExact(at, ${around});`);
  }

  /** A loop over elements; `isThere` says that the bytes of scalars were asked for. */
  #elements(element: Shape, count: string, list: string, path: string, isThere: boolean): void {
    const lines = this.#lines;
    const index = this.#locals.claim('n');
    const push = (text: string) => `${list}.push(${text});`;
    lines.block(`for (let ${index} = 0; ${index} < ${count}; ${index}++)`, () => {
      if (isScalar(element) && isThere) {
        const text = loadText(this.#module, element, 'at');
        lines.add(push(valueOf(this.#module, element, text, path)));
        lines.add(`at += ${scalarSize(element)};`);
        return;
      }
      this.#phase = anywhere;
      this.#value(element, path, push);
      this.#flush();
    });
    this.#phase = isScalar(element) ? aligned(alignmentOf(element)) : anywhere;
  }

  /** Gathers a read of fixed size. */
  #take(size: number, alignment: Alignment, line: (at: string) => string): void {
    this.#align(alignment);
    this.#gathered.push(line(placeText('at', this.#gatheredBytes)));
    this.#gatheredBytes += size;
    this.#phase = advanced(this.#phase, size);
  }

  #align(alignment: Alignment): void {
    const pad = padding(this.#phase, alignment);
    if (pad === undefined) {
      this.#flush();
      this.#lines.add(`at += (origin - at) & ${alignment - 1};`);
      this.#phase = aligned(alignment);
      return;
    }
    this.#gatheredBytes += pad;
    this.#phase = advanced(this.#phase, pad);
  }

  #flush(): void {
    if (this.#gatheredBytes === 0) return;
    const lines = this.#lines;
    lines.add(`reader.need(at, ${this.#gatheredBytes});`);
    for (const line of this.#gathered) lines.add(line);
    lines.add(`at += ${this.#gatheredBytes};`);
    this.#gathered = [];
    this.#gatheredBytes = 0;
  }
}
