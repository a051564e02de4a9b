import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';

/** What the preprocessor is told by every command on IDL. */
export interface PreprocessorFlags {
  readonly include: readonly string[];
  readonly define: Readonly<Record<string, string>>;
  readonly stdinPath: string;
}

/** The options of every command that compiles IDL. */
export interface CompileFlags extends PreprocessorFlags {
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
    )
    .option('--stdin-path <path>', "what file '-', the standard input, is taken for", 'stdin.idl');
}

export function addCompileFlags(command: Command): Command {
  return addPreprocessorFlags(command).option('--json', 'print diagnostics as JSON on the standard output');
}

function parseDefine(text: string, all: Readonly<Record<string, string>>): Record<string, string> {
  const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)(?:=(.*))?$/s.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError('It is written NAME or NAME=VALUE.');
  return { ...all, [name]: value ?? '1' };
}
