import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { fileSystemOf, inMemory } from '../../bench/harness/bench-folder.js';
import { soakPersistent } from './persistent/soak.js';
import { soak } from './soak.js';

/** `npm run soak`: the command line of the soak. */
const program = new Command('soak')
  .description(
    'real processes, killed, stopped and started again at random while they deliver; what they delivered is checked',
  )
  .option('--persistent', 'a persistent topic: one, some and all are killed, and their logs are checked, too')
  .option('--minutes <number>', 'how long', positive, 5)
  .option('--members <number>', 'how many processes (default: 5; with --persistent, 4)', positive)
  .option('--keepers <number>', 'with --persistent: how many of them keep a log (default: all)', positive)
  .option('--seed <number>', 'decides which faults come; when they strike is up to the machine', Number)
  .option('--json', 'no progress, one JSON line')
  .parse();
const { persistent, minutes, members, keepers, seed, json } = program.opts<{
  persistent?: true;
  minutes: number;
  members?: number;
  keepers?: number;
  seed?: number;
  json?: true;
}>();
const progress = (text: string) => process.stderr.write(`${text}\n`);
const common = {
  minutes,
  seed: seed ?? Math.floor(Math.random() * 1e9),
  ...(json === undefined && { progress }),
};
const result =
  persistent === true
    ? await soakPersistent({
        ...common,
        members: members ?? 4,
        ...(keepers !== undefined && { keepers }),
        base: diskFolder(),
      })
    : await soak({ ...common, members: members ?? 5 });
for (const violation of result.violations) process.stderr.write(`violation: ${violation}\n`);
if (result.kept !== undefined) process.stderr.write(`what happened is kept in ${result.kept}\n`);
process.stdout.write(`${JSON.stringify({ ...result, violations: result.violations.length })}\n`);
process.exit(result.violations.length > 0 ? 1 : 0);

function positive(text: string): number {
  const number = Number(text);
  if (!(number > 0)) program.error(`${text} is not a number above 0`);
  return number;
}

/** Where logs go: $BOWECHO_SOAK_DIR, or the folder for temporary files. What lies in memory proves nothing of a disk. */
function diskFolder(): string {
  const folder = resolve(process.env['BOWECHO_SOAK_DIR'] ?? tmpdir());
  const { type } = fileSystemOf(folder);
  if (inMemory.has(type))
    program.error(`${folder} is on ${type}, which is memory: set BOWECHO_SOAK_DIR to a folder on a disk`);
  return folder;
}
