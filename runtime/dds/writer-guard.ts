import { type WriterMark, WriterMarks } from '../durability/writer-marks.js';
import type { Delivery } from '../multicast/delivery.js';

/**
 * Drops what a writer sent again, under the same writer sequences: of a topic that delivers what is stable, what the failed had delivered may be in no
 * log (protocol.md, section 8).
 */
export class WriterGuard {
  #marks = new WriterMarks();

  /** A durable reader had so much of each writer before. */
  begin(marks: readonly WriterMark[]): void {
    this.#marks = new WriterMarks(marks);
  }

  /** Whether it is new of its writer. */
  passes({ sender, ring, header }: Delivery): boolean {
    return this.#marks.note(sender, ring.u32[(header >>> 2) + 1]! >>> 16, ring.f64[(header >>> 3) + 2]!);
  }
}
