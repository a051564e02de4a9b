import { type Request, UsageError, defaultWarmupSeconds, parseRequest, usage } from './harness/cli.js';
import type { Comparison } from './harness/comparison.js';
import { type Line, contest } from './harness/contest.js';
import { tableOf } from './harness/print.js';
import { suites } from './suites/index.js';

/** npm run bench -- <suite> [case filter] [--json]: see bench/README.md. */
async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help')) {
    process.stdout.write(`${usage(suites)}\n`);
    return 0;
  }
  const request = parseRequest(argv, suites);
  const chosen = request.suites.flatMap(({ name, comparisons }) =>
    comparisons()
      .map((comparison) => ({ suite: name, comparison: only(comparison, request.filter) }))
      .filter(({ comparison }) => comparison.ours.length > 0),
  );
  if (chosen.length === 0) {
    throw new UsageError(`No case holds '${request.filter}'; --list shows the names of all.`);
  }
  if (request.list) {
    for (const { suite, comparison } of chosen) {
      for (const entry of comparison.ours) process.stdout.write(`${suite}: ${entry.case}\n`);
    }
    return 0;
  }
  const lines = await measure(request, chosen);
  if (!request.json) process.stdout.write(`${tableOf(lines)}\n`);
  return lines.some(({ value }) => value === null) ? 1 : 0;
}

async function measure(
  { settings, json }: Request,
  chosen: readonly { readonly suite: string; readonly comparison: Comparison }[],
): Promise<readonly Line[]> {
  const all: Line[] = [];
  for (const { suite, comparison } of chosen) {
    const about = `[${comparison.ours.map((entry) => entry.case).join(' | ')}]`;
    process.stderr.write(`${suite} ${about}\n`);
    const warmupSeconds = settings.warmupSeconds ?? comparison.warmupSeconds ?? defaultWarmupSeconds;
    const lines = await contest(suite, comparison, { ...settings, warmupSeconds }, (text) =>
      process.stderr.write(`  ${text}\n`),
    );
    all.push(...lines);
    if (json) for (const line of lines) process.stdout.write(`${JSON.stringify(line)}\n`);
  }
  return all;
}

/** The comparison with those of our cases that the filter names. */
function only(comparison: Comparison, filter: string): Comparison {
  const wanted = filter.toLowerCase();
  return {
    ...comparison,
    ours: comparison.ours.filter((entry) => entry.case.toLowerCase().includes(wanted)),
  };
}

// Ending by a signal runs the exit handlers, which end the role processes.
process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    if (error instanceof UsageError) {
      process.stderr.write(`${error.message}\n\n${usage(suites)}\n`);
      process.exit(2);
    }
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  },
);
