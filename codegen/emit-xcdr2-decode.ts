import type { MemberModel, StructModel } from '../idl/index.js';
import { CodeLines } from './code-lines.js';
import { defaultOf, objectText } from './emit-decode.js';
import { shapeText } from './emit-types.js';
import { LocalNames } from './local-names.js';
import type { ModuleWriter } from './module-writer.js';
import { functionHead, typeOnly } from './module-writer.js';
import type { Alignment, Phase } from './phase.js';
import { advanced, aligned, anywhere, met, padding } from './phase.js';
import { getText, isScalar, placeText, valueOf } from './scalar-text.js';
import type { Shape } from './shape.js';
import { elementCount, shapeOf, unbounded } from './shape.js';
import { alignmentOf, isPrimitive, isPrimitiveArray, leastSize, scalarSize } from './xcdr2-form.js';

/** Writes the function that decodes one struct from XCDR2. */
export function emitXcdr2Decode(module: ModuleWriter, struct: StructModel): string {
  return new Xcdr2DecodeEmitter(module).struct(struct);
}

/** As when encoding, reads of fixed size are gathered, and their bytes are asked for once. */
class Xcdr2DecodeEmitter {
  readonly #module: ModuleWriter;
  readonly #lines = new CodeLines();
  readonly #locals: LocalNames;
  #phase: Phase = anywhere;
  #gathered: string[] = [];
  #gatheredBytes = 0;

  constructor(module: ModuleWriter) {
    this.#module = module;
    this.#locals = new LocalNames(module);
  }

  struct(struct: StructModel): string {
    const members = struct.members.map((member) => ({ member, local: this.#locals.claim(member.name) }));
    const lines = this.#lines;
    if (struct.extensibility !== 'final') {
      lines.add('const outer = reader.open(reader.at);');
      lines.add('const { end } = reader;');
      this.#phase = aligned(4);
    }
    lines.add('let { at } = reader;');
    for (const { member, local } of members) this.#declare(struct, member, local);
    if (struct.extensibility === 'mutable') this.#mutable(struct, members);
    else for (const { member, local } of members) this.#inOrder(struct, member, local);
    this.#flush();
    lines.add(struct.extensibility === 'final' ? 'reader.at = at;' : 'reader.at = reader.close(outer);');
    const values = members.map(({ member, local }) => this.#result(struct, member, local));
    return this.#function(struct, objectText(values));
  }

  #function(struct: StructModel, result: string): string {
    const names = this.#module.names.get(struct.name)!;
    const text = this.#lines.text;
    const used = ['view', 'origin', 'littleEndian'].filter((word) => new RegExp(`\\b${word}\\b`).test(text));
    const body = (used.length > 0 ? `  const { ${used.join(', ')} } = reader;\n` : '') + text + result;
    const head = functionHead(
      names.decodeXcdr2,
      [['reader', this.#module.supportType('Xcdr2Reader')]],
      names.type,
      body,
    );
    return `/** Reads a \`${struct.name}\` of XCDR2 where the reader is. */\n${head}${body}}\n`;
  }

  /** A member that may not be there at all: its local holds what it is then. */
  #declare(struct: StructModel, member: MemberModel, local: string): void {
    const shape = shapeOf(this.#module.model, member.type);
    if (struct.extensibility === 'final' && !member.optional) return;
    const type = shapeText(this.#module, shape);
    if (member.optional || !isCheap(shape))
      this.#lines.add(`let ${local}${typeOnly(`: ${type} | undefined`)};`);
    else {
      const annotation = shape.kind === 'enum' ? typeOnly(`: ${type}`) : '';
      this.#lines.add(`let ${local}${annotation} = ${defaultOf(this.#module, member)};`);
    }
  }

  #result(struct: StructModel, member: MemberModel, local: string): string {
    const shape = shapeOf(this.#module.model, member.type);
    if (struct.extensibility === 'final' || member.optional || isCheap(shape))
      return local === member.name ? local : `${member.name}: ${local}`;
    return `${member.name}: ${local} ?? ${defaultOf(this.#module, member)}`;
  }

  /** A member in its place. An appendable type may end before it: its writer did not know of it. */
  #inOrder(struct: StructModel, member: MemberModel, local: string): void {
    const shape = shapeOf(this.#module.model, member.type);
    const path = `'${struct.name}.${member.name}'`;
    const keyword = struct.extensibility === 'final' && !member.optional ? 'const ' : '';
    const read = () => this.#value(shape, path, (text) => `${keyword}${local} = ${text};`);
    const present = () => {
      if (!member.optional) {
        read();
        return;
      }
      this.#flush();
      this.#lines.add(`const ${this.#present(local)} = reader.boolean(at, ${path});`);
      this.#lines.add('at = reader.at;');
      this.#phase = advanced(this.#phase, 1);
      this.#onlyIf(this.#present(local), read);
    };
    if (struct.extensibility === 'final') present();
    else this.#onlyIf('at < end', present, 'absent');
  }

  readonly #presents = new Map<string, string>();

  #present(local: string): string {
    let name = this.#presents.get(local);
    if (name === undefined) this.#presents.set(local, (name = this.#locals.claim(`${local}IsPresent`)));
    return name;
  }

  #mutable(struct: StructModel, members: readonly { member: MemberModel; local: string }[]): void {
    const lines = this.#lines;
    const around = this.#locals.claim('around');
    lines.block('while (reader.hasMember(at))', () => {
      lines.add(`const ${around} = reader.openMember(at);`);
      lines.add('at = reader.at;');
      lines.block('switch (reader.id)', () => {
        for (const { member, local } of members) {
          const shape = shapeOf(this.#module.model, member.type);
          const path = `'${struct.name}.${member.name}'`;
          lines.branch(`case ${member.id}: {`, () => {
            this.#phase = aligned(4);
            this.#value(shape, path, (text) => `${local} = ${text};`);
            this.#flush();
            lines.add('break;');
          });
          lines.add('}');
        }
        lines.branch('default:', () => lines.add('reader.passOver();'));
      });
      lines.add(`at = reader.close(${around});`);
    });
    this.#phase = anywhere;
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

  /** Reads one value; `use` makes a line of the expression for it. */
  #value(shape: Shape, path: string, use: (text: string) => string): void {
    if (isScalar(shape)) {
      this.#take(scalarSize(shape), alignmentOf(shape), (at) =>
        use(valueOf(this.#module, shape, getText('view', shape, at, 'littleEndian'), path)),
      );
      return;
    }
    switch (shape.kind) {
      case 'string':
        this.#call(`string(at, ${shape.bound ?? unbounded}, ${path})`, use);
        return;
      case 'bytes':
        if (shape.length !== undefined) this.#call(`byteArray(at, ${shape.length})`, use);
        else this.#call(`bytes(at, ${shape.bound ?? unbounded}, ${path})`, use);
        return;
      case 'struct':
        this.#nested(this.#module.named(shape.model, 'decodeXcdr2'), use);
        return;
      case 'sequence':
        this.#sequence(shape, path, use);
        return;
      case 'array':
        this.#array(shape, path, use);
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

  #sequence(shape: Shape & { kind: 'sequence' }, path: string, use: (text: string) => string): void {
    const { element } = shape;
    this.#flush();
    const list = this.#list(element);
    this.#delimited(isPrimitive(element), () => {
      const count = this.#locals.claim('count');
      const least = leastSize(this.#module.model, element);
      this.#lines.add(`const ${count} = reader.count(at, ${least}, ${shape.bound ?? unbounded}, ${path});`);
      this.#lines.add('at = reader.at;');
      this.#phase = aligned(4);
      this.#elements(element, count, list, path, true);
    });
    this.#lines.add(use(list));
  }

  #array(shape: Shape & { kind: 'array' }, path: string, use: (text: string) => string): void {
    const { element, dimensions } = shape;
    this.#flush();
    const list = this.#list(element);
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
    this.#lines.add(use(text));
  }

  #list(element: Shape): string {
    const list = this.#locals.claim('list');
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
        const text = getText('view', element, 'at', 'littleEndian');
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

/** Whether its default is made at no cost, before it is known to be needed. */
function isCheap(shape: Shape): boolean {
  return shape.kind === 'primitive' || shape.kind === 'enum' || shape.kind === 'string';
}
