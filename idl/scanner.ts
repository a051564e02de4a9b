import type { DiagnosticCode } from './codes.js';
import { docText, joinDocs } from './doc-comment.js';
import type { SourceFile, Span } from './source.js';
import type { Token, TokenKind } from './token.js';

/** Longer names serve nobody, and would make every message about them unreadable. */
const identifierLengthMax = 1024;

const number =
  /0[xX][0-9a-fA-F]+|(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|[0-9]+/y;
const numberTail = /[A-Za-z0-9_]+/y;
/** How annotations were written before IDL had them, those that change what is sent. */
const annotationComment =
  /\/\/@(?:key|id|optional|extensibility|must_?understand|bit_?bound|bit_?set|value|shared|external)\b/iy;
const continuation = /\\\r?\n/y;
const unknownRun = /[^\sA-Za-z0-9_"'()[\]{}<>,;:=@#+\-*/%|&^~!?.\\]+/y;
const longSigns: ReadonlySet<string> = new Set(['::', '<<', '>>', '<=', '>=', '==', '!=', '&&', '||', '##']);

/** What a character can start, by its code: most text is ASCII, and this is the innermost loop. */
const other = 0;
const blank = 1;
const letter = 2;
const digit = 3;
const sign = 4;
const quote = 5;
const classes = new Uint8Array(128);
for (const character of ' \t\r\n\f\v') classes[character.charCodeAt(0)] = blank;
for (let code = 0; code < 128; code++)
  if (/[A-Za-z_]/.test(String.fromCharCode(code))) classes[code] = letter;
for (const character of '0123456789') classes[character.charCodeAt(0)] = digit;
for (const character of '()[]{}<>,;:=@#+-*/%|&^~!?.\\') classes[character.charCodeAt(0)] = sign;
for (const character of '"\'') classes[character.charCodeAt(0)] = quote;

function classOf(text: string, at: number): number {
  const code = text.charCodeAt(at);
  // Beyond the end the code is NaN, which is in no class.
  return code < 128 ? classes[code]! : code === 0xfeff ? blank : other;
}

/**
 * Splits a file into tokens, comments removed. It reports nothing itself: what it cannot read becomes an `invalid` token,
 * since text in a group that `#if` skips is not to be complained about.
 */
export function scan(file: SourceFile): Token[] {
  const { text } = file;
  const tokens: Token[] = [];
  let at = 0;
  let startsLine = true;
  let doc: string | undefined;

  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  const push = (kind: TokenKind, length: number, tokenText = text.slice(at, at + length)): void => {
    const span: Span = { file, offset: at, length };
    tokens.push({ kind, text: tokenText, span, startsLine, doc });
    at += length;
    startsLine = false;
    doc = undefined;
  };
  const invalid = (length: number, code: DiagnosticCode, message: string): void => {
    const span: Span = { file, offset: at, length };
    tokens.push({ kind: 'invalid', text: '', span, startsLine, problem: { code, message } });
    at += length;
    startsLine = false;
  };

  while (at < text.length) {
    switch (classOf(text, at)) {
      case blank:
        if (text.charCodeAt(at) === 10) startsLine = true;
        at++;
        break;
      case letter:
        scanWord();
        break;
      case digit:
        scanNumber();
        break;
      case quote:
        scanQuoted(0);
        break;
      case sign:
        if (!scanComment()) scanSign();
        break;
      default: {
        const run = match(unknownRun) ?? text[at]!;
        if (run.trim() === '') at += run.length;
        else invalid(run.length, 'IDL1003', `${describe(run)} is not part of IDL here: remove it.`);
      }
    }
  }
  at = text.length;
  startsLine = true;
  push('end', 0);
  return tokens;

  function scanWord(): void {
    let end = at + 1;
    for (let kind = classOf(text, end); kind === letter || kind === digit; kind = classOf(text, end)) end++;
    const length = end - at;
    if (length === 1 && text[at] === 'L' && classOf(text, end) === quote) scanQuoted(1);
    else if (length <= identifierLengthMax) push('identifier', length);
    else {
      const message = `This name has ${length} characters; at most ${identifierLengthMax} are allowed. Shorten it.`;
      invalid(length, 'IDL1007', message);
    }
  }

  /** A comment, or a line that goes on after a backslash: `false` where there is none. */
  function scanComment(): boolean {
    if (text[at] === '\\') {
      const continued = match(continuation);
      at += continued?.length ?? 0;
      return continued !== undefined;
    }
    if (text[at] !== '/') return false;
    if (text[at + 1] === '/') {
      const end = endOfLine(text, at);
      const annotation = match(annotationComment);
      const comment = docText(text.slice(at, end));
      if (annotation !== undefined) {
        const message = `${annotation} is a comment, and means nothing here: write it as an annotation before what it is about.`;
        invalid(annotation.length, 'IDL1023', message);
      }
      if (comment) takeDoc(comment, true);
      at = end;
      return true;
    }
    if (text[at + 1] !== '*') return false;
    const end = text.indexOf('*/', at + 2);
    if (end < 0) {
      invalid(2, 'IDL1004', "This comment does not end: add '*/'.");
      at = text.length;
      return true;
    }
    const comment = docText(text.slice(at, end + 2));
    if (comment) takeDoc(comment, false);
    at = end + 2;
    return true;
  }

  /** A documentation comment, of a line or of several: lines in a row are one comment. */
  function takeDoc(comment: { text: string; trailing: boolean }, isLine: boolean): void {
    const last = tokens.at(-1);
    if (comment.trailing && last !== undefined) last.trailingDoc = joinDocs(last.trailingDoc, comment.text);
    else doc = isLine ? joinDocs(doc, comment.text) : comment.text;
  }

  function scanSign(): void {
    if (text[at] === '.' && classOf(text, at + 1) === digit) scanNumber();
    else if (classOf(text, at + 1) === sign && longSigns.has(text.slice(at, at + 2))) push('punctuation', 2);
    else push('punctuation', 1);
  }

  function scanNumber(): void {
    const digits = match(number)!;
    at += digits.length;
    const tail = match(numberTail) ?? '';
    at -= digits.length;
    const length = digits.length + tail.length;
    const isFloat = /[.eE]/.test(digits) && !/^0[xX]/.test(digits);
    if (/^[dD]$/.test(tail)) push('fixed', length);
    else if (tail !== '') {
      invalid(length, 'IDL1006', `'${text.slice(at, at + Math.min(length, 40))}' is no number.`);
    } else if (!isFloat && /^0[0-9]*[89]/.test(digits)) {
      invalid(
        length,
        'IDL1006',
        `'${digits.slice(0, 40)}' starts with 0, so it is octal, and has a digit above 7.`,
      );
    } else push(isFloat ? 'float' : 'integer', length);
  }

  function scanQuoted(prefix: 0 | 1): void {
    const quote = text[at + prefix]!;
    const start = at + prefix + 1;
    let end = start;
    while (end < text.length && text[end] !== quote && text[end] !== '\n') end += text[end] === '\\' ? 2 : 1;
    if (text[end] !== quote) {
      end = endOfLine(text, at);
      invalid(
        Math.max(1, end - at),
        'IDL1005',
        `This literal does not end on its line: add a closing ${quote}.`,
      );
      return;
    }
    const character = quote === "'";
    const kind = character ? (prefix ? 'wideCharacter' : 'character') : prefix ? 'wideString' : 'string';
    push(kind, end + 1 - at, text.slice(start, end));
  }
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

function describe(run: string): string {
  const code = run.codePointAt(0)!;
  // eslint-disable-next-line no-control-regex -- an invisible character is named by its number
  if (/^[\u0000-\u001f\u007f-\u00a0]/.test(run)) {
    return `The character U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  }
  return `'${[...run.slice(0, 20)].join('')}'`;
}
