import type { MemberModel, UnionModel } from '../idl/index.js';
import { allMembers } from '../idl/index.js';
import { CodeLines, uses } from './code-lines.js';
import { defaultOf, defaultText, isCheap, objectText } from './defaults.js';
import { typeText } from './emit-types.js';
import { LocalNames } from './local-names.js';
import type { ModuleWriter } from './module-writer.js';
import { functionHead, typeOnly } from './module-writer.js';
import type { Phase } from './phase.js';
import { advanced, aligned, anywhere, met } from './phase.js';
import { isRecursive } from './recursion.js';
import type { Body } from './scalar-text.js';
import type { Aggregate } from './shape.js';
import type { Spot } from './try-construct.js';
import { memberSpot } from './try-construct.js';
import type { Branch } from './union-branches.js';
import { branchesOf, discriminatorOf, discriminatorText, readBranches } from './union-branches.js';
import { Xcdr2ValueReader } from './xcdr2-values.js';

/** Writes the function that decodes one struct or union from XCDR2. */
export function emitXcdr2Decode(module: ModuleWriter, aggregate: Aggregate): string {
  return new Xcdr2DecodeEmitter(module, aggregate).emit();
}

/** A member, and the local variable that it is read into. */
interface Slot {
  readonly member: MemberModel;
  readonly spot: Spot;
  /** For the local. */
  /** Asked for only where it is written, since it may be another module's: that is then imported. */
  readonly type: () => string;
  readonly local: string;
  readonly path: string;
}

class Xcdr2DecodeEmitter {
  readonly #module: ModuleWriter;
  readonly #owner: Aggregate;
  readonly #lines = new CodeLines();
  readonly #locals: LocalNames;
  readonly #values: Xcdr2ValueReader;

  constructor(module: ModuleWriter, owner: Aggregate) {
    this.#module = module;
    this.#owner = owner;
    this.#locals = new LocalNames(module);
    this.#values = new Xcdr2ValueReader(this.#body);
  }

  get #body(): Body {
    return { module: this.#module, lines: this.#lines, locals: this.#locals };
  }

  emit(): string {
    const owner = this.#owner;
    if (!this.#isFinal) this.#values.phase = aligned(4);
    const result = owner.kind === 'union' ? this.#union(owner) : this.#struct();
    this.#values.flush();
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

  #slot(member: MemberModel): Slot {
    return {
      member,
      spot: memberSpot(this.#module, member),
      type: () => typeText(this.#module, member.type),
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
  #declare({ member, spot: { shape }, type, local }: Slot): void {
    if (member.optional || !isCheap(shape))
      this.#lines.add(`let ${local}${typeOnly(`: ${type()} | undefined`)};`);
    else {
      const annotation = shape.kind === 'enum' ? typeOnly(`: ${type()}`) : '';
      this.#lines.add(`let ${local}${annotation} = ${defaultOf(this.#module, member)};`);
    }
  }

  #result({ member, spot, local }: Slot): string {
    const value =
      this.#isFinal || member.optional || isCheap(spot.shape)
        ? local
        : `${local} ?? ${defaultOf(this.#module, member)}`;
    return value === member.name ? value : `${member.name}: ${value}`;
  }

  /** A member in its place. An appendable type may end before it: its writer did not know of it. */
  #inOrder(slot: Slot): void {
    const { member, spot, local, path } = slot;
    const isFirst = this.#isFinal && !member.optional;
    const read = () =>
      isFirst
        ? this.#values.constant(spot, local, path)
        : this.#values.value(spot, path, (text) => `${local} = ${text};`);
    const present = () => (member.optional ? this.#ifPresent(slot, read) : read());
    if (this.#isFinal) present();
    else this.#onlyIf('at < end', present, 'absent');
  }

  #ifPresent({ local, path }: Slot, read: () => void): void {
    this.#values.flush();
    const present = this.#locals.claim(`${local}IsPresent`);
    this.#lines.add(`const ${present} = reader.boolean(at, ${path});`);
    this.#lines.add('at = reader.at;');
    this.#values.phase = advanced(this.#values.phase, 1);
    this.#onlyIf(present, read);
  }

  /** Members of a mutable type, in whatever order they come. */
  #byId(slots: readonly Slot[]): void {
    const lines = this.#lines;
    this.#eachHeaded('reader.hasMember(at)', () => {
      lines.block('switch (reader.id)', () => {
        for (const { member, spot, local, path } of slots) {
          lines.block(`case ${member.id}:`, () => {
            this.#values.phase = aligned(4);
            this.#values.value(spot, path, (text) => `${local} = ${text};`);
            this.#values.flush();
            lines.add('break;');
          });
        }
        lines.branch('default:', () => lines.add('reader.passOver();'));
      });
    });
  }

  /** A loop over members that have their id and their length before them. */
  #eachHeaded(condition: string, body: () => void): void {
    this.#values.flush();
    this.#lines.block(`while (${condition})`, () => this.#headed(body));
    this.#values.phase = anywhere;
  }

  #headed(body: () => void): void {
    const lines = this.#lines;
    const around = this.#locals.claim('around');
    lines.add(`const ${around} = reader.openMember(at);`);
    lines.add('at = reader.at;');
    this.#values.phase = aligned(4);
    body();
    this.#values.flush();
    lines.add(`at = reader.close(${around});`);
    this.#values.phase = anywhere;
  }

  /** The discriminator, and what it selects; returns what makes the last statement. */
  #union(union: UnionModel): () => string {
    const lines = this.#lines;
    const branches = branchesOf(this.#module, union);
    const shape = discriminatorOf(this.#module, union);
    const take = () =>
      this.#values.take(shape, (carried) => {
        const text = discriminatorText(this.#module, union, carried);
        return union.extensibility === 'mutable'
          ? `discriminator = ${text};`
          : `const discriminator = ${text};`;
      });
    if (union.extensibility === 'mutable') {
      const type = shape.kind === 'enum' ? 'number' : typeText(this.#module, union.discriminator);
      lines.add(`let discriminator${typeOnly(`: ${type}`)};`);
      this.#headed(() => {
        lines.add('reader.expectDiscriminator();');
        take();
      });
    } else take();
    this.#values.flush();
    lines.add(`let result${typeOnly(`: ${this.#module.names.get(union.name)!.type}`)};`);
    this.#branches(union, branches);
    return () => '  return result;\n';
  }

  #branches(union: UnionModel, branches: readonly Branch[]): void {
    const before = this.#values.phase;
    const ends: Phase[] = [];
    const ending = <T>(read: () => T): T => {
      this.#values.phase = before;
      const result = read();
      this.#values.flush();
      ends.push(this.#values.phase);
      return result;
    };
    readBranches(
      this.#body,
      union,
      branches,
      (member) => ending(() => this.#selected(union, member)),
      () => ending(() => this.#passOverDefault(union)),
    );
    this.#values.phase = ends.reduce(met, before);
  }

  /** Reads the member that a discriminator selects; returns the property that has it. */
  #selected(union: UnionModel, member: MemberModel): string {
    const slot = this.#slot(member);
    const { spot, local, path } = slot;
    const isMutable = union.extensibility === 'mutable';
    if (isMutable) {
      this.#declare(slot);
      this.#eachHeaded('reader.hasMember(at)', () => {
        this.#lines.add(`if (reader.id !== ${member.id}) reader.passOver();`);
        this.#lines.block('else', () => {
          this.#values.value(spot, path, (text) => `${local} = ${text};`);
          this.#values.flush();
        });
      });
    } else if (this.#isFinal) this.#values.constant(spot, local, path);
    else {
      // Its writer may have known of no case for this label, and sent nothing.
      this.#declare(slot);
      this.#onlyIf('at < end', () => this.#values.value(spot, path, (text) => `${local} = ${text};`));
    }
    const value =
      this.#isFinal || isCheap(spot.shape) ? local : `${local} ?? ${defaultText(this.#module, spot.shape)}`;
    return value === member.name ? value : `${member.name}: ${value}`;
  }

  /** What a discriminator that is not known here selects has no end of its own in a final union, which has the same cases everywhere. */
  #passOverDefault(union: UnionModel): void {
    const member = union.cases.find(({ isDefault }) => isDefault)?.member;
    if (!this.#isFinal || member === undefined) return;
    const { spot, path } = this.#slot(member);
    const before = this.#locals.claim('before');
    this.#lines.add(`const ${before} = reader.attempt();`);
    this.#values.value(spot, path, (text) => (/^\w+$/.test(text) ? '' : `${text};`));
    this.#values.flush();
    this.#lines.add(`reader.failed(${before});`);
  }

  /** After `absent`, nothing further is read, so that what was known in the block holds. */
  #onlyIf(condition: string, body: () => void, otherwise: 'absent' | 'goesOn' = 'goesOn'): void {
    this.#values.flush();
    const before = this.#values.phase;
    this.#lines.block(`if (${condition})`, () => {
      body();
      this.#values.flush();
    });
    if (otherwise === 'goesOn') this.#values.phase = met(before, this.#values.phase);
  }
}
