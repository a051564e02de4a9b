import { Command } from 'commander';
import { mutants } from './catalogue/all.js';
import { type Hunt, hunt } from './hunt.js';
import type { Mutant } from './mutant.js';

/** `npm run mutants`: faults put into the core on purpose, each of which the simulator must find. */
const program = new Command('mutants')
  .description('faults in the protocol core, put there on purpose: the simulator must find each of them')
  .argument('[names...]', 'these alone')
  .option('--seeds <number>', 'how many are tried of each', natural, 1000)
  .option('--from <number>', 'the first of them', natural, 1)
  .option('--jobs <number>', 'hunts at a time', natural, 1)
  .option('--json', 'no progress, one JSON line')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse();
const { seeds, from, jobs, json } = program.opts<{
  seeds: number;
  from: number;
  jobs: number;
  json?: true;
}>();
const chosen = program.args.length === 0 ? mutants : program.args.map(named);

const hunts = await huntAll();
if (json) process.stdout.write(`${JSON.stringify(hunts.map(record))}\n`);
else process.stdout.write(`${table(hunts)}\n`);
const survivors = hunts.filter(({ caught }) => caught === undefined);
if (!json) process.stdout.write(`${hunts.length - survivors.length} of ${hunts.length} caught\n`);
process.exitCode = survivors.length > 0 ? 1 : 0;

function named(name: string): Mutant {
  return mutants.find((mutant) => mutant.name === name) ?? program.error(`there is no mutant ${name}`);
}

/** In the order of `chosen`, whatever ends first. */
async function huntAll(): Promise<Hunt[]> {
  const left = [...chosen.entries()];
  const done: Hunt[] = [];
  let count = 0;
  const one = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [index, mutant] = next;
      const found = (done[index] = await hunt(mutant, from, seeds));
      if (!json) process.stderr.write(`${++count} of ${chosen.length}: ${progress(found)}\n`);
    }
  };
  await Promise.all(Array.from({ length: jobs }, one));
  return done;
}

function progress({ mutant, caught, seeds: run, elsewhere, seconds }: Hunt): string {
  if (caught === undefined)
    return `${mutant.name} SURVIVED ${run} seeds, ${seconds} s; others found ${JSON.stringify(elsewhere)}`;
  const stale =
    mutant.seed !== undefined && mutant.seed !== caught.seed ? ` (no more with ${mutant.seed})` : '';
  return `${mutant.name}: ${caught.oracle}, seed ${caught.seed}${stale}, ${seconds} s`;
}

function record({ mutant, ...rest }: Hunt) {
  return { name: mutant.name, breaks: mutant.breaks, ...rest };
}

function table(rows: readonly Hunt[]): string {
  const cells = [
    ['mutant', 'caught by', 'seed', 'seconds'],
    ...rows.map(({ mutant, caught, seconds }) => [
      mutant.name,
      caught?.oracle ?? 'SURVIVED',
      String(caught?.seed ?? ''),
      seconds.toFixed(2),
    ]),
  ];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  return cells
    .map((row) =>
      row
        .map((cell, c) => cell.padEnd(widths[c]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function natural(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) program.error(`${text} is not a whole number above 0`);
  return number;
}
