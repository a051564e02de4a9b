import { type FileHandle, mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { ViewLog } from '../membership/view-log.js';
import { diskError, type LogError } from './log/errors.js';
import { summed } from './whole-file.js';

/** A record is `view-<id>` with one of these, which say whether its view came into force here. */
const suffixes = { prepared: '.prepared', installed: '.installed' } as const;

/**
 * The views of a domain in a folder of this machine: a file for each, made durable before it is called prepared. Its first line is the sum of the
 * second (CRC-32, eight hex digits), which is the record. Views before the one in force are dropped.
 */
export class DiskViewLog implements ViewLog {
  prepared = -1;
  failure: LogError | undefined;
  readonly #directory: string;
  readonly #moved: () => void;
  /** Views whose files are there. */
  readonly #kept: number[] = [];
  /** One piece of work after another. */
  #work: Promise<void> = Promise.resolve();

  private constructor(directory: string, moved: () => void) {
    this.#directory = directory;
    this.#moved = moved;
  }

  /**
   * Makes the folder where it is missing. `moved` is called when more is prepared, or the disk has failed.
   * @throws LogError
   */
  static async open(directory: string, moved: () => void): Promise<DiskViewLog> {
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await readdir(directory);
    } catch (error) {
      throw diskError(error as Error, directory);
    }
    return new DiskViewLog(directory, moved);
  }

  prepare(viewId: number, record: string): void {
    this.#then(this.#path(viewId, 'prepared'), async (path) => {
      await withFile(path, 'wx', async (file) => {
        await file.writeFile(summed(record));
        await file.datasync();
      });
      await this.#syncNames();
      this.#kept.push(viewId);
      this.prepared = Math.max(this.prepared, viewId);
      this.#moved();
    });
  }

  installed(viewId: number): void {
    this.#then(this.#path(viewId, 'prepared'), async (path) => {
      if (!this.#kept.includes(viewId)) return;
      await rename(path, this.#path(viewId, 'installed'));
      await this.#syncNames();
      for (const old of this.#kept.filter((id) => id < viewId)) await unlink(this.#path(old, 'installed'));
      this.#kept.splice(0, this.#kept.indexOf(viewId));
    });
  }

  /** Resolves once all that was begun is done. */
  async close(): Promise<void> {
    await this.#work;
  }

  #path(viewId: number, state: keyof typeof suffixes): string {
    return join(this.#directory, `view-${viewId}${suffixes[state]}`);
  }

  #then(path: string, work: (path: string) => Promise<void>): void {
    this.#work = this.#work.then(async () => {
      if (this.failure !== undefined) return;
      try {
        await work(path);
      } catch (error) {
        this.failure = diskError(error as Error, path);
        this.#moved();
      }
    });
  }

  #syncNames(): Promise<void> {
    return withFile(this.#directory, 'r', (folder) => folder.sync());
  }
}

async function withFile(
  path: string,
  flags: string,
  use: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const file = await open(path, flags, 0o600);
  try {
    await use(file);
  } finally {
    await file.close();
  }
}
