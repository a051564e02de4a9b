import type { Position, TextDocuments } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { SourceFile } from '../../idl/index.js';
import type { Analysis } from '../../idl/analyse.js';
import type { Occurrence } from '../../idl/name-index.js';
import { pathOf } from './documents.js';
import type { Project } from './project.js';

/** A place in an open document, and what the compiler says of the document. */
export interface Cursor {
  readonly file: SourceFile;
  readonly offset: number;
  readonly analysis: Analysis;
}

/** `undefined` where the document is not open: it was closed while the request was on its way. */
export function cursorAt(
  project: Project,
  open: TextDocuments<TextDocument>,
  uri: string,
  position: Position,
): Cursor | undefined {
  const document = open.get(uri);
  if (document === undefined) return undefined;
  const analysis = project.analysis(pathOf(uri));
  const file = analysis.files.at(-1);
  return file && { file, offset: document.offsetAt(position), analysis };
}

/** What is named at the cursor. What a macro put there is not: its text is another. */
export function occurrenceAt({ analysis, file, offset }: Cursor): Occurrence | undefined {
  const occurrence = analysis.index.at(file.path, offset);
  return occurrence !== undefined && isWritten(occurrence) ? occurrence : undefined;
}

/** Whether the name of something stands where it occurs. */
export function isWritten({ span, entity }: Occurrence): boolean {
  if (span.macro !== undefined) return false;
  const text = span.file.text.slice(span.offset, span.offset + span.length);
  const local = entity.name.slice(entity.name.lastIndexOf(':') + 1);
  return text.replace(/^_(?=.)/, '').toLowerCase() === local.toLowerCase();
}
