import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { FileLock, dropCached, reserve } from '../../../transport/memory/system.js';
import type { Disk, DiskEntry, DiskFile } from './disk.js';
import type { Callback } from './steps.js';

const nothing = new Uint8Array(0);
const lockName = 'lock';

/**
 * A file that is open for synchronized writes: one call does what a write and `fdatasync` do, and goes to another thread and back once. Elsewhere
 * than on Linux it does less than that, or is not there.
 */
const O_DSYNC = process.platform === 'linux' ? fs.constants.O_DSYNC : 0;

/** A folder of this machine. Nothing waits on the event loop: all calls are made by libuv's threads. */
export class NodeDisk implements Disk {
  readonly path: string;
  #lock: FileLock | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** Makes the folder where it is missing, for this user alone. */
  lock(done: Callback<boolean>): void {
    fs.mkdir(this.path, { recursive: true, mode: 0o700 }, (error) => {
      if (error !== null) return done(refusalOf(this.path) ?? error, false);
      try {
        fs.accessSync(this.path, fs.constants.W_OK);
        this.#lock = FileLock.tryAcquire(join(this.path, lockName));
      } catch (failure) {
        return done(failure as Error, false);
      }
      done(undefined, this.#lock !== undefined);
    });
  }

  unlock(): void {
    this.#lock?.release();
    this.#lock = undefined;
  }

  list(done: Callback<readonly DiskEntry[]>): void {
    fs.readdir(this.path, (error, names) => {
      if (error !== null) return done(error, []);
      const entries: DiskEntry[] = [];
      let left = names.length;
      if (left === 0) return done(undefined, entries);
      for (const name of names)
        fs.stat(join(this.path, name), (_, stats) => {
          // What is gone since, or is a folder, is no file of the log.
          if (stats?.isFile() === true) entries.push({ name, bytes: stats.size });
          if (--left === 0)
            done(
              undefined,
              entries.sort((a, b) => (a.name < b.name ? -1 : 1)),
            );
        });
    });
  }

  open(name: string, access: 'read' | 'write', done: Callback<DiskFile>): void {
    const { O_RDONLY, O_RDWR, O_NOFOLLOW } = fs.constants;
    this.#open(name, (access === 'read' ? O_RDONLY : O_RDWR | O_DSYNC) | O_NOFOLLOW, done);
  }

  create(name: string, bytes: number, done: Callback<DiskFile>): void {
    const { O_RDWR, O_CREAT, O_TRUNC, O_NOFOLLOW } = fs.constants;
    this.#open(name, O_RDWR | O_DSYNC | O_CREAT | O_TRUNC | O_NOFOLLOW, (error, opened) => {
      if (error !== undefined) return done(error, opened);
      const file = opened as NodeFile;
      const settle = (failure: Error | undefined): void => {
        if (failure === undefined) return done(undefined, file);
        // A part of a file would fill the disk to no end.
        file.close(() => fs.unlink(join(this.path, name), () => done(failure, file)));
      };
      file.reserve(bytes, (failure) => {
        if (failure === undefined) file.sync(settle);
        else settle(failure);
      });
    });
  }

  rename(from: string, to: string, done: Callback<void>): void {
    fs.rename(join(this.path, from), join(this.path, to), (error) => done(error ?? undefined));
  }

  unlink(name: string, done: Callback<void>): void {
    fs.unlink(join(this.path, name), (error) =>
      done(error?.code === 'ENOENT' ? undefined : (error ?? undefined)),
    );
  }

  sync(done: Callback<void>): void {
    fs.open(this.path, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY, (error, fd) => {
      if (error !== null) return done(error);
      fs.fsync(fd, (failure) => fs.close(fd, (last) => done(failure ?? last ?? undefined)));
    });
  }

  soon(callback: () => void): void {
    queueMicrotask(callback);
  }

  #open(name: string, flags: number, done: Callback<DiskFile>): void {
    fs.open(join(this.path, name), flags, 0o600, (error, fd) => {
      if (error !== null) return done(error, undefined as never);
      fs.fstat(fd, (failure, stats) => {
        if (failure !== null) return fs.close(fd, () => done(failure, undefined as never));
        done(undefined, new NodeFile(fd, stats.size));
      });
    });
  }
}

/** Why nothing may be made in the first folder above `path` that is there. Node's `mkdir` says ENOENT where a disk is read-only. */
function refusalOf(path: string): Error | undefined {
  try {
    fs.accessSync(path, fs.constants.W_OK);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' && dirname(path) !== path ? refusalOf(dirname(path)) : (error as Error);
  }
}

/** Callbacks are made once: a batch allocates none. */
class NodeFile implements DiskFile {
  readonly #fd: number;
  bytes: number;
  #source: Uint8Array = nothing;
  #offset = 0;
  #length = 0;
  #position = 0;
  #written: Callback<void> = ignore;
  #synced: Callback<void> = ignore;

  constructor(fd: number, bytes: number) {
    this.#fd = fd;
    this.bytes = bytes;
  }

  read(target: Uint8Array, offset: number, length: number, position: number, done: Callback<number>): void {
    let count = 0;
    const more = (): void => {
      fs.read(this.#fd, target, offset + count, length - count, position + count, (error, read) => {
        if (error !== null) return done(error, count);
        count += read;
        if (read === 0 || count === length) done(undefined, count);
        else more();
      });
    };
    if (length === 0) done(undefined, 0);
    else more();
  }

  /** One at a time. */
  write(source: Uint8Array, offset: number, length: number, position: number, done: Callback<void>): void {
    this.#source = source;
    this.#offset = offset;
    this.#length = length;
    this.#position = position;
    this.#written = done;
    fs.write(this.#fd, source, offset, length, position, this.#onWritten);
  }

  readonly #onWritten = (error: NodeJS.ErrnoException | null, count: number): void => {
    if (error !== null) return this.#written(error);
    if (count === this.#length) {
      if (O_DSYNC === 0) this.sync(this.#written);
      else this.#written(undefined);
      return;
    }
    // A disk that takes a part says why when it is asked to take the rest.
    this.#offset += count;
    this.#length -= count;
    this.#position += count;
    fs.write(this.#fd, this.#source, this.#offset, this.#length, this.#position, this.#onWritten);
  };

  reserve(bytes: number, done: Callback<void>): void {
    this.bytes = bytes;
    reserve(this.#fd, bytes, (error) => done(error));
  }

  /** One at a time. */
  sync(done: Callback<void>): void {
    this.#synced = done;
    fs.fdatasync(this.#fd, this.#onSynced);
  }

  readonly #onSynced = (error: NodeJS.ErrnoException | null): void => {
    this.#synced(error ?? undefined);
  };

  forget(done: Callback<void>): void {
    dropCached(this.#fd, () => done(undefined));
  }

  close(done: Callback<void>): void {
    fs.close(this.#fd, (error) => done(error ?? undefined));
  }
}

function ignore(): void {
  // Nobody asked yet.
}
