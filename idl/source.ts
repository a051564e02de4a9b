/** A position in a source file as a person counts it: both start at 1; columns count UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One IDL file's text. Line starts are found when first asked for, since most files have nothing to report. */
export class SourceFile {
  readonly path: string;
  readonly text: string;
  #lineStarts: number[] | undefined;

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
  }

  /** The line and column of an offset. */
  locate(offset: number): Position {
    const starts = this.#starts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - starts[low]! + 1 };
  }

  /** The offset at which a line (counted from 1) starts. */
  lineStart(line: number): number {
    return this.#starts()[line - 1] ?? this.text.length;
  }

  /** The offset at which a line ends, before its line break. */
  lineEnd(line: number): number {
    const starts = this.#starts();
    let end = line < starts.length ? starts[line]! - 1 : this.text.length;
    if (end > 0 && this.text[end - 1] === '\r' && line < starts.length) end--;
    return end;
  }

  #starts(): number[] {
    if (this.#lineStarts === undefined) {
      this.#lineStarts = [0];
      for (let at = this.text.indexOf('\n'); at >= 0; at = this.text.indexOf('\n', at + 1)) {
        this.#lineStarts.push(at + 1);
      }
    }
    return this.#lineStarts;
  }
}

/** A stretch of a source file. */
export interface Span {
  readonly file: SourceFile;
  readonly offset: number;
  readonly length: number;
}

/** The span from the start of one to the end of another; just the first where they are in different files. */
export function spanTo(from: Span, to: Span): Span {
  if (from.file !== to.file || to.offset + to.length < from.offset) return from;
  return { file: from.file, offset: from.offset, length: to.offset + to.length - from.offset };
}

/** The point just after a span: where something that is missing should have been. */
export function pointAfter(span: Span): Span {
  return { file: span.file, offset: span.offset + span.length, length: 0 };
}
