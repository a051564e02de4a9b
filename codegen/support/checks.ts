import { SampleError } from './errors.js';

/**
 * Checks of one value against its IDL type. Each throws {@link SampleError}, naming the member. They are small, so that they
 * are inlined; what happens on failure is in one place apart.
 */

/** A value as it is shown in messages. */
function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
    case 'bigint':
      return `${value}n`;
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value)
        ? `an array of ${value.length}`
        : `a ${value.constructor?.name ?? 'object'}`;
    case 'function':
    case 'symbol':
      return `a ${typeof value}`;
    default:
      return Object.is(value, -0) ? '-0' : String(value);
  }
}

export function reject(member: string, value: unknown, expected: string): never {
  const problem =
    value === undefined ? `is missing; ${expected} is needed` : `needs ${expected}, not ${shown(value)}`;
  throw new SampleError(member, problem);
}

export function checkBoolean(value: boolean, member: string): void {
  if (value !== true && value !== false) reject(member, value, 'true or false');
}

export function checkInt8(value: number, member: string): void {
  if (typeof value !== 'number' || (value << 24) >> 24 !== value)
    reject(member, value, 'a whole number from -128 to 127');
}

export function checkUint8(value: number, member: string): void {
  if (typeof value !== 'number' || (value & 0xff) !== value)
    reject(member, value, 'a whole number from 0 to 255');
}

export function checkInt16(value: number, member: string): void {
  if (typeof value !== 'number' || (value << 16) >> 16 !== value) {
    reject(member, value, 'a whole number from -32768 to 32767');
  }
}

export function checkUint16(value: number, member: string): void {
  if (typeof value !== 'number' || (value & 0xffff) !== value)
    reject(member, value, 'a whole number from 0 to 65535');
}

export function checkInt32(value: number, member: string): void {
  if (typeof value !== 'number' || (value | 0) !== value) {
    reject(member, value, 'a whole number from -2147483648 to 2147483647');
  }
}

export function checkUint32(value: number, member: string): void {
  if (typeof value !== 'number' || value >>> 0 !== value)
    reject(member, value, 'a whole number from 0 to 4294967295');
}

export function checkInt64(value: bigint, member: string): void {
  if (typeof value !== 'bigint' || BigInt.asIntN(64, value) !== value) {
    reject(member, value, 'a bigint from -9223372036854775808n to 9223372036854775807n');
  }
}

export function checkUint64(value: bigint, member: string): void {
  if (typeof value !== 'bigint' || BigInt.asUintN(64, value) !== value) {
    reject(member, value, 'a bigint from 0n to 18446744073709551615n');
  }
}

/** The smallest number that rounds to infinity: half a step above the largest 32-bit float. */
const floatLimit = 2 ** 128 - 2 ** 103;

export function checkFloat(value: number, member: string): void {
  if (typeof value !== 'number') reject(member, value, 'a number');
  const size = Math.abs(value);
  if (size >= floatLimit && size !== Infinity)
    reject(member, value, 'a number in the range of a 32-bit float');
}

export function checkDouble(value: number, member: string): void {
  if (typeof value !== 'number') reject(member, value, 'a number');
}

/** The code of an IDL `char`: one character of ISO 8859-1. */
export function charCode(value: string, member: string): number {
  if (typeof value !== 'string' || value.length !== 1 || value.charCodeAt(0) > 0xff) {
    reject(member, value, 'one character from U+0000 to U+00FF');
  }
  return value.charCodeAt(0);
}

/** The code of an IDL `wchar`: one unit of UTF-16. */
export function wcharCode(value: string, member: string): number {
  if (typeof value !== 'string' || value.length !== 1) reject(member, value, 'one unit of UTF-16');
  return value.charCodeAt(0);
}

/** An enum whose values are not counted from 0. */
export function checkEnumOf(value: number, values: ReadonlySet<number>, member: string): void {
  if (!values.has(value)) reject(member, value, `a value of its enum (${[...values].join(', ')})`);
}

/** A string whose bound counts UTF-16 units. */
export function checkWstring(value: string, max: number, member: string): void {
  if (typeof value !== 'string') reject(member, value, 'a string');
  if (value.length > max) reject(member, value, `at most ${max} units of UTF-16`);
}

export function checkMap<K, V>(value: ReadonlyMap<K, V>, max: number, member: string): void {
  if (!(value instanceof Map)) reject(member, value, 'a Map');
  if (value.size > max) reject(member, value, `a Map of at most ${max} entries (it has ${value.size})`);
}

/** An enum of `count` values, counted from 0. */
export function checkEnum(value: number, count: number, member: string): void {
  if (typeof value !== 'number' || value >>> 0 !== value || value >= count) {
    reject(member, value, `a value of its enum (0 to ${count - 1})`);
  }
}

export function checkObject(value: object, member: string): void {
  if (typeof value !== 'object' || value === null) reject(member, value, 'an object');
}

export function checkSequence<T>(value: readonly T[], max: number, member: string): void {
  if (!Array.isArray(value)) reject(member, value, 'an array');
  if (value.length > max) reject(member, value, `an array of at most ${max} elements`);
}

export function checkArray<T>(value: readonly T[], length: number, member: string): void {
  if (!Array.isArray(value) || value.length !== length)
    reject(member, value, `an array of ${length} elements`);
}

export function checkBytes(value: Uint8Array, max: number, member: string): void {
  if (!(value instanceof Uint8Array)) reject(member, value, 'a Uint8Array');
  if (value.length > max)
    reject(member, value, `a Uint8Array of at most ${max} bytes (it has ${value.length})`);
}

export function checkByteArray(value: Uint8Array, length: number, member: string): void {
  if (!(value instanceof Uint8Array) || value.length !== length) {
    reject(member, value, `a Uint8Array of ${length} bytes`);
  }
}

/** An index of an array in place. */
export function checkIndex(index: number, length: number): void {
  if (index >>> 0 !== index || index >= length) {
    throw new RangeError(`the index ${index} is not in an array of ${length} elements`);
  }
}
