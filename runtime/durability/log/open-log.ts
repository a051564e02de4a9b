import type { Disk, DiskEntry } from './disk.js';
import { LogError, diskError } from './errors.js';
import type { LogOwner } from './identity.js';
import { type Recovered, createLog, hasLog, recover } from './recovery.js';
import type { Signer } from './signing.js';
import { type Steps, answer } from './steps.js';

/** The first segment of a log; small, so that a topic with little in it takes little. */
const firstSegmentBytes = 1 << 20;
const readAttempts = 3;

export interface OpenOptions {
  readonly owner: LogOwner;
  /** A random safe integer, in case that a log is made. */
  readonly logId: number;
  readonly segmentBytesMax: number;
  /** Signs what is appended; the owner's key is his. */
  readonly signer?: Signer | undefined;
}

/**
 * Opens the log in a folder for appending, or makes one where there is none, and holds the folder from then on.
 * @throws LogError
 */
export function* openForAppending(disk: Disk, options: OpenOptions): Steps<Recovered> {
  const { logId, segmentBytesMax, signer } = options;
  const owner = { ...options.owner, key: signer?.publicKey };
  yield* takeFolder(disk);
  try {
    const entries = yield* listFolder(disk);
    if (yield* hasLog(disk, entries)) return yield* recover(disk, entries, { owner, signer });
    return yield* createLog(disk, owner, logId, Math.min(firstSegmentBytes, segmentBytesMax), signer);
  } catch (error) {
    disk.unlock();
    throw diskError(error as Error, disk.path);
  }
}

/**
 * Opens the log in a folder for reading, whether or not somebody writes it: what is there now.
 * @throws LogError
 */
export function* openForReading(disk: Disk): Steps<Recovered> {
  for (let attempt = 1; ; attempt++) {
    try {
      const entries = yield* listFolder(disk);
      if (yield* hasLog(disk, entries)) return yield* recover(disk, entries);
    } catch (error) {
      const failure = diskError(error as Error, disk.path);
      // Whoever writes the log may have replaced a file since its name was read.
      if (failure.code === 'BE_LOG_MISSING' && attempt < readAttempts) continue;
      throw failure;
    }
    throw new LogError('BE_LOG_MISSING', disk.path, undefined, 'there is no log in this folder');
  }
}

/** @throws LogError BE_LOG_LOCKED where another has it */
export function* takeFolder(disk: Disk): Steps<void> {
  let taken: boolean;
  try {
    taken = yield* answer<boolean>((done) => disk.lock(done));
  } catch (error) {
    throw diskError(error as Error, disk.path);
  }
  if (taken) return;
  throw new LogError(
    'BE_LOG_LOCKED',
    disk.path,
    undefined,
    'another process has the log open (fuser -v on its file lock names it), or a participant of this one that was not closed: end that, or use another folder',
  );
}

function* listFolder(disk: Disk): Steps<readonly DiskEntry[]> {
  return yield* answer<readonly DiskEntry[]>((done) => disk.list(done));
}
