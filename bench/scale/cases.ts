import { BinomialPipeline } from '../../runtime/multicast/rdmc/binomial-pipeline.js';
import { Hierarchical } from '../../runtime/multicast/rdmc/hierarchical.js';
import { BinomialTree, Chain, Sequential } from '../../runtime/multicast/rdmc/plain-schedules.js';
import type { Network, Performance } from './network.js';
import { type LargeMessages, playSchedule, type ScheduleOf } from './rdmc.js';
import { smallMulticast } from './smc.js';

/** Members of the groups. */
export const sizes: readonly number[] = [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
export const sendersMax = 16;
const largeBytes = 64 * 1024 * 1024;
const smallBytes = 1024;
const ringBytes = 4 * 1024 * 1024;
const rackSize = 16;

/** One line of a picture. */
export interface Curve {
  readonly name: string;
  /** How many of a group send. */
  readonly sendersOf: (members: number) => number;
  readonly at: (members: number) => Performance;
}

/** Curves to be looked at beside each other. */
export interface Case {
  readonly title: string;
  readonly curves: readonly Curve[];
}

export function casesOn(network: Network): Case[] {
  return [
    { title: 'RDMC, 64 MiB, 1 sender', curves: largeCurves(network, 1) },
    { title: `RDMC, 64 MiB, ${sendersMax} senders`, curves: largeCurves(network, sendersMax) },
    { title: 'SMC, 1 KiB', curves: smallCurves(network) },
  ];
}

interface Way extends Pick<LargeMessages, 'marks'> {
  readonly name: string;
  readonly of: ScheduleOf;
}

const racks = (members: number): number[] =>
  Array.from({ length: members }, (_, member) => Math.floor(member / rackSize));

const ways: readonly Way[] = [
  { name: 'binomial pipeline', of: (n, k, m) => new BinomialPipeline(n, k, m) },
  { name: 'chain', of: (n, k, m) => new Chain(n, k, m) },
  { name: 'binomial tree', of: (n, k, m) => new BinomialTree(n, k, m) },
  { name: 'sequential', of: (n, k, m) => new Sequential(n, k, m) },
  { name: `racks of ${rackSize}`, of: (n, k, m) => new Hierarchical(racks(n), k, m) },
  { name: 'marks to peers', of: (n, k, m) => new BinomialPipeline(n, k, m), marks: 'peers' },
];

function largeCurves(network: Network, senders: number): Curve[] {
  const sendersOf = (members: number): number => Math.min(senders, members);
  return ways.map(({ name, of, marks }) => ({
    name,
    sendersOf,
    at: (members) =>
      playSchedule(of, { members, senders: sendersOf(members), bytes: largeBytes, marks }, network),
  }));
}

function smallCurves(network: Network): Curve[] {
  return [1, 4, sendersMax].map((senders) => {
    const sendersOf = (members: number): number => Math.min(senders, members);
    return {
      name: `${senders} ${senders === 1 ? 'sender' : 'senders'}`,
      sendersOf,
      at: (members) =>
        smallMulticast({ members, senders: sendersOf(members), bytes: smallBytes, ringBytes }, network),
    };
  });
}
