import { createHash } from 'node:crypto';
import type {
  ConstantValue,
  Definition,
  ElementModel,
  MemberModel,
  Model,
  StructModel,
  TryConstruct,
  Type,
  UnionModel,
} from '../idl/index.js';
import { allFields, allMembers, resolveTypedefs } from '../idl/index.js';
import { elementCount } from './shape.js';
import type {
  CaseSchema,
  DefinitionSchema,
  MemberSchema,
  Schema,
  TryConstructSchema,
  TypeSchema,
  UnionSchema,
} from './support/index.js';

/**
 * The schema of a type as canonical JSON: equal for equal types, in whatever files and order they are declared, and whatever
 * typedefs and constants they are written with.
 */
export function schemaOf(model: Model, type: StructModel | UnionModel): string {
  const collector = new Collector(model);
  collector.collect(type);
  const names = [...collector.found.keys()].sort();
  const definitions = Object.fromEntries(names.map((name) => [name, collector.found.get(name)!]));
  const schema: Schema = { version: 1, type: type.name, definitions };
  return JSON.stringify(schema);
}

/** The type hash: 128 bits of the SHA-256 of the schema, as hex digits. */
export function typeHashOf(schema: string): string {
  return createHash('sha256').update(schema).digest('hex').slice(0, 32);
}

class Collector {
  readonly found = new Map<string, DefinitionSchema>();
  readonly #model: Model;

  constructor(model: Model) {
    this.#model = model;
  }

  collect(definition: Definition): void {
    const { name, kind } = definition;
    if (this.found.has(name)) return;
    switch (kind) {
      case 'struct': {
        const { extensibility } = definition;
        const members: MemberSchema[] = [];
        // Found before its members, which may hold it.
        this.found.set(name, { kind, extensibility, members });
        members.push(...allMembers(this.#model, definition).map((member) => this.#member(member)));
        return;
      }
      case 'union':
        return this.#union(definition);
      case 'enum': {
        const { extensibility, bitBound, enumerators, defaultLiteral } = definition;
        const values = enumerators.map((enumerator) => ({ name: enumerator.name, value: enumerator.value }));
        this.found.set(name, {
          kind,
          extensibility,
          ...(bitBound === 32 ? {} : { bitBound }),
          values,
          ...given('defaultLiteral', defaultLiteral),
        });
        return;
      }
      case 'bitmask': {
        const { extensibility, bitBound } = definition;
        const flags = definition.flags.map((flag) => ({ name: flag.name, position: flag.position }));
        this.found.set(name, { kind, extensibility, bitBound, flags });
        return;
      }
      case 'bitset': {
        const { extensibility } = definition;
        const fields = allFields(this.#model, definition).map((field) => ({
          ...given('name', field.name),
          position: field.position,
          bits: field.bits,
        }));
        this.found.set(name, { kind, extensibility, fields });
      }
    }
  }

  #union(union: UnionModel): void {
    const { name, kind, extensibility, discriminatorKey, discriminatorTryConstruct, discriminatorDefault } =
      union;
    const cases: CaseSchema[] = [];
    const discriminator: UnionSchema['discriminator'] = {
      type: this.#type(union.discriminator),
      ...flag('key', discriminatorKey),
      ...tryConstruct('tryConstruct', discriminatorTryConstruct),
      ...constant('default', discriminatorDefault),
    };
    this.found.set(name, { kind, extensibility, discriminator, cases });
    for (const { labels, isDefault, member } of union.cases) {
      cases.push({
        labels: labels.map(valueText),
        ...flag('isDefault', isDefault),
        member: this.#member(member),
      });
    }
  }

  #member(member: MemberModel): MemberSchema {
    const { name, id, type, key, optional, mustUnderstand, external } = member;
    return {
      name,
      id,
      type: this.#type(type),
      ...flag('key', key),
      ...flag('optional', optional),
      ...flag('mustUnderstand', mustUnderstand && !key),
      ...tryConstruct('tryConstruct', member.tryConstruct),
      ...flag('external', external),
      ...constant('default', member.default),
      ...constant('min', member.min),
      ...constant('max', member.max),
    };
  }

  #type(type: Type): TypeSchema {
    const resolved = resolveTypedefs(this.#model, type);
    switch (resolved.kind) {
      case 'primitive':
        return { kind: 'primitive', name: resolved.name };
      case 'string':
      case 'wstring':
        return { kind: resolved.kind, ...given('bound', resolved.bound) };
      case 'sequence':
        return {
          kind: 'sequence',
          element: this.#type(resolved.element),
          ...given('bound', resolved.bound),
          ...ofElements('tryConstruct', resolved.elements),
        };
      case 'map':
        return {
          kind: 'map',
          key: this.#type(resolved.key),
          value: this.#type(resolved.value),
          ...given('bound', resolved.bound),
          ...ofElements('keyTryConstruct', resolved.keys),
          ...ofElements('valueTryConstruct', resolved.values),
        };
      case 'fixed':
        return { kind: 'fixed', digits: resolved.digits, scale: resolved.scale };
      case 'array': {
        const element = this.#type(resolved.element);
        const tried = ofElements('tryConstruct', resolved.elements);
        if (element.kind !== 'array')
          return { kind: 'array', element, dimensions: resolved.dimensions, ...tried };
        const rowLength = tried.tryConstruct === 'useDefault' ? elementCount(element.dimensions) : undefined;
        return {
          ...element,
          dimensions: [...resolved.dimensions, ...element.dimensions],
          ...given('rowLength', element.rowLength ?? rowLength),
        };
      }
      case 'named':
        this.collect(this.#model.definitions.get(resolved.name)!);
        return { kind: 'named', name: resolved.name };
    }
  }
}

/** A property that is there where it has a value. */
function given<K extends string, V>(name: K, value: V | undefined): { readonly [P in K]?: V } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [P in K]?: V };
}

function constant<K extends string>(name: K, value: ConstantValue | undefined) {
  return given(name, value && valueText(value));
}

/** A property that is there where it is true. */
function flag<K extends string>(name: K, holds: boolean): { readonly [P in K]?: true } {
  return given(name, holds ? true : undefined);
}

/** A property that is there where it is not the default. */
function tryConstruct<K extends string>(
  name: K,
  value: TryConstruct,
): { readonly [P in K]?: TryConstructSchema } {
  return given(name, value === 'discard' ? undefined : value);
}

function ofElements<K extends string>(name: K, elements: ElementModel | undefined) {
  return tryConstruct(name, elements?.tryConstruct ?? 'discard');
}

function valueText(value: ConstantValue): string | boolean {
  if (value.kind === 'boolean') return value.value;
  if (value.kind === 'fixed') return `${value.value}e-${value.scale}`;
  return Object.is(value.value, -0) ? '-0' : String(value.value);
}
