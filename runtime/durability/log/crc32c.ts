/** CRC-32C (Castagnoli; RFC 3720, appendix B.4), sixteen bytes a step. */
const polynomial = 0x82f63b78;
const tables = makeTables(16);

/** Table k says what a byte does to the sum when k more bytes follow it. */
function makeTables(count: number): Int32Array {
  const made = new Int32Array(256 * count);
  for (let byte = 0; byte < 256; byte++) {
    let sum = byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ polynomial : sum >>> 1;
    made[byte] = sum;
  }
  for (let at = 256; at < made.length; at++) {
    const before = made[at - 256]!;
    made[at] = (before >>> 8) ^ made[before & 255]!;
  }
  return made;
}

/**
 * The sum over `length` bytes at `offset`, a multiple of 4, seen both as bytes and as words. `seed` is the sum of what comes before; any
 * other seed ties the sum to something outside the bytes: two seeds never give the same sum for the same bytes.
 *
 * ```ts
 * crc32c(bytes, new Uint32Array(bytes.buffer), 0, 9); // 0xe3069283 for '123456789'
 * ```
 */
export function crc32c(
  bytes: Uint8Array,
  words: Uint32Array,
  offset: number,
  length: number,
  seed = 0,
): number {
  const t = tables;
  let sum = ~seed;
  let word = offset >>> 2;
  for (const end = word + ((length >>> 4) << 2); word < end; word += 4) {
    const a = words[word]! ^ sum;
    const b = words[word + 1]!;
    const c = words[word + 2]!;
    const d = words[word + 3]!;
    sum =
      t[3840 + (a & 255)]! ^
      t[3584 + ((a >>> 8) & 255)]! ^
      t[3328 + ((a >>> 16) & 255)]! ^
      t[3072 + (a >>> 24)]! ^
      t[2816 + (b & 255)]! ^
      t[2560 + ((b >>> 8) & 255)]! ^
      t[2304 + ((b >>> 16) & 255)]! ^
      t[2048 + (b >>> 24)]! ^
      t[1792 + (c & 255)]! ^
      t[1536 + ((c >>> 8) & 255)]! ^
      t[1280 + ((c >>> 16) & 255)]! ^
      t[1024 + (c >>> 24)]! ^
      t[768 + (d & 255)]! ^
      t[512 + ((d >>> 8) & 255)]! ^
      t[256 + ((d >>> 16) & 255)]! ^
      t[d >>> 24]!;
  }
  for (let at = word << 2; at < offset + length; at++) sum = (sum >>> 8) ^ t[(sum ^ bytes[at]!) & 255]!;
  return ~sum >>> 0;
}
