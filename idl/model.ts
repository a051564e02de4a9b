import type { Span } from './source.js';
import type { ConstantValue, PrimitiveName, TryConstruct, Type } from './type.js';

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

/** An annotation where it is written. All are kept, also those whose meaning is in other fields of the model. */
export interface AppliedAnnotation {
  /** Without the `@`; scoped where it is written so. */
  readonly name: string;
  /** By parameter name (`value` where one stands alone), with defaults filled in. */
  readonly parameters: readonly { readonly name: string; readonly value: AnnotationValue }[];
  readonly span: Span;
}

/** A constant, or a word that only the annotation knows, such as the `FINAL` of `@extensibility(FINAL)`. */
export type AnnotationValue = ConstantValue | { readonly kind: 'word'; readonly value: string };

export type Extensibility = 'final' | 'appendable' | 'mutable';
export type AutoId = 'sequential' | 'hash';
export type DataRepresentation = 'XCDR1' | 'XML' | 'XCDR2';

interface DefinitionCommon {
  /** The scoped name, such as `flights::Flight`. */
  readonly name: string;
  /** The modules (and interfaces) around it, outermost first. */
  readonly modules: readonly string[];
  /** The last part of the scoped name. */
  readonly localName: string;
  readonly file: string;
  readonly span: Span;
  readonly doc?: string | undefined;
  readonly annotations: readonly AppliedAnnotation[];
}

/** What structs and unions have in common: both can be topics. */
interface AggregateCommon extends DefinitionCommon {
  readonly extensibility: Extensibility;
  readonly topic: boolean;
  /** The topic's name where `@topic(name = …)` gives one. */
  readonly topicName?: string | undefined;
  readonly nested: boolean;
  readonly autoId: AutoId;
  /** Absent where `@data_representation` is. */
  readonly dataRepresentations?: readonly DataRepresentation[] | undefined;
}

export interface StructModel extends AggregateCommon {
  readonly kind: 'struct';
  /** The scoped name of the struct that it inherits from. */
  readonly base?: string | undefined;
  /** Its own members only: {@link allMembers} has the inherited ones too. */
  readonly members: readonly MemberModel[];
}

export interface MemberModel {
  readonly name: string;
  readonly id: number;
  readonly type: Type;
  readonly key: boolean;
  readonly optional: boolean;
  /** Held by reference: what makes a type that contains itself possible. */
  readonly external: boolean;
  /** True for keys too. */
  readonly mustUnderstand: boolean;
  readonly tryConstruct: TryConstruct;
  readonly default?: ConstantValue | undefined;
  readonly min?: ConstantValue | undefined;
  readonly max?: ConstantValue | undefined;
  readonly unit?: string | undefined;
  /** The text whose hash is the id, where `@hashid` or `@autoid(HASH)` makes it one. */
  readonly hashId?: string | undefined;
  readonly doc?: string | undefined;
  readonly annotations: readonly AppliedAnnotation[];
  readonly span: Span;
}

export interface UnionModel extends AggregateCommon {
  readonly kind: 'union';
  /** Its resolved kind is boolean, octet, char, wchar, an integer, an enum or a bitmask. */
  readonly discriminator: Type;
  readonly discriminatorKey: boolean;
  readonly discriminatorTryConstruct: TryConstruct;
  readonly discriminatorDefault?: ConstantValue | undefined;
  readonly cases: readonly UnionCaseModel[];
  /** Whether some value of the discriminator selects no case. */
  readonly implicitDefault: boolean;
}

export interface UnionCaseModel {
  /** Of the discriminator's type; empty where there is only `default:`. */
  readonly labels: readonly ConstantValue[];
  /** Whether it has a `default:` among its labels. */
  readonly isDefault: boolean;
  readonly member: MemberModel;
}

export interface EnumModel extends DefinitionCommon {
  readonly kind: 'enum';
  readonly extensibility: Extensibility;
  /** 1 to 32. */
  readonly bitBound: number;
  /** The enumerator marked `@default_literal`, by its name; else the first is the default. */
  readonly defaultLiteral?: string | undefined;
  /** In the order of declaration, which need not be that of their values. */
  readonly enumerators: readonly EnumeratorModel[];
}

export interface EnumeratorModel {
  readonly name: string;
  readonly value: number;
  readonly doc?: string | undefined;
  readonly annotations: readonly AppliedAnnotation[];
}

export interface BitmaskModel extends DefinitionCommon {
  readonly kind: 'bitmask';
  readonly extensibility: Extensibility;
  /** 1 to 64. */
  readonly bitBound: number;
  readonly flags: readonly FlagModel[];
}

export interface FlagModel {
  readonly name: string;
  /** 0 is the lowest bit. */
  readonly position: number;
  readonly doc?: string | undefined;
  readonly annotations: readonly AppliedAnnotation[];
}

export interface BitsetModel extends DefinitionCommon {
  readonly kind: 'bitset';
  readonly extensibility: Extensibility;
  /** The scoped name of the bitset whose fields come before these. */
  readonly base?: string | undefined;
  /** Its own fields only. */
  readonly fields: readonly BitfieldModel[];
  /** All bits, those of the base included; at most 64. */
  readonly bitCount: number;
}

export interface BitfieldModel {
  /** Absent for padding. */
  readonly name?: string | undefined;
  readonly bits: number;
  /** Of its lowest bit in the whole. */
  readonly position: number;
  /** As declared, or the smallest unsigned type (boolean for one bit) that holds it. */
  readonly type: PrimitiveName;
  readonly doc?: string | undefined;
  readonly annotations: readonly AppliedAnnotation[];
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

export interface ExceptionModel extends DefinitionCommon {
  readonly kind: 'exception';
  /** May be empty. */
  readonly members: readonly MemberModel[];
}

/** Kept for request/reply: no data of its own. */
export interface InterfaceModel extends DefinitionCommon {
  readonly kind: 'interface';
  readonly abstract: boolean;
  readonly local: boolean;
  readonly bases: readonly string[];
  /** Its own only; types and constants declared in it are definitions of the model with its name as a scope. */
  readonly operations: readonly OperationModel[];
  readonly attributes: readonly AttributeModel[];
}

export interface OperationModel {
  readonly name: string;
  readonly oneway: boolean;
  /** Absent for `void`. */
  readonly result?: Type | undefined;
  readonly parameters: readonly ParameterModel[];
  /** Scoped names of exceptions. */
  readonly raises: readonly string[];
  readonly doc?: string | undefined;
  readonly annotations: readonly AppliedAnnotation[];
  readonly span: Span;
}

export interface ParameterModel {
  readonly name: string;
  readonly direction: 'in' | 'out' | 'inout';
  readonly type: Type;
  readonly annotations: readonly AppliedAnnotation[];
}

export interface AttributeModel {
  readonly name: string;
  readonly type: Type;
  readonly readonly: boolean;
  /** Exceptions of reading it, and of setting it. */
  readonly getRaises: readonly string[];
  readonly setRaises: readonly string[];
  readonly doc?: string | undefined;
  readonly annotations: readonly AppliedAnnotation[];
  readonly span: Span;
}

export interface ValuetypeModel extends DefinitionCommon {
  readonly kind: 'valuetype';
  readonly abstract: boolean;
  readonly custom: boolean;
  readonly truncatable: boolean;
  readonly bases: readonly string[];
  readonly supports: readonly string[];
  /** The type of a value box (`valuetype Name string;`), which has nothing else. */
  readonly boxed?: Type | undefined;
  readonly state: readonly { readonly visibility: 'public' | 'private'; readonly member: MemberModel }[];
  readonly operations: readonly OperationModel[];
  readonly attributes: readonly AttributeModel[];
  readonly factories: readonly OperationModel[];
}

/** An `@annotation` definition. */
export interface AnnotationModel extends DefinitionCommon {
  readonly kind: 'annotation';
  readonly parameters: readonly {
    readonly name: string;
    /** Absent for `any`. */
    readonly type?: Type | undefined;
    readonly default?: ConstantValue | undefined;
  }[];
}

export type Definition =
  | StructModel
  | UnionModel
  | EnumModel
  | BitmaskModel
  | BitsetModel
  | TypedefModel
  | ConstantModel
  | ExceptionModel
  | InterfaceModel
  | ValuetypeModel
  | AnnotationModel;

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

/** The members of a struct and of those that it inherits from, the outermost base's first. */
export function allMembers(model: Pick<Model, 'definitions'>, struct: StructModel): readonly MemberModel[] {
  const base = struct.base === undefined ? undefined : model.definitions.get(struct.base);
  return base?.kind === 'struct' ? [...allMembers(model, base), ...struct.members] : struct.members;
}

/** The fields of a bitset and of those that it inherits from, the lowest bits first. */
export function allFields(model: Pick<Model, 'definitions'>, bitset: BitsetModel): readonly BitfieldModel[] {
  const base = bitset.base === undefined ? undefined : model.definitions.get(bitset.base);
  return base?.kind === 'bitset' ? [...allFields(model, base), ...bitset.fields] : bitset.fields;
}
