import type { Background } from './background.js';
import type { Catalog } from './catalog.js';
import type { Disk } from './disk.js';
import { LogReading, type ReadRange, type Version } from './log-reading.js';
import { writeManifest } from './manifest.js';
import { dropBefore, KEEP_ALL, type Retention, retain } from './retention.js';
import { removeFile } from './segment-file.js';
import type { Signer } from './signing.js';
import type { Steps } from './steps.js';

/** What an open log keeps, beside its appending: by its retention, for who needs it, and for who reads it. */
export class Keeping {
  readonly #disk: Disk;
  readonly #catalog: Catalog;
  readonly #background: Background;
  readonly #signer: Signer | undefined;
  retention: Retention = KEEP_ALL;
  /** What comes from this version on stays, whatever the retention says. */
  needed: Version | undefined;
  #readings = 0;
  /** Files that were replaced while somebody read them. */
  readonly #obsolete: string[] = [];

  constructor(disk: Disk, catalog: Catalog, background: Background, signer: Signer | undefined) {
    this.#disk = disk;
    this.#catalog = catalog;
    this.#background = background;
    this.#signer = signer;
  }

  /** A segment is complete. The log has no clock: it is as late as its latest sample. */
  segmentEnded(maxTimeUs: number): void {
    if (this.retention !== KEEP_ALL) this.retain(maxTimeUs);
  }

  /** Drops what need not be kept, in the background. */
  retain(nowUs: number): void {
    this.#background.start(() => this.#retain(nowUs));
  }

  /** Drops what comes before a version, in the background. */
  dropBefore(version: Version): void {
    this.#background.start(() => this.#forget(dropBefore(this.#catalog, version)));
  }

  /** Reads what is durable now, and is there until it has been read. */
  reading(range: ReadRange): LogReading {
    this.#readings++;
    return new LogReading(this.#disk, this.#catalog, range, () => {
      if (--this.#readings === 0) this.#background.start(() => this.#removeObsolete());
    });
  }

  *#retain(nowUs: number): Steps<void> {
    const { needed, retention } = this;
    const options = { needed, signer: this.#signer };
    yield* this.#forget(yield* retain(this.#disk, this.#catalog, retention, nowUs, options));
  }

  /** These files are no part of the log any more. */
  *#forget(replaced: readonly string[]): Steps<void> {
    if (replaced.length === 0) return;
    this.#obsolete.push(...replaced);
    yield* writeManifest(this.#disk, this.#catalog.manifest(), this.#signer);
    yield* this.#removeObsolete();
  }

  *#removeObsolete(): Steps<void> {
    while (this.#readings === 0 && this.#obsolete.length > 0)
      yield* removeFile(this.#disk, this.#obsolete.pop()!);
  }
}
