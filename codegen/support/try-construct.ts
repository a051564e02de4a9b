/** What `@try_construct` makes of values that do not fit: generated decoders call these. */

const encoder = new TextEncoder();

/** As much of a text as has room in so many bytes of UTF-8. */
export function trimText(text: string, bytesMax: number): string {
  if (text.length * 3 <= bytesMax) return text;
  // Whole characters only: that is how far it read.
  const { read } = encoder.encodeInto(text, new Uint8Array(bytesMax));
  return text.slice(0, read);
}

/** As much of a text as has room in so many units of UTF-16; no half of a pair stays. */
export function trimWideText(text: string, unitsMax: number): string {
  if (text.length <= unitsMax) return text;
  const last = text.charCodeAt(unitsMax - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? unitsMax - 1 : unitsMax);
}

/** The first of some bytes. */
export function trimBytes(bytes: Uint8Array<ArrayBuffer>, max: number): Uint8Array<ArrayBuffer> {
  return bytes.length <= max ? bytes : bytes.slice(0, max);
}

/** Elements in rows of `length`: of a row in which one did not fit, and so is missing, all take their default. */
export function mendRows<T>(elements: (T | undefined)[], length: number, fallback: () => T): T[] {
  for (let start = 0; start < elements.length; start += length) {
    if (!elements.slice(start, start + length).includes(undefined)) continue;
    for (let i = start; i < start + length; i++) elements[i] = fallback();
  }
  return elements as T[];
}

/** A value of an enum: of `known` values counted from 0, or one of those. */
export function enumOr<F>(value: number, known: number | ReadonlySet<number>, fallback: F): number | F {
  const isKnown = typeof known === 'number' ? value >= 0 && value < known : known.has(value);
  return isKnown ? value : fallback;
}
