import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ModelCase } from './cases.js';

/** What Spin found. */
export interface Finding {
  /** `holds`, the name of the flag that was violated, or why it is neither: `no end: ...`. */
  found: string;
  states: number;
  depth: number;
  seconds: number;
  /** The steps that lead to a violation. */
  trace: string[];
}

const folder = fileURLToPath(new URL('.', import.meta.url));
const depthMax = 100_000;
const memoryMaxMb = 7_500;
const outputBytesMax = 64 * 1024 * 1024;

/** What is missing on this machine to search a model, with what to do about it; undefined where nothing is. */
export function missingTool(): string | undefined {
  for (const [tool, version] of [
    ['spin', '-V'],
    ['gcc', '--version'],
  ] as const)
    if (spawnSync(tool, [version]).error !== undefined)
      return `${tool} is missing: apt-get install spin gcc libc6-dev`;
  return undefined;
}

/** Compiles the model of `run` with its switches, and searches all that can happen in it. */
export function search(run: ModelCase): Finding {
  const work = mkdtempSync(join(tmpdir(), 'bowecho-model-'));
  const began = performance.now();
  try {
    const file = join(folder, `${run.model}.pml`);
    const defines = run.defines
      .split(' ')
      .filter(Boolean)
      .map((define) => `-D${define}`);
    const call = (program: string, args: string[]) =>
      execFileSync(program, args, { cwd: work, encoding: 'utf8', maxBuffer: outputBytesMax, stdio: 'pipe' });
    call('spin', ['-a', ...defines, file]);
    call('gcc', [...compilerFlags(run), '-o', 'pan', 'pan.c']);
    const output = spawnSync('./pan', ['-E', `-m${depthMax}`], {
      cwd: work,
      encoding: 'utf8',
      maxBuffer: outputBytesMax,
    }).stdout;
    const seconds = (performance.now() - began) / 1000;
    const found = readVerdict(output);
    return {
      found,
      states: Number(/(\d+) states, stored/.exec(output)?.[1] ?? 0),
      depth: Number(/depth reached (\d+)/.exec(output)?.[1] ?? 0),
      seconds,
      trace:
        found === 'holds' || found.startsWith('no end')
          ? []
          : traceOf(call('spin', ['-t', '-B', '-k', `${run.model}.pml.trail`, ...defines, file])),
    };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Optimizing takes longer than most searches do. */
function compilerFlags({ quick, reversed }: ModelCase): string[] {
  return [
    quick ? '-O0' : '-O2',
    '-w',
    '-DSAFETY',
    '-DVECTORSZ=2048',
    `-DMEMLIM=${memoryMaxMb}`,
    '-DCOLLAPSE',
    ...(reversed ? ['-DREVERSE', '-DT_REVERSE'] : []),
  ];
}

/** A search that did not get everywhere proves nothing. */
function readVerdict(output: string): string {
  const violated = /assertion violated\s+!\(*(\w+)/.exec(output)?.[1];
  if (violated !== undefined) return violated;
  const other = /^pan:\d+: (.*)$/m.exec(output)?.[1];
  if (other !== undefined) return other;
  if (/errors: 0\b/.test(output) && !/not completed|max search depth too small|out of memory/.test(output))
    return 'holds';
  if (/reached -DMEMLIM bound|out of memory/.test(output)) return `no end: more than ${memoryMaxMb} MB`;
  return `no end: ${output.split('\n').find((line) => line.trim() !== '') ?? 'killed'}`;
}

/** What the model prints on the way: one line a step that matters. */
function traceOf(output: string): string[] {
  return output
    .split('\n')
    .filter((line) => /^ +\d+ /.test(line))
    .map((line) => line.trim());
}
