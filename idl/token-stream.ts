import type { DiagnosticCode } from './codes.js';
import type { DiagnosticLog } from './diagnostic.js';
import type { Identifier } from './expression-syntax.js';
import { keywordLike, keywords } from './keywords.js';
import type { Span } from './source.js';
import { pointAfter } from './source.js';

import type { Token } from './token.js';
import { identifierOf } from './token.js';

/** Thrown to leave the construct being read, once its error is reported; caught where reading can go on. */
export class SyntaxFailure extends Error {}

const nestingMax = 200;

/** The parser's place in the tokens. */
export class TokenStream {
  readonly log: DiagnosticLog;
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;
  /** Whether the first half of the `>>` at hand has been taken. */
  #halfAngle = false;
  /** Whether a `}` was found missing: then everything around it has no end either. */
  unclosed = false;

  constructor(tokens: readonly Token[], log: DiagnosticLog) {
    this.#tokens = tokens;
    this.log = log;
  }

  get token(): Token {
    return this.#tokens[this.#at]!;
  }

  get previous(): Token {
    return this.#tokens[Math.max(0, this.#at - 1)]!;
  }

  get atEnd(): boolean {
    return this.token.kind === 'end';
  }

  /** The token `distance` further on. */
  peek(distance: number): Token {
    return this.#tokens[Math.min(this.#at + distance, this.#tokens.length - 1)]!;
  }

  next(): Token {
    const { token } = this;
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  /** Whether the next token is this sign or keyword. */
  is(text: string): boolean {
    const { token } = this;
    return token.text === text && (token.kind === 'identifier' || token.kind === 'punctuation');
  }

  accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.#at++;
    return true;
  }

  /** Takes one `>` of a `>>`: nested sequences end so. */
  splitAngle(): boolean {
    if (!this.is('>>')) return false;
    if (this.#halfAngle) this.#at++;
    this.#halfAngle = !this.#halfAngle;
    return true;
  }

  expect(text: string, after: string): Token {
    if (this.is(text)) return this.next();
    return this.fail('IDL2001', `Expected '${text}' ${after}, found ${this.found()}.`);
  }

  /** The `;` at an end. Where it is missing before a new line or a bracket, reading goes on as if it were there. */
  expectSemicolon(after: string): void {
    if (this.accept(';') || this.unclosed) return;
    const { token } = this;
    if (token.startsLine || token.kind === 'end' || token.text === '}') {
      this.log.report('IDL2002', pointAfter(this.previous.span), `A ';' is missing ${after}: add it here.`);
      return;
    }
    this.fail('IDL2001', `Expected ';' ${after}, found ${this.found()}.`);
  }

  /** A name: that something is given, that a member is given (which nothing else needs to name), or that it is used by. */
  identifier(what: string, use: 'declared' | 'member' | 'used' = 'declared'): Identifier {
    const { token } = this;
    if (token.kind !== 'identifier') {
      return this.fail('IDL2001', `Expected ${what}, found ${this.found()}.`);
    }
    const keyword = token.text.startsWith('_') ? undefined : keywordLike(token.text);
    if (keyword === token.text && use === 'member' && this.#endsName(this.peek(1))) {
      const message = `'${token.text}' is a keyword, which other IDL compilers refuse as a name: choose another, or write '_${token.text}'.`;
      this.log.report('IDL2009', token.span, message);
    } else if (keyword === token.text) {
      const message = `'${token.text}' is a keyword: choose another name, or write '_${token.text}'.`;
      this.log.report('IDL2005', token.span, message);
      // Taken as a name where it must have been meant as one, so that the rest is still understood.
      if (!this.#endsName(this.peek(1))) throw new SyntaxFailure();
    } else if (keyword !== undefined && use !== 'used') {
      const message = `'${token.text}' differs from the keyword '${keyword}' only by case, which other IDL compilers refuse: choose another name, or write '_${token.text}'.`;
      this.log.report('IDL2008', token.span, message);
    }
    this.#at++;
    return identifierOf(token);
  }

  /** Whether the next token can start a scoped name. */
  get atName(): boolean {
    const { token } = this;
    return token.text === '::' || (token.kind === 'identifier' && !keywords.has(token.text));
  }

  found(): string {
    const { token } = this;
    if (token.kind === 'end') return 'the end of the file';
    if (token.kind === 'keylist') return "'#pragma keylist', which stands between definitions";
    const text = token.text.length > 40 ? `${token.text.slice(0, 40)}…` : token.text;
    if (token.kind === 'string') return `the string "${text}"`;
    return keywords.has(text) ? `the keyword '${text}'` : `'${text}'`;
  }

  fail(code: DiagnosticCode, message: string, span: Span = this.token.span): never {
    this.log.report(code, span, message);
    throw new SyntaxFailure();
  }

  /** Reads something that may contain itself, within a limit: hostile text is not to overflow the stack. */
  nested<T>(read: () => T): T {
    if (this.#depth >= nestingMax) {
      this.fail('IDL2006', `Nested more than ${nestingMax} deep: split it.`);
    }
    this.#depth++;
    try {
      return read();
    } finally {
      this.#depth--;
    }
  }

  /** Skips to after the next `;`, or to before a `}` that closes what is around. Brackets within are skipped as wholes. */
  recover(): void {
    this.#halfAngle = false;
    let open = 0;
    while (!this.atEnd) {
      if (open === 0 && this.is('}')) return;
      const { text, kind } = this.next();
      if (kind !== 'punctuation') continue;
      if (text === '{') open++;
      else if (text === '}') {
        open--;
        // What follows on the line still belongs to it, such as the `;`.
        if (open === 0 && (this.token.startsLine || this.is('}'))) return;
      } else if (text === ';' && open === 0) return;
    }
  }

  #endsName(token: Token): boolean {
    return token.kind === 'end' || [';', ',', '{', '}', '[', '=', ':'].includes(token.text);
  }
}
