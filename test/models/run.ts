import { Command } from 'commander';
import { cases, type ModelCase } from './cases.js';
import { type Finding, missingTool, search } from './search.js';

/** `npm run model`: searches the models; see README.md beside this file. */
const program = new Command('model')
  .description(
    'searches the models of the protocol with Spin: what must hold holds, and each mutant fails as expected',
  )
  .option('--quick', 'small bounds: about a minute')
  .option('--only <text>', 'only cases whose model, name or switches contain this')
  .option('--trace', 'show the steps to each violation, expected or not')
  .parse();
const { quick, only, trace } = program.opts<{ quick?: true; only?: string; trace?: true }>();

const missing = missingTool();
if (missing !== undefined) {
  process.stderr.write(`${missing}\n`);
  process.exit(2);
}

const chosen = cases.filter(
  (run) =>
    (quick === undefined || run.quick) &&
    (only === undefined || `${run.model}: ${run.name} ${run.defines}`.includes(only)),
);
if (chosen.length === 0) {
  process.stderr.write(`no case contains '${only}'\n`);
  process.exit(2);
}

const widths = { case: Math.max(...chosen.map((run) => titleOf(run).length)), verdict: 28 };
print('case', 'verdict', 'states', 'depth', 'seconds');
let failed = 0;
for (const run of chosen) {
  const finding = search(run);
  const isMet = finding.found === run.expects;
  if (!isMet) failed++;
  const verdict = isMet ? finding.found : `${finding.found}, not ${run.expects}`;
  print(
    titleOf(run),
    `${isMet ? ' ' : '!'} ${verdict}`,
    finding.states.toLocaleString('en'),
    String(finding.depth),
    finding.seconds.toFixed(1),
  );
  if (!isMet || trace !== undefined) printTrace(run, finding);
}
process.stdout.write(`\n${chosen.length} cases, ${failed} not as expected\n`);
process.exit(failed > 0 ? 1 : 0);

function titleOf({ model, name }: ModelCase): string {
  return `${model}: ${name}`;
}

function print(title: string, verdict: string, states: string, depth: string, seconds: string): void {
  process.stdout.write(
    `${title.padEnd(widths.case)}  ${verdict.padEnd(widths.verdict)}${states.padStart(12)}${depth.padStart(7)}${seconds.padStart(9)}\n`,
  );
}

function printTrace({ defines }: ModelCase, { trace: steps }: Finding): void {
  process.stdout.write(`    ${defines}\n${steps.map((step) => `      ${step}\n`).join('')}`);
}
