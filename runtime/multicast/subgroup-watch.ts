import { trimLoses } from './row.js';
import type { MemberId } from '../../transport/transport.js';
import { RowWatch } from '../table/row-watch.js';
import type { Outbox } from './outbox.js';
import { largeRegionsMax } from './row.js';
import type { SubgroupMemory } from './subgroup-memory.js';

/** Looks whether the rows of a subgroup say what correct members can have written. */
export class SubgroupWatch {
  readonly #memory: SubgroupMemory;
  readonly #outbox: Outbox | undefined;
  readonly #watches = new Map<MemberId, RowWatch>();
  readonly #limits: Float64Array;

  constructor(memory: SubgroupMemory, outbox: Outbox | undefined) {
    this.#memory = memory;
    this.#outbox = outbox;
    const { columns } = memory;
    this.#limits = new Float64Array(columns.byteLength / 8).fill(Number.MAX_SAFE_INTEGER);
    this.#limits[columns.wedged] = 1;
    this.#limits[columns.trimReady] = trimLoses;
    this.#limits[columns.largeRegions] = largeRegionsMax;
    this.#limits[columns.waitsOn] = NaN;
    this.#limits[columns.waitsFor] = NaN;
    // Final once `trimReady` is put, and written without order before.
    this.#limits.fill(NaN, columns.trim, columns.trim + memory.layout.senders.length);
  }

  /** Accuses whoever's row makes no sense. */
  look(): void {
    const { members, transport, frozen } = this.#memory;
    for (const member of members) if (member !== transport.self && !frozen.has(member)) this.#lookAt(member);
  }

  #lookAt(member: MemberId): void {
    const row = this.#memory.rowOf(member);
    if (row === undefined) return;
    let watch = this.#watches.get(member);
    if (watch === undefined) this.#watches.set(member, (watch = new RowWatch(this.#limits)));
    const { columns } = this.#memory;
    const wasWedged = watch.last(columns.wedged) === 1;
    const receivedBefore = watch.last(columns.received);
    this.#relate(member, row);
    const misfit = watch.look(row);
    if (misfit !== undefined)
      this.#memory.accuse(member, columns.nameOf(misfit.column), misfit.seen, misfit.why);
    else if (wasWedged && watch.last(columns.received) !== receivedBefore)
      this.#memory.accuse(member, 'received', row[columns.received]!, 'it had said that it is wedged');
  }

  /** What holds between the columns of one row, and between it and what I wrote: the smaller is read first. */
  #relate(member: MemberId, row: Float64Array): void {
    const { columns, layout, mySender } = this.#memory;
    const delivered = row[columns.delivered]!;
    const persisted = row[columns.persisted]!;
    const received = row[columns.received]!;
    // At the end of an epoch more is delivered than was received without gap.
    if (layout.ordered && delivered > received && row[columns.wedged] === 0)
      this.#memory.accuse(member, 'delivered', delivered, `it has received ${received}`);
    if (persisted > received && row[columns.wedged] === 0)
      this.#memory.accuse(member, 'persisted', persisted, `it has received ${received}`);
    if (this.#outbox === undefined || mySender < 0) return;
    const { ring } = this.#outbox;
    const mine = row[columns.numReceived + mySender]!;
    if (mine > ring.turns)
      this.#memory.accuse(member, `numReceived[${mySender}]`, mine, `I have sent ${ring.turns} turns`);
    const consumed = row[columns.consumed + mySender]!;
    if (consumed > ring.position)
      this.#memory.accuse(member, `consumed[${mySender}]`, consumed, `I have sent ${ring.position} bytes`);
  }
}
