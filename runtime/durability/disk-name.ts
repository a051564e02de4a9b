import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { diskError } from './log/errors.js';
import { replaceFile, summed, unsummed } from './whole-file.js';

/** In a participant's folder. */
const file = 'disk';

/**
 * What the views of a domain of several hosts call a participant's folder, whose path says nothing on another host: its participant's name, and a number that was
 * drawn once and stays with the folder.
 * @throws LogError
 */
export async function diskName(folder: string): Promise<string> {
  const path = join(folder, file);
  try {
    const found = await readFile(path, 'utf8').catch(() => '');
    const known = unsummed(found);
    if (known !== undefined) return known;
    // No path: nobody on another host looks beside it.
    const name = decodeURIComponent(basename(folder)).replaceAll('/', '_');
    const drawn = `${name}@${randomBytes(8).toString('hex')}`;
    await replaceFile(path, summed(drawn));
    return drawn;
  } catch (error) {
    throw diskError(error as Error, path);
  }
}
