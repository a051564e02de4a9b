import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ViewLog } from '../membership/view-log.js';
import { diskError, type LogError } from './log/errors.js';
import { replaceFile, summed, syncFolder } from './whole-file.js';

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
  /** Files of earlier runs: of use until a view is in force in this one. */
  #earlier: string[];
  /** One piece of work after another. */
  #work: Promise<void> = Promise.resolve();

  private constructor(directory: string, earlier: string[], moved: () => void) {
    this.#earlier = earlier;
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
      return new DiskViewLog(directory, await readdir(directory), moved);
    } catch (error) {
      throw diskError(error as Error, directory);
    }
  }

  prepare(viewId: number, record: string): void {
    this.#then(this.#path(viewId, 'prepared'), async (path) => {
      await replaceFile(path, summed(record));
      this.#kept.push(viewId);
      this.prepared = Math.max(this.prepared, viewId);
      this.#moved();
    });
  }

  /** Goes on with a view whose record a restart has put here. */
  async goOn(viewId: number): Promise<void> {
    this.#kept.push(viewId);
    this.#earlier = this.#earlier.filter((name) => name !== this.#nameOf(viewId, 'prepared'));
    this.prepared = viewId;
    this.installed(viewId);
    await this.#work;
    if (this.failure !== undefined) throw this.failure;
  }

  installed(viewId: number): void {
    this.#then(this.#path(viewId, 'prepared'), async (path) => {
      if (!this.#kept.includes(viewId)) return;
      await rename(path, this.#path(viewId, 'installed'));
      await syncFolder(this.#directory);
      const before = this.#kept.splice(0, this.#kept.indexOf(viewId));
      const inUse = this.#kept.flatMap((id) => [this.#nameOf(id, 'prepared'), this.#nameOf(id, 'installed')]);
      const old = [...this.#earlier.splice(0), ...before.map((id) => this.#nameOf(id, 'installed'))];
      for (const name of old)
        if (!inUse.includes(name)) await rm(join(this.#directory, name), { force: true });
    });
  }

  /** Resolves once all that was begun is done. */
  async close(): Promise<void> {
    await this.#work;
  }

  #path(viewId: number, state: keyof typeof suffixes): string {
    return join(this.#directory, this.#nameOf(viewId, state));
  }

  #nameOf(viewId: number, state: keyof typeof suffixes): string {
    return `view-${viewId}${suffixes[state]}`;
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
}
