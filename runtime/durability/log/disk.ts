import type { Callback } from './steps.js';

export interface DiskEntry {
  readonly name: string;
  readonly bytes: number;
}

/**
 * A folder on a disk, as a log needs it. What is written survives a loss of power once `write` has answered, and names (create, rename,
 * unlink) once the folder's `sync` has. Errors have the system's `code`: ENOSPC, EIO …
 */
export interface Disk {
  /** Of the folder, for messages. */
  readonly path: string;
  /** Takes the folder for this log alone; gives false where another has it. It is the log's until `unlock`, or the process's end. */
  lock(done: Callback<boolean>): void;
  unlock(): void;
  list(done: Callback<readonly DiskEntry[]>): void;
  open(name: string, access: 'read' | 'write', done: Callback<DiskFile>): void;
  /** Makes a file of `bytes` zeros, for all of which there is room for certain, and opens it. An older one of that name is replaced. */
  create(name: string, bytes: number, done: Callback<DiskFile>): void;
  rename(from: string, to: string, done: Callback<void>): void;
  unlink(name: string, done: Callback<void>): void;
  /** Makes names durable. */
  sync(done: Callback<void>): void;
  /** Calls back once those who call now have come to an end. */
  soon(callback: () => void): void;
}

export interface DiskFile {
  /** Its length when it was opened. */
  readonly bytes: number;
  /** Reads `length` bytes at `position` into `target` at `offset`; gives how many there were. */
  read(target: Uint8Array, offset: number, length: number, position: number, done: Callback<number>): void;
  /** Writes all `length` bytes of `source` at `offset`, and makes them durable, or fails. */
  write(source: Uint8Array, offset: number, length: number, position: number, done: Callback<void>): void;
  /** Makes durable what others wrote who did not come to the end of it. */
  sync(done: Callback<void>): void;
  /** Its bytes, which are durable, need not be kept in memory. Never fails. */
  forget(done: Callback<void>): void;
  close(done: Callback<void>): void;
}
