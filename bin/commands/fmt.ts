import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { format, formatDiagnostic } from '../../idl/index.js';
import type { InputFlags } from '../compile-flags.js';
import { addInputFlags } from '../compile-flags.js';
import { CommandFailure } from '../failure.js';
import { inputFiles, stdinArgument } from '../input-files.js';

interface FormatFlags extends InputFlags {
  readonly check?: boolean;
}

/** `bowecho fmt`: lays out IDL files. */
export function addFmt(program: Command): void {
  const command = program
    .command('fmt')
    .description('format IDL files in place; tells those that it changed')
    .argument(
      '<files...>',
      "IDL files, folders of them, or '-': from the standard input to the standard output",
    )
    .option('--check', 'change nothing; exit with code 1 where something would be changed');
  addInputFlags(command).action((args: string[], flags: FormatFlags) => {
    const fromStdin = args.includes(stdinArgument);
    if (fromStdin && args.length > 1)
      throw new CommandFailure("'-' goes with no other file: run it on its own");
    const { files, host } = inputFiles(args, flags.stdinPath);
    let failed = 0;
    let changed = 0;
    for (const file of files) {
      const result = format({ file, host, includePaths: flags.include, defines: flags.define });
      if (result.text === undefined) {
        for (const diagnostic of result.diagnostics) console.error(formatDiagnostic(diagnostic));
        failed++;
        continue;
      }
      if (fromStdin && !flags.check) process.stdout.write(result.text);
      if (result.text === result.before) continue;
      changed++;
      if (fromStdin) continue;
      console.log(file);
      if (!flags.check) write(file, result.text);
    }
    if (failed > 0)
      throw new CommandFailure(
        `${failed === 1 ? '1 file is left as it is' : `${failed} files are left as they are`}: what cannot be read is not formatted`,
      );
    if (flags.check && changed > 0) {
      throw new CommandFailure(`${counted(changed)} not formatted: run bowecho fmt without --check`);
    }
  });
}

function counted(count: number): string {
  return count === 1 ? '1 file is' : `${count} files are`;
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new CommandFailure(
      `cannot write '${file}': ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
