import { TransportError } from '../errors.js';
import type { MemberId } from '../transport.js';
import { FLAGS_BYTES } from './bell.js';
import { openRendezvous } from './directory.js';
import type { DirectoryOptions, Rendezvous } from './directory.js';
import { Life } from './life.js';
import { createMemberLock, memberPath, removeEmptyFolder, removeFile, segmentPath } from './member-files.js';
import { sweep } from './sweep.js';
import { FileLock, createShared } from './system.js';

/** How often to start over where someone who leaves the domain removes its folder at that very moment. */
const ATTEMPTS_MAX = 100;

/** That a member is there: its lock, and its flags and its life in shared memory. Its lock is made first and removed last. */
export class Presence {
  readonly rendezvous: Rendezvous;
  readonly flags: Uint32Array;
  readonly #self: MemberId;
  readonly #locks: FileLock[];
  readonly #life: Life;

  private constructor(rendezvous: Rendezvous, self: MemberId, flags: ArrayBuffer, locks: FileLock[]) {
    this.rendezvous = rendezvous;
    this.flags = new Uint32Array(flags);
    this.#life = Life.begin(flags);
    this.#self = self;
    this.#locks = locks;
  }

  static begin(domain: string, self: MemberId, options: DirectoryOptions): Presence {
    const { rendezvous, lock } = enter(domain, self, options);
    const locks = [lock];
    try {
      sweep(rendezvous);
      const buffer = createShared(segmentPath(rendezvous, self, 'flags'), FLAGS_BYTES, (beforehand) => {
        const flagsLock = FileLock.tryAcquire(beforehand);
        if (flagsLock !== undefined) locks.push(flagsLock);
      });
      return new Presence(rendezvous, self, buffer, locks);
    } catch (error) {
      leave(rendezvous, self, [], locks);
      throw error;
    }
  }

  /** Whether the kernel tells the peers at once when the process ends whose main thread has begun this. */
  get isDeathTold(): boolean {
    return this.#life.isTold(process.pid);
  }

  /** Removes the member's files, and those of the regions named, and the domain's folder where nobody else is in it. */
  end(regions: Iterable<string>): void {
    this.#life.end();
    leave(this.rendezvous, this.#self, regions, this.#locks);
  }
}

function enter(
  domain: string,
  self: MemberId,
  options: DirectoryOptions,
): { rendezvous: Rendezvous; lock: FileLock } {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const rendezvous = openRendezvous(domain, options);
    const lock = createMemberLock(rendezvous, self);
    if (lock !== undefined) return { rendezvous, lock };
  }
  throw new TransportError(
    'BE_DIRECTORY',
    `the folder of domain ${domain} vanishes each time that we enter it`,
  );
}

function leave(rendezvous: Rendezvous, self: MemberId, regions: Iterable<string>, locks: FileLock[]): void {
  for (const file of ['open', 'inside', 'bell', 'sock'] as const)
    removeFile(memberPath(rendezvous, self, file));
  for (const region of regions) removeFile(segmentPath(rendezvous, self, region));
  removeFile(segmentPath(rendezvous, self, 'flags'));
  removeFile(memberPath(rendezvous, self, 'lock'));
  for (const lock of locks) lock.release();
  removeEmptyFolder(rendezvous);
}
