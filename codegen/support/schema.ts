/** A type's model as data: what `TopicType.schema` holds as JSON. Typedefs are resolved; names are scoped. */
export interface Schema {
  readonly version: 1;
  /** The name of the topic's type. */
  readonly type: string;
  /** The types that it is made of, itself included, in the order of their names. */
  readonly definitions: Readonly<Record<string, DefinitionSchema>>;
}

export type DefinitionSchema = StructSchema | EnumSchema;

export interface StructSchema {
  readonly kind: 'struct';
  readonly extensibility: 'final' | 'appendable' | 'mutable';
  readonly members: readonly MemberSchema[];
}

export interface MemberSchema {
  readonly name: string;
  readonly id: number;
  readonly type: TypeSchema;
  readonly key?: true;
  readonly optional?: true;
  /** Numbers and 64-bit integers as decimal text; enumerators by number. */
  readonly default?: string | boolean;
}

export interface EnumSchema {
  readonly kind: 'enum';
  readonly extensibility: 'final' | 'appendable' | 'mutable';
  readonly values: readonly { readonly name: string; readonly value: number }[];
}

export type TypeSchema =
  | { readonly kind: 'primitive'; readonly name: string }
  | { readonly kind: 'string'; readonly bound?: number }
  | { readonly kind: 'sequence'; readonly element: TypeSchema; readonly bound?: number }
  | { readonly kind: 'array'; readonly element: TypeSchema; readonly dimensions: readonly number[] }
  | { readonly kind: 'named'; readonly name: string };
