import type { Diagnostic } from '../diagnostic.js';
import { DiagnosticLog } from '../diagnostic.js';
import { diskHost } from '../disk-host.js';
import type { FileHost } from '../file-host.js';
import { parse } from '../parser.js';
import { Preprocessor } from '../preprocessor.js';
import { SourceFile } from '../source.js';
import type { DefinitionSyntax } from '../syntax.js';
import { layout } from './layout.js';
import type { Piece } from './pieces.js';
import { piecesOf } from './pieces.js';

/** What to format, and what is needed to read it. */
export interface FormatOptions {
  readonly file: string;
  readonly includePaths?: readonly string[] | undefined;
  readonly defines?: Readonly<Record<string, string>> | undefined;
  readonly host?: FileHost | undefined;
}

/** What came of it: either the text in its final form, or why there is none. */
export type FormatResult =
  | { readonly text: string; readonly before: string; readonly diagnostics?: undefined }
  | { readonly text?: undefined; readonly diagnostics: readonly Diagnostic[] };

/** Problems that do not keep a file from being read as IDL: what it includes and says is not looked at. */
const harmless = ['IDL1008', 'IDL1009', 'IDL1013', 'IDL1015', 'IDL2007'];

/**
 * The text of an IDL file with its blanks and line breaks as they should be. Nothing else changes: every token, comment and
 * directive stays, in its order; and what is formatted once, stays as it is. A file that cannot be read as IDL is not
 * formatted.
 */
export function format(options: FormatOptions): FormatResult {
  const { host = diskHost } = options;
  const { source, syntax, errors } = read(options, host);
  if (source === undefined || errors.length > 0) return { diagnostics: errors };
  const before = source.text;
  const pieces = piecesOf(source);
  const text = layout(pieces, /\r\n/.test(before) ? '\r\n' : '\n');
  const different = firstDifference(pieces, piecesOf(new SourceFile(source.path, text)));
  const offset = different?.offset ?? (isRead(text, syntax, options, source, host) ? undefined : 0);
  if (offset === undefined) return { text, before };
  const span = { file: source, offset, length: 1 };
  const message = 'This cannot be laid out without a change of its meaning: the file is left as it is.';
  return { diagnostics: [{ code: 'IDL2001', severity: 'error', message, span, notes: [] }] };
}

function read({ file, includePaths, defines }: FormatOptions, host: FileHost) {
  const log = new DiagnosticLog();
  const preprocessor = new Preprocessor(log, { host, includePaths, defines });
  const syntax = parse(preprocessor.run(file), log);
  const source = preprocessor.files.at(-1);
  const errors = log.diagnostics.filter(
    ({ code, severity, span }) =>
      severity === 'error' &&
      /^IDL[12]/.test(code) &&
      !harmless.includes(code) &&
      (source === undefined || span.file.path === source.path),
  );
  return { source, syntax, errors };
}

/** The layout is looked over before anybody relies on it: the piece from which on it is another file. */
function firstDifference(before: readonly Piece[], after: readonly Piece[]): Piece | undefined {
  const different = before.findIndex((piece, i) => identity(piece) !== identity(after[i]));
  if (different >= 0) return before[different];
  return before.length === after.length ? undefined : before.at(-1);
}

function identity(piece: Piece | undefined): string | undefined {
  if (piece === undefined) return undefined;
  const text = piece.text
    .split('\n')
    .map((line) => line.trim())
    .join('\n');
  return `${piece.kind} ${text}`;
}

/** Whether a text is read as the same syntax as the source: blanks count in some places, such as `@key ::a::B`. */
function isRead(
  text: string,
  syntax: readonly DefinitionSyntax[],
  options: FormatOptions,
  { path }: SourceFile,
  host: FileHost,
): boolean {
  const content = new TextEncoder().encode(text);
  const after = read(options, {
    read: (other) => (other === path ? content : host.read(other)),
    identify: (other) => host.identify?.(other) ?? other,
  });
  return after.errors.length === 0 && textOf(after.syntax) === textOf(syntax);
}

function textOf(syntax: readonly DefinitionSyntax[]): string {
  return JSON.stringify(syntax, (property, value: unknown) => (property === 'span' ? undefined : value));
}
