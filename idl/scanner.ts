import type { DiagnosticCode } from './codes.js';
import { docText, joinDocs } from './doc-comment.js';
import type { SourceFile, Span } from './source.js';
import type { Token, TokenKind } from './token.js';

/** Longer names serve nobody, and would make every message about them unreadable. */
const identifierLengthMax = 1024;

const word = /[A-Za-z_][A-Za-z0-9_]*/y;
const number =
  /0[xX][0-9a-fA-F]+|(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|[0-9]+/y;
const numberTail = /[A-Za-z0-9_]+/y;
const blank = /[ \t\r\n\f\v\ufeff]+/y;
/** How annotations were written before IDL had them, those that change what is sent. */
const annotationComment =
  /\/\/@(?:key|id|optional|extensibility|must_?understand|bit_?bound|bit_?set|value|shared|external)\b/iy;
const continuation = /\\\r?\n/y;
const unknownRun = /[^\sA-Za-z0-9_"'()[\]{}<>,;:=@#+\-*/%|&^~!?.\\]+/y;
const punctuation = /::|<<|>>|<=|>=|==|!=|&&|\|\||##|[()[\]{}<>,;:=@#+\-*/%|&^~!?.\\]/y;

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
    const space = match(blank);
    if (space !== undefined) {
      if (space.includes('\n')) startsLine = true;
      at += space.length;
      continue;
    }
    const continued = match(continuation);
    if (continued !== undefined) {
      at += continued.length;
      continue;
    }
    if (text.startsWith('//', at)) {
      const end = endOfLine(text, at);
      const annotation = match(annotationComment);
      if (annotation !== undefined) {
        const message = `${annotation} is a comment, and means nothing here: write it as an annotation before what it is about.`;
        invalid(annotation.length, 'IDL1023', message);
      }
      const comment = docText(text.slice(at, end));
      if (comment?.trailing && tokens.length > 0) {
        const last = tokens[tokens.length - 1]!;
        last.trailingDoc = joinDocs(last.trailingDoc, comment.text);
      } else if (comment) doc = joinDocs(doc, comment.text);
      at = end;
      continue;
    }
    if (text.startsWith('/*', at)) {
      const end = text.indexOf('*/', at + 2);
      if (end < 0) {
        invalid(2, 'IDL1004', "This comment does not end: add '*/'.");
        break;
      }
      const comment = docText(text.slice(at, end + 2));
      if (comment?.trailing && tokens.length > 0) {
        const last = tokens[tokens.length - 1]!;
        last.trailingDoc = joinDocs(last.trailingDoc, comment.text);
      } else if (comment) doc = comment.text;
      at = end + 2;
      continue;
    }
    const identifier = match(word);
    if (identifier !== undefined) {
      const wide = identifier === 'L' && (text[at + 1] === '"' || text[at + 1] === "'");
      if (wide) scanQuoted(1);
      else if (identifier.length > identifierLengthMax) {
        const message = `This name has ${identifier.length} characters; at most ${identifierLengthMax} are allowed. Shorten it.`;
        invalid(identifier.length, 'IDL1007', message);
      } else push('identifier', identifier.length);
      continue;
    }
    const digits = match(number);
    if (digits !== undefined) {
      scanNumber(digits);
      continue;
    }
    if (text[at] === '"' || text[at] === "'") {
      scanQuoted(0);
      continue;
    }
    const sign = match(punctuation);
    if (sign !== undefined) {
      push('punctuation', sign.length);
      continue;
    }
    const run = match(unknownRun) ?? text[at]!;
    invalid(run.length, 'IDL1003', `${describe(run)} is not part of IDL here: remove it.`);
  }
  at = text.length;
  startsLine = true;
  push('end', 0);
  return tokens;

  function scanNumber(digits: string): void {
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
