import type { Span } from './source.js';

/** A name where it is written. */
export interface Identifier {
  /** What it names: without the underscore of an escaped identifier. */
  readonly text: string;
  /** As it stands in the source, for messages. */
  readonly written: string;
  readonly span: Span;
}

/** `a::b` or, with `absolute`, `::a::b`. */
export interface ScopedName {
  readonly absolute: boolean;
  readonly parts: readonly Identifier[];
  readonly span: Span;
}

/** An annotation where it is applied. */
export interface AnnotationSyntax {
  readonly name: ScopedName;
  readonly span: Span;
  readonly parameters: readonly AnnotationParameterSyntax[];
}

export interface AnnotationParameterSyntax {
  readonly name?: Identifier | undefined;
  readonly value: Expression;
  readonly span: Span;
}

export type LiteralKind =
  'integer' | 'float' | 'fixed' | 'string' | 'wideString' | 'character' | 'wideCharacter' | 'boolean';

export type Expression =
  | {
      readonly kind: 'literal';
      readonly literal: LiteralKind;
      /** Of adjacent strings all parts: an escape ends with its own. */
      readonly texts: readonly string[];
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
