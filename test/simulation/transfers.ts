import type { HistoryError } from '../../runtime/history/errors.js';
import { entryBytes } from '../../runtime/history/entry.js';
import { endpointsOn } from '../../runtime/membership/view-parts.js';
import type { MemberId } from '../../transport/transport.js';
import { expectedHistory, type SeenSample } from '../runtime/history-oracle.js';
import type { Delivered, History } from './history.js';
import type { WriterInfo } from './served-topic.js';
import type { TopicPlan } from './topics.js';
import * as oracles from './transfer-oracles.js';

/** A sample, by what tells it from all others, and where it stands in the topic's order. */
export interface SampleRef {
  readonly stream: number;
  readonly number: number;
  readonly epoch: number;
  readonly sequence: number;
}

/** A reader of a topic that keeps history: what it has got, and what its member owes it. */
export interface ReaderLog {
  readonly member: MemberId;
  readonly topic: string;
  /** The epoch in which it opened. */
  readonly since: number;
  /** How many samples of each instance it asks for of the history; 0 where it is VOLATILE. */
  readonly depth: number;
  /** What it is to get of the history; known once any of it has come. */
  history: readonly SampleRef[] | undefined;
  /** Place in `history` of what came first; undefined while nothing has. */
  first: number | undefined;
  /** Place in `history` of what comes next. */
  next: number;
  /** All of the history has come. */
  ended: boolean;
  /** What its member has delivered since it opened, and has not handed to it. */
  readonly owed: SampleRef[];
  closed: boolean;
}

/** What the readers of topics that keep history get, and the oracles that look at it. */
export class Transfers {
  readonly #history: History;
  readonly #plans: readonly TopicPlan[];
  readonly logs: ReaderLog[] = [];

  constructor(history: History, plans: readonly TopicPlan[]) {
    this.#history = history;
    this.#plans = plans;
  }

  open(member: MemberId, topic: string, since: number, depth: number): ReaderLog {
    const log: ReaderLog = {
      member,
      topic,
      since,
      depth,
      history: undefined,
      first: undefined,
      next: 0,
      ended: depth === 0,
      owed: [],
      closed: false,
    };
    this.logs.push(log);
    return log;
  }

  close(log: ReaderLog): void {
    log.closed = true;
  }

  /** Its member has delivered a sample, which the reader is to get after all that came before. */
  owe(log: ReaderLog, { stream, number, epoch, sequence }: Delivered): void {
    log.owed.push({ stream, number, epoch, sequence });
  }

  got(log: ReaderLog, sample: SampleRef): void {
    if (log.ended) {
      oracles.liveAfterHistory(log, sample);
      log.owed.shift();
      return;
    }
    log.history ??= this.expected(log);
    if (log.first === undefined) {
      log.first = Math.max(
        0,
        log.history.findIndex((other) => isSame(other, sample)),
      );
      log.next = log.first;
    }
    oracles.historyInOrder(log, sample);
    log.next++;
  }

  /** `holders` are those that have all of it and are there still. */
  ended(log: ReaderLog, error: HistoryError | undefined, holders: readonly MemberId[]): void {
    log.history ??= this.expected(log);
    if (error === undefined) oracles.historyIsWhole(log);
    else oracles.historyLostWithItsHolders(log, error, holders);
    log.ended = true;
  }

  /**
   * What `log` is to get of the history, in order: its writers keep it of the epochs before it opened. Where only the failed knew where one of these ended, and it is
   * known with a later view, the rest of that is none of it: who holds the topic by then delivers that as something new, as far as it was in the epoch.
   */
  expected({ topic, since, depth }: ReaderLog): SampleRef[] {
    const { limits } = this.#plans.find(({ name }) => name === topic)!.history!;
    const view = this.#history.views.get(since)!.view;
    const writers = endpointsOn(view, topic)
      .filter(({ role }) => role === 'writer')
      .map(({ member, info }) => ({ member, number: (info as WriterInfo).number, limits }));
    const order = this.#agreed(topic, since);
    return expectedHistory(order, since, writers, depth).map((sample) => (sample as Seen).ref);
  }

  #agreed(topic: string, before: number): Seen[] {
    const { instances } = this.#plans.find(({ name }) => name === topic)!.history!;
    const agreed: Seen[] = [];
    for (const record of this.#history.epochs.values()) {
      if (record.topic !== topic || record.epoch >= before) continue;
      const senders = record.senders.length;
      const trim = (record.settled?.viewId ?? 0) > before ? record.settled!.trim : record.trim;
      for (const event of record.order.flat()) {
        const { epoch, sequence, sender, stream, number, length } = event;
        // Of a raw topic, the failed may have delivered more than the trim keeps.
        const kept = trim?.[sequence % senders] ?? Infinity;
        if (Math.floor(sequence / senders) >= kept) continue;
        agreed.push({
          epoch,
          sequence,
          member: sender,
          writer: this.#history.streams[stream]!.writerNumber,
          instance: number % instances,
          number,
          bytes: entryBytes(length),
          ref: event,
        });
      }
    }
    return agreed.sort((a, b) => a.epoch - b.epoch || a.sequence - b.sequence);
  }
}

interface Seen extends SeenSample {
  readonly ref: SampleRef;
}

export function isSame(a: SampleRef, b: SampleRef): boolean {
  return a.stream === b.stream && a.number === b.number && a.epoch === b.epoch && a.sequence === b.sequence;
}
