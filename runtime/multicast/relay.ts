import type { MemberId, Region, Replica } from '../../transport/transport.js';
import type { Inbox } from './inbox.js';
import { LargeReplicas } from './large.js';
import { showInStead, standInName } from './stand-in.js';
import type { Spread } from './rdmc/spread.js';
import type { SubgroupMemory } from './subgroup-memory.js';

/** What another member shows in a sender's stead. */
interface Shown {
  readonly replica: Replica;
  readonly large: LargeReplicas;
}

/**
 * Raw topics on memory that is not aliased (protocol.md, section 6, step 5): what one survivor has delivered, all have to deliver, though some
 * have received less of a sender that failed. So before there is a trim, every receiver comes to hold as much of each sender as any survivor
 * has received: what a sender itself has brought to an end, or what a holder shows in its stead.
 */
export class Relay {
  readonly #memory: SubgroupMemory;
  /** Where I am a receiver. */
  readonly #inbox: Inbox | undefined;
  /** Where I am a sender whose large messages spread. */
  readonly #spread: Spread | undefined;
  /** Says that there is something new in my memory. */
  readonly #mark: () => void;
  /** By sender: what I show in its stead. */
  readonly #mine = new Map<number, readonly Region[]>();
  /** By name and holder: what others show in a sender's stead. */
  readonly #theirs = new Map<string, Shown>();

  constructor(
    memory: SubgroupMemory,
    inbox: Inbox | undefined,
    spread: Spread | undefined,
    mark: () => void,
  ) {
    this.#memory = memory;
    this.#inbox = inbox;
    this.#spread = spread;
    this.#mark = mark;
  }

  /**
   * One step further, once all `survivors` are wedged; true when each receiver among them holds all that any of them has received. Who is
   * no survivor any more counts no more: so whatever is wanted is with somebody who is there to give it.
   */
  share(survivors: readonly MemberId[]): boolean {
    const { layout, columns, transport } = this.#memory;
    const { self } = transport;
    const receivers = layout.receivers.filter((receiver) => survivors.includes(receiver));
    const rows = receivers.map((receiver) => this.#memory.rowOf(receiver)!);
    let isShared = true;
    layout.senders.forEach((sender, s) => {
      const received = rows.map((row) => row[columns.numReceived + s]!);
      const most = Math.max(0, ...received);
      const holder = receivers[received.indexOf(most)]!;
      if (receivers.includes(self) && this.held(s) < most) this.#take(s, most, holder);
      const lacking = receivers.filter((_, r) => this.#heldIn(rows[r]!, s) < most);
      if (lacking.length === 0) return;
      isShared = false;
      if (sender === self) this.#finish(s, lacking);
      if (holder === self && !survivors.includes(sender)) this.#give(s, most, lacking);
    });
    return isShared;
  }

  /** I have not failed: blocks of my large messages that did not get to `lacking`, since the way they had to go is broken, I put to them myself. */
  #finish(s: number, lacking: readonly MemberId[]): void {
    const { columns } = this.#memory;
    for (const receiver of lacking) {
      const received = this.#memory.rowOf(receiver)![columns.numReceived + s]!;
      if (this.#spread?.finish(receiver, received) === true) this.#mark();
    }
  }

  /** How many turns of sender `s` I have, and can deliver. */
  held(s: number): number {
    return this.#heldIn(this.#memory.row, s);
  }

  #heldIn(row: Float64Array, s: number): number {
    const { columns } = this.#memory;
    return Math.max(row[columns.numReceived + s]!, row[columns.held + s]!);
  }

  /** Comes to hold `most` turns of sender `s`: from its own memory, where that is final, or from what `holder` shows. */
  #take(s: number, most: number, holder: MemberId): void {
    const { row, columns } = this.#memory;
    const inbox = this.#inbox!;
    let held = inbox.allOf(s);
    if (held < most && inbox.want(s)) this.#mark();
    if (held < most) held = this.#takeFrom(holder, s, most);
    if (held < most) return;
    row[columns.held + s] = held;
    this.#memory.putRow();
    this.#mark();
  }

  #takeFrom(holder: MemberId, s: number, most: number): number {
    const shown = this.#shownBy(holder, s);
    if (shown === undefined) return 0;
    const { memory } = shown.replica;
    const { columns } = this.#memory;
    const { f64 } = memory;
    if (f64[columns.sent]! < most) return 0;
    const count = f64[columns.largeRegions]!;
    if (!shown.large.attach(count, (index) => f64[columns.largeBytes + index]!)) return 0;
    this.#inbox!.continueIn(s, memory, shown.large);
    return f64[columns.sent]!;
  }

  /** Undefined while `holder` shows nothing yet. */
  #shownBy(holder: MemberId, s: number): Shown | undefined {
    const { transport, layout, regionName } = this.#memory;
    const name = standInName(regionName, s);
    const key = `${name} of ${holder}`;
    const known = this.#theirs.get(key);
    if (known !== undefined) return known;
    const replica = transport.attach(holder, name, this.#memory.regionBytes(layout.senders[s]!));
    if (replica === undefined) return undefined;
    const shown = { replica, large: new LargeReplicas(transport, holder, name) };
    this.#theirs.set(key, shown);
    return shown;
  }

  /** Once: nobody is left to whom more is owed than I have, and who lacks something now has lacked it from the beginning. */
  #give(s: number, most: number, lacking: readonly MemberId[]): void {
    if (this.#mine.has(s)) return;
    const memory = this.#memory;
    const from = Math.min(...lacking.map((id) => memory.rowOf(id)![memory.columns.consumed + s]!));
    this.#mine.set(s, showInStead(memory, this.#inbox!, s, from, most, lacking));
    this.#mark();
  }

  release(): void {
    for (const regions of this.#mine.values()) for (const region of regions) region.release();
    for (const { replica, large } of this.#theirs.values()) {
      large.release();
      replica.release();
    }
    this.#theirs.clear();
  }
}
