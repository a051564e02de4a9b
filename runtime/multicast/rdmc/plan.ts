import type { Spreading } from '../../../transport/transport.js';
import { BinomialPipeline } from './binomial-pipeline.js';
import { blockBytesFor } from './block-size.js';
import { Hierarchical } from './hierarchical.js';
import { BinomialTree, Chain, Sequential } from './plain-schedules.js';
import { dimensionsFor, type Schedule } from './schedule.js';

/** Blocks that one message may have. */
export const blocksMax = 4096;

/** By the numbers that travel in announcements. */
const schedules = [Sequential, Chain, BinomialTree, BinomialPipeline] as const;
const kinds = { sequential: 0, chain: 1, tree: 2, binomial: 3 } as const;
const byRacks = schedules.length;

/**
 * Members are not in step: what goes to two peers at a time shares the sender's link. So the links are busy only after the time of so many blocks for each doubling of the holders, and no later where blocks are
 * small: with 8 members on links of 100 Mbit/s, blocks of 64 KiB reach 0.9 of the link's rate, and blocks of 256 KiB anything from 0.4 to 0.85.
 */
const settlingSteps = 8;

/** How one large message spreads over a group. */
export interface Plan {
  readonly kind: number;
  readonly blockBytes: number;
}

/** Over whom it spreads. */
export interface Group {
  /** The sender included. */
  readonly members: number;
  /** By member, where racks make a difference: see `racksOf`. */
  readonly racks?: readonly number[] | undefined;
}

export function isKind(kind: number, { racks }: Group): boolean {
  return kind === byRacks ? racks !== undefined : kind in schedules;
}

/** The part that member number `member` of the group has in it; number 0 is the sender. */
export function scheduleOf(
  kind: number,
  { members, racks }: Group,
  blocks: number,
  member: number,
): Schedule {
  return kind === byRacks
    ? new Hierarchical(racks!, blocks, member)
    : new schedules[kind]!(members, blocks, member);
}

/** By racks where there are any, unless another schedule is asked for. */
function kindFor({ racks }: Group, { schedule }: Spreading): number {
  if (schedule === undefined || schedule === 'none') return racks === undefined ? kinds.binomial : byRacks;
  return kinds[schedule];
}

/**
 * How `bytes` are soonest at all of a group; undefined where they are when the sender puts them to each of the others by itself, as a whole. Where there are
 * racks, however small they are: those share what leads from one to another.
 */
export function planFor(bytes: number, group: Group, spreading: Spreading): Plan | undefined {
  const { members } = group;
  const { perBlock, bandwidth, blockBytesMin, blockBytesMax, schedule } = spreading;
  if (members < 2 || schedule === 'none' || bytes > blocksMax * blockBytesMax) return undefined;
  const kind = kindFor(group, spreading);
  const settling = settlingSteps * dimensionsFor(members);
  const steps = (blocks: number): number => scheduleOf(kind, group, blocks, 0).steps + settling;
  const limits = {
    min: Math.max(blockBytesMin, roundedUp(Math.ceil(bytes / blocksMax), blockBytesMin)),
    max: blockBytesMax,
  };
  const blockBytes = blockBytesFor(bytes, steps, { perMessage: perBlock, bandwidth }, limits);
  if (schedule === undefined && kind !== byRacks) {
    const seconds = steps(Math.ceil(bytes / blockBytes)) * (perBlock + blockBytes / bandwidth);
    if (perBlock + ((members - 1) * bytes) / bandwidth <= seconds) return undefined;
  }
  return { kind, blockBytes };
}

/** How a message goes that was on its way in the epoch before: in the same blocks, since others have some of them. */
export function planAgain(blockBytes: number, group: Group, spreading: Spreading): Plan {
  return { kind: kindFor(group, spreading), blockBytes };
}

/** `unit` doubled until it is not below `bytes`. */
function roundedUp(bytes: number, unit: number): number {
  let rounded = unit;
  while (rounded < bytes) rounded *= 2;
  return rounded;
}
