import { LineWriter } from './line-writer.js';
import type { CommentPiece, LinesPiece, Piece, TokenPiece } from './pieces.js';
import { hugsComment, mayBreakBetween, spaceBetween } from './spacing.js';
import { Statement } from './statement.js';

const indentStep = 2;
const continuationIndent = 4;
/** Columns up to which a list of enumerators that is written in one line stays in one. */
const listWidthMax = 80;

/** What stands between `{` and `}`. */
interface Body {
  readonly keyword: string;
  /** Whether its elements end with `,`. */
  readonly isList: boolean;
  /** Whether each element has a line of its own. */
  readonly expanded: boolean;
  readonly indent: number;
  /** The statement that it is a part of. */
  readonly outer: Statement;
}

/** Where the layout is in bodies and statements. */
interface Nesting {
  readonly bodies: readonly Body[];
  readonly statement: Statement;
  readonly lineDone: boolean;
}

/** Lays out the pieces of a file: the same pieces in the same order, with other blanks between them. */
export function layout(pieces: readonly Piece[], lineBreak: string): string {
  const run = new Layout(pieces);
  pieces.forEach((piece, place) => {
    if (piece.kind === 'token') run.token(piece, place);
    else if (piece.kind === 'lines') run.lines(piece);
    else run.comment(piece, place);
  });
  return run.text(lineBreak);
}

class Layout {
  readonly #pieces: readonly Piece[];
  readonly #writer = new LineWriter();
  #bodies: readonly Body[] = [];
  #statement = new Statement();
  /** The last piece on the line at hand. */
  #before: TokenPiece | CommentPiece | undefined;
  /** Whether the next token starts a line. */
  #lineDone = true;
  /** The place of the first piece of the line at hand. */
  #lineStart = 0;
  /** Whether a body has just been opened: no empty line follows, but in a module. */
  #opened = true;
  /** For each open condition the nesting before it and, from its `#else` on, that after its first branch. */
  readonly #conditions: { readonly start: Nesting; firstEnd?: Nesting }[] = [];

  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces;
  }

  text(lineBreak: string): string {
    return this.#writer.text(lineBreak);
  }

  get #body(): Body | undefined {
    return this.#bodies.at(-1);
  }

  token(piece: TokenPiece, place: number): void {
    const text = piece.token.kind === 'punctuation' ? piece.token.text : '';
    if (text === '}' && this.#body !== undefined) this.#closeBody(this.#body, piece);
    else if (this.#lineDone) this.#startElement(piece, place);
    else if (this.#writer.atStart) this.#continueElement(place);
    this.#add(piece, place);
    this.#statement.take(piece, place, this.#pieces, this.#body?.keyword === 'union');
    if (text === '{') this.#openBody(place);
    else if (this.#endsElement(text)) {
      const { isLabel } = this.#statement;
      this.#statement = new Statement(isLabel);
      this.#lineDone = this.#body?.expanded !== false || text !== ',';
    } else if (this.#statement.annotationEndsAt(place)) {
      // On a line of its own or not: as its author has it.
      const next = this.#pieces[place + 1];
      this.#lineDone = this.#body?.expanded !== false && next !== undefined && next.breaks > 0;
    }
  }

  #startElement(piece: TokenPiece, place: number): void {
    const { underLabel, atLabel } = this.#statement;
    const { text } = piece.token;
    if (underLabel && atLabel && (text === 'case' || text === 'default')) this.#statement = new Statement();
    this.#startLine(piece, place);
  }

  #startLine(piece: Piece, place: number): void {
    this.#writer.end();
    if (piece.breaks > 1 && (!this.#opened || this.#body?.keyword === 'module')) this.#writer.blank();
    this.#writer.indent(this.#indent);
    this.#lineDone = false;
    this.#opened = false;
    this.#lineStart = place;
    this.#before = undefined;
  }

  get #indent(): number {
    return (this.#body?.indent ?? 0) + (this.#statement.underLabel ? indentStep : 0);
  }

  /** Goes on after a comment or a directive that ended the line in the middle of something. */
  #continueElement(place: number): void {
    const within = this.#statement.begun || this.#statement.inAnnotation(place);
    this.#writer.indent(this.#indent + (within ? continuationIndent : 0));
    this.#lineStart = place;
    this.#before = undefined;
  }

  #add(piece: TokenPiece, place: number): void {
    const before = this.#before;
    this.#before = piece;
    if (before === undefined) return this.#writer.add(piece.text);
    if (before.kind !== 'token') return this.#writer.add(piece.text, { spaced: !hugsComment(piece.token) });
    const at = this.#statement.before(place);
    this.#writer.add(piece.text, {
      spaced: spaceBetween(before.token, piece.token, at),
      breakable: mayBreakBetween(before.token, piece.token, at),
    });
  }

  #endsElement(text: string): boolean {
    if (!this.#statement.atTop) return false;
    return (
      text === ';' ||
      (text === ',' && this.#body?.isList === true) ||
      (text === ':' && this.#statement.isLabel)
    );
  }

  #openBody(place: number): void {
    const { keyword } = this.#statement;
    const isList = keyword === 'enum' || keyword === 'bitmask';
    const expanded = !this.#staysInLine(place, isList);
    const indent = this.#indent + indentStep;
    this.#bodies = [...this.#bodies, { keyword, isList, expanded, indent, outer: this.#statement }];
    this.#statement = new Statement();
    this.#lineDone = expanded;
    this.#opened = true;
  }

  /** Empty bodies, and short lists of enumerators that are written in one line, stay in one. */
  #staysInLine(place: number, isList: boolean): boolean {
    const next = this.#pieces[place + 1];
    if (next?.text === '}') return true;
    if (!isList) return false;
    let width = this.#indent;
    for (let at = this.#lineStart; at < this.#pieces.length; at++) {
      const { kind, text, breaks } = this.#pieces[at]!;
      width += text.length + 1;
      if (at <= place) continue;
      if (kind !== 'token' || breaks > 0 || width > listWidthMax) return false;
      if (text === '}') return true;
    }
    return false;
  }

  #closeBody({ keyword, expanded, indent, outer }: Body, { breaks }: TokenPiece): void {
    this.#bodies = this.#bodies.slice(0, -1);
    this.#statement = outer;
    if (expanded) {
      this.#writer.end();
      if (breaks > 1 && keyword === 'module') this.#writer.blank();
      this.#writer.indent(indent - indentStep);
      this.#before = undefined;
    }
    this.#lineDone = false;
    this.#opened = false;
  }

  comment(piece: CommentPiece, place: number): void {
    const next = this.#pieces[place + 1];
    const endsLine = piece.kind === 'lineComment' || next === undefined || next.breaks > 0;
    // After the last element of a list, which has no ',', a comment on a line of its own stands like an element.
    if (piece.breaks > 0 && this.#closesNext(place)) this.#lineDone = true;
    if (this.#lineDone) {
      const trails = piece.breaks === 0 && endsLine && !this.#writer.atStart;
      if (trails) return this.#writer.add(this.#commentText(piece), { spaced: true, isComment: true });
      this.#startLine(piece, place);
      this.#lineDone = endsLine;
    } else {
      if (piece.breaks > 0) this.#writer.end();
      if (this.#writer.atStart) this.#continueElement(place);
    }
    const spaced = this.#before !== undefined && !isOpener(this.#before);
    this.#writer.add(this.#commentText(piece), { spaced, isComment: true });
    this.#before = piece;
    if (endsLine && !this.#lineDone) this.#writer.end();
  }

  #closesNext(place: number): boolean {
    if (this.#body === undefined) return false;
    let at = place + 1;
    while (at < this.#pieces.length && this.#pieces[at]!.kind !== 'token') at++;
    return this.#pieces[at]?.text === '}';
  }

  /** The lines of a comment whose every line starts with `*` move with it; others stay as they are. */
  #commentText({ text }: CommentPiece): string {
    const [first, ...rest] = text.split(/\r?\n/);
    if (!rest.every((line) => line.trimStart().startsWith('*'))) return [first, ...rest].join('\n');
    const margin = ' '.repeat(this.#indent + 1);
    return [first, ...rest.map((line) => margin + line.trim())].join('\n');
  }

  lines({ text, breaks, directive }: LinesPiece): void {
    this.#writer.end();
    if (breaks > 1 && (!this.#opened || this.#body?.keyword === 'module')) this.#writer.blank();
    this.#opened = false;
    this.#writer.verbatim(text.replaceAll('\r\n', '\n'));
    const condition = this.#conditions.at(-1);
    switch (directive) {
      case 'if':
      case 'ifdef':
      case 'ifndef':
        this.#conditions.push({ start: this.#nesting() });
        return;
      case 'elif':
      case 'else':
        if (condition === undefined) return;
        condition.firstEnd ??= this.#nesting();
        this.#resume(condition.start);
        return;
      case 'endif':
        this.#conditions.pop();
        if (condition?.firstEnd !== undefined) this.#resume(condition.firstEnd);
    }
  }

  #nesting(): Nesting {
    return { bodies: this.#bodies, statement: this.#statement.copy(), lineDone: this.#lineDone };
  }

  #resume({ bodies, statement, lineDone }: Nesting): void {
    this.#bodies = bodies;
    this.#statement = statement.copy();
    this.#lineDone = lineDone;
  }
}

function isOpener(piece: TokenPiece | CommentPiece): boolean {
  return piece.kind === 'token' && ['(', '[', '<', '@', '::'].includes(piece.text);
}
