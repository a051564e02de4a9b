import { addressOf, declare } from './system.js';

const mutexInit = declare('int pthread_mutex_init(void *mutex, const void *attributes)');
const mutexLock = declare('int pthread_mutex_lock(void *mutex)');
const mutexUnlock = declare('int pthread_mutex_unlock(void *mutex)');
const attributesInit = declare('int pthread_mutexattr_init(void *attributes)');
const setShared = declare('int pthread_mutexattr_setpshared(void *attributes, int shared)');
const setRobust = declare('int pthread_mutexattr_setrobust(void *attributes, int robust)');

const PTHREAD_PROCESS_SHARED = 1;
const PTHREAD_MUTEX_ROBUST = 1;
const ATTRIBUTES_BYTES = 64;
/** Of a futex whose holder is gone, and the bits that say who holds it; linux/futex.h. */
const FUTEX_OWNER_DIED = 0x40000000;
const FUTEX_TID_MASK = 0x3fffffff;

/** Where the mutex lies in the page of a member's flags: away from the flag that peers look at after each put. */
const MUTEX_BYTE = 128;
/** In glibc, a mutex begins with its futex. Elsewhere that word is something else, which never looks like a death. */
const FUTEX_WORD = MUTEX_BYTE / 4;

/**
 * That this thread lives, told by the kernel itself in memory that the peers see: a robust mutex, held for life. When the thread ends,
 * however it does, the kernel marks the mutex (set_robust_list(2)), and does so before it takes the process's memory apart and closes
 * its files. That takes from some milliseconds to seconds, with the size of the process. The one who writes to this member's
 * memory is that thread, so nothing is written after the mark.
 */
export class Life {
  /** Keeps the memory mapped. */
  readonly #page: ArrayBuffer;
  #isHeld: boolean;

  private constructor(page: ArrayBuffer) {
    this.#page = page;
    const attributes = new Uint8Array(ATTRIBUTES_BYTES);
    const calls = [
      () => attributesInit(attributes),
      () => setShared(attributes, PTHREAD_PROCESS_SHARED),
      () => setRobust(attributes, PTHREAD_MUTEX_ROBUST),
      () => mutexInit(this.#mutex, attributes),
      () => mutexLock(this.#mutex),
    ];
    // Where it cannot be, peers learn of a death by the other signs.
    this.#isHeld = calls.every((call) => call() === 0);
  }

  /** Begins in `page`, fresh shared memory; ends with the thread that calls this, or with `end`. */
  static begin(page: ArrayBuffer): Life {
    return new Life(page);
  }

  /** Whether the kernel will mark the end of `thread`, which began it: not where the C library is another than glibc. */
  isTold(thread: number): boolean {
    const futex = new Uint32Array(this.#page)[FUTEX_WORD]!;
    return this.#isHeld && (futex & FUTEX_TID_MASK) === thread;
  }

  /** An orderly end, of which nobody is told here. By the thread that began it. */
  end(): void {
    if (this.#isHeld) mutexUnlock(this.#mutex);
    this.#isHeld = false;
  }

  get #mutex(): bigint {
    return addressOf(this.#page) + BigInt(MUTEX_BYTE);
  }
}

/** Whether the life that began in the page of `flags` has ended with its thread. */
export function hasDied(flags: Uint32Array): boolean {
  return (flags[FUTEX_WORD]! & FUTEX_OWNER_DIED) !== 0;
}
