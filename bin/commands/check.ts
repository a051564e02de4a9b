import type { Command } from 'commander';
import type { CompileFlags } from '../compile-files.js';
import { addCompileFlags, compileFiles } from '../compile-files.js';

/** `bowecho check`: compiles and makes nothing. */
export function addCheck(program: Command): void {
  const command = program
    .command('check')
    .description('check IDL files: show every error, generate nothing')
    .argument('<files...>', 'IDL files');
  addCompileFlags(command).action((files: string[], flags: CompileFlags) => {
    compileFiles(files, flags);
  });
}
