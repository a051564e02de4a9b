import type { Disk, DiskEntry, DiskFile } from '../../runtime/durability/log/disk.js';
import type { Callback } from '../../runtime/durability/log/steps.js';

/** Numbers in [0, 1) that follow from a seed. */
export type Random = () => number;

export type DiskOperation =
  'lock' | 'list' | 'open' | 'create' | 'read' | 'write' | 'sync' | 'rename' | 'unlink';

/** What the disk does with an operation: nothing out of the order, an error, or the end of the machine at that point. */
export type Fault = { readonly code: string } | 'crash' | undefined;

/** A file: what it looks like, what of it is on the disk for certain, and what is on its way. */
class Content {
  current: Uint8Array<ArrayBuffer>;
  durable: Uint8Array<ArrayBuffer>;
  writes: { readonly at: number; readonly bytes: Uint8Array }[] = [];

  constructor(durable: Uint8Array<ArrayBuffer>) {
    this.durable = durable;
    this.current = durable.slice();
  }

  write(at: number, bytes: Uint8Array): void {
    this.current = longer(this.current, at + bytes.length);
    this.current.set(bytes, at);
    this.writes.push({ at, bytes });
  }

  copy(): Content {
    const copy = new Content(this.durable);
    copy.current = this.current.slice();
    copy.writes = [...this.writes];
    return copy;
  }

  sync(): void {
    this.durable = this.current.slice();
    this.writes = [];
  }

  /** Without power, of each write what the disk had got to: nothing, all, the beginning, or any of its sectors. */
  afterCrash(random: Random): Content {
    let bytes = this.durable.slice();
    for (const write of this.writes) {
      const kept = partOf(write.bytes.length, random);
      bytes = longer(bytes, write.at + write.bytes.length);
      for (let at = 0; at < write.bytes.length; at++) if (kept(at)) bytes[write.at + at] = write.bytes[at]!;
    }
    return new Content(bytes);
  }
}

const sectorBytes = 512;

function partOf(length: number, random: Random): (at: number) => boolean {
  const way = Math.floor(random() * 4);
  const end = Math.floor(random() * (length + 1));
  const sectors = Array.from({ length: Math.ceil(length / sectorBytes) + 1 }, () => random() < 0.5);
  return (at) => (way === 0 ? false : way === 1 ? true : way === 2 ? at < end : sectors[at >>> 9]!);
}

function longer(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  if (bytes.length >= length) return bytes;
  const grown = new Uint8Array(length);
  grown.set(bytes);
  return grown;
}

/**
 * A folder in memory that loses what was not synced, and fails where it is told to: deterministic, and driven by `drain`. Answers come in the
 * order in which they were asked for.
 */
export class FaultyDisk implements Disk {
  readonly path = '/disk';
  /** How many operations there were. */
  operations = 0;
  /** How many times each. */
  readonly counts = new Map<DiskOperation, number>();
  /** Asked before each operation, with its number from 0 on. */
  fault: (operation: DiskOperation, index: number, name: string) => Fault = () => undefined;
  crashed = false;
  /** What the files take together before the disk is full. */
  bytesMax = Infinity;
  #names: Map<string, Content>;
  #durableNames: Map<string, Content>;
  /** What the folder looked like after each change of a name since it was last synced. */
  #changes: Map<string, Content>[] = [];
  #queue: (() => void)[] = [];
  #locked = false;

  constructor(names = new Map<string, Content>()) {
    this.#names = names;
    this.#durableNames = new Map(names);
  }

  /** Lets the disk answer until there is nothing more to answer to. */
  drain(): void {
    for (let next = this.#queue.shift(); next !== undefined && !this.crashed; next = this.#queue.shift())
      next();
  }

  /** Answers once. */
  turn(): boolean {
    const next = this.#queue.shift();
    if (next === undefined || this.crashed) return false;
    next();
    return true;
  }

  /** The same disk after the machine has lost its power, now. */
  afterCrash(random: Random): FaultyDisk {
    const states = [this.#durableNames, ...this.#changes];
    const names = states[Math.floor(random() * states.length)]!;
    const contents = new Map([...names.values()].map((content) => [content, content.afterCrash(random)]));
    return new FaultyDisk(new Map([...names].map(([name, content]) => [name, contents.get(content)!])));
  }

  /** The same disk after the process alone has ended: all of it is there, and what was not durable still is not. */
  afterExit(): FaultyDisk {
    const states = [this.#durableNames, ...this.#changes, this.#names];
    const contents = new Map(
      states.flatMap((names) => [...names.values()]).map((content) => [content, content.copy()]),
    );
    const copied = states.map(
      (names) => new Map([...names].map(([name, content]) => [name, contents.get(content)!])),
    );
    const disk = new FaultyDisk(copied.at(-1));
    disk.#durableNames = copied[0]!;
    disk.#changes = copied.slice(1, -1);
    return disk;
  }

  /** The bytes of a file, to be damaged at will. */
  bytesOf(name: string): Uint8Array {
    const content = this.#names.get(name)!;
    content.sync();
    return content.current;
  }

  put(name: string, bytes: Uint8Array): void {
    this.#names.set(name, new Content(new Uint8Array(bytes)));
    this.#durableNames = new Map(this.#names);
  }

  remove(name: string): void {
    this.#names.delete(name);
    this.#durableNames = new Map(this.#names);
  }

  get names(): string[] {
    return [...this.#names.keys()].sort();
  }

  lock(done: Callback<boolean>): void {
    this.#do('lock', '', done, () => {
      if (this.#locked) return false;
      this.#locked = true;
      return true;
    });
  }

  unlock(): void {
    this.#locked = false;
  }

  list(done: Callback<readonly DiskEntry[]>): void {
    this.#do('list', '', done, () =>
      this.names.map((name) => ({ name, bytes: this.#names.get(name)!.current.length })),
    );
  }

  open(name: string, _access: 'read' | 'write', done: Callback<DiskFile>): void {
    this.#do('open', name, done, () => {
      const content = this.#names.get(name);
      if (content === undefined) throw systemError('ENOENT');
      return this.#fileOf(name, content);
    });
  }

  create(name: string, bytes: number, done: Callback<DiskFile>): void {
    this.#do('create', name, done, () => {
      const used = [...this.#names.values()].reduce((sum, { current }) => sum + current.length, 0);
      if (used + bytes > this.bytesMax) throw systemError('ENOSPC');
      const content = new Content(new Uint8Array(bytes));
      this.#change((names) => names.set(name, content));
      return this.#fileOf(name, content);
    });
  }

  rename(from: string, to: string, done: Callback<void>): void {
    this.#do('rename', to, done, () => {
      const content = this.#names.get(from);
      if (content === undefined) throw systemError('ENOENT');
      this.#change((names) => {
        names.delete(from);
        names.set(to, content);
      });
    });
  }

  unlink(name: string, done: Callback<void>): void {
    this.#do('unlink', name, done, () => this.#change((names) => names.delete(name)));
  }

  sync(done: Callback<void>): void {
    this.#do('sync', '', done, () => {
      this.#durableNames = new Map(this.#names);
      this.#changes = [];
    });
  }

  soon(callback: () => void): void {
    this.#queue.push(callback);
  }

  #fileOf(name: string, content: Content): DiskFile {
    return {
      bytes: content.current.length,
      read: (target, offset, length, position, done) =>
        this.#do('read', name, done, () => {
          const from = content.current.subarray(position, position + length);
          target.set(from, offset);
          return from.length;
        }),
      write: (source, offset, length, position, done) => {
        const bytes = source.slice(offset, offset + length);
        const torn = () => content.write(position, bytes);
        const written: Callback<void> = (error) => {
          if (error !== undefined) return done(error);
          this.#do('sync', name, done, () => content.sync());
        };
        this.#do('write', name, written, torn, torn);
      },
      sync: (done) => this.#do('sync', name, done, () => content.sync()),
      forget: (done) => this.#queue.push(() => done(undefined)),
      close: (done) => this.#queue.push(() => done(undefined)),
    };
  }

  #change(change: (names: Map<string, Content>) => void): void {
    this.#names = new Map(this.#names);
    change(this.#names);
    this.#changes.push(this.#names);
  }

  /** `atCrash` has happened too, in part, where the machine ends in the middle of the operation. */
  #do<T>(
    operation: DiskOperation,
    name: string,
    done: Callback<T>,
    act: () => T,
    atCrash: () => void = () => undefined,
  ): void {
    if (this.crashed) return;
    const fault = this.fault(operation, this.operations++, name);
    this.counts.set(operation, (this.counts.get(operation) ?? 0) + 1);
    if (fault === 'crash') {
      atCrash();
      this.crashed = true;
      return;
    }
    this.#queue.push(() => {
      try {
        if (fault !== undefined) throw systemError(fault.code);
        done(undefined, act());
      } catch (error) {
        if (!(error instanceof SystemError)) throw error;
        done(error, undefined as T);
      }
    });
  }
}

class SystemError extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

function systemError(code: string): SystemError {
  return new SystemError(code);
}

/** xorshift32. */
export function randomOf(seed: number): Random {
  let state = seed * 2654435761 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x100000000;
  };
}
