import { halves, highHalf, lowHalf } from './long.js';

/** Of four bytes of a varint, the bits that say that another follows. */
const stopBits = 0x8080_8080 | 0;

/**
 * Reads a varint of eight bytes at most into `halves`, four bytes at a time, and returns how many bytes it takes; 0 where it is longer.
 * There must be eight bytes at `at`.
 */
export function readVarint64(view: DataView, at: number): number {
  const first = view.getInt32(at, true);
  const firstStops = ~first & stopBits;
  if (firstStops !== 0) {
    halves[lowHalf] = sevens(first & maskUpTo(firstStops));
    halves[highHalf] = 0;
    return bytesUpTo(firstStops);
  }
  const second = view.getInt32(at + 4, true);
  const secondStops = ~second & stopBits;
  if (secondStops === 0) return 0;
  const high = sevens(second & maskUpTo(secondStops));
  halves[lowHalf] = sevens(first) | (high << 28);
  halves[highHalf] = high >>> 4;
  return 4 + bytesUpTo(secondStops);
}

/** How many bytes there are up to the lowest of the bits that are set. */
function bytesUpTo(stops: number): number {
  return (32 - Math.clz32(stops & -stops)) >>> 3;
}

/** All bits up to the lowest one that is set. */
function maskUpTo(stops: number): number {
  return stops ^ (stops - 1);
}

/** The seven low bits of each of four bytes. */
function sevens(bits: number): number {
  return (bits & 0x7f) | ((bits & 0x7f00) >>> 1) | ((bits & 0x7f_0000) >>> 2) | ((bits & 0x7f00_0000) >>> 3);
}
