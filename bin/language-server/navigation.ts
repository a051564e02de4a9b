import type { CancellationToken, Location } from 'vscode-languageserver/node';
import type { Span } from '../../idl/index.js';
import type { Occurrence } from '../../idl/name-index.js';
import { folderOf, joinPath } from '../../idl/file-host.js';
import type { Cursor } from './cursor.js';
import { isWritten, occurrenceAt } from './cursor.js';
import { Places } from './places.js';
import type { Project } from './project.js';

/** Where what is named at the cursor is declared: in several places if it is a module, or declared before it is defined. */
export function definitionsAt(project: Project, cursor: Cursor): Location[] {
  const places = new Places(project.host);
  const occurrence = occurrenceAt(cursor);
  const spans = occurrence === undefined ? includedAt(project, cursor) : declarationsOf(cursor, occurrence);
  return spans.map((span) => places.location(span));
}

/** The start of the file that the line of the cursor includes. */
function includedAt(project: Project, { analysis, file, offset }: Cursor): Span[] {
  const { line } = file.locate(offset);
  const text = file.text.slice(file.lineStart(line), file.lineEnd(line));
  const path = /^\s*#\s*include\s*["<]([^">]+)[">]/.exec(text)?.[1];
  if (path === undefined) return [];
  const folders = [folderOf(file.path), ...project.compileOptions.includePaths];
  const candidates = folders.map((folder) => project.host.identify(joinPath(folder, path)));
  const included = analysis.files.find((each) => candidates.includes(project.host.identify(each.path)));
  return included === undefined ? [] : [{ file: included, offset: 0, length: 0 }];
}

function declarationsOf({ analysis }: Cursor, { entity }: Occurrence): Span[] {
  return analysis.index
    .of(entity.name)
    .filter(({ declares }) => declares)
    .map(({ span }) => span);
}

/**
 * Every place in the project where what is at the cursor is named. Each file is looked at as it is compiled on its own; it
 * names the same thing if both saw it declared in one place.
 */
export async function occurrencesInProject(
  project: Project,
  cursor: Cursor,
  token: CancellationToken,
): Promise<Occurrence[]> {
  const occurrence = occurrenceAt(cursor);
  if (occurrence === undefined) return [];
  const key = ({ file, offset }: Span): string => `${offset} ${file.path}`;
  const declared = new Set(declarationsOf(cursor, occurrence).map(key));
  const found = new Map<string, Occurrence>();
  for (const path of await project.files()) {
    // Other requests have their turn.
    await new Promise((resolve) => setImmediate(resolve));
    if (token.isCancellationRequested) return [];
    const occurrences = project.analysis(path).index.of(occurrence.entity.name);
    if (!occurrences.some(({ declares, span }) => declares && declared.has(key(span)))) continue;
    for (const each of occurrences) if (isWritten(each)) found.set(key(each.span), each);
  }
  return [...found.values()];
}

export async function referencesAt(
  project: Project,
  cursor: Cursor,
  includeDeclaration: boolean,
  token: CancellationToken,
): Promise<Location[]> {
  const occurrences = await occurrencesInProject(project, cursor, token);
  const places = new Places(project.host);
  return occurrences
    .filter(({ declares }) => includeDeclaration || !declares)
    .map(({ span }) => places.location(span));
}
