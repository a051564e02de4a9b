import { type Catalog, type Segment, isAfter } from './catalog.js';
import { compact } from './compaction.js';
import type { Disk } from './disk.js';
import { gapOf } from './gap.js';
import type { Version } from './log-reading.js';
import type { Signer } from './signing.js';
import type { Steps } from './steps.js';

/** What need not be kept: DURABILITY_SERVICE and LIFESPAN, as far as they concern a log. */
export interface Retention {
  /** KEEP_LAST: so many samples of each instance. KEEP_ALL: Infinity. */
  readonly depth: number;
  /** Old segments go once the others have so many samples. */
  readonly samplesMax: number;
  /** Old segments go once all others together have so many bytes. */
  readonly bytesMax: number;
  /** A sample of more than this age is void. */
  readonly lifespanUs: number;
}

export const KEEP_ALL: Retention = {
  depth: Infinity,
  samplesMax: Infinity,
  bytesMax: Infinity,
  lifespanUs: Infinity,
};

/**
 * Takes out of the catalog what need not be kept, and gives the names of the files that are no part of the log once its manifest is
 * written. The segment that is written to, and the one after it, are never touched; nor what somebody needs, from version `needed` on.
 */
export function* retain(
  disk: Disk,
  catalog: Catalog,
  retention: Retention,
  nowUs: number,
  { needed, signer }: { readonly needed?: Version | undefined; readonly signer?: Signer | undefined } = {},
): Steps<string[]> {
  const dropped = dropSegments(catalog, retention, nowUs, needed);
  if (retention.depth === Infinity || needed !== undefined || !isDue(catalog)) return dropped;
  return [...dropped, ...(yield* compact(disk, catalog, retention, nowUs, signer))];
}

/** Takes out of the catalog whole segments that come before `version`, but for the one that has it; gives the names of their files. */
export function dropBefore(catalog: Catalog, { epoch, sequence }: Version): string[] {
  const dropped: string[] = [];
  for (;;) {
    const [oldest, next] = catalog.segments;
    const begins = next?.summary;
    if (oldest?.complete !== true || begins === undefined || begins.samples === 0) return dropped;
    if (isAfter(begins.firstEpoch, begins.firstSequence, epoch, sequence)) return dropped;
    dropped.push(dropOldest(catalog));
  }
}

/** Whole segments, from the oldest on. */
function dropSegments(
  catalog: Catalog,
  retention: Retention,
  nowUs: number,
  needed: Version | undefined,
): string[] {
  const { samplesMax, bytesMax, lifespanUs } = retention;
  const dropped: string[] = [];
  let samples = catalog.segments.reduce((sum, { summary }) => sum + (summary?.samples ?? 0), 0);
  let { bytes } = catalog;
  for (;;) {
    const oldest = catalog.segments[0];
    if (oldest === undefined || !oldest.complete) return dropped;
    const summary = oldest.summary!;
    const { lastEpoch, lastSequence } = summary;
    if (needed !== undefined && !isAfter(needed.epoch, needed.sequence, lastEpoch, lastSequence))
      return dropped;
    samples -= summary.samples;
    bytes -= oldest.bytes;
    const isVoid = summary.maxTimeUs + lifespanUs < nowUs;
    if (!isVoid && samples < samplesMax && bytes < bytesMax) return dropped;
    dropped.push(dropOldest(catalog));
  }
}

/** Gives the name of its file. */
function dropOldest(catalog: Catalog): string {
  const oldest = catalog.segments.shift()!;
  catalog.lacks(gapOf([oldest]));
  catalog.chain = oldest.summary!.chain;
  catalog.hash = oldest.summary!.hash;
  return oldest.name;
}

/** What was compacted is read again only once as much has come since: so each sample is copied a few times in all, however long the log lives. */
function isDue({ segments }: Catalog): boolean {
  const bytesOf = (some: readonly Segment[]): number =>
    some.reduce((sum, { summary }) => sum + (summary?.used ?? 0), 0);
  const complete = segments.filter((segment) => segment.complete);
  const compacted = complete.filter(({ generation }) => generation > 0);
  return complete.length > compacted.length && bytesOf(complete) >= 2 * bytesOf(compacted);
}
