import { keywords } from '../keywords.js';
import type { Token } from '../token.js';

/** What spacing needs to know of the place between two tokens. */
export interface Place {
  /** Brackets `<` that are open here, within the innermost parentheses. */
  readonly angles: number;
  /** Whether the token after is part of an annotation. */
  readonly inAnnotation: boolean;
  /** Whether the token before is the last of an annotation. */
  readonly afterAnnotation: boolean;
  /** Whether `:` here ends a `case` or `default`. */
  readonly inLabel: boolean;
  /** Whether the token before is a sign rather than an operator between two values. */
  readonly afterSign: boolean;
}

const binaryOperators = ['|', '^', '&', '<<', '>>', '+', '-', '*', '/', '%', '=', '==', '!=', '&&', '||'];
const closers = [';', ',', ')', ']', '>'];
const values = ['TRUE', 'FALSE'];
/** Words that take a `(` and are no keywords of IDL's data types. */
const operationWords = ['context', 'getraises', 'setraises'];

/** Whether a blank belongs between two tokens of one line. */
export function spaceBetween(before: Token, after: Token, place: Place): boolean {
  return mustSeparate(before, after) || wantsSpace(before, after, place);
}

function wantsSpace(before: Token, after: Token, place: Place): boolean {
  const left = signOf(before);
  const right = signOf(after);
  if (left === '{' || right === '{') return left !== '{' || right !== '}';
  if (left === '@' || left === '(' || left === '[' || left === '::') return false;
  if (left === '<' || right === '<') return false;
  if (right !== undefined && closers.includes(right)) return false;
  if (right === '>>' && place.angles > 0) return false;
  if (place.afterSign) return false;
  if (right === '::') return followsAsAbsolute(before, place);
  if (right === '[') return false;
  if (right === '(') return !isCallee(before, place);
  if (right === ':') return !place.inLabel;
  return true;
}

/** Whether a token after a comment stands right at it. */
export function hugsComment(token: Token): boolean {
  return closers.includes(signOf(token) ?? '');
}

/** `a::b` is one name; `const ::a::b` and `@key ::a::b` start a second one. */
function followsAsAbsolute(before: Token, place: Place): boolean {
  return place.afterAnnotation || before.kind !== 'identifier' || isKeyword(before);
}

function isCallee(before: Token, place: Place): boolean {
  if (before.kind !== 'identifier') return false;
  if (place.inAnnotation) return true;
  return !isKeyword(before) && !operationWords.includes(before.text);
}

/** Whether `+`, `-` or `~` after this token is a sign. */
export function isSign(token: Token, before: Token | undefined): boolean {
  if (!['+', '-', '~'].includes(signOf(token) ?? '')) return false;
  if (token.text === '~' || before === undefined) return true;
  if (before.kind === 'identifier') return isKeyword(before) && !values.includes(before.text);
  return before.kind === 'punctuation' && ![')', ']'].includes(before.text);
}

/** Whether a line that is too long may go on in the next before this token. */
export function mayBreakBetween(before: Token, after: Token, place: Place): boolean {
  if (signOf(before) === ',' || (before.kind === 'string' && after.kind === 'string')) return true;
  if (place.angles > 0 || place.afterSign) return false;
  const right = signOf(after);
  if (right !== undefined && right !== '=' && binaryOperators.includes(right)) return !isSign(after, before);
  return after.kind === 'identifier' && ['raises', 'getraises', 'setraises'].includes(after.text);
}

/** Two tokens that would be read as others if nothing stood between them. */
function mustSeparate(before: Token, after: Token): boolean {
  if (before.kind !== 'punctuation') {
    if (after.kind === 'punctuation') return endsInWord(before) && after.text === '.';
    return endsInWord(before) || before.kind === after.kind;
  }
  if (after.kind !== 'punctuation') return before.text === '.' && endsInWord(after);
  return before.text.length === 1 && joins.test(before.text + after.text.charAt(0));
}

/** A sign and the start of the next that make another sign, or start a comment. */
const joins = /^(?:::|<<|>>|<=|>=|==|!=|&&|\|\||##|\/\/|\/\*)/;

function endsInWord({ kind }: Token): boolean {
  return kind === 'identifier' || kind === 'integer' || kind === 'float' || kind === 'fixed';
}

function isKeyword(token: Token): boolean {
  return keywords.has(token.text);
}

function signOf(token: Token): string | undefined {
  return token.kind === 'punctuation' ? token.text : undefined;
}
