import type { Line } from './contest.js';

/** 18200000 msg/s → '18.2 M msg/s', 12500000000 B/s → '12.5 GB/s'. */
export function readable(value: number, unit: string): string {
  const steps: readonly [number, string][] = [
    [1e9, 'G '],
    [1e6, 'M '],
    [1e3, 'k '],
  ];
  // Only rates are counted in thousands: 12 k µs would be nobody's idea of a time.
  const step =
    unit.endsWith('/s') || unit === 'B' ? steps.find(([size]) => Math.abs(value) >= size) : undefined;
  const scaled = step ? value / step[0] : value;
  const prefix = step?.[1] ?? '';
  return `${Number(scaled.toPrecision(3))} ${unit.startsWith('B') ? prefix.trim() : prefix}${unit}`;
}

/** The table that people read; --json prints each line as it is. */
export function tableOf(lines: readonly Line[]): string {
  const rows = lines.map((line) => [
    line.suite,
    line.case,
    line.value === null ? '–' : readable(line.value, line.unit),
    line.spread === null ? '' : `±${Math.round(line.spread * 50)} %`,
    line.reference ?? '',
    line.referenceValue === null ? '' : readable(line.referenceValue, line.unit),
    line.ratio === null ? (line.absent ?? '').split('\n')[0]!.slice(0, 60) : `× ${line.ratio}`,
  ]);
  const table = [['suite', 'case', 'ours', 'spread', 'reference', 'theirs', 'ratio'], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
