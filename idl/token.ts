import type { DiagnosticCode } from './codes.js';
import type { Identifier } from './expression-syntax.js';
import type { Span } from './source.js';

export type TokenKind =
  | 'identifier'
  | 'integer'
  | 'float'
  | 'fixed'
  | 'string'
  | 'wideString'
  | 'character'
  | 'wideCharacter'
  | 'punctuation'
  /** A `#pragma keylist`, with what it says in `pragma`. */
  | 'keylist'
  /** An empty argument beside `##`, while a macro is expanded. */
  | 'nothing'
  | 'invalid'
  | 'end';

/** The smallest piece of IDL text that means something. */
export interface Token {
  readonly kind: TokenKind;
  /** As written; for `string` and `character` literals the text between the quotes, still with its escapes. */
  readonly text: string;
  readonly span: Span;
  /** True for the first token of a line: where a directive may start. */
  readonly startsLine: boolean;
  /** The documentation comment right before this token. */
  readonly doc?: string | undefined;
  /** A documentation comment after the token on its line (`///<`). */
  trailingDoc?: string | undefined;
  /** Of an `invalid` token: what to report, if it is not in a group that a condition skips. */
  readonly problem?: { readonly code: DiagnosticCode; readonly message: string } | undefined;
  /** Of a `keylist` token: what stands after the word. */
  readonly pragma?: readonly Token[] | undefined;
}

/** A token as a name: an underscore before it only keeps it from being a keyword (IDL 4.2, 7.2.3). */
export function identifierOf({ text, span }: Token): Identifier {
  return { text: text.replace(/^_(?=.)/, ''), written: text, span };
}

/** A token as it is written. */
export function spelling({ kind, text, pragma = [] }: Token): string {
  switch (kind) {
    case 'keylist':
      return `#pragma keylist ${pragma.map(spelling).join(' ')}`;
    case 'string':
      return `"${text}"`;
    case 'wideString':
      return `L"${text}"`;
    case 'character':
      return `'${text}'`;
    case 'wideCharacter':
      return `L'${text}'`;
    default:
      return text;
  }
}
