import type { DiagnosticLog } from './diagnostic.js';
import type { Macro } from './macros.js';
import { scan } from './scanner.js';
import type { MacroOrigin } from './source.js';
import { SourceFile } from './source.js';
import type { Token } from './token.js';
import { spelling } from './token.js';

/** An argument of a macro: as it is written, and with the macros in it expanded. */
interface Argument {
  readonly written: readonly Token[];
  readonly expanded: readonly Token[];
}

/**
 * The text of a macro with its parameters replaced: `#` and `##` done, and each piece knowing where it comes from. What is
 * more than `room` tokens is cut off somewhere behind that.
 */
export function substitute(
  { name, parameters = [], body }: Macro,
  use: Token,
  given: readonly (readonly Token[])[],
  expand: (tokens: readonly Token[]) => readonly Token[],
  room: number,
  log: DiagnosticLog,
): readonly Token[] {
  const depth = (use.span.macro?.depth ?? 0) + 1;
  const originOf = (piece: Token): MacroOrigin => {
    return { name, span: piece.span, outer: use.span.macro, depth };
  };
  const placed = (piece: Token): Token => {
    const { file, offset, length } = use.span;
    const span = { file, offset, length, macro: originOf(piece) };
    return { kind: piece.kind, text: piece.text, span, startsLine: false };
  };
  // What an argument holds is written where the macro is used; but within it, this macro is not expanded again.
  const passed = (token: Token): Token => {
    const macro: MacroOrigin = { name, outer: token.span.macro, depth };
    return { ...token, span: { ...token.span, macro }, startsLine: false, doc: undefined };
  };
  const known = new Map<string, Argument>();
  const argumentOf = (piece: Token | undefined): Argument | undefined => {
    const index = piece?.kind === 'identifier' ? parameters.indexOf(piece.text) : -1;
    if (index < 0) return undefined;
    let argument = known.get(piece!.text);
    if (argument === undefined) {
      const written = given[index] ?? [];
      argument = { written: written.map(passed), expanded: expand(written).map(passed) };
      known.set(piece!.text, argument);
    }
    return argument;
  };

  const output: Token[] = [];
  for (let i = 0; i < body.length && output.length <= room; i++) {
    const piece = body[i]!;
    const next = body[i + 1];
    if (isSign(piece, '##') && i > 0) {
      const right = argumentOf(next)?.written ?? [placed(next!)];
      i++;
      pasteOnto(output, right, piece, use, log);
      continue;
    }
    const stringized = isSign(piece, '#') && parameters.length > 0 ? argumentOf(next) : undefined;
    if (stringized !== undefined) {
      output.push({ ...placed(piece), kind: 'string', text: stringText(stringized.written) });
      i++;
      continue;
    }
    const argument = argumentOf(piece);
    if (argument === undefined) output.push(placed(piece));
    // Beside ## an argument is taken as it is written; an empty one leaves nothing to paste.
    else if (next !== undefined && isSign(next, '##'))
      append(output, orNothing(argument.written, placed(piece)));
    else append(output, argument.expanded);
  }
  const pieces = output.filter(({ kind }) => kind !== 'nothing');
  const [first, ...rest] = pieces;
  return first === undefined ? [] : [{ ...first, startsLine: use.startsLine, doc: use.doc }, ...rest];
}

/** A call with so many arguments would overflow the stack. */
function append(output: Token[], tokens: readonly Token[]): void {
  for (const token of tokens) output.push(token);
}

function isSign({ kind, text }: Token, sign: string): boolean {
  return kind === 'punctuation' && text === sign;
}

function orNothing(tokens: readonly Token[], place: Token): readonly Token[] {
  return tokens.length > 0 ? tokens : [{ ...place, kind: 'nothing', text: '' }];
}

/** `a ## b`: the last of the one and the first of the other become one token. */
function pasteOnto(
  output: Token[],
  right: readonly Token[],
  sign: Token,
  use: Token,
  log: DiagnosticLog,
): void {
  const left = output.pop();
  const [first, ...rest] = right;
  if (left === undefined || first === undefined) {
    append(output, left === undefined ? right : [left]);
    return;
  }
  output.push(paste(left, first, sign, use, log));
  append(output, rest);
}

function paste(left: Token, right: Token, sign: Token, use: Token, log: DiagnosticLog): Token {
  if (left.kind === 'nothing') return right;
  const text = spelling(left) + spelling(right);
  const scanned = scan(new SourceFile('', text));
  const made = scanned[0]!;
  if (scanned.length === 2 && made.kind !== 'invalid') {
    return { kind: made.kind, text: made.text, span: left.span, startsLine: false };
  }
  const notes = [{ message: 'They are joined here.', span: sign.span }];
  const message = `'${shortened(spelling(left))}' and '${shortened(spelling(right))}' do not make one word or sign together.`;
  log.report('IDL1021', use.span, message, notes);
  return left;
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** `#a`: the text of an argument as that of a string literal, with one blank wherever there are some. */
function stringText(tokens: readonly Token[]): string {
  let text = '';
  let end: { file: SourceFile; offset: number } | undefined;
  for (const token of tokens) {
    const { file, offset, length } = token.span;
    if (end !== undefined && (end.file !== file || end.offset !== offset)) text += ' ';
    const quoted = token.kind !== 'punctuation' && token.kind !== 'identifier';
    text += quoted ? spelling(token).replaceAll(/[\\"]/g, '\\$&') : token.text;
    end = { file, offset: offset + length };
  }
  return text;
}
