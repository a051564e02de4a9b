import { headerBytes } from '../../runtime/multicast/frame.js';
import { type Network, type Performance, publishBytes, putHeaderBytes } from './network.js';

/** Small messages that `senders` of `members` write as fast as their rings have room. */
export interface SmallMessages {
  readonly members: number;
  readonly senders: number;
  readonly bytes: number;
  /** Of each sender. */
  readonly ringBytes: number;
}

/** What everyone puts to each peer in a round: its row with `received` in it, a sender's with `sent`; and later with `delivered`. */
const rows = 2;

/**
 * The steady state of the multicast of small messages, on paper. In a round each sender puts what has gathered, half a ring at most, to each peer, and everyone puts
 * its counters. A round lasts as long as the busiest link of the busiest member, and at least until what was sent in the one before is known to be
 * delivered: there and back, and the same for the counters.
 */
export function smallMulticast(
  { members, senders, bytes, ringBytes }: SmallMessages,
  network: Network,
): Performance {
  const frame = headerBytes + Math.ceil(bytes / 8) * 8;
  const batch = Math.max(1, Math.floor(ringBytes / 2 / frame));
  const peers = members - 1;
  const told = rows * publishBytes(senders);
  const pushed = putHeaderBytes + batch * frame;
  const out = peers * (told + pushed);
  const into = peers * told + (senders < members ? senders : senders - 1) * pushed;
  const busy = peers * rows * network.perMessage + Math.max(out, into) / network.bandwidth;
  const round = Math.max(busy, 2 * network.latency);
  return {
    rate: (senders * batch * bytes) / round,
    latency: (round + 2 * network.latency) * 1e3,
    control: (peers * (members * told + senders * putHeaderBytes)) / (senders * batch),
  };
}
