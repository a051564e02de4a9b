import type { LinkCost } from '../../runtime/multicast/rdmc/block-size.js';

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

/** What one member puts into another's copy of its row, beside payload: a few counters. */
export const putBytes = 64;

/** What a group does in a network. */
export interface Performance {
  /** Bytes of payload that each member delivers in a second. */
  readonly rate: number;
  /** Milliseconds from the write of a message to its ordered delivery at the last member. */
  readonly latency: number;
  /** Bytes of counters and grants that all members send together, for each message. */
  readonly control: number;
}
