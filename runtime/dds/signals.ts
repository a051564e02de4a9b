/** Participants of this process that leave their domain when it is told to end. */
const closers = new Set<() => Promise<void>>();
const signals = ['SIGINT', 'SIGTERM'] as const;

/**
 * Calls `close` on SIGINT or SIGTERM, then ends the process as the signal would have; gives a function that takes it back. Where
 * the program has a handler of its own, ending is its business.
 */
export function closeOnSignals(close: () => Promise<void>): () => void {
  if (closers.size === 0) for (const signal of signals) process.on(signal, onSignal);
  closers.add(close);
  return () => {
    closers.delete(close);
    if (closers.size === 0) for (const signal of signals) process.off(signal, onSignal);
  };
}

function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  void Promise.allSettled([...closers].map((close) => close())).then(() => process.kill(process.pid, signal));
}
