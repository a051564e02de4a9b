/** What a message costs between two members: seconds for each, however small, and bytes a second. */
export interface LinkCost {
  readonly perMessage: number;
  readonly bandwidth: number;
}

/** Sizes of blocks: the smallest, and one that none is above. */
export interface BlockLimits {
  readonly min: number;
  readonly max: number;
}

const anySize: BlockLimits = { min: 4096, max: Infinity };

/**
 * The size of block, a power of two times the least (4 KiB by default), with which a message of `bytes` is soonest at all members: small ones spread sooner, large ones cost less each.
 * `steps` says how many steps the schedule takes with so many blocks; each lasts as long as one block.
 */
export function blockBytesFor(
  bytes: number,
  steps: (blocks: number) => number,
  { perMessage, bandwidth }: LinkCost,
  { min, max } = anySize,
): number {
  const time = (block: number): number => steps(Math.ceil(bytes / block)) * (perMessage + block / bandwidth);
  let best = min;
  while (best < bytes && 2 * best <= max && time(2 * best) <= time(best)) best *= 2;
  return best;
}
