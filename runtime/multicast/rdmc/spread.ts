import type { Clock, MemberId, RegionMemory } from '../../../transport/transport.js';
import type { LargeReplicas, LargeRing } from '../large.js';
import type { SubgroupMemory } from '../subgroup-memory.js';
import type { Pace } from './pace.js';
import type { Group } from './plan.js';
import { none } from './schedule.js';
import { announcedMax, SpreadRows, windowMax } from './spread-rows.js';
import { type Announcement, Transfer } from './transfer.js';

/** What the sender's large messages lie in: at the sender its rings, and what it learns how fast they go from; elsewhere what this member has of them. */
export type LargeMemory =
  | { readonly ring: LargeRing; readonly clock: Clock; readonly pace: Pace; readonly copies?: undefined }
  | { readonly copies: LargeReplicas; readonly ring?: undefined };

/** What a member has of a message with which its epoch did not end: it is to spread again in the next. */
export interface Kept {
  readonly transfer: Transfer;
  /** Of the epoch that ended. */
  readonly memory: RegionMemory;
}

/**
 * How one sender's large messages spread over its group, at one member (protocol.md, section 4): block by block, by the schedule that each message is announced
 * with. The sender puts a block where it belongs in a peer's copy. Everyone else puts it into its own memory; and who is to have it by the
 * schedule takes it from there, from nobody else, into its copy. Who sends goes on once what it sent `windowMax` steps before was taken.
 */
export class Spread {
  readonly #memory: SubgroupMemory;
  readonly #sender: MemberId;
  readonly #ring: LargeRing | undefined;
  readonly #copies: LargeReplicas | undefined;
  /** At the sender. */
  readonly #timing: { readonly clock: Clock; readonly pace: Pace } | undefined;
  readonly #rows: SpreadRows;
  /** What the epoch before brought here of messages that have not been announced again yet. */
  #kept: readonly Kept[];
  /** Whatever is on its way, oldest first; and what was, as long as the epoch may end without it. */
  readonly #transfers: Transfer[] = [];
  #known = 0;
  /** The sender has announced something that I cannot take in yet. */
  #isBehind = false;
  /** I have shown what was here from the beginning, and told nobody yet. */
  #showed = false;
  #lastTurn = -1;
  #endStep = 0;
  /** By slot: to whom, and in which step, I sent last. */
  readonly #slotTo = new Array<number>(windowMax).fill(none);
  readonly #slotStep = new Float64Array(windowMax);
  /** Of the message whose blocks I send now: how many I have sent, and when the first. */
  #sentBlocks = 0;
  #beganUs = 0;
  readonly #finished = new Set<MemberId>();

  constructor(memory: SubgroupMemory, s: number, large: LargeMemory, kept: readonly Kept[] = []) {
    this.#memory = memory;
    this.#sender = memory.layout.senders[s]!;
    this.#ring = large.ring;
    this.#copies = large.copies;
    if (large.ring !== undefined) this.#timing = large;
    this.#rows = new SpreadRows(memory, s);
    this.#kept = kept;
  }

  /** Members of the group, the sender included. */
  get members(): number {
    return this.#rows.group.length;
  }

  /** What their schedules go by. */
  get group(): Group {
    return this.#rows.spreadsOver;
  }

  /** At the sender: this message is to spread. */
  announce(announced: Announcement, slotBytes: number): void {
    this.#rows.open(slotBytes);
    this.#rows.announce(this.#known, announced);
    this.#add(announced);
  }

  /** The message that is this turn of the sender's, where it was announced. */
  find(turn: number): Transfer | undefined {
    return this.#transfers.find(({ announced }) => announced.turn === turn);
  }

  /** Takes what has come, and sends what is due; true where anything moved. */
  work(): boolean {
    this.#learn();
    const showed = this.#showed;
    this.#showed = false;
    const took = this.#take();
    const sent = this.#send();
    const transfers = this.#transfers;
    while (transfers.length > announcedMax && transfers[0]!.isDone) transfers.shift();
    return took || sent || showed;
  }

  /** Of the sender's turns, `turns` of which are public, how many are here as a whole. */
  complete(turns: number): number {
    this.#learn();
    for (const { isComplete, announced } of this.#transfers)
      if (!isComplete) return Math.min(turns, announced.turn);
    return this.#isBehind ? Math.min(turns, this.#lastTurn + 1) : turns;
  }

  /** Learns what the sender has announced. */
  #learn(): void {
    const copies = this.#copies;
    if (copies === undefined) return;
    const announced = this.#rows.announced(this.#known);
    this.#isBehind = announced > this.#known;
    while (this.#known < announced) {
      const found = this.#rows.announcement(this.#known, this.#lastTurn + 1);
      if (found === undefined || !copies.has(found.index)) return;
      if (!copies.holds(found.index, found.offset, found.length)) {
        this.#memory.accuse(this.#sender, 'a large message', found.offset, 'it is in none of its regions');
        return;
      }
      const transfer = this.#add(found);
      if (this.#isResumed(transfer)) this.#resume(transfer, copies);
      // What is sent again comes before all that is new.
      else this.#kept = [];
    }
    this.#isBehind = false;
  }

  #add(announced: Announcement): Transfer {
    const { me } = this.#rows;
    const transfer = new Transfer(this.#known, announced, this.#endStep, this.group, me);
    this.#transfers.push(transfer);
    this.#known++;
    this.#lastTurn = announced.turn;
    this.#endStep = transfer.endStep;
    return transfer;
  }

  // ---- steps ----

  /** In the order of the schedule, as far as the blocks are there. */
  #take(): boolean {
    let moved = false;
    for (const transfer of this.#transfers) {
      for (const { receives, held } = transfer; receives.peer !== none; receives.next()) {
        const { peer, block, step } = receives;
        if (held[block] === fromBefore) continue;
        if (!this.#rows.hasSent(peer, step)) return moved;
        this.#keep(transfer, block, peer, step);
        held[block] = 1;
        this.#rows.showTaken(step, peer);
        moved = true;
      }
    }
    return moved;
  }

  /** The sender itself has put it where it belongs. */
  #keep(transfer: Transfer, block: number, peer: number, step: number): void {
    const { index } = transfer.announced;
    const copies = this.#copies!;
    if (peer === 0 || copies.isAliased(index)) return;
    const { bytes } = copies.memoryAt(index);
    this.#rows.takeInto(bytes, transfer.startOf(block), transfer.endOf(block), peer, step);
  }

  /** In the order of the schedule, as far as I have the blocks, and there is room for them. */
  #send(): boolean {
    let moved = false;
    for (const transfer of this.#transfers) {
      for (const { sends, held } = transfer; sends.peer !== none; sends.next()) {
        const { peer, block, step } = sends;
        if (this.#isResumed(transfer)) {
          if (!this.#rows.hasShown(peer, transfer.number)) return moved;
          if (this.#rows.hasBlock(peer, transfer.number, block)) continue;
        }
        if (held[block] === 0 || !this.#isFree(step % windowMax)) return moved;
        if (this.#sentBlocks++ === 0) this.#beganUs = this.#timing?.clock.nowUs() ?? 0;
        this.#give(transfer, block, peer, step);
        this.#rows.showSent(step, peer);
        this.#slotTo[step % windowMax] = peer;
        this.#slotStep[step % windowMax] = step;
        moved = true;
      }
      if (this.#sentBlocks > 0) this.#learnPace(transfer);
    }
    return moved;
  }

  /** All of a message is sent: its first blocks went at once, each of the others when an earlier one was taken. */
  #learnPace({ announced }: Transfer): void {
    const { spreading } = this.#memory.transport;
    const steps = this.#sentBlocks - windowMax;
    this.#sentBlocks = 0;
    if (this.#timing === undefined || spreading === undefined) return;
    const { clock, pace } = this.#timing;
    pace.learn(announced.blockBytes, steps, clock.nowUs() - this.#beganUs, spreading);
  }

  #isFree(slot: number): boolean {
    const peer = this.#slotTo[slot]!;
    return peer === none || this.#rows.hasTaken(peer, this.#slotStep[slot]!);
  }

  #give(transfer: Transfer, block: number, peer: number, step: number): void {
    const { index } = transfer.announced;
    const start = transfer.startOf(block);
    const end = transfer.endOf(block);
    if (this.#ring !== undefined) this.#ring.putTo(index, start, end, this.#rows.group[peer]!);
    else this.#rows.give(this.#copies!.memoryAt(index).bytes, start, end, peer, step);
  }

  // ---- from one epoch to the next (protocol.md, section 6) ----

  /** What is here of the messages with which the epoch does not end: it keeps `turns` of the sender's. */
  keep(turns: number): Kept[] {
    this.#learn();
    const here = this.#transfers
      .filter(({ announced }) => announced.turn >= turns)
      .map((transfer) => ({ transfer, memory: this.#copies!.memoryAt(transfer.announced.index) }));
    return [...here, ...this.#kept];
  }

  /** It was on its way in an epoch that ended without it, in blocks or as a whole. */
  #isResumed({ announced }: Transfer): boolean {
    return announced.originEpoch !== this.#memory.layout.epoch;
  }

  /** What the epoch before brought of it goes to its new place, and the others are shown that it is here: nobody sends it again. */
  #resume(transfer: Transfer, copies: LargeReplicas): void {
    const kept = this.#kept.find(({ transfer: before }) => before.isSameAs(transfer));
    this.#kept = this.#kept.filter((other) => other !== kept);
    if (kept !== undefined) this.#moveIn(transfer, kept, copies);
    this.#rows.showHeld(transfer.number, transfer.held);
    this.#rows.showShown(transfer.number + 1);
    this.#showed = true;
  }

  #moveIn(transfer: Transfer, { transfer: before, memory }: Kept, copies: LargeReplicas): void {
    const { index } = transfer.announced;
    const { bytes } = copies.memoryAt(index);
    for (let block = 0; block < transfer.blocks; block++) {
      if (before.held[block] === 0) continue;
      const from = memory.bytes.subarray(before.startOf(block), before.endOf(block));
      if (!copies.isAliased(index)) bytes.set(from, transfer.startOf(block));
      transfer.held[block] = fromBefore;
    }
  }

  /** At the end of a raw epoch that the sender survives, whose messages all count: shows which blocks are here, once; true where it did. */
  want(): boolean {
    if (this.#isBehind || this.#known === 0 || this.#rows.wants(this.#rows.me)) return false;
    const first = this.#transfers.findIndex(({ isComplete }) => !isComplete);
    if (first < 0) return false;
    for (const { number, held } of this.#transfers.slice(first)) this.#rows.showHeld(number, held);
    this.#rows.showWants();
    return true;
  }

  /** The sender has put to me what I wanted. */
  get isFinished(): boolean {
    return this.#rows.isFinished;
  }

  /** At the sender, then: puts to `receiver`, which has `turns` of its turns as a whole, what it lacks; true where it did. */
  finish(receiver: MemberId, turns: number): boolean {
    const member = this.#rows.group.indexOf(receiver);
    if (this.#finished.has(receiver) || !this.#rows.wants(member)) return false;
    for (const transfer of this.#transfers)
      if (transfer.announced.turn >= turns) this.#complete(transfer, receiver, member);
    this.#rows.showFinished(member);
    this.#finished.add(receiver);
    return true;
  }

  #complete(transfer: Transfer, receiver: MemberId, member: number): void {
    for (let block = 0; block < transfer.blocks; block++)
      if (!this.#rows.hasBlock(member, transfer.number, block))
        this.#ring!.putTo(transfer.announced.index, transfer.startOf(block), transfer.endOf(block), receiver);
  }

  release(): void {
    this.#rows.release();
  }
}

/** What `Transfer.held` says of a block that the epoch before brought. */
const fromBefore = 2;
