import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { MemberId } from '../../transport/index.js';
import type { Version } from './log/log-reading.js';
import { diskError } from './log/errors.js';
import { type WriterMark, WriterMarks } from './writer-marks.js';
import { replaceFile, summed, unsummed } from './whole-file.js';

/** A sample that was acknowledged. */
export interface Acknowledged extends Version {
  readonly member: MemberId;
  readonly writer: number;
  readonly writerSequence: number;
}

/** Where a durable reader is, and what it had of each writer by then that may send it again. */
interface Kept extends Version {
  readonly lineage: string;
  readonly writers: readonly WriterMark[];
}

/**
 * How far a durable reader has come, in a file of its participant's storage: written behind, all that has gathered at a time. What it says is never
 * ahead of what was acknowledged; after a crash the last few samples may come again.
 */
export class ReaderPosition {
  /** As it was found; undefined where it has none in that log. */
  readonly found: Kept | undefined;
  readonly #path: string;
  readonly #lineage: () => string | undefined;
  readonly #failed: (error: Error) => void;
  readonly #closed: () => void;
  #next: Version | undefined;
  readonly #writers: WriterMarks;
  /** The epoch that is present, and who sends in it. */
  #present: { readonly epoch: number; readonly senders: readonly MemberId[] } | undefined;
  #work: Promise<void> | undefined;

  private constructor(
    path: string,
    lineage: () => string | undefined,
    found: Kept | undefined,
    failed: (error: Error) => void,
    closed: () => void,
  ) {
    this.#closed = closed;
    this.#path = path;
    this.#lineage = lineage;
    this.found = found;
    this.#writers = new WriterMarks(found?.writers);
    this.#failed = failed;
  }

  /**
   * `lineage` is that of the topic's log: a position in another one does not count. `failed` is told where it cannot be written,
   * and `closed` when it is closed.
   * @throws LogError BE_LOG_IO, BE_LOG_READ_ONLY
   */
  static async open(
    path: string,
    lineage: () => string | undefined,
    failed: (error: Error) => void,
    closed: () => void,
  ): Promise<ReaderPosition> {
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const text = unsummed(await readFile(path, 'utf8').catch(() => ''));
      const kept = text === undefined ? undefined : (JSON.parse(text) as Kept);
      const found = kept?.lineage === lineage() ? kept : undefined;
      return new ReaderPosition(path, lineage, found, failed, closed);
    } catch (error) {
      throw diskError(error as Error, path);
    }
  }

  /** An epoch began: whoever does not send in it sends nothing again of what was before. */
  epochBegan(epoch: number, senders: readonly MemberId[]): void {
    this.#present = { epoch, senders };
  }

  /** All up to this sample was acknowledged. */
  acknowledge({ epoch, sequence, member, writer, writerSequence }: Acknowledged): void {
    this.#next = { epoch, sequence };
    this.#writers.note(member, writer, writerSequence);
    this.#work ??= this.#write();
  }

  async #write(): Promise<void> {
    // All that is acknowledged in one turn of the event loop is one write.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#next !== undefined) {
      const { epoch, sequence } = this.#next;
      this.#next = undefined;
      if (this.#present?.epoch === epoch) this.#writers.keep(this.#present.senders);
      const kept: Kept = { lineage: this.#lineage() ?? '', epoch, sequence, writers: this.#writers.all() };
      try {
        await replaceFile(this.#path, summed(JSON.stringify(kept)));
      } catch (error) {
        this.#failed(diskError(error as Error, this.#path));
      }
    }
    this.#work = undefined;
  }

  /** Resolves once what was acknowledged is durable. */
  async close(): Promise<void> {
    await this.#work;
    this.#closed();
  }
}
