import type { Diagnostic, Model } from '../idl/index.js';
import { compile, diagnosticRecord, formatDiagnostic } from '../idl/index.js';
import type { CompileFlags } from './compile-flags.js';
import { CommandFailure } from './failure.js';
import { inputFiles } from './input-files.js';

/**
 * Compiles, and shows all diagnostics, or only those of a compilation that fails. Throws {@link CommandFailure} where there
 * are errors.
 */
export function compileFiles(
  args: readonly string[],
  flags: CompileFlags,
  shown: 'all' | 'failure' = 'all',
): Model {
  const { files, host } = inputFiles(args, flags.stdinPath);
  const { model, diagnostics } = compile({
    files,
    host,
    includePaths: flags.include,
    defines: flags.define,
    warnings: flags.warnings,
  });
  if (shown === 'all' || model === undefined) showDiagnostics(diagnostics, flags);
  if (model !== undefined) return model;
  throw new CommandFailure(flags.json ? '' : countOfErrors(diagnostics));
}

/** Diagnostics for people on the standard error, or as JSON on the standard output. */
export function showDiagnostics(diagnostics: readonly Diagnostic[], { json }: { json?: boolean }): void {
  if (json) console.log(JSON.stringify(diagnostics.map(diagnosticRecord), undefined, 2));
  else for (const diagnostic of diagnostics) console.error(formatDiagnostic(diagnostic));
}

export function countOfErrors(diagnostics: readonly Diagnostic[]): string {
  const count = diagnostics.filter(({ severity }) => severity === 'error').length;
  return `${count} ${count === 1 ? 'error' : 'errors'}`;
}
