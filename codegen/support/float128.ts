/**
 * IDL's `long double` is IEEE 754's binary128. JavaScript has no such number: a value here is a double, which binary128 holds exactly; what
 * another writer sent with more digits is rounded to the nearest double, ties to even.
 */

const exponentBias = 16383n;
const doubleBias = 1023n;
const mantissaBits = 112n;
const doubleMantissaBits = 52n;
const moreBits = mantissaBits - doubleMantissaBits;
const exponentMax = 0x7fffn;

const double = new Float64Array(1);
const doubleBits = new BigUint64Array(double.buffer);

/** Writes a double as binary128 in 16 bytes. */
export function setFloat128(view: DataView, at: number, value: number, littleEndian: boolean): void {
  const bits = float128Bits(value);
  view.setBigUint64(at + (littleEndian ? 0 : 8), bits & 0xffff_ffff_ffff_ffffn, littleEndian);
  view.setBigUint64(at + (littleEndian ? 8 : 0), bits >> 64n, littleEndian);
}

/** Reads 16 bytes of binary128 as the nearest double. */
export function getFloat128(view: DataView, at: number, littleEndian: boolean): number {
  const low = view.getBigUint64(at + (littleEndian ? 0 : 8), littleEndian);
  const high = view.getBigUint64(at + (littleEndian ? 8 : 0), littleEndian);
  return nearestDouble((high << 64n) | low);
}

function float128Bits(value: number): bigint {
  double[0] = value;
  const bits = doubleBits[0]!;
  const sign = (bits >> 63n) << 127n;
  let exponent = (bits >> doubleMantissaBits) & 0x7ffn;
  let mantissa = bits & ((1n << doubleMantissaBits) - 1n);
  if (exponent === 0x7ffn) return sign | (exponentMax << mantissaBits) | (mantissa << moreBits);
  if (exponent === 0n) {
    if (mantissa === 0n) return sign;
    // What is too small for a normal double is a normal number there.
    exponent = 1n;
    while (mantissa >> doubleMantissaBits === 0n) {
      mantissa <<= 1n;
      exponent -= 1n;
    }
    mantissa &= (1n << doubleMantissaBits) - 1n;
  }
  return sign | ((exponent + exponentBias - doubleBias) << mantissaBits) | (mantissa << moreBits);
}

function nearestDouble(bits: bigint): number {
  const sign = (bits >> 127n) << 63n;
  const exponent = (bits >> mantissaBits) & exponentMax;
  const mantissa = bits & ((1n << mantissaBits) - 1n);
  if (exponent === exponentMax && mantissa !== 0n) return NaN;
  const scaled = exponent - exponentBias + doubleBias;
  let rounded: bigint;
  if (scaled >= 0x7ffn) rounded = 0x7ffn << doubleMantissaBits;
  else if (scaled > 0n) rounded = (scaled << doubleMantissaBits) + shiftRounding(mantissa, moreBits);
  else {
    // Below the normal doubles: fewer digits are left, and at last none. A digit that carries makes the smallest normal one by itself.
    const shift = moreBits + 1n - scaled;
    const whole = exponent === 0n ? mantissa : mantissa | (1n << mantissaBits);
    rounded = shift > mantissaBits + 2n ? 0n : shiftRounding(whole, shift);
  }
  doubleBits[0] = sign | rounded;
  return double[0]!;
}

/** Divides by a power of two, to the nearest, ties to even. */
function shiftRounding(value: bigint, shift: bigint): bigint {
  const quotient = value >> shift;
  const rest = value - (quotient << shift);
  const half = 1n << (shift - 1n);
  const up = rest > half || (rest === half && (quotient & 1n) === 1n);
  return up ? quotient + 1n : quotient;
}
