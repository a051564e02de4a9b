import { Command } from 'commander';
import { dispensable } from './minimise.js';
import { runSeed } from './run-seed.js';
import { survey } from './survey.js';
import type { TraceEvent } from './trace.js';

/** `npm run simulate`: the command line of the simulator. */
const program = new Command('simulate')
  .description('the protocol core under faults that a seed draws, with an oracle after every event')
  .option('--seeds <number>', 'how many', natural, 100)
  .option('--from <number>', 'the first of them', natural, 1)
  .option('--seed <number>', 'this one alone; where it fails, with no more faults than it needs', natural)
  .option('--trace', 'with --seed: everything that happened')
  .option('--json', 'no progress, one JSON line')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse();
const options = program.opts<{ seeds: number; from: number; seed?: number; trace?: true; json?: true }>();
if (options.trace && options.seed === undefined) program.error('--trace is of one seed: give --seed too');
process.exitCode = options.seed === undefined ? many() : one(options.seed);

function many(): number {
  const { from, seeds, json } = options;
  const result = survey(from, seeds, (done) => {
    if (!json && (done % 20 === 0 || done === seeds)) process.stderr.write(`\r${done} of ${seeds} seeds`);
  });
  if (!json) process.stderr.write('\n');
  for (const { seed, message } of result.failed)
    process.stderr.write(`seed ${seed}: ${message}\n  npm run simulate -- --seed ${seed} --trace\n`);
  process.stdout.write(`${JSON.stringify(result)}\n`);
  return result.violations > 0 ? 1 : 0;
}

function one(seed: number): number {
  const whole = runSeed(seed);
  const without =
    whole.violation === undefined ? new Set<number>() : dispensable(seed, whole.violation.oracle);
  const trace: TraceEvent[] = [];
  const result = runSeed(seed, { without, trace });
  if (options.trace) for (const event of trace) process.stdout.write(`${lineOf(event)}\n`);
  if (!options.json && without.size > 0)
    process.stderr.write(`fails without disturbances ${[...without].join(', ')}, too\n`);
  process.stdout.write(`${JSON.stringify(result)}\n`);
  return result.violation === undefined ? 0 : 1;
}

function lineOf({ atUs, member, kind, text, target, toUs }: TraceEvent): string {
  const travel = target === undefined ? '' : ` to ${target}, there at ${toUs}`;
  return `${atUs} µs  member ${member}  ${kind}  ${text}${travel}`;
}

function natural(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) program.error(`${text} is not a whole number above 0`);
  return number;
}
