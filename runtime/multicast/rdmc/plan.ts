import type { Spreading } from '../../../transport/transport.js';
import { BinomialPipeline } from './binomial-pipeline.js';
import { blockBytesFor } from './block-size.js';
import { BinomialTree, Chain, Sequential } from './plain-schedules.js';
import type { Schedule } from './schedule.js';

/** Blocks that one message may have. */
export const blocksMax = 4096;

/** By the numbers that travel in announcements. */
const schedules = [Sequential, Chain, BinomialTree, BinomialPipeline] as const;
const kinds = { sequential: 0, chain: 1, tree: 2, binomial: 3 } as const;

/** How one large message spreads over a group. */
export interface Plan {
  readonly kind: number;
  readonly blockBytes: number;
}

export function isKind(kind: number): boolean {
  return kind in schedules;
}

/** The part that member number `member` of the group has in it; number 0 is the sender. */
export function scheduleOf(kind: number, members: number, blocks: number, member: number): Schedule {
  return new schedules[kind]!(members, blocks, member);
}

/**
 * How `bytes` are soonest at all of a group with so many members, the sender included; undefined where they are when the sender puts them to
 * each of the others by itself, as a whole.
 */
export function planFor(bytes: number, members: number, spreading: Spreading): Plan | undefined {
  const { perBlock, bandwidth, blockBytesMin, blockBytesMax, schedule } = spreading;
  if (members < 2 || schedule === 'none' || bytes > blocksMax * blockBytesMax) return undefined;
  const kind = kinds[schedule ?? 'binomial'];
  const steps = (blocks: number): number => scheduleOf(kind, members, blocks, 0).steps;
  const limits = {
    min: Math.max(blockBytesMin, roundedUp(Math.ceil(bytes / blocksMax), blockBytesMin)),
    max: blockBytesMax,
  };
  const blockBytes = blockBytesFor(bytes, steps, { perMessage: perBlock, bandwidth }, limits);
  if (schedule === undefined) {
    const seconds = steps(Math.ceil(bytes / blockBytes)) * (perBlock + blockBytes / bandwidth);
    if (perBlock + ((members - 1) * bytes) / bandwidth <= seconds) return undefined;
  }
  return { kind, blockBytes };
}

/** `unit` doubled until it is not below `bytes`. */
function roundedUp(bytes: number, unit: number): number {
  let rounded = unit;
  while (rounded < bytes) rounded *= 2;
  return rounded;
}
