import type { PrimitiveName } from './model.js';
import type { Span } from './source.js';

/** A name where it is written; `text` is without the underscore of an escaped identifier. */
export interface Identifier {
  readonly text: string;
  readonly span: Span;
}

/** `a::b` or, with `absolute`, `::a::b`. */
export interface ScopedName {
  readonly absolute: boolean;
  readonly parts: readonly Identifier[];
  readonly span: Span;
}

export interface AnnotationSyntax {
  readonly name: string;
  readonly span: Span;
  readonly parameters: readonly {
    readonly name?: string | undefined;
    readonly value: Expression;
    readonly span: Span;
  }[];
}

export type Expression =
  | {
      readonly kind: 'literal';
      readonly literal: 'integer' | 'float' | 'string' | 'character' | 'boolean';
      readonly text: string;
      readonly span: Span;
    }
  | { readonly kind: 'name'; readonly name: ScopedName; readonly span: Span }
  | {
      readonly kind: 'unary';
      readonly operator: '+' | '-' | '~';
      readonly operand: Expression;
      readonly span: Span;
    }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly span: Span;
    }
  /** Something that has been reported already. */
  | { readonly kind: 'unreadable'; readonly span: Span };

export type BinaryOperator = '|' | '^' | '&' | '<<' | '>>' | '+' | '-' | '*' | '/' | '%';

/** A type where it is written. `map`, `fixed` and the wide types will be further kinds. */
export type TypeSyntax =
  | { readonly kind: 'primitive'; readonly name: PrimitiveName; readonly span: Span }
  | { readonly kind: 'string'; readonly bound?: Expression | undefined; readonly span: Span }
  | {
      readonly kind: 'sequence';
      readonly element: TypeSyntax;
      readonly bound?: Expression | undefined;
      readonly span: Span;
    }
  | { readonly kind: 'name'; readonly name: ScopedName; readonly span: Span }
  /** Reported already: not supported, or not readable. */
  | { readonly kind: 'unsupported'; readonly span: Span };

export interface Declarator {
  readonly name: Identifier;
  readonly dimensions: readonly Expression[];
  readonly doc?: string | undefined;
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
  readonly members: readonly MemberSyntax[];
}

export interface ForwardSyntax extends DefinitionBase {
  readonly kind: 'forward';
  readonly name: Identifier;
}

export interface EnumeratorSyntax {
  readonly annotations: readonly AnnotationSyntax[];
  readonly name: Identifier;
  readonly doc?: string | undefined;
}

export interface EnumSyntax extends DefinitionBase {
  readonly kind: 'enum';
  readonly name: Identifier;
  readonly enumerators: readonly EnumeratorSyntax[];
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

/** A definition that was reported as not supported: its name is known, so that uses of it are not reported again. */
export interface UnsupportedSyntax extends DefinitionBase {
  readonly kind: 'unsupported';
  readonly names: readonly Identifier[];
}

export type DefinitionSyntax =
  | ModuleSyntax
  | StructSyntax
  | ForwardSyntax
  | EnumSyntax
  | TypedefSyntax
  | ConstantSyntax
  | UnsupportedSyntax;
