#!/usr/bin/env node
import { CommanderError, Command } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { addCheck } from './commands/check.js';
import { addGen } from './commands/gen.js';
import { addInit } from './commands/init.js';
import { CommandFailure } from './failure.js';

/** Wrong use of the command; 1 says that it was used rightly and failed. */
const usageExitCode = 2;

const program = new Command('bowecho')
  .description('DDS-style publish/subscribe for TypeScript: compiles IDL, starts projects')
  .version(packageJson.version)
  .exitOverride()
  .showHelpAfterError('(bowecho --help says what there is)')
  .showSuggestionAfterError();
for (const add of [addInit, addGen, addCheck]) add(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : usageExitCode;
  else if (error instanceof CommandFailure) {
    if (error.message !== '') console.error(`bowecho: ${error.message}`);
    process.exitCode = 1;
  } else throw error;
}
