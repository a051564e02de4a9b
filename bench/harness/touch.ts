export const cacheLineBytes = 64;

/** From so many lines on, they are read in four places at once. */
const linesInARowMax = 256;

/** Reads a word of each cache line, as every receiver of the bench does; gives their sum, so that no compiler drops it. */
export function touch(bytes: Uint8Array): number {
  return (bytes[bytes.length - 1] ?? 0) + touchLines(bytes, 0, bytes.length, cacheLineBytes);
}

/**
 * Reads every `step`th of `values`, from `first` to `end`. Where that is much, in four places at once: one stream of reads comes to a halt
 * at the end of each page, and this is to measure how fast memory brings what others wrote.
 */
export function touchLines(
  values: Uint8Array | Uint32Array | Int32Array,
  first: number,
  end: number,
  step: number,
): number {
  const part = end - first > linesInARowMax * step ? Math.floor((end - first) / (4 * step)) * step : 0;
  let sum = 0;
  let at = first;
  for (const stop = first + part; at < stop; at += step)
    sum = (sum + values[at]! + values[at + part]! + values[at + 2 * part]! + values[at + 3 * part]!) | 0;
  for (at += 3 * part; at < end; at += step) sum = (sum + values[at]!) | 0;
  return sum;
}
