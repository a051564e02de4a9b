import type { Diagnostic } from './diagnostic.js';
import type { Span } from './source.js';

/** Columns of an excerpt: of a longer line only the part around the problem is shown. */
const excerptColumnsMax = 100;
/** Files within files that are told of one diagnostic. */
const includeChainMax = 20;

/**
 * A diagnostic as text: the place, what is wrong, and the line with the place underlined. Of a file that others include it
 * says where; of what a macro put there, where the macro's text is.
 *
 * @example
 * ```text
 * flights.idl:4:3: error IDL3003: There is no type 'strin'. Did you mean 'string'?
 *   4 |   strin origin;
 *     |   ^~~~~
 * ```
 */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { severity, code, message, span, notes } = diagnostic;
  const parts = includeChain(span).map((include) => `In a file included at ${place(include)}:`);
  parts.push(`${place(span)}: ${severity} ${code}: ${message}`, excerpt(span));
  for (const note of notes) parts.push(`${place(note.span)}: note: ${note.message}`, excerpt(note.span));
  return parts.filter((part) => part !== '').join('\n');
}

/** A place in plain data. */
export interface PlaceRecord {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The plain data of a diagnostic, for `--json`, editors and other tools. */
export interface DiagnosticRecord extends PlaceRecord {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** In the text of the file itself, whatever `#line` says of `file` and `line`. */
  readonly offset: number;
  readonly length: number;
  /** The `#include` that brought the file in, that of its file, and so on. */
  readonly includedAt: readonly PlaceRecord[];
  readonly notes: readonly (PlaceRecord & { readonly message: string })[];
}

/** A diagnostic as plain data. */
export function diagnosticRecord({ code, severity, message, span, notes }: Diagnostic): DiagnosticRecord {
  return {
    code,
    severity,
    message,
    ...placeRecord(span),
    offset: span.offset,
    length: span.length,
    includedAt: includeChain(span).map(placeRecord),
    notes: notes.map((note) => ({ message: note.message, ...placeRecord(note.span) })),
  };
}

function includeChain({ file }: Span): Span[] {
  const chain: Span[] = [];
  for (
    let at = file.includedAt;
    at !== undefined && chain.length < includeChainMax;
    at = at.file.includedAt
  ) {
    chain.push(at);
  }
  return chain;
}

function placeRecord({ file, offset }: Span): PlaceRecord {
  const { path, line, column } = file.origin(offset);
  return { file: path, line, column };
}

function place(span: Span): string {
  const { file, line, column } = placeRecord(span);
  return `${file}:${line}:${column}`;
}

function excerpt({ file, offset, length }: Span): string {
  if (file.text === '') return '';
  const { line } = file.locate(offset);
  const lineEnd = file.lineEnd(line);
  let start = file.lineStart(line);
  const before = offset - start > excerptColumnsMax - 30 ? '…' : '';
  if (before !== '') start = offset - (excerptColumnsMax - 30);
  const end = Math.min(lineEnd, start + excerptColumnsMax);
  const text = before + printable(file.text.slice(start, end)) + (end < lineEnd ? '…' : '');
  const indent = ' '.repeat(before.length + Math.max(0, offset - start));
  const underlined = Math.max(1, Math.min(length, end - offset));
  const gutter = String(file.origin(offset).line);
  return `  ${gutter} | ${text}\n  ${' '.repeat(gutter.length)} | ${indent}^${'~'.repeat(underlined - 1)}`;
}

// eslint-disable-next-line no-control-regex -- control characters are what is replaced
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** One column for each unit: tabs as one blank, what a terminal would act upon as a dot. */
function printable(text: string): string {
  return text.replaceAll('\t', ' ').replaceAll(unprintable, '·');
}
