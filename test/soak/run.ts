import { Command } from 'commander';
import { soak } from './soak.js';

/** `npm run soak`: the command line of the soak. */
const program = new Command('soak')
  .description(
    'real processes, killed, stopped and started again at random while they deliver; what they delivered is checked',
  )
  .option('--minutes <number>', 'how long', positive, 5)
  .option('--members <number>', 'how many processes', positive, 5)
  .option('--seed <number>', 'decides which faults come; when they strike is up to the machine', Number)
  .option('--json', 'no progress, one JSON line')
  .parse();
const { minutes, members, seed, json } = program.opts<{
  minutes: number;
  members: number;
  seed?: number;
  json?: true;
}>();
const progress = (text: string) => process.stderr.write(`${text}\n`);
const result = await soak({
  minutes,
  members,
  seed: seed ?? Math.floor(Math.random() * 1e9),
  ...(json === undefined && { progress }),
});
for (const violation of result.violations) process.stderr.write(`violation: ${violation}\n`);
if (result.histories !== undefined) process.stderr.write(`histories are kept in ${result.histories}\n`);
process.stdout.write(`${JSON.stringify({ ...result, violations: result.violations.length })}\n`);
process.exit(result.violations.length > 0 ? 1 : 0);

function positive(text: string): number {
  const number = Number(text);
  if (!(number > 0)) program.error(`${text} is not a number above 0`);
  return number;
}
