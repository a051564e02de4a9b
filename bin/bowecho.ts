#!/usr/bin/env node
import { createRequire } from 'node:module';
import { CommanderError, Command } from 'commander';
import { addBreaking } from './commands/breaking.js';
import { addCheck } from './commands/check.js';
import { addDoctor } from './commands/doctor.js';
import { addFmt } from './commands/fmt.js';
import { addGen } from './commands/gen.js';
import { addInit } from './commands/init.js';
import { addLog } from './commands/log.js';
import { addLsp } from './commands/lsp.js';
import { addWatch } from './commands/watch.js';
import { addWitness } from './commands/witness.js';
import { CommandFailure } from './failure.js';

/** Wrong use of the command; 1 says that it was used rightly and failed. */
const usageExitCode = 2;

// Not imported: tsc would put a copy into dist, and there 'bowecho' would then mean dist itself.
const { version } = createRequire(import.meta.url)('bowecho/package.json') as { version: string };

const program = new Command('bowecho')
  .description('DDS-style publish/subscribe for TypeScript: compiles IDL, starts projects')
  .version(version)
  .exitOverride()
  .showHelpAfterError('(bowecho --help says what there is)')
  .showSuggestionAfterError();
for (const add of [
  addInit,
  addGen,
  addCheck,
  addFmt,
  addBreaking,
  addWatch,
  addLsp,
  addLog,
  addDoctor,
  addWitness,
])
  add(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : usageExitCode;
  else if (error instanceof CommandFailure) {
    if (error.message !== '') console.error(`bowecho: ${error.message}`);
    process.exitCode = 1;
  } else throw error;
}
