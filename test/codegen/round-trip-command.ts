import { Command } from 'commander';
import type { Failure, FileReport } from './round-trip.js';
import { roundTrip } from './round-trip.js';

/** Characters of a sample that are shown. */
const shownMax = 2000;

/** `npm run roundtrip:idl`: random samples of a folder of IDL files through every generated codec. */
const program = new Command('roundtrip:idl')
  .description('sends random samples of all types of a folder of IDL files through every generated codec')
  .argument('<folder>', 'its .idl files, and those of the folders in it')
  .option('-I, --include <folder>', 'where included files are looked for, too', gathered, [])
  .option('--values <number>', 'samples of each type', natural, 100)
  .option('--seed <number>', 'what the samples are drawn from', natural, 1)
  .option('--json', 'no progress, one JSON line')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse();
const { include, values, seed, json } = program.opts<{
  include: string[];
  values: number;
  seed: number;
  json?: true;
}>();
const folder = program.args[0]!;

const reports = await roundTrip(folder, {
  includePaths: include,
  values,
  seed,
  progress: ({ file }, done, all) => {
    if (!json) process.stderr.write(`${done} of ${all}: ${file}\n`);
  },
});
const failures = reports.flatMap(({ file, failures: own }) => own.map((failure) => ({ file, ...failure })));
if (json) process.stdout.write(`${JSON.stringify({ folder, values, seed, files: reports })}\n`);
else {
  process.stdout.write(`${table(reports)}\n`);
  for (const failure of failures) process.stdout.write(`\n${failureText(failure)}\n`);
  if (reports.length === 0) process.stdout.write(`no .idl file in ${folder}\n`);
}
process.exitCode = failures.length > 0 || reports.length === 0 ? 1 : 0;

function gathered(value: string, before: string[]): string[] {
  return [...before, value];
}

function natural(value: string): number {
  if (!/^[1-9]\d*$/.test(value)) return program.error(`${value} is no number from 1 on`);
  return Number(value);
}

function failureText({ file, step, type, message, counterexample }: Failure & { file: string }): string {
  const where = type === undefined ? `${file}, ${step}` : `${file}, ${type}, ${step}`;
  const shown = counterexample === undefined ? '' : `\nthe smallest sample: ${shortened(counterexample)}`;
  return `${where}: ${message}${shown}`;
}

/** All of it is in the JSON line. */
function shortened(text: string): string {
  return text.length <= shownMax ? text : `${text.slice(0, shownMax)}… (${text.length} characters)`;
}

function table(rows: readonly FileReport[]): string {
  const steps = ['protobuf', 'XCDR2', 'in place'];
  const total = (count: (row: FileReport) => number) =>
    String(rows.reduce((sum, row) => sum + count(row), 0));
  const cells = [
    ['file', 'types', ...steps, 'result'],
    ...rows.map(({ file, types, samples, failures: own }) => [
      file,
      String(types.length),
      ...steps.map((step) => String(samples[step] ?? 0)),
      own.length === 0 ? 'ok' : `FAILED: ${[...new Set(own.map(({ step }) => step))].join(', ')}`,
    ]),
    [
      'all',
      total(({ types }) => types.length),
      ...steps.map((step) => total(({ samples }) => samples[step] ?? 0)),
      failures.length === 0 ? 'ok' : `${failures.length} failures`,
    ],
  ];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const isNumber = (column: number) => column > 0 && column < steps.length + 2;
  return cells
    .map((row) =>
      row
        .map((cell, c) => (isNumber(c) ? cell.padStart(widths[c]!) : cell.padEnd(widths[c]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
