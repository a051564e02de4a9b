import { reject } from './checks.js';
import { MalformedSampleError } from './errors.js';

/** Flags of a bitmask of at most 32 bits, as an unsigned number: `|` of JavaScript gives signed ones. */
export function flagBits(value: number, all: number, member: string): number {
  if (typeof value !== 'number' || (value >>> 0 !== value && (value | 0) !== value) || (value & ~all) !== 0)
    reject(member, value, `flags out of 0x${all.toString(16)}`);
  return value >>> 0;
}

/** Checks flags of a bitmask of more than 32 bits. */
export function checkFlags(value: bigint, all: bigint, member: string): void {
  if (typeof value !== 'bigint' || (value & ~all) !== 0n)
    reject(member, value, `flags out of 0x${all.toString(16)}n`);
}

/** Bits that were received, of which there are no more than there can be. */
export function readBits<T extends number | bigint>(value: T, max: T, member: string): T {
  if (value > max)
    throw new MalformedSampleError(member, `0x${value.toString(16)} has bits that are not of its type`);
  return value;
}

/** A number that `@min` bounds. */
export function checkMin<T extends number | bigint>(value: T, min: T, member: string): void {
  if (!(value >= min)) reject(member, value, `at least ${min}`);
}

/** A number that `@max` bounds. */
export function checkMax<T extends number | bigint>(value: T, max: T, member: string): void {
  if (!(value <= max)) reject(member, value, `at most ${max}`);
}

/** A field of a bitset. */
export function checkWhole(value: number, min: number, max: number, member: string): void {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max)
    reject(member, value, `a whole number from ${min} to ${max}`);
}

/** A field of a bitset, of a 64-bit type. */
export function checkLong(value: bigint, min: bigint, max: bigint, member: string): void {
  if (typeof value !== 'bigint' || value < min || value > max)
    reject(member, value, `a bigint from ${min}n to ${max}n`);
}
