import type { HistoryError } from '../../runtime/history/errors.js';
import type { MemberId } from '../../transport/transport.js';
import { require } from './violation.js';
import { isSame, type ReaderLog, type SampleRef } from './transfers.js';

const nameOf = (sample: SampleRef | undefined) =>
  sample === undefined
    ? 'nothing'
    : `sample ${sample.number} of stream ${sample.stream} at ${sample.epoch}.${sample.sequence}`;
const readerOf = ({ member, topic, since }: ReaderLog) =>
  `the reader of ${topic} at member ${member}, open since ${since},`;

/** What a late reader gets of the history is what its writers keep and it asks for, in the topic's order: nothing else, and nothing twice. */
export function historyInOrder(log: ReaderLog, sample: SampleRef): void {
  const expected = log.history![log.next];
  require(expected !== undefined && isSame(expected, sample), historyInOrder, () =>
    `${readerOf(log)} got ${nameOf(sample)} instead of ${nameOf(expected)} at place ${log.next} of ${log.history!.length} of its history`, () => ({
    log,
    sample,
  }));
}

/** A late reader that is told of no loss has got all of the history that its writers keep and it asks for. */
export function historyIsWhole(log: ReaderLog): void {
  const { history, first, next } = log;
  require(next === history!.length && (first ?? 0) === 0, historyIsWhole, () =>
    `${readerOf(log)} got ${next - (first ?? 0)} of the ${history!.length} samples of its history, and no error`, () =>
    log);
}

/** History is lost only where nobody is left who has it. What comes of it then is its newest part, without a gap. */
export function historyLostWithItsHolders(
  log: ReaderLog,
  error: HistoryError,
  holders: readonly MemberId[],
): void {
  const { history, first, next } = log;
  const isEnd = first === undefined || next === history!.length;
  require(holders.length === 0 && error.code === 'BE_HISTORY_LOST' && isEnd, historyLostWithItsHolders, () =>
    `${readerOf(log)} was told ${error.code} after ${next} of ${history!.length} samples; members ${holders.join(', ') || 'none'} have it: ${error.message}`, () => ({
    log,
    holders,
  }));
}

/** After the history, a reader gets what its member delivers from its opening on: each sample once, in the same order. */
export function liveAfterHistory(log: ReaderLog, sample: SampleRef): void {
  const expected = log.owed[0];
  require(expected !== undefined && isSame(expected, sample), liveAfterHistory, () =>
    `${readerOf(log)} got ${nameOf(sample)} instead of ${nameOf(expected)}`, () => ({ log, sample }));
}
