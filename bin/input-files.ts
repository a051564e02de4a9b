import type { Dirent } from 'node:fs';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { FileHost } from '../idl/index.js';
import { diskHost } from '../idl/index.js';
import { CommandFailure } from './failure.js';

/** The argument that stands for the standard input. */
export const stdinArgument = '-';

/** IDL files that a command works on, and where their text is. */
export interface InputFiles {
  readonly files: readonly string[];
  readonly host: FileHost;
}

/**
 * Arguments as files: a folder stands for all `.idl` files in it, `-` for the standard input, which is taken to be the text of
 * a file at `stdinPath`.
 */
export function inputFiles(args: readonly string[], stdinPath: string): InputFiles {
  const files = args.flatMap((arg) => (arg === stdinArgument ? [stdinPath] : filesAt(arg).map(fromHere)));
  if (!args.includes(stdinArgument)) return { files, host: diskHost };
  const text = readFileSync(process.stdin.fd);
  return { files, host: overlaidHost({ [stdinPath]: text }) };
}

/** The disk, with other texts for some of its files. */
function overlaidHost(texts: Readonly<Record<string, Uint8Array>>): FileHost {
  return {
    identify: (path) => (Object.hasOwn(texts, path) ? path : diskHost.identify!(path)),
    read: (path) => (Object.hasOwn(texts, path) ? texts[path] : diskHost.read(path)),
  };
}

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** A folder and all folders in it, but for hidden ones and those of packages. */
export function foldersIn(folder: string): string[] {
  const inner = entriesOf(folder)
    .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.'))
    .map((entry) => join(folder, entry.name));
  return [folder, ...inner.flatMap(foldersIn)];
}

function filesAt(path: string): string[] {
  if (!isFolder(path)) return [path];
  const files = foldersIn(path)
    .flatMap(entriesOf)
    .filter((entry) => entry.isFile() && entry.name.endsWith('.idl'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  if (files.length === 0) throw new CommandFailure(`there is no .idl file in '${path}'`);
  return files;
}

/** What is in a folder; nothing where it has just been removed. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if ('code' in error && error.code === 'ENOENT') return [];
    throw new CommandFailure(`cannot read '${folder}': ${error.message}`);
  }
}

/** Messages are shorter with paths as seen from here. */
function fromHere(file: string): string {
  const path = relative('', file);
  return path === '' || path.startsWith('..') ? file : path;
}
