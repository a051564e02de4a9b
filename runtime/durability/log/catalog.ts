import { type Gap, gapBefore, widest } from './gap.js';
import { type LogIdentity, type LogOwner, type LogType, checkIdentity, typesWith } from './identity.js';
import type { Cut, Manifest } from './manifest.js';
import type { SegmentDigest, SegmentSummary } from './segment-digest.js';
import { segmentName } from './segment-header.js';
import { type SignatureScheme, originOf } from './signing.js';

/** A segment of the log, as it is known in memory. */
export class Segment {
  readonly number: number;
  readonly generation: number;
  readonly bytes: number;
  /** Undefined where the segment is empty, or was not looked at. */
  summary: SegmentSummary | undefined;
  /** Its index, while it is in memory. */
  digest: SegmentDigest | undefined;
  /** Nothing is written to it any more. */
  complete = false;
  #durable = 0;

  constructor(number: number, generation: number, bytes: number) {
    this.number = number;
    this.generation = generation;
    this.bytes = bytes;
  }

  /** Up to where its records are on disk. */
  get durable(): number {
    return this.complete ? this.summary!.used : this.#durable;
  }

  set durable(bytes: number) {
    this.#durable = bytes;
  }

  /** Gives the memory of its index back. */
  forgetIndex(): void {
    if (this.digest === undefined) return;
    this.summary = this.digest.summary();
    this.digest = undefined;
  }

  /** Its summary says what the next segment follows. Of what was compacted only the manifest knows that. */
  get knowsNext(): boolean {
    return this.complete || this.generation === 0;
  }

  get name(): string {
    return segmentName(this.number, this.generation);
  }
}

/** What the log consists of: the segments in the order of their records, and what of them is cut. */
export class Catalog {
  /** With the type that is written now, which is the last of `types`. */
  identity: LogIdentity;
  types: readonly LogType[];
  readonly logId: number;
  /** The sum of the last record before the first segment. */
  chain: number;
  /** Where the log is signed: the hash of the last batch before the first segment. */
  hash: string | undefined;
  segments: Segment[];
  cuts: Cut[];
  /** What is missing; undefined where nothing is. */
  gap: Gap | undefined;

  constructor(manifest: Manifest) {
    this.identity = manifest.identity;
    this.types = manifest.types;
    this.logId = manifest.logId;
    this.chain = manifest.chain;
    this.hash = manifest.hash;
    this.cuts = [...manifest.cuts];
    this.segments = manifest.segments.map(({ number, generation, bytes, summary }) => {
      const segment = new Segment(number, generation, bytes);
      segment.summary = summary;
      segment.complete = summary !== undefined;
      return segment;
    });
    this.gap = manifest.gap ?? gapBefore(this.segments);
  }

  manifest(): Manifest {
    const { identity, types, logId, chain, hash, cuts, gap } = this;
    const segments = this.segments.map(({ number, generation, bytes, complete, summary, digest }) => ({
      number,
      generation,
      bytes,
      ...(complete && { summary: digest?.summary() ?? summary! }),
    }));
    return { identity, types, logId, chain, hash, cuts, gap, segments };
  }

  /** That is missing, too. */
  lacks(gap: Gap | undefined): void {
    this.gap = widest(this.gap, gap);
  }

  /**
   * Samples are written with the owner's type from now on. False where nothing changes by that.
   * @throws LogError BE_LOG_FOREIGN where that type does not go together with those that it has
   */
  adopt(file: string, owner: LogOwner): boolean {
    checkIdentity(file, this.identity, { ...owner, typeHash: this.identity.typeHash }, this.types);
    const types = typesWith(file, this.types, owner);
    if (types === this.types) return false;
    this.types = types;
    this.identity = { ...this.identity, typeHash: owner.typeHash };
    return true;
  }

  /** Whether the version lies behind the end of its epoch, and so is no part of the topic. */
  isCut(epoch: number, sequence: number): boolean {
    for (const { fromEpoch, fromSequence, toEpoch, toSequence } of this.cuts)
      if (isAfter(epoch, sequence, fromEpoch, fromSequence) && !isAfter(epoch, sequence, toEpoch, toSequence))
        return true;
    return false;
  }

  /** The sum of the last record before `segment`; undefined where what came before it was compacted away with it. */
  chainBefore(segment: Segment): number | undefined {
    if (segment.generation > 0) return undefined;
    const before = this.#before(segment);
    if (before === undefined) return this.chain;
    return before.knowsNext ? before.summary?.chain : undefined;
  }

  /** The hash that the first batch of `segment` follows, where the log is signed; undefined where that is not known. */
  hashBefore(segment: Segment, scheme: SignatureScheme): string | undefined {
    if (segment.generation > 0) return this.origin(scheme);
    const before = this.#before(segment);
    if (before === undefined) return this.hash;
    return before.knowsNext ? before.summary?.hash : undefined;
  }

  #before(segment: Segment): Segment | undefined {
    return this.segments[this.segments.indexOf(segment) - 1];
  }

  origin(scheme: SignatureScheme): string {
    return originOf(scheme, this.logId, this.identity.domain, this.identity.topic);
  }

  /** How many bytes the files have. */
  get bytes(): number {
    return this.segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }
}

/** Whether version a comes after version b. */
export function isAfter(epochA: number, sequenceA: number, epochB: number, sequenceB: number): boolean {
  return epochA > epochB || (epochA === epochB && sequenceA > sequenceB);
}
