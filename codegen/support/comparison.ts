import type { DefinitionSchema, Schema, TryConstructSchema, TypeSchema } from './schema.js';

/**
 * What a type is looked at for: `topic` is the topic's own, whose `@key` members are its key; `key` is within a key, of which
 * nothing may be lost; `value` is everything else, where `@key` says nothing.
 */
export type Role = 'topic' | 'key' | 'value';

/** Where in the types a comparison is. */
export interface Place {
  /** As messages name it, such as `flights::Flight.origin`. */
  readonly where: string;
  readonly role: Role;
  /** Whether nothing tells where the value ends: the reader then has to know its whole form. */
  readonly tight: boolean;
  /** What the reader makes of a value that does not fit here; of a key nothing. */
  readonly tryConstruct: TryConstructSchema | undefined;
  /** What holds this, by its name, and has a default taken for it where this does not fit. */
  readonly caught: string | undefined;
}

/** What has a default taken for it where something within a place does not fit. */
export function caughtWithin({ where, role, tryConstruct, caught }: Place): string | undefined {
  if (role === 'key') return undefined;
  return tryConstruct === 'useDefault' ? where : caught;
}

/** One comparison of a writer's type with a reader's, as the rules for each kind of type see it. */
export interface Comparison {
  readonly writer: Schema;
  readonly reader: Schema;
  /** Compares two types; what is found is remembered. */
  types(writer: TypeSchema, reader: TypeSchema, place: Place): void;
  /** Something for which the reader cannot understand the writer. */
  problem(text: string): void;
  /** Something that the reader understands, and that is lost on it. */
  note(text: string): void;
}

/** A definition by its name; from another process, so nothing is taken for granted. */
export function definitionOf({ definitions }: Schema, name: string): DefinitionSchema | undefined {
  return Object.hasOwn(definitions, name) ? definitions[name] : undefined;
}

/** A type as messages name it. */
export function typeText(type: TypeSchema): string {
  const bound = 'bound' in type && type.bound !== undefined ? type.bound : undefined;
  switch (type.kind) {
    case 'primitive':
    case 'named':
      return type.name;
    case 'string':
    case 'wstring':
      return bound === undefined ? type.kind : `${type.kind}<${bound}>`;
    case 'sequence':
      return `sequence<${typeText(type.element)}${bound === undefined ? '' : `, ${bound}`}>`;
    case 'map':
      return `map<${typeText(type.key)}, ${typeText(type.value)}${bound === undefined ? '' : `, ${bound}`}>`;
    case 'fixed':
      return `fixed<${type.digits}, ${type.scale}>`;
    case 'array':
      return typeText(type.element) + type.dimensions.map((size) => `[${size}]`).join('');
    default:
      return 'a type of a kind that is not known here';
  }
}
