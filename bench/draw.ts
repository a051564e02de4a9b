import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Line } from './harness/contest.js';
import { chart } from './harness/chart.js';
import { overMembers } from './harness/over-members.js';
import { rdmc } from './suites/rdmc.js';

/** node dist/bench/draw.js <results, as --json wrote them> <folder>: one bench-<suite>.svg for each suite. */
function main(argv: readonly string[]): number {
  const [file, folder] = argv;
  if (file === undefined || folder === undefined) {
    process.stderr.write('node dist/bench/draw.js <file of JSON lines> <folder>\n');
    return 2;
  }
  const lines = readLines(readFileSync(file, 'utf8'));
  if (lines.length === 0) {
    process.stderr.write(`${file} holds no result: write it with npm run bench -- all --json > ${file}\n`);
    return 2;
  }
  mkdirSync(folder, { recursive: true });
  for (const suite of new Set(lines.map((line) => line.suite))) {
    const draw = suite === rdmc.name ? overMembers : chart;
    const svg = draw(
      suite,
      lines.filter((line) => line.suite === suite),
    );
    const path = join(folder, `bench-${suite}.svg`);
    writeFileSync(path, svg);
    process.stderr.write(`${path}\n`);
  }
  return 0;
}

/** npm prints lines of its own into the same output: results are those that are JSON objects with a suite. */
function readLines(text: string): readonly Line[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{"suite":'))
    .map((line) => JSON.parse(line) as Line);
}

process.exitCode = main(process.argv.slice(2));
