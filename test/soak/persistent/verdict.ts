import { basename } from 'node:path';
import type { WriterName } from '../record.js';

/** What one log holds, or one reader was handed: sample i is column i. */
export interface Order {
  readonly file: string;
  readonly writers: readonly WriterName[];
  readonly epoch: Uint32Array;
  readonly sequence: Uint32Array;
  /** Index into `writers`. */
  readonly writer: Uint32Array;
  readonly writerSequence: Uint32Array;
}

/** What one incarnation of a member wrote down while it lived: what it was handed, and what became of its own samples. */
export interface Testimony extends Order {
  readonly member: number;
  readonly attempted: number;
  readonly acknowledged: number;
  /** It was there to the end, when all was committed. */
  readonly isWhole: boolean;
}

export interface Violation {
  readonly property:
    | 'lost'
    | 'twice'
    | 'disordered'
    | 'invented'
    | 'logs differ'
    | 'delivered and not in the log'
    | 'in the log and not delivered';
  readonly where: string;
}

/** So many of each kind are told; what follows is mostly more of the same. */
const toldMax = 5;

/**
 * Judges a domain that was killed again and again, by the logs of all its replicas after a clean end, and by what each incarnation of its members had
 * written down: all that was acknowledged is in the logs, once, each writer's in its order; the logs are alike; and what readers were handed is a piece of
 * that order without a gap. Each incarnation has one writer.
 */
export function judge(logs: readonly Order[], testimonies: readonly Testimony[]): Violation[] {
  const [reference] = logs;
  if (reference === undefined) throw new RangeError('no log to judge by');
  return [
    ...logs.slice(1).flatMap((log) => most(differences(reference, log))),
    ...most(ofWriters(reference, testimonies)),
    ...testimonies.flatMap((testimony) => most(ofDeliveries(testimony, reference))),
  ];
}

function* differences(reference: Order, log: Order): Iterable<Violation> {
  const length = Math.max(reference.epoch.length, log.epoch.length);
  for (let i = 0; i < length; i++)
    if (!isSame(reference, i, log, i)) {
      yield { property: 'logs differ', where: `${place(log, i)} is not ${place(reference, i)}` };
      return;
    }
}

/** The samples of each writer in the log: those that were written, in their order, each once, and at least what was acknowledged. */
function* ofWriters(log: Order, testimonies: readonly Testimony[]): Iterable<Violation> {
  const seen = log.writers.map(() => new Set<number>());
  const newest = log.writers.map(() => 0);
  for (let i = 0; i < log.epoch.length; i++) {
    const writer = log.writer[i]!;
    const number = log.writerSequence[i]!;
    if (i > 0 && !isAfter(log, i, log, i - 1))
      yield { property: 'disordered', where: `${place(log, i)} follows ${place(log, i - 1)}` };
    if (seen[writer]!.has(number)) yield { property: 'twice', where: place(log, i) };
    else if (number < newest[writer]!)
      yield { property: 'disordered', where: `${place(log, i)} comes after number ${newest[writer]}` };
    seen[writer]!.add(number);
    newest[writer] = Math.max(newest[writer]!, number);
  }
  const members = new Map(testimonies.map((testimony) => [testimony.member, testimony]));
  const acknowledged = new Map(testimonies.map((testimony) => [testimony.member, testimony.acknowledged]));
  for (const [writer, name] of log.writers.entries()) {
    const member = Number(name.split(':')[0]);
    const { attempted = 0 } = members.get(member) ?? {};
    if (newest[writer]! > attempted)
      yield {
        property: 'invented',
        where: `number ${newest[writer]} of ${name}, which had written ${attempted}`,
      };
    // Of what was not acknowledged, only what comes last may be missing.
    const owed = Math.max(newest[writer]!, acknowledged.get(member) ?? 0);
    for (let number = 1; number <= owed; number++)
      if (!seen[writer]!.has(number))
        yield { property: 'lost', where: lost(number, name, members.get(member)) };
    acknowledged.delete(member);
  }
  for (const [member, count] of acknowledged)
    if (count > 0) yield { property: 'lost', where: lost(1, `${member}`, members.get(member)) };
}

/** What was delivered is in the log, and all that lies between. */
function* ofDeliveries(testimony: Testimony, log: Order): Iterable<Violation> {
  let at = -1;
  for (let i = 0; i < testimony.epoch.length; i++) {
    if (i > 0 && !isAfter(testimony, i, testimony, i - 1)) {
      yield { property: 'disordered', where: `${place(testimony, i)} follows ${place(testimony, i - 1)}` };
      return;
    }
    const before = at;
    at = firstNotBefore(log, testimony, i, at);
    if (!isSame(log, at, testimony, i)) {
      yield {
        property: 'delivered and not in the log',
        where: `${place(testimony, i)}, but ${place(log, at)}`,
      };
      at--;
    } else if (before >= 0 && at > before + 1) yield skipped(testimony, log, before + 1);
  }
  if (testimony.isWhole && at >= 0 && at < log.epoch.length - 1) yield skipped(testimony, log, at + 1);
}

function skipped(testimony: Testimony, log: Order, at: number): Violation {
  const where = `${place(log, at)}, not to ${basename(testimony.file)}`;
  return { property: 'in the log and not delivered', where };
}

/** Looks from behind `from` on; what follows is mostly next. */
function firstNotBefore(log: Order, testimony: Order, i: number, from: number): number {
  if (from < 0) {
    let [low, high] = [0, log.epoch.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isAfter(testimony, i, log, middle)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
  let at = from + 1;
  while (at < log.epoch.length && isAfter(testimony, i, log, at)) at++;
  return at;
}

function isAfter(a: Order, i: number, b: Order, j: number): boolean {
  return a.epoch[i]! > b.epoch[j]! || (a.epoch[i] === b.epoch[j] && a.sequence[i]! > b.sequence[j]!);
}

function isSame(a: Order, i: number, b: Order, j: number): boolean {
  return (
    i < a.epoch.length &&
    j < b.epoch.length &&
    a.epoch[i] === b.epoch[j] &&
    a.sequence[i] === b.sequence[j] &&
    a.writerSequence[i] === b.writerSequence[j] &&
    a.writers[a.writer[i]!] === b.writers[b.writer[j]!]
  );
}

function lost(number: number, name: string, testimony: Testimony | undefined): string {
  const { acknowledged = 0, attempted = 0, file = '?' } = testimony ?? {};
  return `number ${number} of ${name} (${basename(file)}: ${acknowledged} were acknowledged, ${attempted} written)`;
}

function place(order: Order, i: number): string {
  const file = basename(order.file);
  if (i < 0 || i >= order.epoch.length) return `${file}[end]`;
  const name = order.writers[order.writer[i]!]!;
  return `${file}[${i}] (version ${order.epoch[i]}.${order.sequence[i]}, number ${order.writerSequence[i]} of ${name})`;
}

function most(violations: Iterable<Violation>): Violation[] {
  const counts = new Map<string, number>();
  const told: Violation[] = [];
  for (const violation of violations) {
    const count = (counts.get(violation.property) ?? 0) + 1;
    counts.set(violation.property, count);
    if (count <= toldMax) told.push(violation);
  }
  for (const [property, count] of counts)
    if (count > toldMax)
      told.push({ property: property as Violation['property'], where: `and ${count - toldMax} more` });
  return told;
}
