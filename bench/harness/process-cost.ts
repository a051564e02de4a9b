import { readdirSync, readFileSync } from 'node:fs';
import { pause } from './stream.js';

/** What a process costs while it does nothing. */
export interface ProcessCost {
  /** Processor time as a share of one core, in percent. */
  readonly cpuPercent: number;
  /** Memory that would be free again if the process ended (Private_* of smaps_rollup), in MiB. */
  readonly privateMiB: number;
}

/**
 * Processor time that the threads of a process have used so far, in seconds, as the scheduler counts it (schedstat, nanoseconds): the ticks of
 * /proc/<pid>/stat are 10 ms long, and an idle process uses less than one.
 */
export function cpuSeconds(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const used = threads.map((thread) => {
    const [nanoseconds] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
    return Number(nanoseconds);
  });
  return used.reduce((sum, nanoseconds) => sum + nanoseconds, 0) / 1e9;
}

export function privateMiB(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kibibytes = [...rollup.matchAll(/^Private_\w+:\s+(\d+) kB$/gm)].map(([, count]) => Number(count));
  if (kibibytes.length === 0) throw new Error(`/proc/${pid}/smaps_rollup names no private memory.`);
  return kibibytes.reduce((sum, count) => sum + count, 0) / 1024;
}

/** Watches processes for so long: memory at the end, processor time over all of it. No thread may end meanwhile: what it used would be forgotten. */
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
