import { createHash } from 'node:crypto';
import type { ConstantValue, Definition, Model, StructModel, Type } from '../idl/index.js';
import { resolveTypedefs } from '../idl/index.js';
import { NotGeneratedError } from './not-generated.js';
import type { DefinitionSchema, MemberSchema, Schema, TypeSchema } from './support/index.js';

/**
 * The schema of a type as canonical JSON: equal for equal types, in whatever files and order they are declared, and whatever
 * typedefs and constants they are written with.
 */
export function schemaOf(model: Model, struct: StructModel): string {
  const found = new Map<string, DefinitionSchema>();
  collect(model, struct, found);
  const names = [...found.keys()].sort();
  const definitions = Object.fromEntries(names.map((name) => [name, found.get(name)!]));
  const schema: Schema = { version: 1, type: struct.name, definitions };
  return JSON.stringify(schema);
}

/** The type hash: 128 bits of the SHA-256 of the schema, as hex digits. */
export function typeHashOf(schema: string): string {
  return createHash('sha256').update(schema).digest('hex').slice(0, 32);
}

function collect(model: Model, definition: Definition, found: Map<string, DefinitionSchema>): void {
  if (found.has(definition.name)) return;
  if (definition.kind === 'enum') {
    const values = definition.enumerators.map(({ name, value }) => ({ name, value }));
    found.set(definition.name, { kind: 'enum', extensibility: definition.extensibility, values });
    return;
  }
  if (definition.kind !== 'struct') return;
  const members: MemberSchema[] = [];
  found.set(definition.name, { kind: 'struct', extensibility: definition.extensibility, members });
  for (const { name, id, type, key, optional, default: value } of definition.members) {
    members.push({
      name,
      id,
      type: typeSchema(model, type, found),
      ...(key ? { key: true as const } : {}),
      ...(optional ? { optional: true as const } : {}),
      ...(value === undefined ? {} : { default: defaultText(value) }),
    });
  }
}

function typeSchema(model: Model, type: Type, found: Map<string, DefinitionSchema>): TypeSchema {
  const resolved = resolveTypedefs(model, type);
  switch (resolved.kind) {
    case 'primitive':
      return { kind: 'primitive', name: resolved.name };
    case 'wstring':
    case 'map':
    case 'fixed':
      throw new NotGeneratedError(`The type ${resolved.kind}`);
    case 'string':
      return { kind: 'string', ...(resolved.bound === undefined ? {} : { bound: resolved.bound }) };
    case 'sequence': {
      const element = typeSchema(model, resolved.element, found);
      return {
        kind: 'sequence',
        element,
        ...(resolved.bound === undefined ? {} : { bound: resolved.bound }),
      };
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

function defaultText(value: ConstantValue): string | boolean {
  return value.kind === 'boolean' ? value.value : Object.is(value.value, -0) ? '-0' : String(value.value);
}
