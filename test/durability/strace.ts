import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The command line that writes a trace of a program's writes to a file. */
export function straceTo(file: string): string[] {
  return ['strace', '-f', '-y', '-s', '0', '-o', file, '-e', 'trace=openat,pwrite64,fdatasync,fsync'];
}

/** False where strace is missing, which says so; under CI that is an error. */
export function hasStrace(): boolean {
  if (spawnSync('strace', ['-V']).status === 0) return true;
  const missing = 'strace is missing: apt-get install strace';
  assert.ok(!process.env['CI'], missing);
  console.log(`      skipped: ${missing}`);
  return false;
}

/**
 * How many writes to segments are in a trace, and how many calls that sync something. Throws where a segment was opened for writes that are not
 * synchronized.
 */
export function tracedWrites(file: string): { readonly writes: number; readonly syncs: number } {
  const trace = readFileSync(file, 'utf8');
  const opened = [...trace.matchAll(/ openat\(.*\.log", (\S*O_RDWR\S*)/g)].map(([, flags]) => flags!);
  assert.ok(opened.length > 0, 'no segment was opened for writing');
  for (const flags of opened) assert.match(flags, /\bO_DSYNC\b/);
  const count = (call: RegExp): number => [...trace.matchAll(call)].length;
  return { writes: count(/ pwrite64\(\d+<[^>]*\.log>/g), syncs: count(/ f(data)?sync\(/g) };
}
