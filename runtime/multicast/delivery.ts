import type { MemberId, RegionMemory } from '../../transport/transport.js';

/**
 * A message as it is handed out: where it lies, and where it stands in the order. One object a sender and epoch, reused for every
 * message, so that delivering allocates and copies nothing. Valid until the sink returns.
 */
export class Delivery {
  readonly epoch: number;
  readonly sender: MemberId;
  /** The sender's place among the senders of the epoch; -1 where the message is told again, out of what was kept. */
  readonly rank: number;
  /** The memory of the sender's ring, and the offset of the frame's header in it. */
  readonly ring: RegionMemory;
  header = 0;
  /** The payload: `length` bytes at `offset`. */
  memory: RegionMemory;
  offset = 0;
  length = 0;
  sequence = 0;

  constructor(epoch: number, sender: MemberId, rank: number, ring: RegionMemory) {
    this.epoch = epoch;
    this.sender = sender;
    this.rank = rank;
    this.ring = ring;
    this.memory = ring;
  }
}
