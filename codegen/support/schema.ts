/** A type's model as data: what `TopicType.schema` holds as JSON. Typedefs are resolved; names are scoped. */
export interface Schema {
  readonly version: 1;
  /** The name of the topic's type. */
  readonly type: string;
  /** The types that it is made of, itself included, in the order of their names. */
  readonly definitions: Readonly<Record<string, DefinitionSchema>>;
}

export type DefinitionSchema = StructSchema | UnionSchema | EnumSchema | BitmaskSchema | BitsetSchema;

export type ExtensibilitySchema = 'final' | 'appendable' | 'mutable';

/** What a reader does with a value that does not fit; where it is absent, what holds the value does not fit either. */
export type TryConstructSchema = 'useDefault' | 'trim';

export interface StructSchema {
  readonly kind: 'struct';
  readonly extensibility: ExtensibilitySchema;
  /** Those of its bases first. */
  readonly members: readonly MemberSchema[];
}

export interface MemberSchema {
  readonly name: string;
  readonly id: number;
  readonly type: TypeSchema;
  readonly key?: true;
  readonly optional?: true;
  /** Not told of keys, which always are to be understood. */
  readonly mustUnderstand?: true;
  readonly tryConstruct?: TryConstructSchema;
  readonly external?: true;
  /** Numbers and 64-bit integers as decimal text; enumerators by number. */
  readonly default?: string | boolean;
  /** What its writers keep to; a reader takes whatever comes. */
  readonly min?: string | boolean;
  readonly max?: string | boolean;
}

export interface UnionSchema {
  readonly kind: 'union';
  readonly extensibility: ExtensibilitySchema;
  readonly discriminator: {
    readonly type: TypeSchema;
    readonly key?: true;
    readonly tryConstruct?: TryConstructSchema;
    readonly default?: string | boolean;
  };
  readonly cases: readonly CaseSchema[];
}

export interface CaseSchema {
  /** Numbers as decimal text, enumerators and characters by number. */
  readonly labels: readonly (string | boolean)[];
  /** Whether `default:` is one of its labels. */
  readonly isDefault?: true;
  readonly member: MemberSchema;
}

export interface EnumSchema {
  readonly kind: 'enum';
  readonly extensibility: ExtensibilitySchema;
  /** 32 where it is absent. */
  readonly bitBound?: number;
  readonly values: readonly { readonly name: string; readonly value: number }[];
  /** The enumerator that is marked as the default; the first is where none is. */
  readonly defaultLiteral?: string;
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
  /** Those of its bases first; padding has no name. */
  readonly fields: readonly { readonly name?: string; readonly position: number; readonly bits: number }[];
}

export type TypeSchema =
  | { readonly kind: 'primitive'; readonly name: string }
  | { readonly kind: 'string' | 'wstring'; readonly bound?: number }
  | {
      readonly kind: 'sequence';
      readonly element: TypeSchema;
      readonly bound?: number;
      readonly tryConstruct?: TryConstructSchema;
    }
  | {
      readonly kind: 'map';
      readonly key: TypeSchema;
      readonly value: TypeSchema;
      readonly bound?: number;
      readonly keyTryConstruct?: TryConstructSchema;
      readonly valueTryConstruct?: TryConstructSchema;
    }
  | { readonly kind: 'fixed'; readonly digits: number; readonly scale: number }
  | {
      readonly kind: 'array';
      readonly element: TypeSchema;
      readonly dimensions: readonly number[];
      readonly tryConstruct?: TryConstructSchema;
      /** How many elements take their defaults together where one does not fit: those of an array that is an element itself. */
      readonly rowLength?: number;
    }
  | { readonly kind: 'named'; readonly name: string };
