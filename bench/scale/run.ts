import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BinomialPipeline } from '../../runtime/multicast/rdmc/binomial-pipeline.js';
import { Hierarchical } from '../../runtime/multicast/rdmc/hierarchical.js';
import { BinomialTree, Chain, Sequential } from '../../runtime/multicast/rdmc/plain-schedules.js';
import { type LinePanel, lineChart } from '../harness/line-chart.js';
import { readable } from '../harness/print.js';
import { networks, type Network, type Performance } from './network.js';
import { playSchedule, type ScheduleOf } from './rdmc.js';
import { smallMulticast } from './smc.js';

const sizes = [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
const sendersMax = 16;
const largeBytes = 64 * 1024 * 1024;
const smallBytes = 1024;
const ringBytes = 4 * 1024 * 1024;
const rackSize = 16;

const racks = (members: number): number[] =>
  Array.from({ length: members }, (_, member) => Math.floor(member / rackSize));

const schedules: readonly { readonly name: string; readonly of: ScheduleOf }[] = [
  { name: 'binomial pipeline', of: (n, k, m) => new BinomialPipeline(n, k, m) },
  { name: 'chain', of: (n, k, m) => new Chain(n, k, m) },
  { name: 'binomial tree', of: (n, k, m) => new BinomialTree(n, k, m) },
  { name: 'sequential', of: (n, k, m) => new Sequential(n, k, m) },
  { name: `racks of ${rackSize}`, of: (n, k, m) => new Hierarchical(racks(n), k, m) },
];

/** One line of a picture. */
interface Curve {
  readonly name: string;
  readonly at: (members: number) => Performance;
}

function largeCurves(network: Network, senders: number): Curve[] {
  return schedules.map(({ name, of }) => ({
    name,
    at: (members) =>
      playSchedule(of, { members, senders: Math.min(senders, members), bytes: largeBytes }, network),
  }));
}

function smallCurves(network: Network): Curve[] {
  return [1, 4, sendersMax].map((senders) => ({
    name: `${senders} ${senders === 1 ? 'sender' : 'senders'}`,
    at: (members) =>
      smallMulticast({ members, senders: Math.min(senders, members), bytes: smallBytes, ringBytes }, network),
  }));
}

const figures = [
  { of: 'rate', title: 'delivered at each member', unit: 'B/s' },
  { of: 'latency', title: 'write to delivery at the last', unit: 'ms' },
  { of: 'control', title: 'counters and grants, a message', unit: 'B' },
] as const;

function panelsOf(title: string, curves: readonly Curve[]): LinePanel[] {
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
    const panels = [
      ...panelsOf('RDMC, 64 MiB, 1 sender', largeCurves(network, 1)),
      ...panelsOf(`RDMC, 64 MiB, ${sendersMax} senders`, largeCurves(network, sendersMax)),
      ...panelsOf('SMC, 1 KiB', smallCurves(network)),
    ];
    for (const panel of panels) process.stdout.write(`${table(panel)}\n`);
    if (values.draw === undefined) continue;
    mkdirSync(values.draw, { recursive: true });
    const file = join(values.draw, `scale-${name.split(',')[0]!.toLowerCase()}.svg`);
    writeFileSync(file, lineChart(stated, panels, figures.length));
    process.stderr.write(`${file}\n`);
  }
}

main();
