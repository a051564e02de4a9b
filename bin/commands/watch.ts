import type { Command } from 'commander';
import { compile } from '../../idl/index.js';
import { countOfErrors, showDiagnostics } from '../compile-files.js';
import type { CompileFlags } from '../compile-flags.js';
import { addCompileFlags } from '../compile-flags.js';
import { CommandFailure } from '../failure.js';
import { FileWatch, RememberingHost } from '../file-watch.js';
import type { OutputFlags } from '../generate-files.js';
import { addOutputFlags, generateFiles } from '../generate-files.js';
import type { InputFiles } from '../input-files.js';
import { inputFiles, isFolder, stdinArgument } from '../input-files.js';

type WatchFlags = CompileFlags & OutputFlags & { readonly out?: string };

/** `bowecho watch`: checks, or generates, whenever a file changes. */
export function addWatch(program: Command): void {
  const command = program
    .command('watch')
    .description('check IDL files whenever one of them, or an included one, changes; with --out generate too')
    .argument('<files...>', 'IDL files, or folders of them')
    .option('-o, --out <folder>', 'where to write what is generated');
  addCompileFlags(addOutputFlags(command)).action((args: string[], flags: WatchFlags) => {
    if (args.includes(stdinArgument)) {
      throw new CommandFailure('the standard input cannot be watched: name files');
    }
    workAndWatch(inputFiles(args, flags.stdinPath), args, flags);
  });
}

/** Works once, and again after the next change; ends with the process. */
function workAndWatch({ files, host: disk }: InputFiles, args: readonly string[], flags: WatchFlags): void {
  const host = new RememberingHost(disk);
  work(files, host, flags);
  const watch = new FileWatch(host.contents.keys(), args.filter(isFolder), () => {
    const inputs = inputsNow(args, flags);
    if (inputs === undefined) return;
    const added = inputs.files.filter((file) => !host.contents.has(file));
    const changed = [...host.changed(), ...added];
    if (changed.length === 0) return;
    watch.close();
    tell(`${changed.join(', ')} changed`);
    workAndWatch(inputs, args, flags);
  });
}

/** `undefined` where a folder has nothing in it for now. */
function inputsNow(args: readonly string[], flags: WatchFlags): InputFiles | undefined {
  try {
    return inputFiles(args, flags.stdinPath);
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    tell(`${error.message}; watching`);
    return undefined;
  }
}

function work(files: readonly string[], host: RememberingHost, flags: WatchFlags): void {
  const { include: includePaths, define: defines, warnings, out } = flags;
  const { model, diagnostics } = compile({ files, host, includePaths, defines, warnings });
  showDiagnostics(diagnostics, flags);
  if (model === undefined) return tell(`${countOfErrors(diagnostics)}; watching`);
  if (out === undefined) return tell('no errors; watching');
  try {
    generateFiles(model, { ...flags, out });
    tell(`generated into '${out}'; watching`);
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    tell(`${error.message}; watching`);
  }
}

function tell(message: string): void {
  console.error(`bowecho: ${message}`);
}
