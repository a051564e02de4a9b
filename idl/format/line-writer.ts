/** Columns that a line has at most, where it can be broken. */
const widthMax = 100;
const continuationIndent = 4;

interface Part {
  readonly text: string;
  readonly spaced: boolean;
  /** Whether a line that is too long may go on in the next with this part. */
  readonly breakable: boolean;
  readonly isComment: boolean;
}

/** The formatted text as it grows, line by line. */
export class LineWriter {
  readonly #lines: string[] = [];
  #parts: Part[] = [];
  #indent = 0;
  #blankWanted = false;

  /** Whether nothing is written on the line at hand. */
  get atStart(): boolean {
    return this.#parts.length === 0;
  }

  /** Sets the indentation of the line at hand, on which nothing is written yet. */
  indent(columns: number): void {
    this.#indent = columns;
  }

  /** An empty line before the line at hand; none at the start of the text. */
  blank(): void {
    if (this.#lines.length > 0) this.#blankWanted = true;
  }

  add(text: string, { spaced = false, breakable = false, isComment = false } = {}): void {
    this.#parts.push({ text, spaced, breakable, isComment });
  }

  /** Ends the line at hand, if something is written on it. */
  end(): void {
    if (this.#parts.length === 0) return;
    this.#startLines();
    let columns = this.#indent;
    let line = ' '.repeat(columns);
    let started = false;
    for (const segment of segmentsOf(this.#parts)) {
      const { text, width } = segment;
      const space = started && segment.spaced ? ' ' : '';
      if (started && segment.breakable && columns + space.length + width > widthMax) {
        this.#lines.push(line);
        columns = this.#indent + continuationIndent;
        line = ' '.repeat(columns) + text;
        columns += width;
      } else {
        line += space + text;
        columns += space.length + width;
      }
      started = true;
    }
    for (const part of line.split('\n')) this.#lines.push(part);
    this.#parts = [];
  }

  /** Lines as they are. */
  verbatim(text: string): void {
    this.end();
    this.#startLines();
    for (const line of text.split('\n')) this.#lines.push(line);
  }

  text(lineBreak: string): string {
    this.end();
    return this.#lines.map((line) => line.replace(/\s+$/, '') + lineBreak).join('');
  }

  #startLines(): void {
    if (this.#blankWanted) this.#lines.push('');
    this.#blankWanted = false;
  }
}

interface Segment {
  readonly text: string;
  /** Without the comments at its end: they break no line. */
  readonly width: number;
  readonly spaced: boolean;
  readonly breakable: boolean;
}

/** What stays together on a line: from one place where it may be broken to the next. */
function segmentsOf(parts: readonly Part[]): Segment[] {
  const segments: Segment[] = [];
  let start = 0;
  for (let i = 1; i <= parts.length; i++) {
    if (i < parts.length && !parts[i]!.breakable) continue;
    const { spaced, breakable } = parts[start]!;
    let text = '';
    let width = 0;
    for (const part of parts.slice(start, i)) {
      text += (text !== '' && part.spaced ? ' ' : '') + part.text;
      if (!part.isComment) width = text.length;
    }
    segments.push({ text, width, spaced, breakable });
    start = i;
  }
  return segments;
}
