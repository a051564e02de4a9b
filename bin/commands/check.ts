import type { Command } from 'commander';
import { preprocessedText } from '../../idl/index.js';
import { countOfErrors, compileFiles, showDiagnostics } from '../compile-files.js';
import type { CompileFlags } from '../compile-flags.js';
import { addCompileFlags } from '../compile-flags.js';
import { CommandFailure } from '../failure.js';
import { inputFiles } from '../input-files.js';

interface CheckFlags extends CompileFlags {
  readonly preprocess?: boolean;
}

/** `bowecho check`: compiles and makes nothing. */
export function addCheck(program: Command): void {
  const command = program
    .command('check')
    .description('check IDL files: show every error, generate nothing')
    .argument('<files...>', "IDL files, folders of them, or '-' for the standard input")
    .option('-E, --preprocess', 'only print what is left once includes, conditions and macros are done');
  addCompileFlags(command).action((files: string[], flags: CheckFlags) => {
    if (flags.preprocess) preprocess(files, flags);
    else compileFiles(files, flags);
  });
}

/** The text is the output, so diagnostics are not: not even as JSON. */
function preprocess(args: readonly string[], flags: CheckFlags): void {
  const { files, host } = inputFiles(args, flags.stdinPath);
  const { include: includePaths, define: defines, warnings } = flags;
  const { text, diagnostics } = preprocessedText({ files, host, includePaths, defines, warnings });
  process.stdout.write(text);
  showDiagnostics(diagnostics, {});
  if (diagnostics.some(({ severity }) => severity === 'error'))
    throw new CommandFailure(countOfErrors(diagnostics));
}
