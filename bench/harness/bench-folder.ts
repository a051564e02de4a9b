import { mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** What lives in memory makes nothing durable: measuring it would say nothing. */
export const inMemory: ReadonlySet<string> = new Set(['tmpfs', 'ramfs', 'devtmpfs']);

/** Where the bench writes: $BOWECHO_BENCH_DIR, or the folder for temporary files. */
function benchBase(): string {
  return resolve(process.env['BOWECHO_BENCH_DIR'] ?? tmpdir());
}

let printed = false;

/** Why nothing that is to be durable can be measured here, or undefined; prints the file system, once. */
export function diskAbsent(): Promise<string | undefined> {
  const base = benchBase();
  const { type, device } = fileSystemOf(base);
  const { bsize, bavail } = statfsSync(base);
  if (!printed)
    process.stderr.write(
      `disk: ${base} is on ${type} (${device}), ${Math.floor((bsize * bavail) / 2 ** 30)} GiB free\n`,
    );
  printed = true;
  return Promise.resolve(
    inMemory.has(type)
      ? `${base} is on ${type}, which is memory: set BOWECHO_BENCH_DIR to a folder on a disk`
      : undefined,
  );
}

/** The mount that holds the path: the longest that it begins with. */
export function fileSystemOf(path: string): { type: string; device: string } {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, at]) => at !== undefined && (path === at || path.startsWith(at === '/' ? '/' : `${at}/`)));
  const [device = '?', , type = '?'] = mounts.toSorted((a, b) => a[1]!.length - b[1]!.length).at(-1) ?? [];
  return { type, device };
}

/** Calls `use` with a new folder on the disk, which is removed afterwards. */
export async function inBenchFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(benchBase(), 'bowecho-bench-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    return await use(folder);
  } finally {
    remove();
    process.off('exit', remove);
  }
}
