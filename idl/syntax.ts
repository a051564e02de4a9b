import type { AnnotationSyntax, Expression, Identifier, ScopedName } from './expression-syntax.js';
import type { Span } from './source.js';
import type { PrimitiveName } from './type.js';

/** A type before which annotations can stand, within the brackets of a collection. */
export interface ElementSyntax {
  readonly annotations: readonly AnnotationSyntax[];
  readonly type: TypeSyntax;
}

/** A type where it is written. */
export type TypeSyntax =
  | { readonly kind: 'primitive'; readonly name: PrimitiveName; readonly span: Span }
  | {
      readonly kind: 'string' | 'wstring';
      readonly bound?: Expression | undefined;
      readonly span: Span;
    }
  | {
      readonly kind: 'sequence';
      readonly element: ElementSyntax;
      readonly bound?: Expression | undefined;
      readonly span: Span;
    }
  | {
      readonly kind: 'map';
      readonly key: ElementSyntax;
      readonly value: ElementSyntax;
      readonly bound?: Expression | undefined;
      readonly span: Span;
    }
  | {
      readonly kind: 'fixed';
      /** Absent in the type of a constant, which takes them from its value. */
      readonly digits?: Expression | undefined;
      readonly scale?: Expression | undefined;
      readonly span: Span;
    }
  | { readonly kind: 'name'; readonly name: ScopedName; readonly span: Span }
  /** A type that is defined where it is used, in front of a declarator: it has no name, or is named for the first time. */
  | { readonly kind: 'defined'; readonly definition: DefinitionSyntax; readonly span: Span }
  /** Reported already: not supported, or not readable. */
  | { readonly kind: 'unsupported'; readonly span: Span };

export interface Declarator {
  readonly name: Identifier;
  /** Of the elements of an array, between its name and its sizes: `long a @try_construct(TRIM) [3]`. */
  readonly elementAnnotations: readonly AnnotationSyntax[];
  readonly dimensions: readonly Expression[];
}

interface DefinitionBase {
  readonly annotations: readonly AnnotationSyntax[];
  readonly doc?: string | undefined;
  readonly span: Span;
}

export interface ModuleSyntax extends DefinitionBase {
  readonly kind: 'module';
  readonly name: Identifier;
  readonly definitions: readonly DefinitionSyntax[];
}

export interface MemberSyntax {
  readonly annotations: readonly AnnotationSyntax[];
  readonly type: TypeSyntax;
  readonly declarators: readonly Declarator[];
  readonly doc?: string | undefined;
}

export interface StructSyntax extends DefinitionBase {
  readonly kind: 'struct';
  readonly name: Identifier;
  readonly base?: ScopedName | undefined;
  readonly members: readonly MemberSyntax[];
}

export interface ExceptionSyntax extends DefinitionBase {
  readonly kind: 'exception';
  readonly name: Identifier;
  readonly members: readonly MemberSyntax[];
}

export interface UnionSyntax extends DefinitionBase {
  readonly kind: 'union';
  readonly name: Identifier;
  readonly discriminator: ElementSyntax;
  readonly cases: readonly CaseSyntax[];
}

export interface CaseSyntax {
  readonly labels: readonly (
    | { readonly kind: 'case'; readonly value: Expression; readonly span: Span }
    | { readonly kind: 'default'; readonly span: Span }
  )[];
  /** Has exactly one declarator. */
  readonly member: MemberSyntax;
}

export interface ForwardSyntax extends DefinitionBase {
  readonly kind: 'forward';
  readonly what: 'struct' | 'union' | 'interface' | 'valuetype';
  readonly name: Identifier;
}

/** An enumerator, or a flag of a bitmask. */
export interface EnumeratorSyntax {
  readonly annotations: readonly AnnotationSyntax[];
  readonly name: Identifier;
  /** What is given by `=`, which some compilers take for `@value`. */
  readonly value?: Expression | undefined;
  readonly doc?: string | undefined;
}

export interface EnumSyntax extends DefinitionBase {
  readonly kind: 'enum' | 'bitmask';
  readonly name: Identifier;
  readonly enumerators: readonly EnumeratorSyntax[];
}

export interface BitsetSyntax extends DefinitionBase {
  readonly kind: 'bitset';
  readonly name: Identifier;
  readonly base?: ScopedName | undefined;
  readonly fields: readonly BitfieldSyntax[];
}

export interface BitfieldSyntax {
  readonly annotations: readonly AnnotationSyntax[];
  readonly bits: Expression;
  readonly type?: TypeSyntax | undefined;
  /** None for padding; several fields can share one declaration. */
  readonly names: readonly Identifier[];
  readonly doc?: string | undefined;
  readonly span: Span;
}

export interface TypedefSyntax extends DefinitionBase {
  readonly kind: 'typedef';
  readonly type: TypeSyntax;
  readonly declarators: readonly Declarator[];
}

export interface ConstantSyntax extends DefinitionBase {
  readonly kind: 'constant';
  readonly name: Identifier;
  readonly type: TypeSyntax;
  readonly value: Expression;
}

export interface OperationSyntax {
  readonly kind: 'operation';
  readonly annotations: readonly AnnotationSyntax[];
  readonly oneway: boolean;
  /** Absent for `void`. */
  readonly result?: TypeSyntax | undefined;
  readonly name: Identifier;
  readonly parameters: readonly ParameterSyntax[];
  readonly raises: readonly ScopedName[];
  readonly doc?: string | undefined;
}

export interface ParameterSyntax {
  readonly annotations: readonly AnnotationSyntax[];
  readonly direction: 'in' | 'out' | 'inout';
  readonly type: TypeSyntax;
  readonly name: Identifier;
}

export interface AttributeSyntax {
  readonly kind: 'attribute';
  readonly annotations: readonly AnnotationSyntax[];
  readonly readonly: boolean;
  readonly type: TypeSyntax;
  readonly names: readonly Identifier[];
  readonly getRaises: readonly ScopedName[];
  readonly setRaises: readonly ScopedName[];
  readonly doc?: string | undefined;
}

/** What an interface or a value type is made of; definitions within it have it as their scope. */
export type ExportSyntax = OperationSyntax | AttributeSyntax | DefinitionSyntax;

export interface InterfaceSyntax extends DefinitionBase {
  readonly kind: 'interface';
  readonly abstract: boolean;
  readonly local: boolean;
  readonly name: Identifier;
  readonly bases: readonly ScopedName[];
  readonly exports: readonly ExportSyntax[];
}

export interface StateSyntax {
  readonly kind: 'state';
  readonly visibility: 'public' | 'private';
  readonly member: MemberSyntax;
}

export interface FactorySyntax {
  readonly kind: 'factory';
  readonly operation: OperationSyntax;
}

export interface ValuetypeSyntax extends DefinitionBase {
  readonly kind: 'valuetype';
  readonly abstract: boolean;
  readonly custom: boolean;
  readonly truncatable: boolean;
  readonly name: Identifier;
  readonly bases: readonly ScopedName[];
  readonly supports: readonly ScopedName[];
  readonly boxed?: TypeSyntax | undefined;
  readonly exports: readonly (ExportSyntax | StateSyntax | FactorySyntax)[];
}

export interface AnnotationDefinitionSyntax extends DefinitionBase {
  readonly kind: 'annotation';
  readonly name: Identifier;
  readonly parameters: readonly {
    /** Absent for `any`: a constant of whatever type. */
    readonly type?: TypeSyntax | undefined;
    readonly name: Identifier;
    readonly default?: Expression | undefined;
  }[];
  /** Types and constants that only its parameters use. */
  readonly definitions: readonly DefinitionSyntax[];
}

/** `#pragma keylist`: which members of a struct are its keys, each by its path. */
export interface KeylistSyntax extends DefinitionBase {
  readonly kind: 'keylist';
  readonly target: ScopedName;
  readonly keys: readonly (readonly Identifier[])[];
}

/** A definition that was reported as not supported: its name is known, so that uses of it are not reported again. */
export interface UnsupportedSyntax extends DefinitionBase {
  readonly kind: 'unsupported';
  readonly names: readonly Identifier[];
}

export type DefinitionSyntax =
  | ModuleSyntax
  | StructSyntax
  | UnionSyntax
  | ForwardSyntax
  | EnumSyntax
  | BitsetSyntax
  | TypedefSyntax
  | ConstantSyntax
  | ExceptionSyntax
  | InterfaceSyntax
  | ValuetypeSyntax
  | AnnotationDefinitionSyntax
  | KeylistSyntax
  | UnsupportedSyntax;
