import type { FSWatcher } from 'node:fs';
import { watch } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { FileHost } from '../idl/index.js';
import { CommandFailure } from './failure.js';
import { foldersIn, isFolder } from './input-files.js';

/** Editors write in several steps: what happens within so many milliseconds is one change. */
const settleMs = 50;

/** A host that remembers every file that was read through it, or looked for in vain. */
export class RememberingHost implements FileHost {
  readonly contents = new Map<string, Uint8Array | undefined>();
  readonly #host: FileHost;

  constructor(host: FileHost) {
    this.#host = host;
  }

  read(path: string): Uint8Array | undefined {
    const content = this.#host.read(path);
    this.contents.set(path, content);
    return content;
  }

  identify(path: string): string {
    return this.#host.identify?.(path) ?? path;
  }

  /** The files that are not any more what they were when they were read. */
  changed(): string[] {
    return [...this.contents.keys()].filter((path) => {
      const before = this.contents.get(path);
      const now = contentOf(this.#host, path);
      if (before === undefined || now === undefined) return before !== now;
      return Buffer.compare(before, now) !== 0;
    });
  }
}

function contentOf(host: FileHost, path: string): Uint8Array | undefined {
  try {
    return host.read(path);
  } catch {
    return undefined;
  }
}

/**
 * Calls `changed` once something may have happened to one of some files, of which some may not exist, or in one of some
 * folders. Of files the folders are watched, since many editors put a new file in the place of the old one.
 */
export class FileWatch {
  readonly #files: readonly string[];
  readonly #folders: readonly string[];
  readonly #changed: () => void;
  #watchers: FSWatcher[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(files: Iterable<string>, folders: readonly string[], changed: () => void) {
    this.#files = [...files];
    this.#folders = folders;
    this.#changed = changed;
    this.#watchAll();
    // What happened since the files were read raised no event.
    this.#settle();
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers = [];
  }

  #watchAll(): void {
    const folders = this.#folders.filter(isFolder);
    const missing = this.#folders.filter((folder) => !folders.includes(folder));
    for (const [folder, names] of watchedNames([...this.#files, ...missing])) {
      this.#watch(folder, (name) => names.has(name));
    }
    // Not by Node's own recursion, which misses what is written into a folder as soon as that is made.
    for (const folder of folders.flatMap(foldersIn)) this.#watch(folder, () => true);
  }

  #watch(folder: string, concerns: (name: string) => boolean): void {
    try {
      const watcher = watch(folder, (_event, name) => {
        if (name === null || concerns(name)) this.#settle();
      });
      // Such as the removal of the folder.
      watcher.on('error', () => this.#settle());
      this.#watchers.push(watcher);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (!('code' in error) || error.code !== 'ENOENT') {
        throw new CommandFailure(`cannot watch '${folder}': ${error.message}`);
      }
      // Gone since it was seen.
      this.#settle();
    }
  }

  #settle(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      // A folder may have come or gone: then others are to be watched. Before the files are looked at, so that nothing is missed.
      this.close();
      this.#watchAll();
      this.#changed();
    }, settleMs);
  }
}

/** By existing folder the names in it to look for; of a path whose folder is missing, that of the first missing part. */
function watchedNames(paths: Iterable<string>): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const path of paths) {
    let name = resolve(path);
    while (!isFolder(dirname(name))) name = dirname(name);
    const names = found.get(dirname(name)) ?? new Set();
    names.add(basename(name));
    found.set(dirname(name), names);
  }
  return found;
}
