import { basename } from 'node:path';
import type { History, WriterName } from './record.js';

/** Which property does not hold, and where. */
export interface Violation {
  readonly property:
    | 'total order'
    | 'agreement'
    | 'virtual synchrony'
    | 'FIFO'
    | 'at most once'
    | 'nothing lost'
    | 'version grows';
  readonly where: string;
}

/** The samples of one epoch in one history: columns `from` up to `to`. */
interface Stretch {
  readonly history: History;
  readonly from: number;
  readonly to: number;
  /** Its member delivered in a later epoch. */
  readonly movedOn: boolean;
}

/**
 * Checks what all incarnations of all members delivered of one atomic topic, each of them from the epoch in which it began to read:
 * within an epoch, histories are prefixes of one order; who moved on from it has all of that; put together, the order has every
 * writer's samples from the first on, each once, and all that was acknowledged.
 */
export function checkHistories(histories: readonly History[]): Violation[] {
  const epochs = new Map<number, Stretch[]>();
  const violations = histories.flatMap((history) => checkAlone(history, epochs));
  // Without versions that grow there are no epochs to compare.
  if (violations.length > 0) return violations;
  const order = [...epochs].sort(([a], [b]) => a - b);
  for (const [, stretches] of order) violations.push(...checkEpoch(stretches));
  const references = order.map(([, stretches]) => longest(stretches));
  return violations.length > 0 ? violations : checkWriters(references, histories);
}

/** What one history must fulfil by itself; its epochs are added to `epochs`. */
function checkAlone(history: History, epochs: Map<number, Stretch[]>): Violation[] {
  const { epoch, sequence, writer, writerSequence, writers } = history;
  const last = new Array<number>(writers.length).fill(0);
  const violations: Violation[] = [];
  for (let i = 0, from = 0; i < epoch.length; i++) {
    if (
      i > 0 &&
      !(epoch[i]! > epoch[i - 1]! || (epoch[i] === epoch[i - 1] && sequence[i]! > sequence[i - 1]!))
    )
      violations.push({
        property: 'version grows',
        where: `${place(history, i)} after ${place(history, i - 1)}`,
      });
    const before = last[writer[i]!]!;
    const follows = violationOfOrder(before, writerSequence[i]!);
    if (before > 0 && follows !== undefined)
      violations.push({ property: follows, where: `${place(history, i)} comes after number ${before}` });
    last[writer[i]!] = writerSequence[i]!;
    if (i + 1 < epoch.length && epoch[i + 1] === epoch[i]) continue;
    const stretch = { history, from, to: i + 1, movedOn: i + 1 < epoch.length };
    epochs.set(epoch[i]!, [...(epochs.get(epoch[i]!) ?? []), stretch]);
    from = i + 1;
  }
  return violations.slice(0, 10);
}

function violationOfOrder(before: number, number: number): Violation['property'] | undefined {
  if (number === before + 1) return undefined;
  if (number === before) return 'at most once';
  return number > before ? 'nothing lost' : 'FIFO';
}

function longest(stretches: readonly Stretch[]): Stretch {
  return stretches.reduce((a, b) => (b.to - b.from > a.to - a.from ? b : a));
}

function checkEpoch(stretches: readonly Stretch[]): Violation[] {
  const reference = longest(stretches);
  const length = reference.to - reference.from;
  return stretches.flatMap((stretch): Violation[] => {
    const difference = firstDifference(stretch, reference);
    if (difference !== undefined) return [difference];
    if (!stretch.movedOn || stretch.to - stretch.from === length) return [];
    const missing = place(reference.history, reference.from + (stretch.to - stretch.from));
    const where = `${place(stretch.history, stretch.to)} moved on without ${missing}`;
    return [{ property: reference.movedOn ? 'virtual synchrony' : 'agreement', where }];
  });
}

function firstDifference(a: Stretch, b: Stretch): Violation | undefined {
  const length = Math.min(a.to - a.from, b.to - b.from);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.from + i, b.from + i];
    const isSame =
      a.history.sequence[x] === b.history.sequence[y] &&
      a.history.writerSequence[x] === b.history.writerSequence[y] &&
      writerOf(a.history, x) === writerOf(b.history, y);
    if (!isSame)
      return { property: 'total order', where: `${place(a.history, x)} is not ${place(b.history, y)}` };
  }
  return undefined;
}

/** The whole order, from epoch to epoch: what each writer is owed. */
function checkWriters(references: readonly Stretch[], histories: readonly History[]): Violation[] {
  const last = new Map<WriterName, number>();
  const violations: Violation[] = [];
  for (const { history, from, to } of references)
    for (let i = from; i < to; i++) {
      const name = writerOf(history, i);
      const property = violationOfOrder(last.get(name) ?? 0, history.writerSequence[i]!);
      if (property !== undefined)
        violations.push({
          property,
          where: `${place(history, i)} comes after number ${last.get(name) ?? 0}`,
        });
      last.set(name, history.writerSequence[i]!);
    }
  const numbers = lastOfMember(last);
  for (const { member, acknowledged, file } of histories) {
    const delivered = numbers.get(member) ?? 0;
    if (delivered < acknowledged) {
      const where = `${basename(file)}: ${acknowledged} samples were acknowledged, ${delivered} delivered`;
      violations.push({ property: 'nothing lost', where });
    }
  }
  violations.push(
    ...histories.filter(({ isWhole }) => isWhole).flatMap((history) => checkWhole(history, last)),
  );
  return violations.slice(0, 20);
}

/** Each incarnation has one writer. */
function lastOfMember(last: ReadonlyMap<WriterName, number>): Map<number, number> {
  return new Map([...last].map(([name, number]) => [Number(name.split(':')[0]), number]));
}

/** Who was there to the end has the last sample of all that it reads. */
function checkWhole(history: History, last: ReadonlyMap<WriterName, number>): Violation[] {
  const latest = new Map<WriterName, number>();
  for (let i = 0; i < history.epoch.length; i++) latest.set(writerOf(history, i), history.writerSequence[i]!);
  return [...latest]
    .filter(([name, number]) => number !== last.get(name))
    .map(([name, number]) => {
      const where = `${basename(history.file)} ends with number ${number} of ${name}, others with ${last.get(name)}`;
      return { property: 'nothing lost', where };
    });
}

function writerOf(history: History, i: number): WriterName {
  return history.writers[history.writer[i]!]!;
}

function place(history: History, i: number): string {
  if (i >= history.epoch.length) return `${basename(history.file)}[end]`;
  const version = `version ${history.epoch[i]}.${history.sequence[i]}`;
  return `${basename(history.file)}[${i}] (${version}, number ${history.writerSequence[i]} of ${writerOf(history, i)})`;
}
