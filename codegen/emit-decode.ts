import type { MemberModel, UnionModel } from '../idl/index.js';
import { allMembers } from '../idl/index.js';
import { CodeLines, uses } from './code-lines.js';
import type { Slot } from './decode-fields.js';
import { FieldReader } from './decode-fields.js';
import { defaultOf, defaultText, objectText } from './defaults.js';
import { typeText } from './emit-types.js';
import { fieldNumber, numberOf } from './field.js';
import { LocalNames } from './local-names.js';
import type { ModuleWriter } from './module-writer.js';
import { typeOnly } from './module-writer.js';
import { isRecursive } from './recursion.js';
import type { Aggregate } from './shape.js';
import { canFail, memberSpot, plainSpot } from './try-construct.js';
import { branchesOf, discriminatorOf, readBranches } from './union-branches.js';

/** Writes the function that decodes one struct or union from protobuf. */
export function emitDecode(module: ModuleWriter, aggregate: Aggregate): string {
  return new DecodeEmitter(module, aggregate).emit();
}

class DecodeEmitter {
  readonly #module: ModuleWriter;
  readonly #owner: Aggregate;
  readonly #lines = new CodeLines();
  readonly #locals: LocalNames;
  readonly #fields: FieldReader;

  constructor(module: ModuleWriter, owner: Aggregate) {
    this.#module = module;
    this.#owner = owner;
    this.#locals = new LocalNames(module);
    this.#fields = new FieldReader({ module, lines: this.#lines, locals: this.#locals });
  }

  emit(): string {
    const { name } = this.#owner;
    const names = this.#module.names.get(name)!;
    const reader = typeOnly(`: ${this.#module.supportType('ProtobufReader')}`);
    const result = typeOnly(`: ${names.type}`);
    const end = this.#owner.kind === 'struct' ? this.#struct() : this.#union(this.#owner);
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
    this.#fields.all(slots);
    const values = slots.map((slot, i) => {
      const { name } = members[i]!;
      const value = this.#fields.result(slot);
      return value === name ? value : `${name}: ${value}`;
    });
    return objectText(values);
  }

  #union(owner: UnionModel): string {
    const slots = new Map<MemberModel, Slot>();
    const branches = branchesOf(this.#module, owner);
    for (const { member } of branches) if (member !== undefined) slots.set(member, this.#slot(member, true));
    const all = [this.#discriminator(owner), ...slots.values()];
    const unfit = this.#noting(owner, [...slots.values()], () => this.#fields.all(all));
    const lines = this.#lines;
    lines.add(`let result${typeOnly(`: ${this.#module.names.get(owner.name)!.type}`)};`);
    const body = { module: this.#module, lines, locals: this.#locals };
    readBranches(
      body,
      owner,
      branches,
      (member) => {
        const { local, spot } = slots.get(member)!;
        return `${member.name}: ${local} ?? ${defaultText(this.#module, spot.shape)}`;
      },
      () => unfit && lines.add(`${unfit} = false;`),
    );
    if (unfit !== undefined)
      lines.add(`if (${unfit}) reader.unfit('a member of ${owner.name} does not fit');`);
    return '  return result;\n';
  }

  /** Where a default is taken for an unknown discriminator, nothing is lost with a member that does not fit; returns the local that says whether one did not. */
  #noting(
    { discriminatorTryConstruct }: UnionModel,
    members: readonly Slot[],
    read: () => void,
  ): string | undefined {
    const canBeLost = members.some(
      ({ spot }) => spot.tryConstruct === 'discard' && canFail(this.#module.model, spot.shape),
    );
    if (discriminatorTryConstruct !== 'useDefault' || !canBeLost) {
      read();
      return undefined;
    }
    const before = this.#locals.claim('before');
    const unfit = this.#locals.claim('isUnfit');
    this.#lines.add(`const ${before} = reader.attempt();`);
    read();
    this.#lines.add(`let ${unfit} = reader.failed(${before});`);
    return unfit;
  }

  /** The discriminator; that of an enum as a number, whether it is known or not. */
  #discriminator(owner: UnionModel): Slot {
    const shape = discriminatorOf(this.#module, owner);
    return {
      spot: plainSpot(shape.kind === 'enum' ? { kind: 'primitive', name: 'int32' } : shape),
      number: fieldNumber(0),
      local: 'discriminator',
      path: `'${owner.name}.$d'`,
      type: () => typeText(this.#module, owner.discriminator),
      hasPresence: false,
      fallback: defaultText(this.#module, shape),
    };
  }

  #slot(member: MemberModel, hasPresence: boolean): Slot {
    const spot = memberSpot(this.#module, member);
    const local = this.#locals.claim(member.name);
    return {
      spot,
      number: numberOf(this.#owner, member),
      local,
      path: `'${this.#owner.name}.${member.name}'`,
      type: () => typeText(this.#module, member.type),
      hasPresence,
      fallback: hasPresence ? 'undefined' : defaultOf(this.#module, member),
      unfit: this.#fields.unfitFlag(spot, hasPresence, local),
    };
  }
}
