/** A position in a source file as a person counts it: both start at 1; columns count UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** From a line on, what `#line` says of it: the file that it comes from, and its number there. */
interface LineOrigin {
  readonly line: number;
  readonly path: string;
  readonly originalLine: number;
}

/** One IDL file's text. Line starts are found when first asked for, since most files have nothing to report. */
export class SourceFile {
  readonly path: string;
  readonly text: string;
  /** The `#include` that was the first to bring it in; absent for a file that was named itself. */
  readonly includedAt: Span | undefined;
  #lineStarts: number[] | undefined;
  readonly #origins: LineOrigin[] = [];

  constructor(path: string, text: string, includedAt?: Span) {
    this.path = path;
    this.text = text;
    this.includedAt = includedAt;
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

  /** Notes a `#line`: the line after that of the offset is `line` of `path`. */
  originate(offset: number, line: number, path: string): void {
    this.#origins.push({ line: this.locate(offset).line + 1, path, originalLine: line });
  }

  /** Where an offset comes from: the same as {@link locate}, but where a `#line` says something else. */
  origin(offset: number): Position & { readonly path: string } {
    const { line, column } = this.locate(offset);
    const last = this.#origins.findLast((origin) => origin.line <= line);
    if (last === undefined) return { path: this.path, line, column };
    return { path: last.path, line: last.originalLine + line - last.line, column };
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
  /** Of what a macro put here: the macro. The span is then that of its use. */
  readonly macro?: MacroOrigin | undefined;
}

/** The macro that something comes from, the innermost first. */
export interface MacroOrigin {
  readonly name: string;
  /** Where that piece of its text is written; absent for macros of the command line, and for what was passed to the macro. */
  readonly span?: Span | undefined;
  /** The macro whose text used this one. */
  readonly outer?: MacroOrigin | undefined;
  /** How many macros are around. */
  readonly depth: number;
}

/** The span from the start of one to the end of another; just the first where they are in different files. */
export function spanTo(from: Span, to: Span): Span {
  if (from.file !== to.file || to.offset + to.length < from.offset) return from;
  const span = { file: from.file, offset: from.offset, length: to.offset + to.length - from.offset };
  const macro = from.macro ?? to.macro;
  return macro === undefined ? span : { ...span, macro };
}

/** The point just after a span: where something that is missing should have been. */
export function pointAfter(span: Span): Span {
  return { file: span.file, offset: span.offset + span.length, length: 0 };
}
