import type { Memory } from './topic-type.js';

/** From this length on the platform's encoder is faster than characters one by one. */
export const encoderLengthMin = 32;
const encoder = new TextEncoder();

/** Shorter texts are encoded into memory of our own and copied: to make an array over a part of the target costs more. */
const desk = new Uint8Array(1024);
const deskView = new DataView(desk.buffer);

/**
 * Writes a text of `encoderLengthMin` characters or more at `at`, where there must be room for as many bytes; false where it is not ASCII,
 * and has to be written in another way.
 */
export function writeLongAscii(target: Memory, at: number, text: string): boolean {
  const { length } = text;
  const isShort = length <= desk.length;
  const room = isShort ? desk : target.bytes.subarray(at, at + length);
  const { read, written } = encoder.encodeInto(text, room);
  if (read !== length || written !== length) return false;
  if (isShort) copyFromDesk(target.view, at, length);
  return true;
}

/** As doubles, which is exact: no ASCII is a NaN. */
function copyFromDesk(view: DataView, at: number, length: number): void {
  const last = length - 8;
  for (let i = 0; i < last; i += 8) view.setFloat64(at + i, deskView.getFloat64(i, true), true);
  view.setFloat64(at + last, deskView.getFloat64(last, true), true);
}
