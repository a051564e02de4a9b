import type { Line } from './contest.js';
import { type LinePanel, lineChart } from './line-chart.js';

/** As a case is called: `8 members, 64 MiB, 100 Mbit/s, binomial`. */
const caseName = /^(\d+) members, ([^,]+, [^,]+), (.+)$/;

/** Draws the rates of a suite over the number of members: a panel for each size and link, a line for each way that was measured with several numbers, but not for first messages. Gives SVG. */
export function overMembers(title: string, lines: readonly Line[]): string {
  const panels = new Map<string, Map<string, Map<number, number>>>();
  const put = (panel: string, name: string, members: number, value: number | null): void => {
    if (value === null) return;
    const ways = panels.get(panel) ?? new Map<string, Map<number, number>>();
    const points = ways.get(name) ?? new Map<number, number>();
    panels.set(panel, ways.set(name, points.set(members, value)));
  };
  for (const { case: name, unit, value, reference, referenceValue } of lines) {
    const [, members, panel, way] = caseName.exec(name) ?? [];
    if (unit !== 'MB/s' || way === undefined || way.includes('the first')) continue;
    put(panel!, way, Number(members), value);
    if (reference !== null) put(panel!, reference, Number(members), referenceValue);
  }
  return lineChart(
    title,
    [...panels].map(panelOf).filter(({ lines }) => lines.length > 0),
    2,
  );
}

function panelOf([title, ways]: [string, Map<string, Map<number, number>>]): LinePanel {
  const lines = [...ways]
    .map(([name, points]) => ({ name, points: [...points].sort(([a], [b]) => a - b) }))
    .filter(({ points }) => points.length > 1);
  return { title, unit: 'MB/s', along: 'members', lines };
}
