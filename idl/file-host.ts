/** Where the compiler finds files: the disk, or a map in tests and tools. Paths are joined with `/`. */
export interface FileHost {
  /** The bytes of a file, or `undefined` where there is none. Throws where it is there and cannot be read. */
  read(path: string): Uint8Array | undefined;
  /** The same text for all paths of one file (through links, relative or not); by default the path itself. */
  identify?(path: string): string;
}

/** Files held in memory, by path. */
export function memoryHost(files: Readonly<Record<string, string | Uint8Array>>): FileHost {
  const encoder = new TextEncoder();
  return {
    read(path) {
      const content = Object.hasOwn(files, path) ? files[path] : undefined;
      return typeof content === 'string' ? encoder.encode(content) : content;
    },
  };
}

/** The folder part of a path, with no slash at its end; empty for a bare name. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash) || '/';
}

/** Joins and normalizes: one file has one path, whatever way it was included by. */
export function joinPath(folder: string, path: string): string {
  const joined = path.startsWith('/') || folder === '' ? path : `${folder}/${path}`;
  const parts: string[] = [];
  for (const part of joined.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '..' || !joined.startsWith('/')) parts.push(part);
  }
  return (joined.startsWith('/') ? '/' : '') + parts.join('/');
}
