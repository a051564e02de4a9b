import type { DiagnosticCode, WarningCode } from './codes.js';
import { codes } from './codes.js';
import type { MacroOrigin, Span } from './source.js';

/** A further place that explains a diagnostic, such as the first declaration of a name declared twice. */
export interface DiagnosticNote {
  readonly message: string;
  readonly span: Span;
}

/** One thing that is wrong with an IDL file: what, where, and what to do about it. */
export interface Diagnostic {
  /** Stable from one version to the next: `IDL` and four digits (see `codes.ts`). */
  readonly code: DiagnosticCode;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly span: Span;
  readonly notes: readonly DiagnosticNote[];
}

/** What becomes of each kind of warning; `all` is for those that are not named. */
export type WarningPolicy = Readonly<Partial<Record<WarningCode | 'all', 'error' | 'warning' | 'ignore'>>>;

/** A hostile file could have a million errors; nobody reads past the first thousands. */
const diagnosticsMax = 5000;

/** Collects the diagnostics of one run, each place and code once. */
export class DiagnosticLog {
  readonly #diagnostics: Diagnostic[] = [];
  readonly #seen = new Set<string>();
  readonly #warnings: WarningPolicy;

  constructor(warnings: WarningPolicy = {}) {
    this.#warnings = warnings;
  }

  get diagnostics(): readonly Diagnostic[] {
    return this.#diagnostics;
  }

  get hasErrors(): boolean {
    return this.#diagnostics.some(({ severity }) => severity === 'error');
  }

  report(code: DiagnosticCode, span: Span, message: string, notes: readonly DiagnosticNote[] = []): void {
    if (this.#diagnostics.length > diagnosticsMax) return;
    const place = `${code} ${span.file.path} ${span.offset} ${message}`;
    if (this.#seen.has(place)) return;
    this.#seen.add(place);
    const severity = this.#severityOf(code);
    if (severity === 'ignore') return;
    if (this.#diagnostics.length === diagnosticsMax) {
      const text = `More than ${diagnosticsMax} problems: correct these first.`;
      this.#diagnostics.push({ code: 'IDL1019', severity: 'error', message: text, span, notes: [] });
      return;
    }
    const all = span.macro === undefined ? notes : [...notes, ...macroNotes(span.macro)];
    this.#diagnostics.push({ code, severity, message, span, notes: all });
  }

  #severityOf(code: DiagnosticCode): 'error' | 'warning' | 'ignore' {
    if (codes[code].severity === 'error') return 'error';
    return this.#warnings[code as WarningCode] ?? this.#warnings.all ?? 'warning';
  }
}

/** The macros that something comes from, the innermost first. */
function macroNotes(origin: MacroOrigin): DiagnosticNote[] {
  const notes: DiagnosticNote[] = [];
  for (let at: MacroOrigin | undefined = origin; at !== undefined && notes.length < 10; at = at.outer) {
    if (at.span !== undefined)
      notes.push({ message: `It comes from the macro '${at.name}'.`, span: at.span });
  }
  return notes;
}
