import { check } from './checker.js';
import type { CompileOptions } from './compile.js';
import type { Diagnostic } from './diagnostic.js';
import { DiagnosticLog } from './diagnostic.js';
import { diskHost } from './disk-host.js';
import type { Definition } from './model.js';
import { NameIndex } from './name-index.js';
import { parse } from './parser.js';
import { Preprocessor } from './preprocessor.js';
import type { SourceFile } from './source.js';
import type { DefinitionSyntax } from './syntax.js';

/** All that can be said of IDL files for an editor, however broken they are. */
export interface Analysis {
  readonly diagnostics: readonly Diagnostic[];
  /** By scoped name; those that are broken are missing. */
  readonly definitions: ReadonlyMap<string, Definition>;
  readonly index: NameIndex;
  readonly syntax: readonly DefinitionSyntax[];
  /** An included file before the one that includes it. */
  readonly files: readonly SourceFile[];
}

/** Compiles as far as it goes, and remembers where everything is named. */
export function analyse(options: CompileOptions): Analysis {
  const { files, includePaths, defines, warnings, host = diskHost } = options;
  const log = new DiagnosticLog(warnings);
  const preprocessor = new Preprocessor(log, { host, includePaths, defines });
  const syntax = files.flatMap((file) => parse(preprocessor.run(file), log));
  const index = new NameIndex();
  const definitions = check(syntax, log, index);
  return { diagnostics: log.diagnostics, definitions, index, syntax, files: preprocessor.files };
}
