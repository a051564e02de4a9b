import type { Line } from './contest.js';
import { readable } from './print.js';
import { escaped, figure, text } from './svg.js';

/** One bar. */
interface Bar {
  readonly series: string;
  readonly value: number;
}

/** The bars of one case. */
interface Group {
  readonly name: string;
  readonly bars: readonly Bar[];
}

const ours = 'bowecho';
/** In the suite of the references alone, what is measured is not ours. */
const measured = 'measured';
/** Told apart also by readers who see fewer colours (Okabe and Ito's palette); ours is the darkest. */
const colours: Readonly<Record<string, string>> = {
  [ours]: '#0b3c5d',
  [measured]: '#0b3c5d',
  ring: '#56b4e9',
  copy: '#999999',
  zeromq: '#d55e00',
  nats: '#009e73',
  ws: '#cc79a7',
  'unix socket': '#e69f00',
};
const spareColours = ['#7f7f7f', '#b8860b', '#8c564b'];

const layout = { width: 860, left: 250, right: 110, top: 64, bar: 13, gap: 12, axis: 34, panel: 26 };
/** Bars whose lengths differ more than this are drawn on a logarithmic scale. */
const linearRatioMax = 30;

/** A chart of a suite's results: horizontal bars, a group for each case, a panel for each unit. Gives SVG. */
export function chart(title: string, lines: readonly Line[]): string {
  const units = [...new Set(lines.map(({ unit }) => unit))];
  const panels = units.map((unit) => ({
    unit,
    groups: groupsOf(lines.filter((line) => line.unit === unit)),
  }));
  const series = [
    ...new Set(panels.flatMap(({ groups }) => groups.flatMap(({ bars }) => bars.map((bar) => bar.series)))),
  ];
  const body: string[] = [];
  let y = layout.top;
  for (const { unit, groups } of panels) {
    const panel = drawPanel(unit, groups, series, y);
    body.push(panel.svg);
    y = panel.bottom + layout.panel;
  }
  return figure(title, layout.width, y, [drawLegend(series), ...body]);
}

function groupsOf(lines: readonly Line[]): readonly Group[] {
  const names = [...new Set(lines.map((line) => line.case))];
  return names.map((name) => {
    const own = lines.filter((line) => line.case === name);
    const bars: Bar[] = [];
    const value = own[0]!.value;
    if (value !== null) bars.push({ series: own[0]!.suite === 'references' ? measured : ours, value });
    for (const { reference, referenceValue } of own) {
      if (reference !== null && referenceValue !== null)
        bars.push({ series: reference, value: referenceValue });
    }
    return { name, bars };
  });
}

function drawPanel(unit: string, groups: readonly Group[], series: readonly string[], top: number) {
  const values = groups.flatMap(({ bars }) => bars.map(({ value }) => value)).filter((value) => value > 0);
  const scale = scaleOf(values.length > 0 ? values : [1]);
  const height = groups.reduce(
    (sum, { bars }) => sum + Math.max(1, bars.length) * layout.bar + layout.gap,
    layout.gap,
  );
  const bottom = top + height;
  const parts: string[] = [];
  for (const tick of scale.ticks) {
    const x = scale.x(tick);
    parts.push(`<line x1="${x}" y1="${top}" x2="${x}" y2="${bottom}" stroke="#e3e3e3"/>`);
    parts.push(text(x, bottom + 15, readable(tick, unit), 'font-size="10" text-anchor="middle" fill="#666"'));
  }
  let y = top + layout.gap;
  for (const { name, bars } of groups) {
    const middle = y + (Math.max(1, bars.length) * layout.bar) / 2 + 4;
    parts.push(text(layout.left - 10, middle, name, 'text-anchor="end"'));
    if (bars.length === 0)
      parts.push(text(layout.left + 4, middle, 'not measured', 'font-size="10" fill="#999"'));
    for (const bar of bars) {
      const end = scale.x(bar.value);
      const width = Math.max(1, end - layout.left).toFixed(1);
      parts.push(
        `<rect x="${layout.left}" y="${y}" width="${width}" height="${layout.bar - 2}" rx="2" fill="${colourOf(bar.series, series)}">` +
          `<title>${escaped(`${name}: ${bar.series} ${readable(bar.value, unit)}`)}</title></rect>`,
      );
      const weight = isMeasured(bar.series) ? 'font-weight="600"' : 'fill="#555"';
      parts.push(text(end + 5, y + layout.bar - 4, readable(bar.value, unit), `font-size="10" ${weight}`));
      y += layout.bar;
    }
    y += layout.gap + (bars.length === 0 ? layout.bar : 0);
  }
  if (scale.logarithmic) {
    parts.push(text(20, bottom + 15, 'logarithmic scale', 'font-size="10" font-style="italic" fill="#666"'));
  }
  return { svg: parts.join('\n'), bottom: bottom + layout.axis - 14 };
}

function drawLegend(series: readonly string[]): string {
  let x = 20;
  return series
    .map((name) => {
      const at = x;
      x += 32 + name.length * 7;
      const box = `<rect x="${at}" y="38" width="11" height="11" rx="2" fill="${colourOf(name, series)}"/>`;
      return box + text(at + 16, 48, name, isMeasured(name) ? 'font-weight="600"' : '');
    })
    .join('\n');
}

interface Scale {
  readonly logarithmic: boolean;
  readonly ticks: readonly number[];
  readonly x: (value: number) => number;
}

function scaleOf(values: readonly number[]): Scale {
  const most = Math.max(...values);
  const least = Math.min(...values);
  const span = layout.width - layout.left - layout.right;
  const at = (fraction: number): number =>
    Number((layout.left + span * Math.min(1, Math.max(0, fraction))).toFixed(1));
  if (most / least <= linearRatioMax) {
    const step = niceStep(most / 5);
    const ticks = Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => index * step);
    return { logarithmic: false, ticks, x: (value) => at(value / most) };
  }
  // A bar on a logarithmic scale has no zero: it begins a decade below the smallest value, so that even that one shows.
  const from = Math.floor(Math.log10(least) - 0.3);
  const to = Math.log10(most);
  const decades = Array.from({ length: Math.floor(to) - from + 1 }, (_, index) => 10 ** (from + index));
  return { logarithmic: true, ticks: decades, x: (value) => at((Math.log10(value) - from) / (to - from)) };
}

/** 1, 2 or 5 times a power of ten, at least so large. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((digit) => digit * power).find((step) => step >= least * 0.999)!;
}

function isMeasured(series: string): boolean {
  return series === ours || series === measured;
}

function colourOf(name: string, series: readonly string[]): string {
  const unknown = series.filter((each) => colours[each] === undefined);
  return colours[name] ?? spareColours[unknown.indexOf(name) % spareColours.length]!;
}
