import { open, readFile, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { corrupt, diskError } from './log/errors.js';

/** What a snapshot of a replicated state is of. */
export interface StateHead {
  /** Of the topic's type. */
  readonly typeHash: string;
  /** Of the reducer, as its program calls it. */
  readonly revision: string;
  /** The version of the last command in it. */
  readonly epoch: number;
  readonly sequence: number;
}

export interface StateSnapshot {
  readonly head: StateHead;
  readonly body: Uint8Array;
}

const magic = 'bowecho-state 1';

/**
 * The snapshot in a file; undefined where there is none.
 * @throws LogError BE_LOG_CORRUPT, BE_LOG_IO
 */
export async function readStateFile(path: string): Promise<StateSnapshot | undefined> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw diskError(error, path);
  });
  return bytes === undefined ? undefined : parseState(bytes, path);
}

/**
 * A snapshot out of the bytes of its file; `name` is for the error.
 * @throws LogError BE_LOG_CORRUPT
 */
export function parseState(bytes: Buffer, name: string): StateSnapshot {
  const sumEnd = bytes.indexOf('\n');
  const rest = bytes.subarray(sumEnd + 1);
  if (sumEnd < 0 || bytes.toString('latin1', 0, sumEnd) !== firstLine(rest))
    throw corrupt(name, 0, 'the snapshot of a state has another checksum than its content');
  const headEnd = rest.indexOf('\n');
  const head = JSON.parse(rest.toString('utf8', 0, headEnd)) as StateHead;
  return { head, body: rest.subarray(headEnd + 1) };
}

/** The bytes of its file. */
export function formatState({ head, body }: StateSnapshot): Buffer {
  const rest = Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), body]);
  return Buffer.concat([Buffer.from(`${firstLine(rest)}\n`), rest]);
}

/**
 * Replaces the snapshot in a file, durably and as a whole.
 * @throws LogError BE_LOG_FULL, BE_LOG_READ_ONLY, BE_LOG_IO
 */
export async function writeStateFile(path: string, snapshot: StateSnapshot): Promise<void> {
  const made = join(dirname(path), `~${basename(path)}`);
  try {
    const file = await open(made, 'w', 0o600);
    try {
      await file.writeFile(formatState(snapshot));
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(made, path);
    const folder = await open(dirname(path));
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (error) {
    throw diskError(error as Error, path);
  }
}

function firstLine(rest: Uint8Array): string {
  return `${magic} ${crc32(rest).toString(16).padStart(8, '0')}`;
}
