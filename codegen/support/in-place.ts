import { MalformedSampleError } from './errors.js';
import type { Memory } from './topic-type.js';

/** What a view shows before it is attached: nothing, so that using it throws. */
export const nowhere: Memory = { bytes: new Uint8Array(0), view: new DataView(new ArrayBuffer(0)) };

/** Checks that a sample in place has the size of its type. */
export function checkLength(length: number, byteLength: number, type: string): void {
  if (length !== byteLength)
    throw new MalformedSampleError(type, `it has ${length} bytes instead of ${byteLength}`);
}

/** A boolean in place: 0 or 1. */
export function readBoolean(value: number, member: string): boolean {
  if (value > 1) throw new MalformedSampleError(member, `${value} is no boolean`);
  return value === 1;
}

/** An enum of `count` values in place. */
export function readEnum(value: number, count: number, member: string): number {
  if (value < 0 || value >= count) throw new MalformedSampleError(member, `${value} is no value of its enum`);
  return value;
}

/** An enum whose values are not counted from 0. */
export function readEnumOf(value: number, values: ReadonlySet<number>, member: string): number {
  if (!values.has(value)) throw new MalformedSampleError(member, `${value} is no value of its enum`);
  return value;
}

/** Elements in rows of `length`: an array of several dimensions from its elements one after the other. */
export function rows<T>(elements: readonly T[], length: number): T[][] {
  const result: T[][] = [];
  for (let i = 0; i < elements.length; i += length) result.push(elements.slice(i, i + length));
  return result;
}
