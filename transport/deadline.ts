import { TransportError } from './errors.js';

/** The time that a meeting may take: a promise that only ever rejects, and its timer. */
export interface Deadline {
  /** Resolves or rejects as `work` does, or rejects when the time is over or the signal has aborted. */
  race<Value>(work: Promise<Value>): Promise<Value>;
  readonly leftMs: number;
  end(): void;
}

/**
 * @param tell what to say when the time is over: whom we waited for
 */
export function startDeadline(
  timeoutMs: number,
  signal: AbortSignal | undefined,
  tell: () => string,
): Deadline {
  signal?.throwIfAborted();
  const endMs = performance.now() + timeoutMs;
  let stop: (() => void) | undefined;
  const over = new Promise<never>((_, reject) => {
    const timer = Number.isFinite(timeoutMs)
      ? setTimeout(() => {
          reject(new TransportError('BE_JOIN_TIMEOUT', tell()));
        }, timeoutMs)
      : undefined;
    const abort = () => {
      reject(signal!.reason as Error);
    };
    signal?.addEventListener('abort', abort, { once: true });
    stop = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
  });
  // Whoever races sees it; where nobody does at that moment it is no unhandled rejection.
  over.catch(() => undefined);
  return {
    race: (work) => Promise.race([work, over]),
    get leftMs() {
      return Math.max(0, endMs - performance.now());
    },
    end: () => stop?.(),
  };
}
