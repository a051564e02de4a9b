/**
 * 64 bits that stand for an instance, made from its 16-byte key hash: both halves are mixed, since short keys are not hashed but
 * padded. Among a million instances, two are alike with a probability of 3 in 100 million.
 */
export function instanceOf(keyHash: Uint8Array): bigint {
  const view = new DataView(keyHash.buffer, keyHash.byteOffset, 16);
  const mixed = mix(view.getBigUint64(0)) ^ mix(view.getBigUint64(8) + 0x9e3779b97f4a7c15n);
  return mixed === 0n ? 1n : mixed;
}

/** The finalizer of splitmix64 (Steele, Lea and Flood, 2014): every bit of the input moves every bit of the output. */
function mix(value: bigint): bigint {
  let z = BigInt.asUintN(64, value);
  z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
  z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
  return z ^ (z >> 31n);
}
