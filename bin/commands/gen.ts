import type { Command } from 'commander';
import { compileFiles } from '../compile-files.js';
import type { CompileFlags } from '../compile-flags.js';
import { addCompileFlags } from '../compile-flags.js';
import type { OutputFlags } from '../generate-files.js';
import { addOutputFlags, generateFiles } from '../generate-files.js';

/** `bowecho gen`: IDL to TypeScript. */
export function addGen(program: Command): void {
  const command = program
    .command('gen')
    .description('generate TypeScript from IDL files, and from those that they include')
    .argument('<files...>', "IDL files, folders of them, or '-' for the standard input")
    .requiredOption('-o, --out <folder>', 'where to write; made where it is missing');
  addCompileFlags(addOutputFlags(command)).action(
    (files: string[], flags: CompileFlags & OutputFlags & { readonly out: string }) => {
      generateFiles(compileFiles(files, flags), flags);
    },
  );
}
