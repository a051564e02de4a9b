import type { Transport } from '../../../transport/transport.js';
import { Exchange } from '../../history/exchange.js';
import type { LogOrigin } from '../../membership/log-origins.js';
import type { SubgroupLayout } from '../../multicast/subgroup-memory.js';
import { LogSink, type StreamTaker } from './log-sink.js';
import { LogSource } from './log-source.js';
import type { ReplicaLog } from './replica-log.js';

/**
 * Lets the replicas of one topic give each other what their logs lack, epoch by epoch: who lacks something waits for one whose log is whole, for as
 * long as it takes.
 */
export class CatchUp {
  readonly #transport: Transport;
  readonly #replica: ReplicaLog;
  readonly #mark: (slot: number) => void;
  readonly #wake: () => void;
  #exchange: Exchange<void> | undefined;
  #shown = false;

  /** `mark` tells the peers to look at the slot; `wake` is called when `step` has something to do again. */
  constructor(transport: Transport, replica: ReplicaLog, mark: (slot: number) => void, wake: () => void) {
    this.#transport = transport;
    this.#replica = replica;
    this.#mark = mark;
    this.#wake = wake;
  }

  /**
   * An epoch of the topic begins.
   * @throws TransportError BE_NO_MEMORY
   */
  begin({ slot, epoch, replicas, whole }: SubgroupLayout, origin: LogOrigin): void {
    this.release();
    if (!replicas.includes(this.#transport.self)) return;
    const isWhole = whole.length > 0 ? whole.includes(this.#transport.self) : undefined;
    this.#replica.begin(epoch, origin, isWhole);
    if (replicas.length === 1) return;
    const holders = replicas.map((member) => ({ member, since: 0 }));
    const replica = this.#replica;
    this.#exchange = new Exchange<void>(
      this.#transport,
      { slot, epoch, holders },
      {
        name: 'log',
        sourceOf: (need) => new LogSource(replica.log, need, this.#wake),
        sink: () => new LogSink(takerInto(replica), replica.need!.before),
        received: () => replica.taken(),
        mark: () => this.#mark(slot),
      },
    );
    if (replica.need !== undefined) this.#exchange.showNeed(replica.need, replica.holding);
    else this.#showWhole();
  }

  #showWhole(): void {
    if (this.#shown || !this.#replica.isWhole) return;
    this.#shown = true;
    this.#exchange!.showWhole(false);
  }

  /** Whether `step` is to be called whenever something moved. */
  get active(): boolean {
    return this.#exchange !== undefined && !this.#exchange.settled;
  }

  /** Goes as far as it can; true where more is to be done that nobody will tell of. */
  step(): boolean {
    if (this.#exchange === undefined) return false;
    this.#showWhole();
    return this.#exchange.step();
  }

  release(): void {
    this.#exchange?.release();
    this.#exchange = undefined;
    this.#shown = false;
  }
}

/** What comes goes into the replica's log. */
function takerInto(replica: ReplicaLog): StreamTaker {
  const { log } = replica;
  return {
    get full() {
      return log.full;
    },
    get last() {
      return { epoch: log.lastEpoch, sequence: log.lastSequence };
    },
    begin: ({ agreed, gap }) => replica.follow(agreed, gap),
    take: (entry) => replica.take(entry.asDelivery()),
    end: () => undefined,
  };
}
