/** What a message costs between two members: seconds for each, however small, and bytes a second. */
export interface LinkCost {
  readonly perMessage: number;
  readonly bandwidth: number;
}

const blockBytesMin = 4096;

/**
 * The size of block, a power of two times 4 KiB, with which a message of `bytes` is soonest at all members: small ones spread sooner, large ones cost less each.
 * `steps` says how many steps the schedule takes with so many blocks; each lasts as long as one block.
 */
export function blockBytesFor(
  bytes: number,
  steps: (blocks: number) => number,
  { perMessage, bandwidth }: LinkCost,
): number {
  const time = (block: number): number => steps(Math.ceil(bytes / block)) * (perMessage + block / bandwidth);
  let best = blockBytesMin;
  while (best < bytes && time(2 * best) <= time(best)) best *= 2;
  return best;
}
