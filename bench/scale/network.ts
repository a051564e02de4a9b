import type { LinkCost } from '../../runtime/multicast/rdmc/block-size.js';
import { SubgroupColumns } from '../../runtime/multicast/row.js';

/** A network in which every member has one full-duplex link to a switch that never is the bottleneck. */
export interface Network extends LinkCost {
  readonly name: string;
  /** Seconds from the last byte sent to its being seen by the receiver. */
  readonly latency: number;
}

/** Not measured here: round figures for such hardware, stated so that the results can be read. */
export const networks: readonly Network[] = [
  { name: 'RDMA, 100 Gbit/s', latency: 2e-6, bandwidth: 12.5e9, perMessage: 0.5e-6 },
  { name: 'TCP, 10 Gbit/s', latency: 50e-6, bandwidth: 1.25e9, perMessage: 5e-6 },
];

/** What travels with each put beside its bytes, by whatever network: a round figure. */
export const putHeaderBytes = 56;
/** A counter that one member puts into another's copy of its memory. */
export const putBytes = putHeaderBytes + 8;
/** How a member tells a peer to look: it puts two counters of its board. */
export const markBytes = 2 * putBytes;

/** A row put to one peer, in two puts (`SubgroupMemory.putRow`), and the mark that goes with it. */
export function publishBytes(senders: number): number {
  return 2 * putHeaderBytes + new SubgroupColumns(senders).byteLength + markBytes;
}

/** Seconds for what a member puts to so many peers in one pass: what goes to one of them goes together, and costs one message. */
export function secondsFor(peers: number, bytes: number, { perMessage, bandwidth }: Network): number {
  return peers * (perMessage + bytes / bandwidth);
}

/** What a group does in a network. */
export interface Performance {
  /** Bytes of payload that each member delivers in a second. */
  readonly rate: number;
  /** Milliseconds from the write of a message to its ordered delivery at the last member. */
  readonly latency: number;
  /** Bytes beside payload that all members send together, for each message: counters, grants, announcements, frames. */
  readonly control: number;
}
