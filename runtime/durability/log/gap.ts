import type { Segment } from './catalog.js';

/** Up to this version, and this source time, samples are missing that there were: dropped, compacted away, or never had. What comes after it is all there. */
export interface Gap {
  readonly epoch: number;
  readonly sequence: number;
  /** Microseconds. */
  readonly timeUs: number;
}

/** Both of them. */
export function widest(a: Gap | undefined, b: Gap | undefined): Gap | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const { epoch, sequence } = hasAllAfter(a, b) ? b : a;
  return { epoch, sequence, timeUs: Math.max(a.timeUs, b.timeUs) };
}

/** Whether all is there that comes after a version. */
export function hasAllAfter(
  gap: Gap | undefined,
  { epoch, sequence }: { readonly epoch: number; readonly sequence: number },
): boolean {
  return gap === undefined || gap.epoch < epoch || (gap.epoch === epoch && gap.sequence <= sequence);
}

/** What goes where these segments do. */
export function gapOf(segments: readonly Segment[]): Gap | undefined {
  let gap: Gap | undefined;
  for (const { summary } of segments) {
    if (summary === undefined || summary.samples === 0) continue;
    gap = {
      epoch: summary.lastEpoch,
      sequence: summary.lastSequence,
      timeUs: Math.max(gap?.timeUs ?? 0, summary.maxTimeUs),
    };
  }
  return gap;
}

/** What segments tell by their numbers and generations, where no manifest says it: more may be there than that. */
export function gapBefore(segments: readonly Segment[]): Gap | undefined {
  const timeUs = Number.MAX_SAFE_INTEGER;
  const compacted = segments.filter(({ generation }) => generation > 0);
  if (compacted.length > 0) {
    const { lastEpoch, lastSequence } = compacted.at(-1)!.summary ?? {
      lastEpoch: timeUs,
      lastSequence: timeUs,
    };
    return { epoch: lastEpoch, sequence: lastSequence, timeUs };
  }
  const [first] = segments;
  if (first === undefined || first.number === 1) return undefined;
  const { firstEpoch, firstSequence } = first.summary ?? { firstEpoch: timeUs, firstSequence: timeUs };
  return { epoch: firstEpoch, sequence: firstSequence - 1, timeUs };
}
