import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type LinePanel, lineChart } from '../harness/line-chart.js';
import { readable } from '../harness/print.js';
import { type Case, casesOn, sizes } from './cases.js';
import { networks } from './network.js';

const figures = [
  { of: 'rate', title: 'delivered at each member', unit: 'B/s' },
  { of: 'latency', title: 'write to delivery at the last', unit: 'ms' },
  { of: 'control', title: 'beside payload, a message', unit: 'B' },
] as const;

function panelsOf({ title, curves }: Case): LinePanel[] {
  const results = curves.map(({ name, at }) => ({
    name,
    points: sizes.map((members) => [members, at(members)] as const),
  }));
  return figures.map((figure) => ({
    title: `${title}: ${figure.title}`,
    unit: figure.unit,
    along: 'members',
    lines: results.map(({ name, points }) => ({
      name,
      points: points.map(([members, result]) => [members, result[figure.of]] as const),
    })),
  }));
}

function table(panel: LinePanel): string {
  const head = ['members', ...panel.lines.map(({ name }) => name)];
  const rows = sizes.map((members, row) => [
    `${members}`,
    ...panel.lines.map(({ points }) => readable(points[row]![1], panel.unit)),
  ]);
  const lines = [head, ...rows].map((cells) =>
    cells
      .map((cell) => cell.padEnd(18))
      .join(' ')
      .trimEnd(),
  );
  return `${panel.title}\n${lines.join('\n')}\n`;
}

/** node dist/bench/scale/run.js [--draw <folder>]: how the protocols scale, in simulated time, on paper. */
function main(): void {
  const { values } = parseArgs({ options: { draw: { type: 'string' } } });
  for (const network of networks) {
    const { name, latency, bandwidth, perMessage } = network;
    const stated = `${name}: ${latency * 1e6} µs, ${bandwidth / 1e9} GB/s, ${perMessage * 1e6} µs a message`;
    process.stdout.write(`\n${stated}\n\n`);
    const panels = casesOn(network).flatMap(panelsOf);
    for (const panel of panels) process.stdout.write(`${table(panel)}\n`);
    if (values.draw === undefined) continue;
    mkdirSync(values.draw, { recursive: true });
    const file = join(values.draw, `scale-${name.split(',')[0]!.toLowerCase()}.svg`);
    writeFileSync(file, lineChart(stated, panels, figures.length));
    process.stderr.write(`${file}\n`);
  }
}

main();
