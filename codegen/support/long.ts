/** A 64-bit number and its two halves, to take one apart and to put one together. Cheaper than a DataView. */
export const int64 = new BigInt64Array(1);
export const uint64 = new BigUint64Array(int64.buffer);
export const halves = new Uint32Array(int64.buffer);

// These have the platform's order of bytes.
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
export const lowHalf = isLittleEndian ? 0 : 1;
export const highHalf = 1 - lowHalf;
