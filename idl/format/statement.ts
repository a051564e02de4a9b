import type { Token } from '../token.js';
import type { Piece, TokenPiece } from './pieces.js';
import type { Place } from './spacing.js';
import { isSign } from './spacing.js';

const bodyWords = new Set([
  'bitmask',
  'bitset',
  'enum',
  'exception',
  'interface',
  'module',
  'struct',
  'union',
  'valuetype',
]);

/** What has been read of one definition, member or enumerator: as much of its syntax as its layout depends on. */
export class Statement {
  /** What the body in it is one of, such as `enum`. */
  keyword = '';
  /** Whether anything but annotations has been read. */
  begun = false;
  /** Whether it is the `case …:` or `default:` of a union. */
  isLabel = false;
  /** Whether it is a member under such a label. */
  readonly underLabel: boolean;
  /** The place of the last piece of the annotation at hand, or -1. */
  #annotationEnd = -1;
  #lastPlace = -1;
  /** For each open parenthesis, and around them, how many `<` are open. */
  #angles: number[] = [0];
  #afterSign = false;
  #before: Token | undefined;

  constructor(underLabel = false) {
    this.underLabel = underLabel;
  }

  copy(): Statement {
    const copy = new Statement(this.underLabel);
    copy.keyword = this.keyword;
    copy.begun = this.begun;
    copy.isLabel = this.isLabel;
    copy.#annotationEnd = this.#annotationEnd;
    copy.#lastPlace = this.#lastPlace;
    copy.#angles = [...this.#angles];
    copy.#afterSign = this.#afterSign;
    copy.#before = this.#before;
    return copy;
  }

  /** Whether no parentheses are open. */
  get atTop(): boolean {
    return this.#angles.length === 1;
  }

  /** Whether a `case` or `default` here starts a label. */
  get atLabel(): boolean {
    return !this.begun && this.#before?.text !== '@';
  }

  /** Whether the piece at this place ends an annotation in front of everything else. */
  annotationEndsAt(place: number): boolean {
    return !this.begun && this.#annotationEnd === place;
  }

  /** Whether the piece at this place is within an annotation, and not its start. */
  inAnnotation(place: number): boolean {
    return place <= this.#annotationEnd;
  }

  /** What is known of a place, before the piece there. */
  before(place: number): Place {
    return {
      angles: this.#angles.at(-1)!,
      inAnnotation: this.inAnnotation(place) && this.atTop,
      afterAnnotation: this.#annotationEnd >= 0 && this.#lastPlace === this.#annotationEnd,
      inLabel: this.isLabel && this.atTop,
      afterSign: this.#afterSign,
    };
  }

  /** Reads one token more, at its place in the pieces. */
  take({ token }: TokenPiece, place: number, pieces: readonly Piece[], inUnion: boolean): void {
    const { kind, text } = token;
    if (kind === 'punctuation' && text === '@' && !this.inAnnotation(place)) {
      this.#annotationEnd = annotationEnd(pieces, place);
    }
    if (!this.inAnnotation(place)) {
      if (!this.begun && inUnion) this.isLabel = text === 'case' || text === 'default';
      this.begun = true;
      if (kind === 'identifier' && bodyWords.has(text) && this.atTop) this.keyword = text;
    }
    if (kind === 'punctuation') this.#bracket(text);
    this.#afterSign = isSign(token, this.#before);
    this.#before = token;
    this.#lastPlace = place;
  }

  #bracket(text: string): void {
    const innermost = this.#angles.length - 1;
    const open = this.#angles[innermost]!;
    if (text === '(' || text === '[') this.#angles.push(0);
    else if ((text === ')' || text === ']') && innermost > 0) this.#angles.pop();
    else if (text === '<') this.#angles[innermost] = open + 1;
    else if (text === '>') this.#angles[innermost] = Math.max(0, open - 1);
    else if (text === '>>') this.#angles[innermost] = Math.max(0, open - 2);
  }
}

/** The place of the last piece of the annotation that starts with the `@` at a place; -1 where it is none. */
function annotationEnd(pieces: readonly Piece[], start: number): number {
  let place = nextToken(pieces, start);
  // `@annotation name { … }` declares one.
  if (pieces[place]?.text === 'annotation' && isWord(pieces[nextToken(pieces, place)])) return -1;
  let end = start;
  for (let piece = pieces[place]; piece !== undefined; piece = pieces[place]) {
    const before = pieces[end]!;
    // `@key ::a::B` is an annotation and a type: of the name is only a `::` that touches it.
    const touches = piece.offset === before.offset + before.text.length;
    const continues = isWord(piece)
      ? before.text === '::' || end === start
      : piece.text === '::' && (touches || end === start);
    if (!continues) break;
    end = place;
    place = nextToken(pieces, place);
  }
  if (pieces[place]?.text !== '(') return end;
  for (let open = 0; place < pieces.length; place = nextToken(pieces, place)) {
    const { text } = pieces[place]!;
    if (text === '(') open++;
    else if (text === ')' && --open === 0) return place;
  }
  return end;
}

/** The place of the next token; of conditions only the first branch is read, as everywhere in a layout. */
function nextToken(pieces: readonly Piece[], from: number): number {
  let skipped = 0;
  for (let place = from + 1; place < pieces.length; place++) {
    const piece = pieces[place]!;
    if (piece.kind === 'lines') {
      const { directive = '' } = piece;
      if (skipped > 0 && directive.startsWith('if')) skipped++;
      else if (skipped > 0 && directive === 'endif') skipped--;
      else if (skipped === 0 && ['else', 'elif'].includes(directive)) skipped = 1;
    } else if (piece.kind === 'token' && skipped === 0) return place;
  }
  return pieces.length;
}

function isWord(piece: Piece | undefined): boolean {
  return piece?.kind === 'token' && piece.token.kind === 'identifier';
}
