/** A decimal number: `value` units of 10 to the power of -`scale`. */
export interface FixedPoint {
  readonly value: bigint;
  readonly scale: number;
}

/** Digits of a fixed-point number (IDL 4.2, 7.4.1.4.4.2.6). */
export const fixedDigitsMax = 31;

/** The number that a literal without its `d` stands for, such as `12.50`. */
export function parseFixed(text: string): FixedPoint {
  const [whole = '', fraction = ''] = text.split('.');
  return normalized({ value: BigInt(`${whole}${fraction}` || '0'), scale: fraction.length });
}

/** Without zeros at the end of the fraction, which say nothing (IDL 4.2, 7.4.1.4.3). */
function normalized({ value, scale }: FixedPoint): FixedPoint {
  let [rest, digits] = [value, scale];
  while (digits > 0 && rest % 10n === 0n) [rest, digits] = [rest / 10n, digits - 1];
  return { value: rest, scale: digits };
}

/** How many digits a number has, those of its fraction included. */
export function digitsOf({ value, scale }: FixedPoint): number {
  const digits = (value < 0n ? -value : value).toString().length;
  return Math.max(digits, scale);
}

/** A number with another scale; `undefined` where digits would be lost. */
export function rescaled({ value, scale }: FixedPoint, wanted: number): FixedPoint | undefined {
  if (wanted >= scale) return { value: value * 10n ** BigInt(wanted - scale), scale: wanted };
  const divisor = 10n ** BigInt(scale - wanted);
  return value % divisor === 0n ? { value: value / divisor, scale: wanted } : undefined;
}

/** The result of an operator; the second is not 0 where it divides. `undefined` where it has more than 31 whole digits. */
export function calculate(
  operator: '+' | '-' | '*' | '/',
  a: FixedPoint,
  b: FixedPoint,
): FixedPoint | undefined {
  switch (operator) {
    case '+':
    case '-': {
      const scale = Math.max(a.scale, b.scale);
      const [x, y] = [rescaled(a, scale)!.value, rescaled(b, scale)!.value];
      return fitted({ value: operator === '+' ? x + y : x - y, scale });
    }
    case '*':
      return fitted({ value: a.value * b.value, scale: a.scale + b.scale });
    case '/': {
      // As many digits as can be needed, and what is too much is cut off.
      const extra = 2 * fixedDigitsMax;
      const value = (a.value * 10n ** BigInt(extra + b.scale)) / b.value;
      return fitted({ value, scale: extra + a.scale });
    }
  }
}

/** Digits after the point that are too many are cut off (IDL 4.2, 7.4.1.4.3). */
function fitted(number: FixedPoint): FixedPoint | undefined {
  let { value, scale } = normalized(number);
  const excess = digitsOf({ value, scale }) - fixedDigitsMax;
  if (excess > scale) return undefined;
  if (excess > 0) {
    value /= 10n ** BigInt(excess);
    scale -= excess;
  }
  return normalized({ value, scale });
}

/** As it is written, without the `d`. */
export function fixedText({ value, scale }: FixedPoint): string {
  if (scale === 0) return String(value);
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
