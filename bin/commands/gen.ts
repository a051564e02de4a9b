import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { GeneratedFile } from '../../codegen/index.js';
import { generate, OutputClashError } from '../../codegen/index.js';
import type { CompileFlags } from '../compile-files.js';
import { addCompileFlags, compileFiles } from '../compile-files.js';
import { CommandFailure } from '../failure.js';

interface GenFlags extends CompileFlags {
  readonly out: string;
  readonly js?: boolean;
  readonly proto?: boolean;
  readonly support?: string;
}

/** `bowecho gen`: IDL to TypeScript. */
export function addGen(program: Command): void {
  const command = program
    .command('gen')
    .description('generate TypeScript from IDL files, and from those that they include')
    .argument('<files...>', 'IDL files')
    .requiredOption('-o, --out <folder>', 'where to write; made where it is missing')
    .option('--js', 'JavaScript with declarations (.js, .d.ts) instead of TypeScript')
    .option('--proto', 'a .proto of each file too, for other languages')
    .option('--support <specifier>', 'what generated code imports its support library from');
  addCompileFlags(command).action((files: string[], flags: GenFlags) => {
    const model = compileFiles(files, flags);
    const language = flags.js ? 'javascript' : 'typescript';
    try {
      write(flags.out, generate(model, { language, proto: flags.proto, support: flags.support }));
    } catch (error) {
      if (error instanceof OutputClashError) throw new CommandFailure(error.message);
      if (error instanceof Error && 'syscall' in error) {
        throw new CommandFailure(`cannot write to '${flags.out}': ${error.message}`);
      }
      throw error;
    }
  });
}

/** Files that would not change are left alone, so that nothing after them is built again. */
function write(folder: string, files: readonly GeneratedFile[]): void {
  mkdirSync(folder, { recursive: true });
  for (const { name, text } of files) {
    const path = join(folder, name);
    if (contentOf(path) !== text) writeFileSync(path, text);
  }
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
