import type { EntryRef } from '../history/entry.js';
import type { MemberId } from '../../transport/index.js';
import type { View } from '../membership/view.js';
import { qosOf } from './matching.js';

/**
 * How long the samples of a topic's writers are of use (LIFESPAN): of a writer that was seen here, as its QoS says; of one that was gone before, the most
 * that those ask for that are there, or that were last.
 */
export class Lifespans {
  readonly #us = new Map<MemberId, Map<number, number>>();
  #mostUs = Infinity;

  /** A view is installed. */
  follow({ endpoints }: View, topic: string): void {
    const writers = endpoints.filter((endpoint) => endpoint.topic === topic && endpoint.role === 'writer');
    if (writers.length === 0) return;
    this.#mostUs = 0;
    for (const writer of writers) {
      const us = qosOf(writer, 'writer').lifespan.durationMs * 1000;
      this.#mostUs = Math.max(this.#mostUs, us);
      let ofMember = this.#us.get(writer.member);
      if (ofMember === undefined) this.#us.set(writer.member, (ofMember = new Map()));
      ofMember.set(writer.id, us);
    }
  }

  /** Whether a sample is older than its writer lets it be. */
  isOver({ sender, writer, sourceTimeUs }: EntryRef, nowUs: number): boolean {
    const us = this.#us.get(sender)?.get(writer) ?? this.#mostUs;
    return sourceTimeUs + us < nowUs;
  }
}
