import { check } from './checker.js';
import type { Diagnostic, WarningPolicy } from './diagnostic.js';
import { DiagnosticLog } from './diagnostic.js';
import { diskHost } from './disk-host.js';
import type { FileHost } from './file-host.js';
import type { Definition, Model } from './model.js';
import { parse } from './parser.js';
import { Preprocessor } from './preprocessor.js';

/** What to compile, and where to look. */
export interface CompileOptions {
  /** The files, by path. */
  readonly files: readonly string[];
  /** Folders in which an included file is looked for, after that of the including file. */
  readonly includePaths?: readonly string[] | undefined;
  /** Macros defined from the start, with their text. */
  readonly defines?: Readonly<Record<string, string>> | undefined;
  /** What becomes of warnings, by code; `{ all: 'error' }` lets none pass. */
  readonly warnings?: WarningPolicy | undefined;
  /** Where files are; the disk by default. */
  readonly host?: FileHost | undefined;
}

/** What came of a compilation. */
export interface CompileResult {
  /** Absent where there are errors. */
  readonly model: Model | undefined;
  /** Errors and warnings, in the order of the text. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Compiles IDL files, and what they include, into one checked model. It throws nothing on account of the files: all that is
 * wrong with them, in every one of them, is in the diagnostics of one run.
 *
 * @example
 * ```ts
 * const { model, diagnostics } = compile({ files: ['flights.idl'] });
 * for (const diagnostic of diagnostics) console.error(formatDiagnostic(diagnostic));
 * ```
 */
export function compile(options: CompileOptions): CompileResult {
  const log = new DiagnosticLog(options.warnings);
  const host = options.host ?? diskHost;
  const { includePaths, defines } = options;
  const preprocessor = new Preprocessor(log, { host, includePaths, defines });
  const syntax = options.files.flatMap((file) => parse(preprocessor.run(file), log));
  const definitions = check(syntax, log);
  return { model: log.hasErrors ? undefined : modelOf(definitions, preprocessor), diagnostics: sorted(log) };
}

/** By file in the order of first mention, and within a file by place. */
function sorted({ diagnostics }: DiagnosticLog): Diagnostic[] {
  const order = new Map<string, number>();
  for (const { span } of diagnostics) {
    if (!order.has(span.file.path)) order.set(span.file.path, order.size);
  }
  return [...diagnostics].sort(
    (a, b) => order.get(a.span.file.path)! - order.get(b.span.file.path)! || a.span.offset - b.span.offset,
  );
}

function modelOf(definitions: Map<string, Definition>, { files, includes }: Preprocessor): Model {
  const byFile = new Map<string, string[]>();
  for (const { name, file } of definitions.values()) {
    const list = byFile.get(file);
    if (list === undefined) byFile.set(file, [name]);
    else list.push(name);
  }
  return {
    files: files.map(({ path }) => ({
      path,
      includes: includes.get(path) ?? [],
      definitions: byFile.get(path) ?? [],
    })),
    definitions,
  };
}
