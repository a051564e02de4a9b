/** What `@try_construct` makes of values that do not fit: generated decoders call these. */

const encoder = new TextEncoder();

/** As much of a text as has room in so many bytes of UTF-8. */
export function trimText(text: string, bytesMax: number): string {
  if (text.length * 3 <= bytesMax) return text;
  // Whole characters only: that is how far it read.
  const { read } = encoder.encodeInto(text, new Uint8Array(bytesMax));
  return text.slice(0, read);
}

export function textOr<F>(text: string, bytesMax: number, fallback: F): string | F {
  return trimText(text, bytesMax).length === text.length ? text : fallback;
}

/** As much of a text as has room in so many units of UTF-16; no half of a pair stays. */
export function trimWideText(text: string, unitsMax: number): string {
  if (text.length <= unitsMax) return text;
  const last = text.charCodeAt(unitsMax - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? unitsMax - 1 : unitsMax);
}

export function wideTextOr<F>(text: string, unitsMax: number, fallback: F): string | F {
  return text.length <= unitsMax ? text : fallback;
}

/** The first elements of a list, or bytes. */
export function trimList<L extends { readonly length: number; slice(start: number, end: number): L }>(
  list: L,
  max: number,
): L {
  return list.length <= max ? list : list.slice(0, max);
}

export function listOr<L extends { readonly length: number }, F>(list: L, max: number, fallback: F): L | F {
  return list.length <= max ? list : fallback;
}

/** The first entries of a map. */
export function trimMap<K, V>(map: Map<K, V>, max: number): Map<K, V> {
  return map.size <= max ? map : new Map([...map].slice(0, max));
}

export function mapOr<K, V, F>(map: Map<K, V>, max: number, fallback: F): Map<K, V> | F {
  return map.size <= max ? map : fallback;
}

/** A value of an enum: of `known` values counted from 0, or one of those. */
export function enumOr<F>(value: number, known: number | ReadonlySet<number>, fallback: F): number | F {
  const isKnown = typeof known === 'number' ? value >= 0 && value < known : known.has(value);
  return isKnown ? value : fallback;
}
