import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { type Draw, draws } from './draws.js';
import { drawDiagram } from './diagram.js';
import { surveyBy } from './jobs.js';
import { dispensable } from './minimise.js';
import { runSeed } from './run-seed.js';
import { survey, type Survey } from './survey.js';
import { lineOf, Trace } from './trace.js';

interface Options {
  readonly seeds: number;
  readonly from: number;
  readonly jobs: number;
  readonly seed?: number;
  readonly storms?: true;
  readonly unheardLeaders?: true;
  readonly persistent?: true;
  readonly raw?: true;
  readonly totalFailures?: true;
  readonly witness?: true;
  readonly large?: true;
  readonly fewDisks?: true;
  readonly backlog?: true;
  readonly trace?: true;
  readonly svg?: string;
  readonly json?: true;
}

/** `npm run simulate`: the command line of the simulator. */
const program = new Command('simulate')
  .description('the protocol core under faults that a seed draws, with an oracle after every event')
  .option('--seeds <number>', 'how many', natural, 100)
  .option('--from <number>', 'the first of them', natural, 1)
  .option('--jobs <number>', 'processes that share them', natural, 1)
  .option('--seed <number>', 'this one alone; where it fails, with no more faults than it needs', natural)
  .option('--storms', 'seeds stand for view changes above all, as those for the mutants do')
  .option('--unheard-leaders', 'seeds stand for two leaders that die, each before it is heard')
  .option('--persistent', 'seeds stand for persistent topics, and for disks')
  .option(
    '--raw',
    'seeds stand for writers of raw topics that die, heard by some, on memory that is not aliased',
  )
  .option('--witness', 'as --total-failures, over several hosts, with a member that only votes')
  .option('--large', 'seeds stand for large messages that spread from member to member, of which some die')
  .option('--total-failures', 'seeds stand for domains that die as a whole, and begin again from their disks')
  .option('--few-disks', 'seeds stand for domains that few of their disks go on with before all die')
  .option('--backlog', 'seeds stand for writers that have more to write than there is room for')
  .option('--trace', 'with --seed: everything that happened, and a space-time diagram of it')
  .option('--svg <file>', 'with --seed: where the diagram goes (with --trace: seed-<number>.svg)')
  .option('--json', 'the last line says it all, as one JSON object')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse();
const options = program.opts<Options>();
const drawFlags: Record<Draw, string> = {
  plain: '',
  storm: '--storms ',
  unheardLeaders: '--unheard-leaders ',
  persistent: '--persistent ',
  raw: '--raw ',
  totalFailures: '--total-failures ',
  witness: '--witness ',
  large: '--large ',
  fewDisks: '--few-disks ',
  backlog: '--backlog ',
};
const { persistent, totalFailures, fewDisks, witness, raw, large, backlog, unheardLeaders } = options;
const asked = Object.entries({
  persistent,
  totalFailures,
  fewDisks,
  witness,
  raw,
  large,
  backlog,
  unheardLeaders,
  storm: options.storms,
}).find(([, isAsked]) => isAsked);
const draw = (asked?.[0] ?? 'plain') as Draw;
if ((options.trace ?? options.svg) !== undefined && options.seed === undefined)
  program.error('--trace and --svg are of one seed: give --seed too');
process.exitCode = options.seed === undefined ? await many() : one(options.seed);

async function many(): Promise<number> {
  const { from, seeds, jobs, json } = options;
  const progress = (done: number) => {
    if (done % 20 === 0 || done === seeds) process.stderr.write(`\r${done} of ${seeds} seeds`);
  };
  const result =
    jobs > 1 ? await surveyBy(jobs, from, seeds, draw, progress) : survey(from, seeds, draw, progress);
  process.stderr.write('\n');
  for (const { seed, message } of result.failed)
    process.stderr.write(
      `seed ${seed}: ${message}\n  npm run simulate -- ${drawFlags[draw]}--seed ${seed} --trace\n`,
    );
  process.stdout.write(`${json ? JSON.stringify(result) : textOf(result)}\n`);
  return result.violations > 0 ? 1 : 0;
}

function textOf({
  seeds,
  violations,
  seedsPerSecond,
  eventsMedian,
  viewChangesMedian,
  coverage,
  faults,
}: Survey) {
  const struck = Object.values(faults).reduce((sum, count) => sum + count, 0);
  return [
    `${seeds} seeds, ${violations} violations; ${seedsPerSecond} seeds for a second of CPU time`,
    `median of a seed: ${eventsMedian} events, ${viewChangesMedian} view changes; ${struck} faults in all`,
    `pairs of phase and fault: ${coverage.seen} of ${coverage.possible}`,
    ...(coverage.missing.length > 0 ? [`not seen: ${coverage.missing.join(', ')}`] : []),
  ].join('\n');
}

function one(seed: number): number {
  const scenario = draws[draw](seed);
  const whole = runSeed(seed, { scenario });
  const without =
    whole.violation === undefined ? new Set<number>() : dispensable(scenario, whole.violation.oracle);
  const trace = new Trace();
  const result = runSeed(seed, { scenario, without, trace });
  if (options.trace) for (const event of trace.events) process.stdout.write(`${lineOf(event)}\n`);
  const file = options.svg ?? (options.trace ? `seed-${seed}.svg` : undefined);
  if (file !== undefined) {
    writeFileSync(file, drawDiagram(trace.events, headingOf(seed, result.violation?.message)));
    process.stderr.write(`${file}\n`);
  }
  if (without.size > 0) process.stderr.write(`fails without disturbances ${[...without].join(', ')}, too\n`);
  process.stdout.write(`${JSON.stringify(result)}\n`);
  return result.violation === undefined ? 0 : 1;
}

function headingOf(seed: number, violation: string | undefined): string {
  return `Seed ${seed}: ${violation ?? 'no violation'}`;
}

function natural(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) program.error(`${text} is not a whole number above 0`);
  return number;
}
