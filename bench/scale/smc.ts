import { headerBytes } from '../../runtime/multicast/frame.js';
import { type Network, type Performance, putBytes } from './network.js';

/** Small messages that `senders` of `members` write as fast as their rings have room. */
export interface SmallMessages {
  readonly members: number;
  readonly senders: number;
  readonly bytes: number;
  /** Of each sender. */
  readonly ringBytes: number;
}

/** Puts to each peer in a round: what a sender puts (the ring's range, `sent`), and what everyone puts (`received` and `delivered`, each with what goes with it). */
const senderPuts = 2;
const receiverPuts = 2;

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
  const puts = peers * (senderPuts + receiverPuts) * network.perMessage;
  const out = (peers * batch * frame) / network.bandwidth;
  const into = ((senders - 1) * batch * frame + (senders < members ? batch * frame : 0)) / network.bandwidth;
  const round = Math.max(puts + Math.max(out, into), 2 * network.latency);
  const controlPuts = senders * peers + members * peers * receiverPuts;
  return {
    rate: (senders * batch * bytes) / round,
    latency: (round + 2 * network.latency) * 1e3,
    control: (controlPuts * putBytes) / (senders * batch),
  };
}
