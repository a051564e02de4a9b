import { fstatSync, renameSync, statSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import koffi from 'koffi';
import { TransportError } from '../errors.js';

/** The few system calls of Linux that Node does not offer, through koffi. */
const library = process.platform === 'linux' ? koffi.load(null) : undefined;

type SystemCall = (...values: unknown[]) => unknown;

/** A function of the C library. */
export function declare(prototype: string): SystemCall {
  if (library === undefined) {
    return () => {
      throw new TransportError(
        'BE_UNSUPPORTED',
        `shared memory needs Linux, this is ${process.platform}: use local: instead`,
      );
    };
  }
  return library.func(prototype);
}

const open = declare('int open(const char *path, int flags, int mode)');
const close = declare('int close(int fd)');
const mmap = declare(
  'void *mmap(void *address, size_t length, int protection, int flags, int fd, long offset)',
);
const munmap = declare('int munmap(void *address, size_t length)');
const fallocate = declare('int posix_fallocate(int fd, long offset, long length)');
const fadvise = declare('int posix_fadvise(int fd, long offset, long length, int advice)');
const flockCall = declare('int flock(int fd, int operation)');
const mkfifoCall = declare('int mkfifo(const char *path, int mode)');
const writeCall = declare('long write(int fd, const uint8_t *bytes, size_t count)');

/** Gives the core to whoever else wants it; about 0.7 µs where nobody does. */
export const schedYield = declare('int sched_yield()') as () => number;

/** The thread sleeps for so many microseconds, and for as many more as the kernel thinks fit to gather timers in (50). */
export const nap = declare('int usleep(uint32_t us)') as (us: number) => number;

const O_RDONLY = 0;
const O_RDWR = 2;
const O_CREAT = 0o100;
const O_EXCL = 0o200;
const O_NONBLOCK = 0o4000;
const O_NOFOLLOW = 0o400000;
const O_CLOEXEC = 0o2000000;
const POSIX_FADV_DONTNEED = 4;
const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;
const MAP_PRIVATE = 2;
const MAP_FIXED = 0x10;
const MAP_ANONYMOUS = 0x20;
const MAP_NORESERVE = 0x4000;
const MAP_FAILED = 0xffffffffffffffffn;
const LOCK_SH = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;

const ENOENT = koffi.os.errno.ENOENT!;
const EAGAIN = koffi.os.errno.EAGAIN!;
const EINTR = koffi.os.errno.EINTR!;
const ENOSPC = koffi.os.errno.ENOSPC!;

function nameOf(errno: number): string {
  return Object.entries(koffi.os.errno).find(([, value]) => value === errno)?.[0] ?? `errno ${errno}`;
}

function failed(call: string, path: string, errno: number): TransportError {
  if (errno === ENOSPC || errno === koffi.os.errno.ENOMEM) {
    return new TransportError(
      'BE_NO_MEMORY',
      `no room for ${path}: ${call} says ${nameOf(errno)}. Free shared memory (df -h /dev/shm shows it; in Docker use --shm-size), or lower the ring sizes`,
    );
  }
  return new TransportError('BE_SYSTEM', `${call} of ${path} failed: ${nameOf(errno)}`);
}

function openFile(path: string, flags: number, mode = 0o600): number {
  for (;;) {
    const fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW, mode) as number;
    if (fd >= 0) return fd;
    if (koffi.errno() !== EINTR) throw failed('open', path, koffi.errno());
  }
}

/** Opens what is there, or gives undefined where nothing is. */
function openExisting(path: string, flags: number): number | undefined {
  for (;;) {
    const fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0) as number;
    if (fd >= 0) return fd;
    const errno = koffi.errno();
    if (errno === ENOENT) return undefined;
    if (errno !== EINTR) throw failed('open', path, errno);
  }
}

/**
 * Mapped memory lives as long as any view of it: it is unmapped when the garbage collector has taken the last one, so a view that
 * an application kept can never touch unmapped memory (which nothing in JavaScript could catch).
 */
const addresses = new WeakMap<ArrayBuffer, bigint>();
const unmapper = new FinalizationRegistry<{ address: unknown; byteLength: number }>(
  ({ address, byteLength }) => {
    munmap(address, byteLength);
  },
);

function map(fd: number, path: string, byteLength: number, protection: number, flags: number): ArrayBuffer {
  const address: unknown = mmap(null, byteLength, protection, flags, fd, 0);
  const number = koffi.address(address as never);
  if (number === MAP_FAILED) throw failed('mmap', path, koffi.errno());
  const buffer = koffi.view(address as never, byteLength);
  addresses.set(buffer, number);
  unmapper.register(buffer, { address, byteLength });
  return buffer;
}

/** Addresses without memory: what is there reads as zeros until a file is mapped over it. */
export function reserveAddresses(byteLength: number): ArrayBuffer {
  const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  return map(-1, `${byteLength} bytes`, byteLength, PROT_READ, flags);
}

/** Maps an open file over reserved addresses. */
export function mapOver(address: bigint, fd: number, path: string, byteLength: number, isOwn: boolean): void {
  const protection = isOwn ? PROT_READ | PROT_WRITE : PROT_READ;
  if (isFailed(mmap(address, byteLength, protection, MAP_SHARED | MAP_FIXED, fd, 0)))
    throw failed('mmap', path, koffi.errno());
}

/**
 * Takes what is mapped there away: it reads as zeros from now on, and where it was this process's own, what is written is seen by nobody. False where
 * the system has no room to keep account of it; then all is as it was.
 */
export function blankOut(address: bigint, byteLength: number, isOwn: boolean): boolean {
  const protection = isOwn ? PROT_READ | PROT_WRITE : PROT_READ;
  const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;
  return !isFailed(mmap(address, byteLength, protection, flags, -1, 0));
}

function isFailed(address: unknown): boolean {
  return koffi.address(address as never) === MAP_FAILED;
}

/** While it is being made, a file has a name that nobody looks for (names of regions and members hold no '~'). */
export function nameBeforehand(path: string): string {
  return join(dirname(path), `~${basename(path)}`);
}

/**
 * Makes a file of `byteLength` zeros and maps it for writing; only then does it get its name, so nobody ever maps a part of it.
 * The pages are reserved first: a full file system is an error here and never a SIGBUS later. They are zeroed and mapped when they are
 * first touched: to do it here takes most of the time in which a view is installed.
 * @param beforeNaming called once the file is whole, with the name that it has until then
 * @throws TransportError BE_NO_MEMORY where there is no room; the file is then gone again
 */
export function createShared(
  path: string,
  byteLength: number,
  beforeNaming?: (beforehand: string) => void,
): ArrayBuffer {
  return createFile(path, byteLength, (fd, beforehand) => {
    const buffer = map(fd, path, byteLength, PROT_READ | PROT_WRITE, MAP_SHARED);
    beforeNaming?.(beforehand);
    return buffer;
  });
}

/** The same, but it is `use` that maps it. */
export function createFile<T>(
  path: string,
  byteLength: number,
  use: (fd: number, beforehand: string) => T,
): T {
  const beforehand = nameBeforehand(path);
  const fd = openFile(beforehand, O_RDWR | O_CREAT | O_EXCL);
  try {
    let errno = EINTR;
    while (errno === EINTR) errno = fallocate(fd, 0, byteLength) as number;
    if (errno !== 0) throw failed('posix_fallocate', path, errno);
    const used = use(fd, beforehand);
    renameSync(beforehand, path);
    return used;
  } catch (error) {
    unlinkSync(beforehand);
    throw error;
  } finally {
    close(fd);
  }
}

/**
 * Maps the file at `path` read-only (a stray store faults in the offender), or gives undefined where there is none yet.
 * @throws TransportError BE_SYSTEM where the file is not ours, or not of that length
 */
export function attachShared(path: string, byteLength: number): ArrayBuffer | undefined {
  return findFile(path, byteLength, (fd) => map(fd, path, byteLength, PROT_READ, MAP_SHARED));
}

/** The same, but it is `use` that maps it. */
export function findFile<T>(path: string, byteLength: number, use: (fd: number) => T): T | undefined {
  const fd = openExisting(path, O_RDONLY);
  if (fd === undefined) return undefined;
  try {
    const { uid, size } = fstatSync(fd);
    if (uid !== process.getuid?.() || size !== byteLength) {
      const found = `belongs to user ${uid} and has ${size} bytes`;
      throw new TransportError('BE_SYSTEM', `${path} ${found}; expected our own, of ${byteLength} bytes`);
    }
    return use(fd);
  } finally {
    close(fd);
  }
}

/**
 * Zeroed pages of this process alone, which stay where they are: for devices that read and write memory by its address.
 * @throws TransportError BE_NO_MEMORY
 */
export function mapPrivate(byteLength: number): ArrayBuffer {
  return map(-1, `${byteLength} bytes`, byteLength, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
}

/** The address of mapped memory, for another thread of this process to map a view of its own. */
export function addressOf(buffer: ArrayBuffer): bigint {
  return addresses.get(buffer)!;
}

type AsynchronousCall = SystemCall & {
  async(...valuesAndCallback: unknown[]): void;
};

/**
 * Gives an open file `byteLength` bytes, all of which have their place on the disk; those that were not written are zeros. Another thread waits for
 * it. An error has the system's `code`.
 */
export function reserve(fd: number, byteLength: number, done: (error: Error | undefined) => void): void {
  (fallocate as AsynchronousCall).async(fd, 0, byteLength, (failure: Error | null, errno: number) => {
    if (failure === null && errno === EINTR) return reserve(fd, byteLength, done);
    if (failure !== null || errno === 0) return done(failure ?? undefined);
    done(Object.assign(new Error(`posix_fallocate says ${nameOf(errno)}`), { code: nameOf(errno) }));
  });
}

/** Takes what is durable of an open file out of the system's memory. It is advice, and never fails. Another thread waits for it. */
export function dropCached(fd: number, done: () => void): void {
  (fadvise as AsynchronousCall).async(fd, 0, 0, POSIX_FADV_DONTNEED, done);
}

/** An advisory lock that the kernel releases when its holder dies, however it dies. */
export class FileLock {
  #fd: number;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** Takes the lock of the file at `path` (made where missing), or gives undefined where another holds it. */
  static tryAcquire(path: string): FileLock | undefined {
    return FileLock.#tryLock(openFile(path, O_RDWR | O_CREAT), path);
  }

  /** The same, but gives undefined too where there is no such file. */
  static tryAcquireExisting(path: string): FileLock | undefined {
    const fd = openExisting(path, O_RDWR);
    return fd === undefined ? undefined : FileLock.#tryLock(fd, path);
  }

  /** Whether some process holds the lock of the file at `path`; false where there is no such file. */
  static isHeld(path: string): boolean {
    const fd = openExisting(path, O_RDWR);
    if (fd === undefined) return false;
    // A shared lock, so that those who merely ask do not take each other for the holder.
    const free = (flockCall(fd, LOCK_SH | LOCK_NB) as number) === 0;
    close(fd);
    return !free;
  }

  static #tryLock(fd: number, path: string): FileLock | undefined {
    if ((flockCall(fd, LOCK_EX | LOCK_NB) as number) === 0) {
      // The file may have been unlinked since it was opened: then its lock protects nothing.
      if (statSync(path, { throwIfNoEntry: false })?.ino === fstatSync(fd).ino) return new FileLock(fd);
      close(fd);
      return undefined;
    }
    const errno = koffi.errno();
    close(fd);
    if (errno === EAGAIN || errno === EINTR) return undefined;
    throw failed('flock', path, errno);
  }

  release(): void {
    if (this.#fd < 0) return;
    flockCall(this.#fd, LOCK_UN);
    close(this.#fd);
    this.#fd = -1;
  }
}

/** Makes a FIFO at `path` and opens it for reading, without blocking; the descriptor suits `net.Socket`. */
export function createFifo(path: string): number {
  if ((mkfifoCall(path, 0o600) as number) !== 0) throw failed('mkfifo', path, koffi.errno());
  return openFile(path, O_RDWR | O_NONBLOCK);
}

/** Opens the FIFO at `path` for writing, or gives undefined where it is gone. */
export function openFifo(path: string): number | undefined {
  return openExisting(path, O_RDWR | O_NONBLOCK);
}

const oneByte = new Uint8Array(1);

/** Puts one byte into a FIFO, unless it is full: then its reader has been told already. */
export function ring(fd: number): void {
  writeCall(fd, oneByte, 1);
}

/** Closes a descriptor that `createFifo` or `openFifo` gave. */
export function closeDescriptor(fd: number): void {
  close(fd);
}
