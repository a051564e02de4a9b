import { createHash } from 'node:crypto';
import type { ConstantValue, Definition, MemberModel, Model, Type } from '../idl/index.js';
import { allFields, allMembers, resolveTypedefs } from '../idl/index.js';
import type { Aggregate } from './shape.js';
import type { DefinitionSchema, MemberSchema, Schema, TypeSchema, UnionCaseSchema } from './support/index.js';

/**
 * The schema of a type as canonical JSON: equal for equal types, in whatever files and order they are declared, and whatever
 * typedefs and constants they are written with.
 */
export function schemaOf(model: Model, aggregate: Aggregate): string {
  const found = new Map<string, DefinitionSchema>();
  collect(model, aggregate, found);
  const names = [...found.keys()].sort();
  const definitions = Object.fromEntries(names.map((name) => [name, found.get(name)!]));
  const schema: Schema = { version: 1, type: aggregate.name, definitions };
  return JSON.stringify(schema);
}

/** The type hash: 128 bits of the SHA-256 of the schema, as hex digits. */
export function typeHashOf(schema: string): string {
  return createHash('sha256').update(schema).digest('hex').slice(0, 32);
}

function collect(model: Model, definition: Definition, found: Map<string, DefinitionSchema>): void {
  if (found.has(definition.name)) return;
  switch (definition.kind) {
    case 'struct': {
      const { extensibility, base } = definition;
      const members: MemberSchema[] = [];
      found.set(definition.name, {
        kind: 'struct',
        extensibility,
        ...(base !== undefined && { base }),
        members,
      });
      for (const member of allMembers(model, definition)) members.push(memberSchema(model, member, found));
      return;
    }
    case 'union': {
      const { extensibility, discriminator, discriminatorKey } = definition;
      const cases: UnionCaseSchema[] = [];
      found.set(definition.name, {
        kind: 'union',
        extensibility,
        discriminator: typeSchema(model, discriminator, found),
        ...(discriminatorKey && { key: true as const }),
        cases,
      });
      for (const { labels, isDefault, member } of definition.cases) {
        const texts = labels.map((label) => String(valueText(label)));
        cases.push({
          labels: texts,
          ...(isDefault && { default: true as const }),
          member: memberSchema(model, member, found),
        });
      }
      return;
    }
    case 'enum': {
      const { extensibility, bitBound, defaultLiteral, enumerators } = definition;
      found.set(definition.name, {
        kind: 'enum',
        extensibility,
        ...(bitBound !== 32 && { bitBound }),
        ...(defaultLiteral !== undefined && { defaultLiteral }),
        values: enumerators.map(({ name, value }) => ({ name, value })),
      });
      return;
    }
    case 'bitmask': {
      const { extensibility, bitBound, flags } = definition;
      const positions = flags.map(({ name, position }) => ({ name, position }));
      found.set(definition.name, { kind: 'bitmask', extensibility, bitBound, flags: positions });
      return;
    }
    case 'bitset': {
      const fields = allFields(model, definition).flatMap(({ name, bits, position, type }) =>
        name === undefined ? [] : [{ name, bits, position, type }],
      );
      const { extensibility, bitCount } = definition;
      found.set(definition.name, { kind: 'bitset', extensibility, bitCount, fields });
      return;
    }
    default:
      throw new Error(`${definition.name} is no type of data`);
  }
}

function memberSchema(model: Model, member: MemberModel, found: Map<string, DefinitionSchema>): MemberSchema {
  const { name, id, type, key, optional, mustUnderstand, tryConstruct, min, max, default: value } = member;
  return {
    name,
    id,
    type: typeSchema(model, type, found),
    ...(key && { key: true as const }),
    ...(optional && { optional: true as const }),
    ...(mustUnderstand && !key && { mustUnderstand: true as const }),
    ...(tryConstruct !== 'discard' && { tryConstruct }),
    ...(min !== undefined && { min: String(valueText(min)) }),
    ...(max !== undefined && { max: String(valueText(max)) }),
    ...(value !== undefined && { default: valueText(value) }),
  };
}

function typeSchema(model: Model, type: Type, found: Map<string, DefinitionSchema>): TypeSchema {
  const resolved = resolveTypedefs(model, type);
  switch (resolved.kind) {
    case 'primitive':
      return { kind: 'primitive', name: resolved.name };
    case 'string':
    case 'wstring':
      return { kind: resolved.kind, ...boundOf(resolved) };
    case 'fixed':
      return { kind: 'fixed', digits: resolved.digits, scale: resolved.scale };
    case 'sequence':
      return { kind: 'sequence', element: typeSchema(model, resolved.element, found), ...boundOf(resolved) };
    case 'map': {
      const key = typeSchema(model, resolved.key, found);
      return { kind: 'map', key, value: typeSchema(model, resolved.value, found), ...boundOf(resolved) };
    }
    case 'array': {
      const element = typeSchema(model, resolved.element, found);
      if (element.kind !== 'array') return { kind: 'array', element, dimensions: resolved.dimensions };
      return { ...element, dimensions: [...resolved.dimensions, ...element.dimensions] };
    }
    case 'named':
      collect(model, model.definitions.get(resolved.name)!, found);
      return { kind: 'named', name: resolved.name };
  }
}

function boundOf({ bound }: { readonly bound?: number | undefined }): { bound?: number } {
  return bound === undefined ? {} : { bound };
}

function valueText(value: ConstantValue): string | boolean {
  if (value.kind === 'fixed') return `${value.value}e-${value.scale}`;
  return value.kind === 'boolean' ? value.value : Object.is(value.value, -0) ? '-0' : String(value.value);
}
