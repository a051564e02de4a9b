/**
 * What is known, while code is generated, of where in a sample it will read or write: the remainder of the distance from the sample's
 * begin by `modulus`. With it most alignment is decided before the code runs.
 */
export interface Phase {
  readonly modulus: 1 | 2 | 4;
  readonly remainder: number;
}

export type Alignment = 1 | 2 | 4;

export const anywhere: Phase = { modulus: 1, remainder: 0 };

/** Where something of this alignment can be. */
export function aligned(alignment: Alignment): Phase {
  return { modulus: alignment, remainder: 0 };
}

/** So many bytes further. */
export function advanced({ modulus, remainder }: Phase, bytes: number): Phase {
  return { modulus, remainder: (remainder + bytes) % modulus };
}

/** The bytes to the next place of an alignment; `undefined` where that is not known before. */
export function padding({ modulus, remainder }: Phase, alignment: Alignment): number | undefined {
  if (modulus < alignment) return undefined;
  return (alignment - (remainder % alignment)) % alignment;
}

/** What is known where two ways of the code meet. */
export function met(a: Phase, b: Phase): Phase {
  for (const modulus of [4, 2] as const) {
    if (a.modulus >= modulus && b.modulus >= modulus && a.remainder % modulus === b.remainder % modulus)
      return { modulus, remainder: a.remainder % modulus };
  }
  return anywhere;
}
