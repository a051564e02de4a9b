import { BatchBuffer } from './batch-buffer.js';
import { type Catalog, Segment } from './catalog.js';
import type { Disk, DiskFile } from './disk.js';
import { diskError } from './errors.js';
import { gapOf } from './gap.js';
import { InstanceCounts } from './instance-counts.js';
import { LogReading } from './log-reading.js';
import type { Retention } from './retention.js';
import { SegmentDigest } from './segment-digest.js';
import { closeFile } from './segment-file.js';
import { encodeSegmentHeader, segmentHeaderBytes } from './segment-header.js';
import type { Signer } from './signing.js';
import { answer, completed, type Steps } from './steps.js';
import { verifySegment } from './verified-segment.js';

/** Written at once. */
const portionBytes = 1 << 20;
/** A compacted segment is closed when it has so many bytes. */
const segmentBytes = 64 << 20;

/**
 * Copies what is still wanted of all complete segments into new ones: of each instance the newest samples, and none that is void. Gives the
 * names of the files that these replace.
 */
export function* compact(
  disk: Disk,
  catalog: Catalog,
  { depth, lifespanUs }: Retention,
  nowUs: number,
  signer: Signer | undefined,
): Steps<string[]> {
  const sources = catalog.segments.filter(({ complete }) => complete);
  if (signer !== undefined)
    for (const segment of sources) yield* verifySegment(disk, catalog, segment, signer);
  const later = yield* countInstances(disk, catalog);
  const output = new Output(
    disk,
    catalog,
    1 + Math.max(...sources.map(({ generation }) => generation)),
    signer,
  );
  const reading = new LogReading(disk, catalog, {}, () => undefined, sources);
  try {
    while (yield* reading.next()) {
      const { record } = reading;
      const newer = later.add(record.instanceHigh, record.instanceLow, -1);
      if (newer < depth && record.sourceTimeUs + lifespanUs >= nowUs)
        yield* output.take(record.segment, record);
    }
    yield* output.close();
  } finally {
    yield* reading.end();
  }
  replace(catalog, sources, output.segments);
  catalog.lacks(gapOf(sources));
  return sources.map(({ name }) => name);
}

function* countInstances(disk: Disk, catalog: Catalog): Steps<InstanceCounts> {
  const counts = new InstanceCounts();
  const reading = new LogReading(disk, catalog, {}, () => undefined);
  try {
    while (yield* reading.next()) counts.add(reading.record.instanceHigh, reading.record.instanceLow, 1);
  } finally {
    yield* reading.end();
  }
  return counts;
}

/** The segment after them still follows the last record that was there before. */
function replace(catalog: Catalog, sources: readonly Segment[], made: readonly Segment[]): void {
  const { chain, hash } = sources.at(-1)!.summary!;
  const last = made.at(-1);
  if (last === undefined) Object.assign(catalog, { chain, hash });
  else last.summary = { ...last.summary!, chain, hash };
  catalog.segments.splice(0, sources.length, ...made);
}

/** The segments that a compaction makes, one after another. */
class Output {
  readonly segments: Segment[] = [];
  readonly #disk: Disk;
  readonly #catalog: Catalog;
  readonly #generation: number;
  readonly #buffer: BatchBuffer;
  readonly #origin: string | undefined;
  #digest: SegmentDigest;
  #number = 0;
  #file: DiskFile | undefined;

  constructor(disk: Disk, catalog: Catalog, generation: number, signer: Signer | undefined) {
    this.#disk = disk;
    this.#catalog = catalog;
    this.#generation = generation;
    this.#buffer = new BatchBuffer(signer);
    this.#origin = signer && catalog.origin(signer);
    this.#digest = new SegmentDigest(0, this.#origin);
  }

  *take(number: number, record: Parameters<BatchBuffer['copy']>[0]): Steps<void> {
    if (number !== this.#number && this.#digest.used >= segmentBytes) yield* this.close();
    this.#number ||= number;
    this.#buffer.copy(record);
    if (this.#buffer.length >= portionBytes) yield* this.#write();
  }

  *#write(): Steps<void> {
    try {
      const name = `~${this.#segmentOf(0).name}`;
      this.#file ??= yield* answer<DiskFile>((done) => this.#disk.create(name, segmentHeaderBytes, done));
      const file = this.#file;
      const offset = this.#digest.used;
      const place = { logId: this.#catalog.logId, number: this.#number };
      const bytes = this.#buffer.seal(place, offset, Infinity, this.#digest);
      yield* completed((done) => file.write(this.#buffer.bytes, 0, bytes, offset, done));
      this.#buffer.clear(portionBytes);
    } catch (error) {
      throw diskError(error as Error, `${this.#disk.path}/${this.#segmentOf(0).name}`);
    }
  }

  /** Gives the segment its header and its name. */
  *close(): Steps<void> {
    if (this.#buffer.length > 0) yield* this.#write();
    if (this.#file === undefined) return;
    const file = this.#file;
    const segment = this.#segmentOf(this.#digest.used);
    const { name, number, generation, bytes } = segment;
    const { logId, identity } = this.#catalog;
    try {
      const header = encodeSegmentHeader({ logId, number, generation, bytes, identity });
      yield* completed((done) => file.write(header, 0, header.length, 0, done));
      yield* completed((done) => this.#disk.rename(`~${name}`, name, done));
      yield* completed((done) => this.#disk.sync(done));
    } catch (error) {
      throw diskError(error as Error, `${this.#disk.path}/${name}`);
    }
    yield* closeFile(file);
    segment.summary = { ...this.#digest.summary(), ownHash: this.#digest.hash };
    segment.complete = true;
    this.segments.push(segment);
    this.#file = undefined;
    this.#digest = new SegmentDigest(0, this.#origin);
    this.#number = 0;
  }

  /** It has the number of the first segment of which something is in it, so that numbers keep to the order. */
  #segmentOf(bytes: number): Segment {
    return new Segment(this.#number, this.#generation, bytes);
  }
}
