import { relative } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import type { Model } from '../idl/index.js';
import { compile, diagnosticRecord, formatDiagnostic } from '../idl/index.js';
import { CommandFailure } from './failure.js';

/** The options of every command that compiles IDL. */
export interface CompileFlags {
  readonly include: readonly string[];
  readonly define: Readonly<Record<string, string>>;
  readonly json?: boolean;
}

export function addCompileFlags(command: Command): Command {
  return command
    .addOption(
      new Option('-I, --include <folder>', 'a folder to look for included files in; can be repeated')
        .argParser((folder: string, all: readonly string[]) => [...all, folder])
        .default([], 'none'),
    )
    .addOption(
      new Option('-D, --define <name[=value]>', 'a macro for the preprocessor; can be repeated')
        .argParser(parseDefine)
        .default({}, 'none'),
    )
    .option('--json', 'print diagnostics as JSON on the standard output');
}

function parseDefine(text: string, all: Readonly<Record<string, string>>): Record<string, string> {
  const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)(?:=(.*))?$/s.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError('It is written NAME or NAME=VALUE.');
  return { ...all, [name]: value ?? '1' };
}

function fromHere(file: string): string {
  const path = relative('', file);
  return path === '' || path.startsWith('..') ? file : path;
}

/** Compiles, and shows all diagnostics. Throws {@link CommandFailure} where there are errors. */
export function compileFiles(files: readonly string[], flags: CompileFlags): Model {
  const { model, diagnostics } = compile({
    // Messages are shorter with paths as seen from here.
    files: files.map(fromHere),
    includePaths: flags.include,
    defines: flags.define,
  });
  if (flags.json) console.log(JSON.stringify(diagnostics.map(diagnosticRecord), undefined, 2));
  else for (const diagnostic of diagnostics) console.error(formatDiagnostic(diagnostic));
  if (model !== undefined) return model;
  const count = diagnostics.filter(({ severity }) => severity === 'error').length;
  throw new CommandFailure(flags.json ? '' : `${count} ${count === 1 ? 'error' : 'errors'}`);
}
