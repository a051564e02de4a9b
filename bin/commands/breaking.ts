import type { Command } from 'commander';
import type { TopicChange } from '../../codegen/index.js';
import { compareVersions } from '../../codegen/index.js';
import { compileFiles } from '../compile-files.js';
import type { CompileFlags } from '../compile-flags.js';
import { addCompileFlags } from '../compile-flags.js';
import { CommandFailure } from '../failure.js';

/** `bowecho breaking`: whether programs of two versions of IDL go together. */
export function addBreaking(program: Command): void {
  const command = program
    .command('breaking')
    .description('say for each topic whether old readers read new writers, and new readers old writers')
    .argument('<old>', 'the IDL file, or folder, as it was')
    .argument('<new>', 'as it is now');
  addCompileFlags(command).action((before: string, after: string, flags: CompileFlags) => {
    // As JSON there is one answer: what is wrong with the files, or else the comparison.
    const shown = flags.json ? 'failure' : 'all';
    const changes = compareVersions(
      compileFiles([before], flags, shown),
      compileFiles([after], flags, shown),
    );
    if (flags.json) console.log(JSON.stringify(changes, undefined, 2));
    else for (const change of changes) console.log(describe(change));
    const broken = changes.filter(({ change }) => change === 'breaking' || change === 'removed').length;
    if (broken > 0)
      throw new CommandFailure(flags.json ? '' : `${broken} of ${changes.length} topics broken`);
  });
}

function describe({ name, change, oldReadsNew, newReadsOld }: TopicChange): string {
  if (oldReadsNew === undefined || newReadsOld === undefined) {
    return `${name}: ${change === 'none' ? 'the same' : change}`;
  }
  const direction = (what: string, { problems, notes }: TopicChange['oldReadsNew'] & object): string[] => [
    `  ${what}: ${problems.length === 0 ? 'yes' : 'no'}`,
    ...problems.map((problem) => `    ${problem}`),
    ...notes.map((note) => `    (${note})`),
  ];
  return [
    `${name}: ${change}`,
    ...direction('old readers read new writers', oldReadsNew),
    ...direction('new readers read old writers', newReadsOld),
  ].join('\n');
}
