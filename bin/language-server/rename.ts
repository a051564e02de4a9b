import type { CancellationToken, Range, TextEdit, WorkspaceEdit } from 'vscode-languageserver/node';
import { ErrorCodes, ResponseError } from 'vscode-languageserver/node';
import type { Diagnostic, FileHost, SourceFile } from '../../idl/index.js';
import type { Occurrence } from '../../idl/name-index.js';
import { keywordLike } from '../../idl/keywords.js';
import type { Cursor } from './cursor.js';
import { isWritten, occurrenceAt } from './cursor.js';
import { occurrencesInProject } from './navigation.js';
import { Places } from './places.js';
import type { Project } from './project.js';

/** The name at the cursor, if it can be changed. */
export function renameRangeAt(project: Project, cursor: Cursor): Range | undefined {
  const occurrence = occurrenceAt(cursor);
  return occurrence && new Places(project.host).range(occurrence.span);
}

/**
 * Gives what is at the cursor another name, wherever it is named. Refused where the files, as they would be, have errors that
 * they have not now, or where the new name would mean something else in some place.
 */
export async function renameAt(
  project: Project,
  cursor: Cursor,
  newName: string,
  token: CancellationToken,
): Promise<WorkspaceEdit | undefined> {
  const occurrence = occurrenceAt(cursor);
  if (occurrence === undefined) return undefined;
  checkName(newName);
  if (cursor.analysis.index.of(occurrence.entity.name).some((each) => !isWritten(each))) {
    throw refusal('A macro names it too: change it by hand.');
  }
  const occurrences = await occurrencesInProject(project, cursor, token);
  const byFile = new Map<SourceFile, Occurrence[]>();
  const paths = new Map<string, SourceFile>();
  for (const each of occurrences) {
    const file = paths.get(each.span.file.path) ?? each.span.file;
    paths.set(file.path, file);
    byFile.set(file, [...(byFile.get(file) ?? []), each]);
  }
  const texts = new Map([...byFile].map(([file, all]) => [file.path, renamed(file, all, newName)]));
  await checkOutcome(project, texts, occurrence.entity.name, newName, token);
  const places = new Places(project.host);
  const changes: Record<string, TextEdit[]> = {};
  for (const [file, all] of byFile) {
    changes[project.host.uriOf(file.path)] = all.map(({ span }) => ({
      range: places.range({ ...span, file }),
      newText: newName,
    }));
  }
  return { changes };
}

function checkName(name: string): void {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw refusal(`'${name}' is no name: use letters, digits and _, and no digit in front.`);
  }
  const keyword = keywordLike(name);
  if (keyword !== undefined) throw refusal(`'${name}' is the keyword '${keyword}', or too much like it.`);
}

function renamed({ text }: SourceFile, occurrences: readonly Occurrence[], name: string): string {
  let result = '';
  let at = 0;
  for (const { span } of [...occurrences].sort((a, b) => a.span.offset - b.span.offset)) {
    result += text.slice(at, span.offset) + name;
    at = span.offset + span.length;
  }
  return result + text.slice(at);
}

async function checkOutcome(
  project: Project,
  texts: ReadonlyMap<string, string>,
  oldName: string,
  newName: string,
  token: CancellationToken,
): Promise<void> {
  const newScoped = oldName.replace(/[^:]*$/, newName);
  const encoder = new TextEncoder();
  const host: FileHost = {
    identify: (path) => project.host.identify(path),
    read(path) {
      const text = texts.get(path);
      return text === undefined ? project.host.read(path) : encoder.encode(text);
    },
  };
  for (const path of await project.files()) {
    await new Promise((resolve) => setImmediate(resolve));
    if (token.isCancellationRequested) return;
    const before = project.analysis(path);
    if (!before.files.some((file) => texts.has(file.path))) continue;
    const after = project.analyseWith(host, path);
    const errors = errorsOf(after.diagnostics);
    const known = errorsOf(before.diagnostics).length;
    if (errors.length > known) throw refusal(`That would break '${path}': ${errors[0]!.message}`);
    if (after.index.of(newScoped).length !== before.index.of(oldName).length) {
      throw refusal(
        `'${newName}' would mean something else in some place of '${path}': choose another name.`,
      );
    }
  }
}

function errorsOf(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return diagnostics.filter(({ severity }) => severity === 'error');
}

function refusal(message: string): ResponseError<void> {
  return new ResponseError(ErrorCodes.InvalidRequest, message);
}
