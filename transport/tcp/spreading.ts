import type { Spreading } from '../transport.js';

/** No block may be larger: a member takes none that is. */
const blockBytesLimit = 1 << 20;

/**
 * The rack that a member says.
 * @throws RangeError where that is no name
 */
export function rackFrom(told: string | undefined): string | undefined {
  if (told !== undefined && !(typeof told === 'string' && told.length >= 1 && told.length <= 64))
    throw new RangeError(`tcp.rack is ${JSON.stringify(told)}: give a name of 1 to 64 characters`);
  return told;
}

/** What is assumed of a network: links of 1 Gbit/s, or of 10 where there is RDMA. */
const network: Spreading = {
  perBlock: 100e-6,
  bandwidth: 125e6,
  blockBytesMin: 4 << 10,
  blockBytesMax: 256 << 10,
};
const rdmaNetwork: Spreading = { ...network, perBlock: 10e-6, bandwidth: 1250e6 };

/**
 * How large messages go, as far as `told` says nothing else; undefined where all go from the sender to each receiver.
 * @throws RangeError where the numbers make no sense
 */
export function spreadingFrom(
  told: Partial<Spreading> | undefined,
  isLocal: boolean,
  isRdma: boolean,
): Spreading | undefined {
  if (told === undefined && isLocal) return undefined;
  const spreading = { ...(isRdma ? rdmaNetwork : network), ...told };
  const { perBlock, bandwidth, blockBytesMin, blockBytesMax } = spreading;
  if (!(perBlock >= 0) || !(bandwidth > 0))
    throw new RangeError(
      `tcp.spreading has ${perBlock} seconds for each block and ${bandwidth} bytes a second: give numbers above 0`,
    );
  const isBlock = (bytes: number) => bytes >= 64 && bytes <= blockBytesLimit && bytes % 8 === 0;
  if (!isBlock(blockBytesMin) || !isBlock(blockBytesMax) || blockBytesMin > blockBytesMax)
    throw new RangeError(
      `tcp.spreading has blocks of ${blockBytesMin} to ${blockBytesMax} bytes: give multiples of 8, from 64 to ${blockBytesLimit}, the smaller one first`,
    );
  return spreading;
}
