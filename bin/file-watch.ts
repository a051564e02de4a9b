import type { FSWatcher } from 'node:fs';
import { watch } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { FileHost } from '../idl/index.js';
import { isFolder } from './input-files.js';

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
  readonly #watchers: FSWatcher[] = [];
  readonly #changed: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(files: Iterable<string>, folders: Iterable<string>, changed: () => void) {
    this.#changed = changed;
    for (const [folder, names] of watchedNames(files)) this.#watch(folder, false, (name) => names.has(name));
    for (const folder of folders) this.#watch(folder, true, (name) => name.endsWith('.idl'));
    // What happened since the files were read raised no event.
    this.#settle();
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers) watcher.close();
  }

  #watch(folder: string, recursive: boolean, concerns: (name: string) => boolean): void {
    const watcher = watch(folder, { recursive }, (_event, name) => {
      if (name === null || concerns(name)) this.#settle();
    });
    // Such as the removal of the folder.
    watcher.on('error', () => this.#settle());
    this.#watchers.push(watcher);
  }

  #settle(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#changed, settleMs);
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
