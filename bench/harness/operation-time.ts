/** Nanoseconds that one operation takes, in loops long enough that the clock does not count; the best of the loops. */
export function nanosecondsPer(
  operation: (index: number) => number,
  settings: { readonly seconds: number; readonly warmupSeconds: number },
): number {
  timeLoops(operation, settings.warmupSeconds * 1000);
  return timeLoops(operation, settings.seconds * 1000);
}

const operationsPerLoop = 20_000;
/** Operations give a number, which is kept: what nobody uses may be optimized away. */
let kept = 0;

/** What else the machine does only ever adds: the fastest loop is the truest. */
function timeLoops(operation: (index: number) => number, ms: number): number {
  const end = performance.now() + ms;
  let best = Infinity;
  do {
    const start = performance.now();
    for (let i = 0; i < operationsPerLoop; i++) kept = (kept + operation(i)) | 0;
    best = Math.min(best, performance.now() - start);
  } while (performance.now() < end);
  return (best * 1e6) / operationsPerLoop;
}
