import type { CompileOptions } from './compile.js';
import type { Diagnostic } from './diagnostic.js';
import { DiagnosticLog } from './diagnostic.js';
import { diskHost } from './disk-host.js';
import { Preprocessor } from './preprocessor.js';
import type { Position } from './source.js';
import type { Token } from './token.js';
import { spelling } from './token.js';

/** Up to so many lines of nothing are written out; over more a `#line` leads. */
const emptyLinesMax = 8;

/**
 * What the compiler reads once includes, conditions and macros are done, as text. `#line` directives say where each part of
 * it is written; comments are gone.
 */
export function preprocessedText(options: CompileOptions): {
  readonly text: string;
  readonly diagnostics: readonly Diagnostic[];
} {
  const { includePaths, defines, warnings, host = diskHost } = options;
  const log = new DiagnosticLog(warnings);
  const preprocessor = new Preprocessor(log, { host, includePaths, defines });
  const printer = new TokenPrinter();
  for (const file of options.files) for (const token of preprocessor.run(file)) printer.print(token);
  return { text: printer.text, diagnostics: log.diagnostics };
}

class TokenPrinter {
  readonly #parts: string[] = [];
  #path: string | undefined;
  /** The line of the source that the end of the text stands for. */
  #line = 0;
  #before: Token | undefined;

  get text(): string {
    return this.#parts.join('') + (this.#parts.length === 0 ? '' : '\n');
  }

  print(token: Token): void {
    if (token.kind === 'end') return;
    const { file, offset } = token.span;
    // As a `#line` in the source has it, so that it is handed on.
    const origin = file.origin(offset);
    if (origin.path !== this.#path || origin.line !== this.#line) this.#moveTo(origin);
    else if (!this.#touches(token)) this.#parts.push(' ');
    this.#parts.push(spelling(token));
    this.#before = token;
  }

  #moveTo({ path, line, column }: Position & { readonly path: string }): void {
    const ahead = line - this.#line;
    if (path === this.#path && ahead > 0 && ahead <= emptyLinesMax) this.#parts.push('\n'.repeat(ahead));
    else this.#parts.push(this.#path === undefined ? '' : '\n', `#line ${line} "${path}"\n`);
    this.#parts.push(' '.repeat(column - 1));
    this.#path = path;
    this.#line = line;
  }

  /** Whether a token stands right after that before it, both being written where they are. */
  #touches({ span }: Token): boolean {
    const before = this.#before?.span;
    if (before === undefined || span.macro !== undefined || before.macro !== undefined) return false;
    return before.file === span.file && before.offset + before.length === span.offset;
  }
}
