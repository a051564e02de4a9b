import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import type { DiagnosticCode, WarningPolicy } from '../idl/index.js';
import { codes } from '../idl/index.js';

/** What the preprocessor is told by every command on IDL. */
export interface PreprocessorFlags {
  readonly include: readonly string[];
  readonly define: Readonly<Record<string, string>>;
}

/** The options of every command that reads IDL files, of which one can be the standard input. */
export interface InputFlags extends PreprocessorFlags {
  readonly stdinPath: string;
}

/** The options of every command that compiles IDL. */
export interface CompileFlags extends InputFlags {
  readonly warnings: WarningPolicy;
  readonly json?: boolean;
}

export function addPreprocessorFlags(command: Command): Command {
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
    );
}

export function addInputFlags(command: Command): Command {
  const what = "what file '-', the standard input, is taken for";
  return addPreprocessorFlags(command).option('--stdin-path <path>', what, 'stdin.idl');
}

export function addCompileFlags(command: Command): Command {
  return addInputFlags(command)
    .addOption(
      new Option(
        '-W, --warnings <what>',
        'error, error=CODE, ignore or ignore=CODE: what becomes of warnings; can be repeated',
      )
        .argParser(parseWarnings)
        .default({}, 'none'),
    )
    .option('--json', 'print diagnostics as JSON on the standard output');
}

function parseDefine(text: string, all: Readonly<Record<string, string>>): Record<string, string> {
  const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)(?:=(.*))?$/s.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError('It is written NAME or NAME=VALUE.');
  return { ...all, [name]: value ?? '1' };
}

function parseWarnings(text: string, all: WarningPolicy): WarningPolicy {
  const [, what, code] = /^(error|warning|ignore)(?:=(.*))?$/s.exec(text) ?? [];
  if (what === undefined) {
    throw new InvalidArgumentError('It is written error, warning or ignore, with =CODE for one code alone.');
  }
  if (code === undefined) return { ...all, all: what as 'error' };
  if (!Object.hasOwn(codes, code)) throw new InvalidArgumentError(`There is no diagnostic '${code}'.`);
  if (codes[code as DiagnosticCode].severity === 'error') {
    throw new InvalidArgumentError(`${code} is an error, and stays one.`);
  }
  return { ...all, [code]: what };
}
