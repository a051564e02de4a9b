import { reject } from './checks.js';
import { MalformedSampleError } from './errors.js';

/**
 * IDL's `fixed<digits, scale>`: a decimal number, `scale` of whose digits are after the point. In TypeScript it is its text, which loses
 * nothing; on the wire it is binary-coded decimal as CDR has it (CORBA 3.3, 9.3.2.8): two digits a byte, the sign in the last half byte.
 */

const positive = 0xc;
const negative = 0xd;

/** The text of a value as it is always read: no digit missing after the point, none too many before it. */
export function fixedText(value: string, digits: number, scale: number, member: string): string {
  const parts =
    typeof value === 'string' && value.length <= 100 ? /^(-?)0*(\d*)(?:\.(\d*?)0*)?$/.exec(value) : null;
  const [, sign, whole = '', fraction = ''] = parts ?? [];
  if (parts === null || !/\d/.test(value) || whole.length > digits - scale || fraction.length > scale) {
    const before = digits - scale;
    reject(
      member,
      value,
      `a decimal number as a text, of up to ${before} digits before the point and ${scale} after`,
    );
  }
  return textOf(sign === '-', whole, fraction.padEnd(scale, '0'));
}

function textOf(isNegative: boolean, whole: string, fraction: string): string {
  const sign = isNegative && /[1-9]/.test(whole + fraction) ? '-' : '';
  return `${sign}${whole === '' ? '0' : whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** Bytes of a `fixed` of so many digits. */
export function fixedBytes(digits: number): number {
  return (digits + 2) >> 1;
}

/** Writes a text that `fixedText` gave. */
export function setFixed(bytes: Uint8Array, at: number, text: string, digits: number): void {
  const size = fixedBytes(digits);
  const sign = text.startsWith('-') ? negative : positive;
  const halves = text
    .replace(/[-.]/g, '')
    .padStart(2 * size - 1, '0')
    .slice(1 - 2 * size);
  for (let i = 0; i < size; i++) {
    const low = i === size - 1 ? sign : halves.charCodeAt(2 * i + 1) - 48;
    bytes[at + i] = ((halves.charCodeAt(2 * i) - 48) << 4) | low;
  }
}

/** Reads the text of a `fixed`. */
export function getFixed(
  bytes: Uint8Array,
  at: number,
  digits: number,
  scale: number,
  member: string,
): string {
  const size = fixedBytes(digits);
  let text = '';
  for (let i = 0; i < size; i++) {
    const byte = bytes[at + i]!;
    text += String.fromCharCode(48 + (byte >> 4));
    if (i < size - 1) text += String.fromCharCode(48 + (byte & 15));
  }
  const sign = bytes[at + size - 1]! & 15;
  const unused = text.slice(0, text.length - digits);
  if (!/^\d*$/.test(text) || /[1-9]/.test(unused) || (sign !== positive && sign !== negative))
    throw new MalformedSampleError(member, 'it is no decimal number');
  const whole = text.slice(unused.length, text.length - scale).replace(/^0+/, '');
  return textOf(sign === negative, whole, text.slice(text.length - scale));
}
