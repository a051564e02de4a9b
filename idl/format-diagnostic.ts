import type { Diagnostic } from './diagnostic.js';
import type { Span } from './source.js';

/** Columns of an excerpt: of a longer line only the part around the problem is shown. */
const excerptColumnsMax = 100;

/**
 * A diagnostic as text: the place, what is wrong, and the line with the place underlined.
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
  const parts = [`${place(span)}: ${severity} ${code}: ${message}`, excerpt(span)];
  for (const note of notes) parts.push(`${place(note.span)}: note: ${note.message}`, excerpt(note.span));
  return parts.filter((part) => part !== '').join('\n');
}

/** The plain data of a diagnostic, for `--json`, editors and other tools. */
export interface DiagnosticRecord {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly offset: number;
  readonly length: number;
  readonly notes: readonly { message: string; file: string; line: number; column: number }[];
}

/** A diagnostic as plain data. */
export function diagnosticRecord({ code, severity, message, span, notes }: Diagnostic): DiagnosticRecord {
  return {
    code,
    severity,
    message,
    file: span.file.path,
    ...span.file.locate(span.offset),
    offset: span.offset,
    length: span.length,
    notes: notes.map((note) => ({
      message: note.message,
      file: note.span.file.path,
      ...note.span.file.locate(note.span.offset),
    })),
  };
}

function place(span: Span): string {
  const { line, column } = span.file.locate(span.offset);
  return `${span.file.path}:${line}:${column}`;
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
  const gutter = String(line);
  return `  ${gutter} | ${text}\n  ${' '.repeat(gutter.length)} | ${indent}^${'~'.repeat(underlined - 1)}`;
}

// eslint-disable-next-line no-control-regex -- control characters are what is replaced
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** One column for each unit: tabs as one blank, what a terminal would act upon as a dot. */
function printable(text: string): string {
  return text.replaceAll('\t', ' ').replaceAll(unprintable, '·');
}
