import type { Transport } from '../../../transport/transport.js';
import type { ExchangeEpoch } from '../../history/exchange-rows.js';
import { Exchange } from '../../history/exchange.js';
import type { SubgroupLayout } from '../../multicast/subgroup-memory.js';
import { LogSource } from './log-source.js';
import type { ReplicaLog } from './replica-log.js';

/** Given at once to one who asks: what comes before it waits for no more. */
const bytesMaxByDefault = 4 << 20;

/**
 * The replicas of a topic, and its receivers that keep no log of it: these may ask those for what they want to read. Undefined where there are none. By rank, alike
 * at all of them.
 */
export function askersIn({ slot, epoch, replicas, receivers }: SubgroupLayout): ExchangeEpoch | undefined {
  const askers = receivers.filter((member) => !replicas.includes(member));
  if (askers.length === 0) return undefined;
  const holders = [
    ...replicas.map((member) => ({ member, since: 0 })),
    // Nobody takes anything from them.
    ...askers.map((member) => ({ member, since: Infinity })),
  ];
  return { slot, epoch, holders };
}

/** Lets members that keep no log of a topic read in the one of this replica, once that has all. */
export class LogDesk {
  readonly #transport: Transport;
  readonly #replica: ReplicaLog;
  readonly #mark: (slot: number) => void;
  readonly #wake: () => void;
  readonly #bytesMax: number;
  #exchange: Exchange<void> | undefined;
  #shown = false;

  /** `mark` tells the peers to look at the slot; `wake` is called when `step` has something to do again. */
  constructor(
    transport: Transport,
    replica: ReplicaLog,
    mark: (slot: number) => void,
    wake: () => void,
    bytesMax = bytesMaxByDefault,
  ) {
    this.#transport = transport;
    this.#replica = replica;
    this.#mark = mark;
    this.#wake = wake;
    this.#bytesMax = bytesMax;
  }

  /**
   * An epoch of the topic begins.
   * @throws TransportError BE_NO_MEMORY
   */
  begin(layout: SubgroupLayout): void {
    this.release();
    const epoch = askersIn(layout);
    if (epoch === undefined || !layout.replicas.includes(this.#transport.self)) return;
    const { log } = this.#replica;
    this.#exchange = new Exchange<void>(this.#transport, epoch, {
      name: 'desk',
      sourceOf: (need) => new LogSource(log, need, this.#wake, { bytesMax: this.#bytesMax }),
      sink: () => {
        throw new RangeError('a desk asks nobody');
      },
      received: () => undefined,
      mark: () => this.#mark(layout.slot),
    });
  }

  /** Whether `step` is to be called whenever something moved: somebody may ask at any time. */
  get active(): boolean {
    return this.#exchange !== undefined;
  }

  /** Goes as far as it can; true where more is to be done that nobody will tell of. */
  step(): boolean {
    if (this.#exchange === undefined) return false;
    if (!this.#shown && this.#replica.isWhole) {
      this.#shown = true;
      this.#exchange.showWhole(false);
    }
    return this.#exchange.step();
  }

  release(): void {
    this.#exchange?.release();
    this.#exchange = undefined;
    this.#shown = false;
  }
}
