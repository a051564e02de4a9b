import { readable } from './print.js';
import { escaped, figure, text } from './svg.js';

/** A panel of lines over one axis: both logarithmic. */
export interface LinePanel {
  readonly title: string;
  readonly unit: string;
  /** What is counted along the bottom. */
  readonly along: string;
  readonly lines: readonly {
    readonly name: string;
    readonly points: readonly (readonly [number, number])[];
  }[];
}

/** Told apart also by readers who see fewer colours (Okabe and Ito's palette). */
const colours = ['#0b3c5d', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];
const layout = { panelWidth: 430, panelHeight: 300, left: 76, right: 24, top: 76, bottom: 62, head: 44 };

/** Draws panels, `columns` beside each other. Gives SVG. */
export function lineChart(title: string, panels: readonly LinePanel[], columns: number): string {
  const body = panels.map((panel, index) => {
    const x = (index % columns) * layout.panelWidth;
    const y = layout.head + Math.floor(index / columns) * layout.panelHeight;
    return `<g transform="translate(${x},${y})">${drawPanel(panel)}</g>`;
  });
  const rows = Math.ceil(panels.length / columns);
  return figure(title, columns * layout.panelWidth, layout.head + rows * layout.panelHeight, body);
}

function drawPanel({ title, unit, along, lines }: LinePanel): string {
  const points = lines.flatMap((line) => line.points);
  const right = layout.panelWidth - layout.right;
  const bottom = layout.panelHeight - layout.bottom;
  const x = logarithmic(
    points.map((point) => point[0]),
    layout.left,
    right,
  );
  const values = points.map((point) => point[1]);
  // A decade at least: what differs little is to look alike.
  const shown = [...values, Math.max(...values) / 10];
  const y = logarithmic(shown, bottom, layout.top);
  const parts = [text(20, 24, title, 'font-weight="600"'), drawLegend(lines.map(({ name }) => name))];
  for (const tick of decades(shown)) {
    const at = y(tick).toFixed(1);
    parts.push(`<line x1="${layout.left}" y1="${at}" x2="${right}" y2="${at}" stroke="#e3e3e3"/>`);
    const label = readable(tick, unit);
    parts.push(text(layout.left - 6, Number(at) + 4, label, 'font-size="10" text-anchor="end" fill="#666"'));
  }
  for (const tick of new Set(points.map((point) => point[0])))
    parts.push(text(x(tick), bottom + 16, `${tick}`, 'font-size="10" text-anchor="middle" fill="#666"'));
  parts.push(text(right, bottom + 34, along, 'font-size="10" text-anchor="end" fill="#666"'));
  lines.forEach(({ name, points: line }, index) => {
    const path = line.map(([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`).join(' ');
    const stroke = `stroke="${colours[index % colours.length]}" stroke-width="2"`;
    parts.push(`<polyline points="${path}" fill="none" ${stroke}><title>${escaped(name)}</title></polyline>`);
  });
  return parts.join('\n');
}

function drawLegend(names: readonly string[]): string {
  let at = 20;
  let y = 38;
  return names
    .map((name, index) => {
      const width = 24 + name.length * 5.7;
      if (at + width > layout.panelWidth) [at, y] = [20, y + 16];
      const x = at;
      at += width;
      const colour = colours[index % colours.length];
      return (
        `<rect x="${x}" y="${y}" width="10" height="10" rx="2" fill="${colour}"/>` +
        text(x + 14, y + 9, name, 'font-size="11"')
      );
    })
    .join('\n');
}

function logarithmic(values: readonly number[], from: number, to: number): (value: number) => number {
  const least = Math.log10(Math.min(...values));
  const span = Math.log10(Math.max(...values)) - least || 1;
  return (value) => from + ((to - from) * (Math.log10(value) - least)) / span;
}

function decades(values: readonly number[]): number[] {
  const first = Math.ceil(Math.log10(Math.min(...values)));
  const last = Math.floor(Math.log10(Math.max(...values)));
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => 10 ** (first + index));
}
