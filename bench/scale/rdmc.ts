import { frameBytes } from '../../runtime/multicast/frame.js';
import { largeReferenceBytes } from '../../runtime/multicast/large.js';
import { blockBytesFor } from '../../runtime/multicast/rdmc/block-size.js';
import { none, type Schedule } from '../../runtime/multicast/rdmc/schedule.js';
import { announcementBytes } from '../../runtime/multicast/rdmc/spread-rows.js';
import {
  markBytes,
  type Network,
  type Performance,
  publishBytes,
  putBytes,
  putHeaderBytes,
  secondsFor,
} from './network.js';

/** A message that each of `senders` sends at the same time to all of `members`. */
export interface LargeMessages {
  readonly members: number;
  readonly senders: number;
  readonly bytes: number;
  /** Who is told to look where blocks moved: all members, as the code does it, or, to compare, those alone to whom something was put. */
  readonly marks?: 'all' | 'peers' | undefined;
}

export type ScheduleOf = (members: number, blocks: number, member: number) => Schedule;

/** To each peer, before the blocks: the announcement, `announced`, and the frame in the ring. */
const openingBytes =
  putHeaderBytes + announcementBytes + putBytes + putHeaderBytes + frameBytes(largeReferenceBytes);

/**
 * Plays a schedule over a network, in simulated time: a block leaves once its sender has it, the sender's link is free of earlier blocks and counters, and so is the
 * receiver's. Each block is followed by `sent`, to who is to take it, and by `taken`, back; grants are ahead of the blocks, and nobody waits for one. Then
 * each member puts its row to all others, for each message, and delivers when it has seen all of theirs.
 */
export function playSchedule(scheduleOf: ScheduleOf, messages: LargeMessages, network: Network): Performance {
  const { members, senders, bytes } = messages;
  const blockBytes = blockBytesFor(bytes, (k) => scheduleOf(members, k, 0).steps, network);
  const blocks = Math.ceil(bytes / blockBytes);
  const links = new Links(messages, blocks, blockBytes, network);
  const schedules = Array.from({ length: members }, (_, member) => scheduleOf(members, blocks, member));
  for (let sender = 0; sender < senders; sender++) links.open(sender);
  for (let step = 0; step < schedules[0]!.steps; step++) {
    for (const schedule of schedules) schedule.advance();
    for (let sender = 0; sender < senders; sender++) playStep(schedules, sender, links);
  }
  const peers = members - 1;
  const latency = links.last + secondsFor(peers, publishBytes(senders), network) + network.latency;
  // Of each message, the sender says that it is there, each other that it is here, and everyone that it was delivered.
  const rows = senders * 2 * members * peers * publishBytes(senders);
  return {
    rate: (senders * bytes) / latency,
    latency: latency * 1e3,
    control: (links.control + rows) / senders,
  };
}

function playStep(schedules: readonly Schedule[], sender: number, links: Links): void {
  for (let member = 0; member < schedules.length; member++) {
    const { sendTo, sendBlock } = schedules[member]!;
    if (sendTo !== none) links.send(sender, member, sendTo, sendBlock);
  }
  for (let member = 0; member < schedules.length; member++) {
    const { sendTo, receiveFrom } = schedules[member]!;
    if (sendTo !== none || receiveFrom !== none)
      links.tell(sender, member, sendTo !== none, receiveFrom !== none);
  }
}

/** When each member has each block, and is free for the next. Member `m` of the schedule of sender `s` is the member `m + s`. */
class Links {
  /** When the last block has come, and whoever has it is free to say so. */
  last = 0;
  /** Bytes put beside the blocks, but for rows. */
  control = 0;
  readonly #messages: LargeMessages;
  readonly #blocks: number;
  readonly #seconds: number;
  readonly #network: Network;
  readonly #free: { readonly out: Float64Array; readonly in: Float64Array };
  /** By sender, member of its schedule, and block. Zero is the beginning, when the root has all. */
  readonly #held: Float64Array;
  /** Blocks that a member lacks, of all senders' messages. */
  readonly #lacks: Int32Array;

  constructor(messages: LargeMessages, blocks: number, blockBytes: number, network: Network) {
    const { members, senders } = messages;
    this.#messages = messages;
    this.#blocks = blocks;
    this.#seconds = secondsFor(1, blockBytes, network);
    this.#network = network;
    this.#free = { out: new Float64Array(members), in: new Float64Array(members) };
    this.#held = new Float64Array(senders * members * blocks);
    this.#lacks = new Int32Array(senders * members).fill(blocks);
  }

  /** The sender says what is to come. */
  open(sender: number): void {
    const { members, senders } = this.#messages;
    const peers = members - 1;
    this.control += peers * openingBytes;
    this.#free.out[sender]! += secondsFor(peers, openingBytes + publishBytes(senders), this.#network);
  }

  send(sender: number, from: number, to: number, block: number): void {
    const giver = this.#memberOf(sender, from);
    const taker = this.#memberOf(sender, to);
    const has = this.#held[this.#place(sender, from, block)]!;
    const end = Math.max(has, this.#free.out[giver]!, this.#free.in[taker]!) + this.#seconds;
    this.#free.out[giver] = this.#free.in[taker] = end;
    this.#held[this.#place(sender, to, block)] = end + this.#network.latency;
    this.last = Math.max(this.last, end + this.#network.latency);
  }

  /** What a member puts besides where it has sent a block, or taken one, or both: the counters for these, and marks. They take their time once the link is free. */
  tell(sender: number, from: number, sent: boolean, taken: boolean): void {
    const { members, marks } = this.#messages;
    const member = this.#memberOf(sender, from);
    const concerned = (sent ? 1 : 0) + (taken ? 1 : 0);
    const marked = marks === 'peers' ? concerned : members - 1;
    const bytes = concerned * putBytes + marked * markBytes;
    // What goes to who gets the block goes with it.
    const messages = Math.max(0, marked - (sent ? 1 : 0));
    this.control += bytes;
    this.#free.out[member]! += messages * this.#network.perMessage + bytes / this.#network.bandwidth;
    if (taken && --this.#lacks[sender * members + from]! === 0) this.#complete(member);
  }

  /** A message is here: the member says so, and, where others are still on their way, that it was delivered. */
  #complete(member: number): void {
    const { members, senders } = this.#messages;
    const { out } = this.#free;
    const rows = senders > 1 ? 2 : 1;
    this.last = Math.max(this.last, out[member]!);
    out[member]! += secondsFor(rows * (members - 1), publishBytes(senders), this.#network);
  }

  #memberOf(sender: number, place: number): number {
    return (place + sender) % this.#messages.members;
  }

  #place(sender: number, member: number, block: number): number {
    return (sender * this.#messages.members + member) * this.#blocks + block;
  }
}
