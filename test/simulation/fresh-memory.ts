import type { SubgroupLayout } from '../../runtime/multicast/subgroup-memory.js';
import { SubgroupColumns } from '../../runtime/multicast/row.js';
import { SeededRandom } from '../../transport/simulated/random.js';
import type { RegionMemory } from '../../transport/transport.js';

/** Where the counters of an epoch begin. */
interface Beginning {
  readonly columns: SubgroupColumns;
  readonly senders: number;
  /** Turns of every sender. */
  readonly turns: number;
  /** Bytes of every ring. */
  readonly position: number;
}

/**
 * What memory holds before anyone has put anything into it: zeros; but where a scenario has an edge, the rows of every epoch say from the start,
 * at their members and in all copies, that its turns, sequences and ring positions are just below it. The core counts on from there.
 */
export class FreshMemory {
  readonly #edge: number;
  readonly #random: SeededRandom;
  readonly #beginnings = new Map<string, Beginning>();

  constructor(seed: number, edge: number) {
    this.#edge = edge;
    this.#random = new SeededRandom(seed * 17 + 3);
  }

  /** The members of a subgroup are about to allocate its rows. */
  epochBegins({ slot, epoch, senders, ringBytes }: SubgroupLayout): void {
    const region = `group${slot}.${epoch}`;
    if (this.#edge === 0 || senders.length === 0 || this.#beginnings.has(region)) return;
    // Either the turns or the sequences come to the edge.
    const turnsAtEdge = Math.floor(this.#edge / (this.#random.below(2) === 0 ? 1 : senders.length));
    this.#beginnings.set(region, {
      columns: new SubgroupColumns(senders.length),
      senders: senders.length,
      turns: turnsAtEdge - this.#random.between(1, 40),
      // A whole number of rings: an epoch begins at the beginning of its ring, where all that is sent again fits.
      position: this.#edge - ringBytes,
    });
  }

  /** With how many turns the epoch of this region begins. */
  firstTurnOf(region: string): number {
    return this.#beginnings.get(region)?.turns ?? 0;
  }

  fill(region: string, { f64 }: RegionMemory): void {
    const beginning = this.#beginnings.get(region);
    if (beginning === undefined) return;
    const { columns, senders, turns, position } = beginning;
    for (const column of [columns.sent, columns.real]) f64[column] = turns;
    for (const column of [columns.received, columns.delivered, columns.persisted])
      f64[column] = turns * senders;
    f64.fill(turns, columns.numReceived, columns.numReceived + senders);
    f64.fill(position, columns.consumed, columns.consumed + senders);
  }
}
