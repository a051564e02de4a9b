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

function filesAt(path: string): string[] {
  if (!isFolder(path)) return [path];
  const files = readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.idl'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !/(?:^|\/)(?:node_modules|\.[^./][^/]*)\//.test(file))
    .sort();
  if (files.length === 0) throw new CommandFailure(`there is no .idl file in '${path}'`);
  return files;
}

/** Messages are shorter with paths as seen from here. */
function fromHere(file: string): string {
  const path = relative('', file);
  return path === '' || path.startsWith('..') ? file : path;
}
