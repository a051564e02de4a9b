import { closeSync, fstatSync, openSync, readFileSync, realpathSync } from 'node:fs';
import type { FileHost } from './file-host.js';

/** No IDL file is this large; something else was named by mistake. */
const bytesMax = 64 * 1024 * 1024;

/** Files on disk. */
export const diskHost: FileHost = {
  identify(path) {
    try {
      return realpathSync(path);
    } catch {
      return path;
    }
  },
  read(path) {
    let descriptor: number;
    try {
      descriptor = openSync(path, 'r');
    } catch (error) {
      if (
        error instanceof Error &&
        'code' in error &&
        (error.code === 'ENOENT' || error.code === 'ENOTDIR')
      ) {
        return undefined;
      }
      throw error;
    }
    try {
      const stat = fstatSync(descriptor);
      if (!stat.isFile()) throw new Error('it is not a file');
      if (stat.size > bytesMax) throw new Error(`it has ${stat.size} bytes, more than ${bytesMax}`);
      return readFileSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  },
};
