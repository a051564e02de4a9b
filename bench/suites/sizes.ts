const units: readonly [number, string][] = [
  [1 << 20, 'MiB'],
  [1 << 10, 'KiB'],
];

/** 1024 → '1 KiB', as sizes are written in the names of cases. */
export function sizeName(bytes: number): string {
  const [size, unit] = units.find(([size]) => bytes >= size && bytes % size === 0) ?? [1, 'B'];
  return `${bytes / size} ${unit}`;
}

export const size = {
  b16: 16,
  b128: 128,
  kib1: 1 << 10,
  kib10: 10 << 10,
  kib100: 100 << 10,
  mib1: 1 << 20,
} as const;
