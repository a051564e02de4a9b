import type { MemberId } from '../../transport/transport.js';
import type { Delivery } from '../multicast/delivery.js';

/**
 * Drops what a writer sent twice: where all receivers of an epoch have failed, what they had is sent again under the same writer sequences, and the
 * log of one that comes back has it, too (protocol.md, section 8).
 */
export class WriterGuard {
  readonly #last = new Map<MemberId, Map<number, number>>();

  /** Whether it is new of its writer. */
  passes({ sender, ring, header }: Delivery): boolean {
    const writer = ring.u32[(header >>> 2) + 1]! >>> 16;
    const sequence = ring.f64[(header >>> 3) + 2]!;
    let ofMember = this.#last.get(sender);
    if (ofMember === undefined) this.#last.set(sender, (ofMember = new Map()));
    if (sequence <= (ofMember.get(writer) ?? 0)) return false;
    ofMember.set(writer, sequence);
    return true;
  }
}
