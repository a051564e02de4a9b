import { type Casualty, contradiction, fractionMax, fractionMin } from './chaos.js';
import type { Result } from './messages.js';

/** A run that is over. */
export interface Run {
  /** Of those that live. */
  results: readonly Result[];
  /** `written` is unknown of a feed that was killed: what counts is what was delivered of it. */
  feeds: readonly { name: string; id: number; written: number | undefined }[];
  planned: number;
  startedMs: number;
  casualties: readonly Casualty[];
  chaos: boolean;
}

/** All samples that count as written: those of a dead feed that anyone delivered, and all of the others'. */
export function samplesOf({ feeds, results }: Run): number {
  return feeds.reduce(
    (sum, { id, written }) => sum + (written ?? Math.max(...results.map((result) => fromFeed(result, id)))),
    0,
  );
}

function fromFeed({ deliveredByFeed }: Result, id: number): number {
  return deliveredByFeed.find(([feed]) => feed === id)?.[1] ?? 0;
}

/** Everything that is wrong with a run; nothing, if all is well. */
export function judge(run: Run): string[] {
  const problems: string[] = [];
  const samples = samplesOf(run);
  const [first] = run.results;
  for (const result of run.results) {
    const { name, delivered, hash, outOfSequence } = result;
    if (delivered !== samples) problems.push(`${name} delivered ${delivered} of ${samples} samples`);
    if (hash !== first!.hash)
      problems.push(`${name} delivered in another order than ${first!.name}: ${hash}, not ${first!.hash}`);
    if (outOfSequence > 0)
      problems.push(`${name} delivered ${outOfSequence} samples out of their writer's sequence`);
    for (const feed of run.feeds) {
      const count = fromFeed(result, feed.id);
      if (count !== fromFeed(first!, feed.id))
        problems.push(
          `${name} delivered ${count} samples of ${feed.name}, ${first!.name} ${fromFeed(first!, feed.id)}`,
        );
    }
  }
  return run.chaos ? [...problems, ...judgeKills(run)] : problems;
}

function judgeKills({ casualties, results }: Run): string[] {
  const problems: string[] = [];
  if (casualties.length !== 2) problems.push(`${casualties.length} members were killed, not 2`);
  for (const { victim, fraction, checkpoints } of casualties) {
    if (fraction < fractionMin || fraction > fractionMax) {
      problems.push(
        `${victim.name} was killed after ${percent(fraction)} of the samples, not between ${percent(fractionMin)} and ${percent(fractionMax)}`,
      );
    }
    for (const { name, checkpoints: own } of results) {
      const wrong = contradiction(checkpoints, own);
      if (wrong)
        problems.push(
          `${victim.name} had delivered ${wrong[0]} samples with hash ${wrong[1]} when it died: ${name} did not`,
        );
    }
  }
  return problems;
}

/** The last line of a run, for programs. */
export function summary(run: Run) {
  const samples = samplesOf(run);
  const seconds = secondsOf(run);
  return {
    members: run.results.length,
    samples,
    deliveredByMember: Object.fromEntries(run.results.map(({ name, delivered }) => [name, delivered])),
    orderHashByMember: Object.fromEntries(run.results.map(({ name, hash }) => [name, hash])),
    seconds: Number(seconds.toFixed(4)),
    deliveredPerSecond: Math.round(samples / seconds),
    ...(run.chaos && {
      planned: run.planned,
      kills: run.casualties.map((casualty) => killOf(casualty, run)),
    }),
  };
}

function killOf(
  { victim, fraction, sent, ownSent, checkpoints }: Run['casualties'][number],
  { feeds, results }: Run,
) {
  const feed = feeds.find(({ name }) => name === victim.name);
  return {
    member: victim.name,
    role: feed ? 'feed' : 'reader',
    fraction: Number(fraction.toFixed(4)),
    sent,
    deliveredBefore: checkpoints.at(-1)?.[0] ?? 0,
    ...(feed && {
      sentByIt: ownSent,
      deliveredFromIt: Object.fromEntries(results.map((result) => [result.name, fromFeed(result, feed.id)])),
    }),
  };
}

/** From the first write to the last delivery at the slowest member. */
function secondsOf({ results, startedMs }: Run): number {
  return (Math.max(...results.map(({ lastMs }) => lastMs)) - startedMs) / 1000;
}

/** A run, for people. */
export function table(run: Run): string[] {
  const samples = samplesOf(run);
  const seconds = secondsOf(run);
  const head = ['member', ...run.feeds.map(({ name }) => `from ${name}`), 'delivered', 'hash of the order'];
  const rows = run.results.map((result) => [
    result.name,
    ...run.feeds.map(({ id }) => number(fromFeed(result, id))),
    number(result.delivered),
    result.hash,
  ]);
  const agree = new Set(run.results.map(({ hash }) => hash)).size === 1;
  return [
    ...align([head, ...rows]),
    '',
    ...run.results.flatMap(({ name, remarks }) => remarks.map((remark) => `${name}: ${remark}`)),
    ...run.casualties.flatMap((casualty) => obituary(casualty, run)),
    `${number(samples)} flights by ${run.feeds.length} feeds at once, delivered by each of ${run.results.length} members in ${seconds.toFixed(2)} s ` +
      `(${number(Math.round(samples / seconds))} a second at each): ${agree ? 'all in the same order' : 'NOT IN THE SAME ORDER'}`,
    '',
  ];
}

function obituary(
  { victim, fraction, sent, ownSent, checkpoints }: Run['casualties'][number],
  { feeds, results, planned }: Run,
): string[] {
  const lines = [
    `${victim.name} was killed (SIGKILL) after ${number(sent)} of ${number(planned)} samples, ${percent(fraction)}; ` +
      `the ${number(checkpoints.at(-1)?.[0] ?? 0)} that it is known to have delivered are the first of the survivors' too`,
  ];
  const feed = feeds.find(({ name }) => name === victim.name);
  if (feed) {
    const counts = results.map((result) => fromFeed(result, feed.id));
    const same = new Set(counts).size === 1 ? 'the same everywhere' : `NOT THE SAME: ${counts.join(', ')}`;
    lines.push(
      `${victim.name} had sent ${number(ownSent ?? 0)} when it last said so; delivered of it: ${number(counts[0]!)}, ${same}`,
    );
  }
  return lines;
}

/** Columns of equal width: the first and the last to the left, numbers to the right. */
function align(rows: readonly string[][]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: string[]) =>
    row
      .map((cell, i) =>
        i === 0 || i === row.length - 1 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!),
      )
      .join('   ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('   ');
  return [line(rows[0]!), rule, ...rows.slice(1).map(line)];
}

function number(value: number): string {
  return value.toLocaleString('en');
}

function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(1)} %`;
}
