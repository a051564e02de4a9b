import { scan } from '../scanner.js';
import type { SourceFile } from '../source.js';
import type { Token } from '../token.js';

interface PieceCommon {
  /** As written. */
  readonly text: string;
  readonly offset: number;
  /** Line breaks between the piece before and this one. */
  readonly breaks: number;
}

export type TokenPiece = PieceCommon & { readonly kind: 'token'; readonly token: Token };
export type CommentPiece = PieceCommon & { readonly kind: 'lineComment' | 'blockComment' };
/** Whole lines that stay as they are: a directive with its continued lines, or text that is no IDL. */
export type LinesPiece = PieceCommon & { readonly kind: 'lines'; readonly directive: string | undefined };

/** A part of a file that formatting moves and never changes: all of them in a row are the file, but for blanks. */
export type Piece = TokenPiece | CommentPiece | LinesPiece;

/** What may stand between two tokens, in parts. */
const trivia = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|\n|[^\S\n]+|[^\s/]+|\//g;

/**
 * Splits a file into its tokens, comments and directives. What is a token the scanner says; what it leaves between two
 * tokens can only be blanks and comments.
 */
export function piecesOf(file: SourceFile): Piece[] {
  const tokens = scan(file);
  const reader = new PieceReader(file.text);
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    reader.between(token.span.offset);
    if (token.kind === 'end') break;
    if (!isHash(token) || !token.startsLine) {
      reader.token(token);
      continue;
    }
    let last = i;
    while (!tokens[last + 1]!.startsLine) last++;
    reader.directive(last === i ? '' : tokens[i + 1]!.text, tokens[last]!);
    i = last;
  }
  return protectForeign(reader.pieces, file.text);
}

function isHash({ kind, text }: Token): boolean {
  return kind === 'punctuation' && text === '#';
}

class PieceReader {
  readonly pieces: Piece[] = [];
  readonly #text: string;
  #at = 0;
  #breaks = 0;

  constructor(text: string) {
    this.#text = text;
  }

  token(token: Token): void {
    this.pieces.push({ kind: 'token', token, ...this.#take(token.span.offset + token.span.length) });
  }

  /** Up to the end of the line that its last token ends on; comments there belong to it. */
  directive(directive: string, last: Token): void {
    let end = last.span.offset + last.span.length;
    trivia.lastIndex = end;
    for (let part = trivia.exec(this.#text); part !== null; part = trivia.exec(this.#text)) {
      if (part[0] === '\n') break;
      end += part[0].length;
    }
    const common = this.#take(end);
    this.pieces.push({ kind: 'lines', directive, ...common, text: common.text.trimEnd() });
  }

  /** The comments before an offset. */
  between(offset: number): void {
    trivia.lastIndex = this.#at;
    while (this.#at < offset) {
      const [part] = trivia.exec(this.#text)!;
      if (part.startsWith('//')) {
        const common = this.#take(this.#at + part.length);
        this.pieces.push({ kind: 'lineComment', ...common, text: common.text.trimEnd() });
      } else if (part.startsWith('/*')) {
        this.pieces.push({ kind: 'blockComment', ...this.#take(this.#at + part.length) });
      } else {
        if (part === '\n') this.#breaks++;
        this.#at += part.length;
      }
    }
  }

  #take(end: number): PieceCommon {
    const offset = this.#at;
    const taken = { text: this.#text.slice(offset, end), offset, breaks: this.#breaks };
    this.#at = end;
    this.#breaks = 0;
    return taken;
  }
}

/** What stands between two directives and is no IDL, as it may where a condition does not hold, is kept line by line. */
function protectForeign(pieces: readonly Piece[], text: string): Piece[] {
  const output: Piece[] = [];
  let section: Piece[] = [];
  const flush = (): void => {
    const foreign = section.some(
      (piece) => piece.kind === 'token' && (piece.token.kind === 'invalid' || isHash(piece.token)),
    );
    if (foreign) output.push(asLines(section, text));
    else for (const piece of section) output.push(piece);
    section = [];
  };
  for (const piece of pieces) {
    if (piece.kind === 'lines') {
      flush();
      output.push(piece);
    } else section.push(piece);
  }
  flush();
  return output;
}

function asLines(section: readonly Piece[], text: string): LinesPiece {
  const first = section[0]!;
  const last = section.at(-1)!;
  const start = text.lastIndexOf('\n', first.offset) + 1;
  const lines = text.slice(start, last.offset + last.text.length);
  return { ...first, kind: 'lines', directive: undefined, text: lines, offset: start };
}
