import type { Background } from './background.js';
import { type Catalog, Segment } from './catalog.js';
import type { Disk, DiskFile } from './disk.js';
import { addSegment, closeFile, removeFile } from './segment-file.js';
import { segmentHeaderBytes } from './segment-header.js';
import type { Signer } from './signing.js';
import type { Steps } from './steps.js';

export interface OpenSegment {
  readonly segment: Segment;
  readonly file: DiskFile;
}

/** The segment after the one that is written to: made in its whole length before it is needed, so that a full disk is found early. */
export class NextSegment {
  readonly #disk: Disk;
  readonly #catalog: Catalog;
  readonly #background: Background;
  readonly #segmentBytesMax: number;
  readonly #signer: Signer | undefined;
  readonly #made: () => void;
  #next: OpenSegment | undefined;
  #making = false;

  /** `made` is called when it is there. */
  constructor(
    disk: Disk,
    catalog: Catalog,
    background: Background,
    segmentBytesMax: number,
    signer: Signer | undefined,
    found: OpenSegment | undefined,
    made: () => void,
  ) {
    this.#disk = disk;
    this.#catalog = catalog;
    this.#background = background;
    this.#segmentBytesMax = segmentBytesMax;
    this.#signer = signer;
    this.#next = found;
    this.#made = made;
  }

  /** Gives it away, if it is there, and has room for so many bytes of records. */
  take(recordsBytes: number): OpenSegment | undefined {
    const next = this.#next;
    if (next === undefined || segmentHeaderBytes + recordsBytes > next.segment.bytes) return undefined;
    this.#next = undefined;
    return next;
  }

  /** Makes it, with room for so many bytes of records, and twice the bytes of the segment before. */
  prepare(bytesBefore: number, recordsBytes: number): void {
    const needed = (segmentHeaderBytes + recordsBytes + 4095) & ~4095;
    if (this.#making || (this.#next !== undefined && this.#next.segment.bytes >= needed)) return;
    this.#making = true;
    const bytes = Math.max(needed, Math.min(2 * bytesBefore, this.#segmentBytesMax));
    this.#background.start(() => this.#make(bytes));
  }

  *close(): Steps<void> {
    if (this.#next !== undefined) yield* closeFile(this.#next.file);
  }

  *#make(bytes: number): Steps<void> {
    const tooSmall = this.#next;
    this.#next = undefined;
    const last = this.#catalog.segments.at(-1)!;
    if (tooSmall !== undefined) this.#catalog.segments.pop();
    const segment = new Segment(last.number + 1, 0, bytes);
    const file = yield* addSegment(this.#disk, this.#catalog, segment, this.#signer);
    if (tooSmall !== undefined) {
      yield* closeFile(tooSmall.file);
      yield* removeFile(this.#disk, tooSmall.segment.name);
    }
    this.#next = { segment, file };
    this.#making = false;
    this.#made();
  }
}
