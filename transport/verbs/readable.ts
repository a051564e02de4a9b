import { isMainThread } from 'node:worker_threads';
import { TransportError } from '../errors.js';
import { declare } from '../memory/system.js';

/**
 * Tells when a descriptor that is neither socket, pipe nor terminal becomes readable. Node's loop takes no such descriptor, and a thread that waits for each
 * would hold one of the few that files are read with. So the kernel is asked for a signal: SIGURG, which means something like that anyway, and
 * which nobody is harmed by who does not listen.
 */
const listeners = new Map<number, () => void>();

const fcntl = declare('int fcntl(int fd, int command, long argument)') as (
  fd: number,
  command: number,
  argument: number,
) => number;

const F_SETFL = 4;
const F_SETOWN = 8;
const F_SETSIG = 10;
const O_NONBLOCK = 0o4000;
const O_ASYNC = 0o20000;
const SIGURG = 23;

/**
 * Calls `listener` from the event loop when `fd` becomes readable, and perhaps when it does not: it is to read until nothing is left.
 * The descriptor does not block from now on, and does not keep the process running.
 * @throws TransportError BE_UNSUPPORTED in a worker thread, which gets no signals
 */
export function listenReadable(fd: number, listener: () => void): void {
  if (!isMainThread) {
    throw new TransportError('BE_UNSUPPORTED', 'rdma: works in the main thread only; use tcp: in a worker');
  }
  if (listeners.size === 0) process.on('SIGURG', tellAll);
  listeners.set(fd, listener);
  for (const [command, argument] of [
    [F_SETOWN, process.pid],
    [F_SETSIG, SIGURG],
    [F_SETFL, O_NONBLOCK | O_ASYNC],
  ] as const) {
    if (fcntl(fd, command, argument) !== 0) {
      throw new TransportError('BE_SYSTEM', `fcntl ${command} of descriptor ${fd} failed`);
    }
  }
}

/** To be called before the descriptor is closed. */
export function endReadable(fd: number): void {
  if (!listeners.delete(fd)) return;
  fcntl(fd, F_SETFL, O_NONBLOCK);
  if (listeners.size === 0) process.off('SIGURG', tellAll);
}

/** A signal does not say whom it is for, and several at once are one. */
function tellAll(): void {
  for (const listener of [...listeners.values()]) listener();
}
