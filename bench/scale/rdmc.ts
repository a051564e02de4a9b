import { blockBytesFor } from '../../runtime/multicast/rdmc/block-size.js';
import { none, type Schedule } from '../../runtime/multicast/rdmc/schedule.js';
import { type Network, type Performance, putBytes } from './network.js';

/** A message that each of `senders` sends at the same time to all of `members`. */
export interface LargeMessages {
  readonly members: number;
  readonly senders: number;
  readonly bytes: number;
}

export type ScheduleOf = (members: number, blocks: number, member: number) => Schedule;

/**
 * Plays a schedule over a network, in simulated time: a block leaves once its sender has it, the sender's link is free of earlier blocks, and so is the receiver's. Grants
 * are ahead of the blocks, and cost no time. Then each member puts its counters to all others, and delivers when it has seen all of theirs.
 */
export function playSchedule(
  scheduleOf: ScheduleOf,
  { members, senders, bytes }: LargeMessages,
  network: Network,
): Performance {
  const blockBytes = blockBytesFor(bytes, (k) => scheduleOf(members, k, 0).steps, network);
  const blocks = Math.ceil(bytes / blockBytes);
  const links = new Links(
    members,
    senders,
    blocks,
    network.perMessage + blockBytes / network.bandwidth,
    network,
  );
  const schedules = Array.from({ length: members }, (_, member) => scheduleOf(members, blocks, member));
  for (let step = 0; step < schedules[0]!.steps; step++) {
    for (const schedule of schedules) schedule.advance();
    for (let sender = 0; sender < senders; sender++)
      schedules.forEach(({ sendTo, sendBlock }, member) => {
        if (sendTo !== none) links.send(sender, member, sendTo, sendBlock);
      });
  }
  const latency = links.last + (members - 1) * network.perMessage + network.latency;
  return {
    rate: (senders * bytes) / latency,
    latency: latency * 1e3,
    control: (members - 1) * (blocks + members) * putBytes,
  };
}

/** When each member has each block, and is free for the next. Member `m` of the schedule of sender `s` is the member `m + s`. */
class Links {
  /** When the last block has come. */
  last = 0;
  readonly #members: number;
  readonly #blocks: number;
  readonly #seconds: number;
  readonly #latency: number;
  readonly #free: { readonly out: Float64Array; readonly in: Float64Array };
  /** By sender, member of its schedule, and block. Zero is the beginning, when the root has all. */
  readonly #held: Float64Array;

  constructor(members: number, senders: number, blocks: number, seconds: number, { latency }: Network) {
    this.#members = members;
    this.#blocks = blocks;
    this.#seconds = seconds;
    this.#latency = latency;
    this.#free = { out: new Float64Array(members), in: new Float64Array(members) };
    this.#held = new Float64Array(senders * members * blocks);
  }

  send(sender: number, from: number, to: number, block: number): void {
    const giver = (from + sender) % this.#members;
    const taker = (to + sender) % this.#members;
    const has = this.#held[this.#place(sender, from, block)]!;
    const end = Math.max(has, this.#free.out[giver]!, this.#free.in[taker]!) + this.#seconds;
    this.#free.out[giver] = this.#free.in[taker] = end;
    this.#held[this.#place(sender, to, block)] = end + this.#latency;
    this.last = Math.max(this.last, end + this.#latency);
  }

  #place(sender: number, member: number, block: number): number {
    return (sender * this.#members + member) * this.#blocks + block;
  }
}
