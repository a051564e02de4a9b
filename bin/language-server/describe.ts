import type { Occurrence } from '../../idl/name-index.js';
import type { ConstantValue, Definition, MemberModel, Type } from '../../idl/index.js';
import { resolveTypedefs } from '../../idl/index.js';
import { fixedText } from '../../idl/fixed-point.js';
import { typeText } from '../../idl/type-text.js';

type Entity = Occurrence['entity'];
type Definitions = ReadonlyMap<string, Definition>;

/** What an editor shows of something: its declaration in short, its documentation, and what follows from both. */
export interface Description {
  readonly idl: string;
  readonly doc: string | undefined;
  readonly facts: readonly string[];
}

/** A long list of enumerators is cut. */
const listedMax = 12;

export function describe(entity: Entity, definitions: Definitions): Description {
  const { kind, name } = entity;
  switch (kind) {
    case 'member':
      return describeMember(name, definitions);
    case 'enumerator':
    case 'flag': {
      const owner = definitions.get(outerOf(name));
      const all = owner?.kind === 'enum' ? owner.enumerators : owner?.kind === 'bitmask' ? owner.flags : [];
      const own = all.find((each) => each.name === localOf(name));
      const idl =
        kind === 'enumerator'
          ? `${name} = ${numberOf(entity.value)}`
          : `${name} = ${valueText(entity.value)}`;
      return { idl, doc: own?.doc, facts: [] };
    }
    case 'module':
    case 'broken':
      return { idl: kind === 'module' ? `module ${name}` : name, doc: undefined, facts: [] };
  }
  const definition = definitions.get(name);
  if (definition === undefined) return { idl: `${kind} ${name}`, doc: undefined, facts: [] };
  return { ...describeDefinition(definition, definitions), doc: definition.doc };
}

function describeDefinition(definition: Definition, definitions: Definitions): Omit<Description, 'doc'> {
  const { kind, name } = definition;
  const plain = (idl: string, ...facts: string[]) => ({ idl, facts });
  switch (kind) {
    case 'struct': {
      const base = definition.base === undefined ? '' : ` : ${definition.base}`;
      return plain(`@${definition.extensibility} struct ${name}${base}`, ...topicFact(definition));
    }
    case 'union': {
      const on = writtenType(definition.discriminator);
      return plain(`@${definition.extensibility} union ${name} switch (${on})`, ...topicFact(definition));
    }
    case 'enum':
      return plain(`enum ${name} { ${listed(definition.enumerators)} }`);
    case 'bitmask':
      return plain(`@bit_bound(${definition.bitBound}) bitmask ${name} { ${listed(definition.flags)} }`);
    case 'bitset':
      return plain(`bitset ${name}`, `${definition.bitCount} bits`);
    case 'typedef':
      return plain(
        `typedef ${declared(definition.type, name)}`,
        ...resolvedFact(definition.type, definitions),
      );
    case 'constant': {
      const value = valueText(definition.value);
      return plain(
        `const ${declared(definition.type, name)} = ${value}`,
        ...resolvedFact(definition.type, definitions),
      );
    }
    default:
      return plain(`${kind} ${name}`);
  }
}

function describeMember(name: string, definitions: Definitions): Description {
  const member = memberOf(name, definitions);
  if (member === undefined) return { idl: name, doc: undefined, facts: [] };
  const marks = [
    member.key && '@key',
    member.optional && '@optional',
    member.mustUnderstand && !member.key && '@must_understand',
  ];
  const prefix = marks.filter((mark) => mark !== false).map((mark) => `${mark} `);
  const facts = [`id ${member.id}`];
  if (member.default !== undefined) facts.push(`default ${valueText(member.default)}`);
  if (member.min !== undefined) facts.push(`at least ${valueText(member.min)}`);
  if (member.max !== undefined) facts.push(`at most ${valueText(member.max)}`);
  if (member.unit !== undefined) facts.push(`in ${member.unit}`);
  return {
    idl: prefix.join('') + declared(member.type, name),
    doc: member.doc,
    facts: [...facts, ...resolvedFact(member.type, definitions)],
  };
}

function memberOf(name: string, definitions: Definitions): MemberModel | undefined {
  const owner = definitions.get(outerOf(name));
  const members =
    owner?.kind === 'struct' || owner?.kind === 'exception'
      ? owner.members
      : owner?.kind === 'union'
        ? owner.cases.map(({ member }) => member)
        : owner?.kind === 'valuetype'
          ? owner.state.map(({ member }) => member)
          : [];
  return members.find((member) => member.name === localOf(name));
}

function topicFact({ topic, nested }: { topic: boolean; nested: boolean }): string[] {
  return topic ? ['a topic'] : nested ? ['nested: no topic'] : [];
}

/** What a type comes to, where a typedef hides it. */
function resolvedFact(type: Type, definitions: Definitions): string[] {
  const resolved = resolveTypedefs({ definitions }, type);
  return resolved === type ? [] : [`that is ${writtenType(resolved)}`];
}

/** A type and a name, as IDL declares them: sizes of arrays follow the name. */
function declared(type: Type, name: string): string {
  if (type.kind !== 'array') return `${writtenType(type)} ${name}`;
  return `${writtenType(type.element)} ${name}${type.dimensions.map((size) => `[${size}]`).join('')}`;
}

function writtenType(type: Type): string {
  return typeText(type).replaceAll("'", '');
}

function listed(all: readonly { readonly name: string }[]): string {
  const names = all.slice(0, listedMax).map(({ name }) => name);
  return [...names, ...(all.length > listedMax ? ['…'] : [])].join(', ');
}

function numberOf(value: ConstantValue): string {
  return value.kind === 'enumerator' ? String(value.value) : valueText(value);
}

/** A value as IDL writes it. */
function valueText(value: ConstantValue): string {
  switch (value.kind) {
    case 'boolean':
      return value.value ? 'TRUE' : 'FALSE';
    case 'string':
      return (value.wide ? 'L' : '') + JSON.stringify(value.value);
    case 'character':
      return `${value.wide ? 'L' : ''}'${String.fromCharCode(value.value)}'`;
    case 'enumerator':
      return `${value.enum}::${value.name}`;
    case 'fixed':
      return `${fixedText(value)}d`;
    case 'flags':
      return `0x${value.value.toString(16)}`;
    default:
      return String(value.value);
  }
}

function outerOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('::')));
}

function localOf(name: string): string {
  return name.slice(name.lastIndexOf(':') + 1);
}
