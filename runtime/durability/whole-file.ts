import { open, rename } from 'node:fs/promises';
import { dirname, join, basename } from 'node:path';
import { crc32 } from 'node:zlib';

/** A sum (CRC-32, eight hex digits), and the text that it is of: two lines. */
export function summed(text: string): string {
  return `${crc32(text).toString(16).padStart(8, '0')}\n${text}\n`;
}

/** The text again; undefined where the sum says that it is not what was written. */
export function unsummed(lines: string): string | undefined {
  const [sum, text] = lines.split('\n');
  return text !== undefined && sum === crc32(text).toString(16).padStart(8, '0') ? text : undefined;
}

/** Replaces a file as a whole: after any crash it is the old one, or the new one, which is durable once this resolves. */
export async function replaceFile(path: string, content: string): Promise<void> {
  const beforehand = join(dirname(path), `~${basename(path)}`);
  const file = await open(beforehand, 'w', 0o600);
  try {
    await file.writeFile(content);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(beforehand, path);
  await syncFolder(dirname(path));
}

/** Makes the names in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
