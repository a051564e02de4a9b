import type { Span } from './source.js';

/**
 * The checked model of a set of IDL files: what code generation works on. It is immutable and holds no syntax; definitions
 * refer to each other by scoped name, so that recursive types need no cycles of objects.
 */
export interface Model {
  /** In order of reading: an included file before the one that includes it. */
  readonly files: readonly ModelFile[];
  /** By scoped name, in order of declaration. */
  readonly definitions: ReadonlyMap<string, Definition>;
}

export interface ModelFile {
  readonly path: string;
  /** The paths of the files that it includes directly. */
  readonly includes: readonly string[];
  /** The scoped names declared in it. */
  readonly definitions: readonly string[];
}

export type PrimitiveName =
  | 'boolean'
  | 'octet'
  | 'char'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float'
  | 'double';

/** A type as a member has it. Later kinds (`map`, `wstring`, `fixed`, …) are added here. */
export type Type =
  | { readonly kind: 'primitive'; readonly name: PrimitiveName }
  /** The bound of a string counts the bytes of its UTF-8 text. */
  | { readonly kind: 'string'; readonly bound?: number | undefined }
  | { readonly kind: 'sequence'; readonly element: Type; readonly bound?: number | undefined }
  /** One or more dimensions, the outermost first. */
  | { readonly kind: 'array'; readonly element: Type; readonly dimensions: readonly number[] }
  /** A struct, an enum or a typedef, by its scoped name. */
  | { readonly kind: 'named'; readonly name: string };

export type ConstantValue =
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'string'; readonly value: string }
  /** A code of ISO 8859-1. */
  | { readonly kind: 'character'; readonly value: number }
  | {
      readonly kind: 'enumerator';
      readonly enum: string;
      readonly name: string;
      readonly value: number;
    };

export type Extensibility = 'final' | 'appendable' | 'mutable';

interface DefinitionCommon {
  /** The scoped name, such as `flights::Flight`. */
  readonly name: string;
  /** The modules around it, outermost first. */
  readonly modules: readonly string[];
  /** The last part of the scoped name. */
  readonly localName: string;
  readonly file: string;
  readonly span: Span;
  readonly doc?: string | undefined;
}

export interface StructModel extends DefinitionCommon {
  readonly kind: 'struct';
  readonly extensibility: Extensibility;
  readonly topic: boolean;
  readonly nested: boolean;
  readonly members: readonly MemberModel[];
}

export interface MemberModel {
  readonly name: string;
  readonly id: number;
  readonly type: Type;
  readonly key: boolean;
  readonly optional: boolean;
  readonly default?: ConstantValue | undefined;
  readonly doc?: string | undefined;
  readonly span: Span;
}

export interface EnumModel extends DefinitionCommon {
  readonly kind: 'enum';
  readonly extensibility: Extensibility;
  readonly enumerators: readonly EnumeratorModel[];
}

export interface EnumeratorModel {
  readonly name: string;
  readonly value: number;
  readonly doc?: string | undefined;
}

export interface TypedefModel extends DefinitionCommon {
  readonly kind: 'typedef';
  readonly type: Type;
}

export interface ConstantModel extends DefinitionCommon {
  readonly kind: 'constant';
  readonly type: Type;
  readonly value: ConstantValue;
}

export type Definition = StructModel | EnumModel | TypedefModel | ConstantModel;

/** A type with its typedefs resolved at the outermost level. */
export function resolveTypedefs(model: Pick<Model, 'definitions'>, type: Type): Type {
  let resolved = type;
  while (resolved.kind === 'named') {
    const definition = model.definitions.get(resolved.name);
    if (definition?.kind !== 'typedef') break;
    resolved = definition.type;
  }
  return resolved;
}
