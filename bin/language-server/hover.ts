import type { Hover } from 'vscode-languageserver/node';
import { MarkupKind } from 'vscode-languageserver/node';
import { annotationText } from './annotation-text.js';
import type { Cursor } from './cursor.js';
import { occurrenceAt } from './cursor.js';
import { describe } from './describe.js';
import { Places } from './places.js';
import type { Project } from './project.js';

/** What is known of what is named at the cursor. */
export function hoverAt(project: Project, cursor: Cursor): Hover | undefined {
  const occurrence = occurrenceAt(cursor);
  if (occurrence === undefined) {
    const annotation = annotationText(wordAt(cursor));
    return annotation === undefined ? undefined : { contents: markdown([fenced(annotation)]) };
  }
  const { idl, doc, facts } = describe(occurrence.entity, cursor.analysis.definitions);
  const parts = [
    fenced(idl),
    ...(doc === undefined ? [] : [doc]),
    ...(facts.length === 0 ? [] : [facts.join(', ')]),
  ];
  return { contents: markdown(parts), range: new Places(project.host).range(occurrence.span) };
}

/** The annotation's name at the cursor, if there is one. */
function wordAt({ file, offset }: Cursor): string {
  const start = /@[ \t]*[A-Za-z0-9_]*$/.exec(file.text.slice(Math.max(0, offset - 100), offset))?.[0];
  if (start === undefined) return '';
  const rest = /^[A-Za-z0-9_]*/.exec(file.text.slice(offset, offset + 100))![0];
  return start.replace(/^@[ \t]*/, '') + rest;
}

function fenced(idl: string): string {
  return `\`\`\`idl\n${idl}\n\`\`\``;
}

function markdown(parts: readonly string[]): Hover['contents'] {
  return { kind: MarkupKind.Markdown, value: parts.join('\n\n') };
}
