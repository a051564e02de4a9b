/** A type's model as data: what `TopicType.schema` holds as JSON. Typedefs are resolved; names are scoped. */
export interface Schema {
  readonly version: 1;
  /** The name of the topic's type. */
  readonly type: string;
  /** The types that it is made of, itself included, in the order of their names. */
  readonly definitions: Readonly<Record<string, DefinitionSchema>>;
}

export type ExtensibilitySchema = 'final' | 'appendable' | 'mutable';

export type DefinitionSchema = StructSchema | UnionSchema | EnumSchema | BitmaskSchema | BitsetSchema;

export interface StructSchema {
  readonly kind: 'struct';
  readonly extensibility: ExtensibilitySchema;
  /** The struct that it inherits from. */
  readonly base?: string;
  /** The inherited ones first. */
  readonly members: readonly MemberSchema[];
}

export interface MemberSchema {
  readonly name: string;
  readonly id: number;
  readonly type: TypeSchema;
  readonly key?: true;
  readonly optional?: true;
  /** Of a key it goes without saying. */
  readonly mustUnderstand?: true;
  /** Absent for `discard`. */
  readonly tryConstruct?: 'useDefault' | 'trim';
  /** Numbers and 64-bit integers as decimal text; enumerators by number. */
  readonly min?: string;
  readonly max?: string;
  readonly default?: string | boolean;
}

export interface UnionSchema {
  readonly kind: 'union';
  readonly extensibility: ExtensibilitySchema;
  readonly discriminator: TypeSchema;
  /** Whether the discriminator is a key. */
  readonly key?: true;
  readonly cases: readonly UnionCaseSchema[];
}

export interface UnionCaseSchema {
  /** As text: numbers in decimal, characters by their code, enumerators by number. */
  readonly labels: readonly string[];
  readonly default?: true;
  readonly member: MemberSchema;
}

export interface EnumSchema {
  readonly kind: 'enum';
  readonly extensibility: ExtensibilitySchema;
  /** Absent for 32. */
  readonly bitBound?: number;
  readonly defaultLiteral?: string;
  readonly values: readonly { readonly name: string; readonly value: number }[];
}

export interface BitmaskSchema {
  readonly kind: 'bitmask';
  readonly extensibility: ExtensibilitySchema;
  readonly bitBound: number;
  readonly flags: readonly { readonly name: string; readonly position: number }[];
}

export interface BitsetSchema {
  readonly kind: 'bitset';
  readonly extensibility: ExtensibilitySchema;
  readonly bitCount: number;
  /** The inherited ones first; padding is left out. */
  readonly fields: readonly {
    readonly name: string;
    readonly bits: number;
    readonly position: number;
    readonly type: string;
  }[];
}

export type TypeSchema =
  | { readonly kind: 'primitive'; readonly name: string }
  | { readonly kind: 'string' | 'wstring'; readonly bound?: number }
  | { readonly kind: 'fixed'; readonly digits: number; readonly scale: number }
  | { readonly kind: 'sequence'; readonly element: TypeSchema; readonly bound?: number }
  | { readonly kind: 'map'; readonly key: TypeSchema; readonly value: TypeSchema; readonly bound?: number }
  | { readonly kind: 'array'; readonly element: TypeSchema; readonly dimensions: readonly number[] }
  | { readonly kind: 'named'; readonly name: string };
