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

  /** What is known of the place before a piece. */
  before(piece: TokenPiece, place: number): Place {
    return {
      angles: this.#angles.at(-1)!,
      inAnnotation: this.inAnnotation(place) && this.atTop,
      inLabel: this.isLabel && this.atTop,
      afterSign: this.#afterSign,
      spaced: piece.spaced,
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
  const tokenAt = (place: number): [token: Token | undefined, place: number] => {
    let at = place;
    while (at < pieces.length && pieces[at]!.kind !== 'token') at++;
    const piece = pieces[at];
    return [piece?.kind === 'token' ? piece.token : undefined, at];
  };
  let [token, place] = tokenAt(start + 1);
  // `@annotation name { … }` declares one.
  if (token?.text === 'annotation' && tokenAt(place + 1)[0]?.kind === 'identifier') return -1;
  let end = start;
  while (token !== undefined && (token.text === '::' || token.kind === 'identifier')) {
    if (token.kind === 'identifier' && pieces[end]?.text !== '::' && end !== start) break;
    end = place;
    [token, place] = tokenAt(place + 1);
  }
  if (token?.text !== '(' || token.kind !== 'punctuation') return end;
  for (let open = 0; place < pieces.length; place++) {
    const piece = pieces[place]!;
    if (piece.text === '(') open++;
    else if (piece.text === ')' && --open === 0) return place;
  }
  return end;
}
