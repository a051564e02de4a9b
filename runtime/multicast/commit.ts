import type { Delivery } from './delivery.js';
import type { LargeReplicas } from './large.js';
import type { Outbox } from './outbox.js';
import { least } from './row.js';
import type { SubgroupMemory } from './subgroup-memory.js';
import type { TopicLog } from './topic-log.js';
import { type Sink, trimEnd, Walk } from './walk.js';

/**
 * What a member of a persistent topic does in one epoch beside receiving and delivering (protocol.md, section 3): a replica hands what is stable
 * to its log, in order, and shows what is durable there; and everyone knows what is committed, since all replicas have it.
 */
export class Commit implements Sink {
  readonly #memory: SubgroupMemory;
  /** Replicas have both. */
  readonly #log: TopicLog | undefined;
  readonly #walk: Walk | undefined;
  /** Of the last message that this epoch handed to the log; −1: none. */
  #lastSequence = -1;

  constructor(
    memory: SubgroupMemory,
    log: TopicLog | undefined,
    outbox: Outbox | undefined,
    large: readonly (LargeReplicas | undefined)[],
  ) {
    this.#memory = memory;
    if (!memory.stores || memory.keepsNothing) return;
    if (log === undefined)
      throw new RangeError(`a replica of ${memory.regionName} has no log to keep its topic in`);
    this.#log = log;
    this.#walk = new Walk(memory, this, outbox, large, false);
  }

  // ---- between the rings and the log ----

  get full(): boolean {
    return this.#log!.full;
  }

  deliver(message: Delivery): void {
    this.#log!.append(message);
    this.#lastSequence = message.sequence;
  }

  /** Hands to the log what is stable, a batch at most. */
  record(stable: number): void {
    this.#walk?.inOrder(stable, false);
  }

  /** Whether more could be handed to the log now. */
  more(stable: number): boolean {
    return this.#walk !== undefined && this.#walk.passed < stable && !this.full;
  }

  /** Shows in my row what is durable; true where that is more than before. */
  show(): boolean {
    if (this.#walk === undefined) return false;
    const { row, columns } = this.#memory;
    const durable = this.#durable(this.#walk);
    if (!(durable > row[columns.persisted]!)) return false;
    row[columns.persisted] = durable;
    return true;
  }

  /** Sequences up to which every message is durable. Where nothing was said there is nothing to keep. */
  #durable({ passed }: Walk): number {
    const { epoch } = this.#memory.layout;
    const { durableEpoch, durableSequence } = this.#log!;
    if (this.#lastSequence < 0) return passed;
    if (durableEpoch !== epoch) return 0;
    return durableSequence >= this.#lastSequence ? passed : durableSequence + 1;
  }

  // ---- what may be delivered ----

  /** Sequences that every replica has on its disk; none where there is no replica. */
  get committed(): number {
    const { replicaRows, columns, keepsNothing } = this.#memory;
    return keepsNothing ? this.#memory.first(columns.persisted) : least(replicaRows, columns.persisted);
  }

  /** Sequences that may be delivered, where `stable` are stable. */
  limit(stable: number): number {
    if (this.#memory.layout.persistent === 'commit' || this.#memory.keepsNothing) return this.committed;
    // What lies in the rings is needed until the log has a copy.
    return this.#walk === undefined ? stable : Math.min(stable, this.#walk.passed);
  }

  // ---- the end of the epoch ----

  /** Hands the log what the trim brings, and shows what is durable; true where that is more than before. */
  recordUpTo(trim: readonly number[]): boolean {
    this.#walk?.toTrim(trim, false);
    return this.show();
  }

  /** The epoch is over, and its members are agreed on where. */
  end(trim: readonly number[]): void {
    this.#log?.end(this.#memory.layout.epoch, trimEnd(trim) - 1);
  }
}
