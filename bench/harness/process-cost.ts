import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { pause } from './stream.js';

/** What a process costs while it does nothing. */
export interface ProcessCost {
  /** Processor time as a share of one core, in percent. */
  readonly cpuPercent: number;
  /** Memory that would be free again if the process ended (Private_* of smaps_rollup), in MiB. */
  readonly privateMiB: number;
}

/** User and system time that a process has used so far, all its threads, in seconds. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The command's name stands in brackets and may hold anything: count the fields behind it (man 5 proc: utime is 14, stime 15).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond();
}

export function privateMiB(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kibibytes = [...rollup.matchAll(/^Private_\w+:\s+(\d+) kB$/gm)].map(([, count]) => Number(count));
  if (kibibytes.length === 0) throw new Error(`/proc/${pid}/smaps_rollup names no private memory.`);
  return kibibytes.reduce((sum, count) => sum + count, 0) / 1024;
}

/** Watches processes for so long: memory at the end, processor time over all of it. Ticks are 10 ms: watch for 10 s. */
export async function watchProcesses(
  pids: readonly number[],
  seconds: number,
): Promise<readonly ProcessCost[]> {
  const startedAt = performance.now();
  const before = pids.map(cpuSeconds);
  await pause(seconds * 1000);
  const elapsedSeconds = (performance.now() - startedAt) / 1000;
  return pids.map((pid, index) => ({
    cpuPercent: (100 * (cpuSeconds(pid) - before[index]!)) / elapsedSeconds,
    privateMiB: privateMiB(pid),
  }));
}

let ticks: number | undefined;
function ticksPerSecond(): number {
  ticks ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return ticks;
}
