import type { DiagnosticLog } from './diagnostic.js';
import type { Span } from './source.js';
import type { Token } from './token.js';

/** An object-like macro. Function-like macros will add their parameters here. */
export interface Macro {
  readonly name: string;
  readonly body: readonly Token[];
  /** Absent for macros of the command line (`-D`). */
  readonly span?: Span | undefined;
}

/** More than any real file needs; stops a few lines of `#define` from growing into gigabytes. */
const expansionTokensMax = 100_000;
/** The same for all macros of a run together. */
const expansionTotalMax = 500_000;
const expansionDepthMax = 200;

/** The macros in force, and their expansion. */
export class Macros {
  readonly #macros = new Map<string, Macro>();
  readonly #log: DiagnosticLog;
  #total = 0;

  constructor(log: DiagnosticLog) {
    this.#log = log;
  }

  get names(): Iterable<string> {
    return this.#macros.keys();
  }

  /** All macros in force. */
  snapshot(): Map<string, Macro> {
    return new Map(this.#macros);
  }

  /** Takes over macros that are not defined here. */
  adopt(macros: Iterable<Macro>): void {
    for (const macro of macros) if (!this.#macros.has(macro.name)) this.#macros.set(macro.name, macro);
  }

  /** Forgets all macros but these. */
  reset(macros: ReadonlyMap<string, Macro>): void {
    this.#macros.clear();
    this.adopt(macros.values());
  }

  has(name: string): boolean {
    return this.#macros.has(name);
  }

  define(macro: Macro): void {
    const existing = this.#macros.get(macro.name);
    if (existing !== undefined && macro.span !== undefined && bodyText(existing) !== bodyText(macro)) {
      const notes = existing.span ? [{ message: 'It was first defined here.', span: existing.span }] : [];
      const message = `The macro '${macro.name}' is already defined, with another text: #undef it first.`;
      this.#log.report('IDL1013', macro.span, message, notes);
    }
    this.#macros.set(macro.name, macro);
  }

  undefine(name: string): void {
    this.#macros.delete(name);
  }

  /** Appends a token to `output`: itself, or what the macro of its name stands for. */
  expand(token: Token, output: Token[]): void {
    const macro = token.kind === 'identifier' ? this.#macros.get(token.text) : undefined;
    if (macro === undefined) {
      output.push(token);
      return;
    }
    const expanded: Token[] = [];
    // Told once: after that, macros stand for nothing.
    if (this.#total > expansionTotalMax) return;
    const complete = this.#expandMacro(macro, token, [], expanded);
    this.#total += expanded.length;
    if (!complete || this.#total > expansionTotalMax) {
      const message = `The macro '${macro.name}' expands to too much: more than ${expansionTokensMax} tokens or ${expansionDepthMax} macros deep.`;
      this.#log.report('IDL1018', token.span, message);
    }
    expanded.forEach((piece, i) => {
      if (i === 0) output.push({ ...piece, startsLine: token.startsLine, doc: token.doc });
      else output.push(piece);
    });
  }

  #expandMacro(macro: Macro, use: Token, active: string[], output: Token[]): boolean {
    if (active.length >= expansionDepthMax) return false;
    active.push(macro.name);
    for (const piece of macro.body) {
      if (output.length >= expansionTokensMax) return false;
      const inner = piece.kind === 'identifier' ? this.#macros.get(piece.text) : undefined;
      // A macro is not expanded within itself, as in C.
      if (inner !== undefined && !active.includes(inner.name)) {
        if (!this.#expandMacro(inner, use, active, output)) return false;
      } else {
        const origin = { name: macro.name, span: piece.span };
        output.push({ ...piece, span: use.span, startsLine: false, doc: undefined, macro: origin });
      }
    }
    active.pop();
    return true;
  }
}

function bodyText(macro: Macro): string {
  return macro.body.map(({ kind, text }) => `${kind}:${text}`).join(' ');
}
