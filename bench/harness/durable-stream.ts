import { performance } from 'node:perf_hooks';

/** Records written, so many at a time, each batch once the one before is durable; `many`: as many as there is room for. */
export interface DurablePlan {
  readonly bytes: number;
  readonly batch: number | 'many';
  readonly seconds: number;
  readonly warmupSeconds: number;
}

/** Writes for as long as the plan says, and gives how many records became durable in each second after the warm-up. */
export async function durableRate(
  { seconds, warmupSeconds }: Pick<DurablePlan, 'seconds' | 'warmupSeconds'>,
  /** Goes on until it is stopped; `durable` gives how many records are. */
  stream: { readonly start: () => void; readonly durable: () => number; readonly stop: () => Promise<void> },
): Promise<{ rate: number }> {
  stream.start();
  await new Promise((resolve) => setTimeout(resolve, warmupSeconds * 1000));
  const before = stream.durable();
  const start = performance.now();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const rate = ((stream.durable() - before) * 1000) / (performance.now() - start);
  await stream.stop();
  return { rate };
}
