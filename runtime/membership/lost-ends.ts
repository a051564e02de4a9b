import type { MemberId } from '../../transport/transport.js';
import type { SentMark } from '../multicast/outbox.js';
import type { Subgroup } from '../multicast/subgroup.js';
import type { SubgroupLayout } from '../multicast/subgroup-memory.js';
import type { EpochEnd } from './epoch-end.js';
import { pastOf } from './topic-past.js';
import { subgroupLayout, type View } from './view.js';

/** By number of a writer here: its newest sequence that needs not be sent again. */
export type KeptOfMine = ReadonlyMap<number, number>;

/** An epoch whose end only the failed know: this member has delivered what its trim keeps, and still has all that it has received. */
interface LostEnd {
  readonly subgroup: Subgroup;
  readonly trim: readonly number[];
  /** Of mine, what the trim leaves out. */
  readonly leftOut: readonly SentMark[];
  /** This member has been a receiver of the topic ever since. */
  receives: boolean;
}

/**
 * The epochs of persistent topics whose end only the failed know, at a member that was in them and stays (protocol.md, section 8). Such an epoch ends where the log does of
 * the first of the failed that is back. No log has more of it than all receivers have received: so what follows the trim lies here still.
 */
export class LostEnds {
  readonly #byTopic = new Map<string, LostEnd>();

  /** To be called while nobody can have gone further than the trim. */
  add(topic: string, { subgroup, trim }: EpochEnd): void {
    const leftOut = subgroup.outbox?.marksAfter(subgroup.trimmedTurns(trim!)) ?? [];
    this.#byTopic.set(topic, { subgroup, trim: trim!, leftOut, receives: true });
  }

  /** `next` begins: whoever receives a topic no more needs nothing of what was before, and whoever has no part in it sends nothing again. */
  follow(self: MemberId, next: View): void {
    for (const [topic, lost] of this.#byTopic) {
      const { senders, receivers } = membersOf(next, topic);
      if (!receivers.includes(self)) lost.receives = false;
      if (!lost.receives && !senders.includes(self)) this.#drop(topic);
    }
  }

  /**
   * `next` is about to be installed: where it says where an epoch ended, what follows the trim is delivered up to there, before anything new. Gives, by topic, what
   * of mine is among that: it needs not be sent again.
   */
  settle(self: MemberId, next: View): Map<string, KeptOfMine> {
    this.follow(self, next);
    const kept = new Map<string, KeptOfMine>();
    for (const [topic, { subgroup, trim, leftOut, receives }] of this.#byTopic) {
      const ended = pastOf(next, topic)?.ended;
      if (ended?.epoch !== subgroup.layout.epoch) continue;
      if (receives) subgroup.deliverRest(ended.lastSequence!);
      const turns = subgroup.turnsUpTo(trim, ended.lastSequence!);
      kept.set(topic, new Map(leftOut.filter(({ turn }) => turn < turns).map(markOf)));
      this.#drop(topic);
    }
    return kept;
  }

  #drop(topic: string): void {
    this.#byTopic.get(topic)!.subgroup.release();
    this.#byTopic.delete(topic);
  }

  release(): void {
    for (const topic of [...this.#byTopic.keys()]) this.#drop(topic);
  }
}

/** In the order in which they were sent, so that the newest of each writer is the last. */
function markOf({ writer, sequence }: SentMark): [number, number] {
  return [writer, sequence];
}

function membersOf(view: View, name: string): Pick<SubgroupLayout, 'senders' | 'receivers'> {
  const topic = view.topics.find((known) => known.name === name);
  return topic === undefined ? { senders: [], receivers: [] } : subgroupLayout(view, topic);
}
