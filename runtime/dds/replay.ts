import type { EntryRef } from '../history/entry.js';
import type { LogReader, ReadableLog } from '../durability/replica/replica-disk.js';
import type { LateReader } from '../history/topic-history.js';
import { answer, completed, run, type Steps } from '../durability/log/steps.js';
import type { Lifespans } from './lifespans.js';
import type { Version } from './sample-info.js';

/** A reader that gets what was before it came out of the log. */
export interface LoggedReader extends LateReader {
  /** It takes nothing more at the moment. */
  readonly saturated: boolean;
  /** The log could not be read, or nobody is there yet that has all of it. */
  replayFailed(error: Error): void;
}

/** What a replay needs of its topic. */
export interface ReplayTopic {
  readonly log: ReadableLog;
  /** It has all there is. */
  readonly isWhole: boolean;
  /** Why it cannot have, as long as nobody else comes; undefined where somebody is there that has. */
  readonly missing: Error | undefined;
  /** All can be read of it up to that version, which was delivered. */
  isDurable(version: Version): boolean;
  /** The version up to which the topic was delivered here. */
  readonly delivered: Version;
  /** How long its samples are of use. */
  readonly lifespans: Lifespans;
  nowUs(): number;
  /** Nothing is delivered while it is true. */
  hold(replay: Replay, held: boolean): void;
  /** All of it is delivered: from now on the reader gets what comes, as it comes. */
  caughtUp(replay: Replay): void;
}

/** Somebody may be about to come. */
const tellAfterMs = 3000;
/** So often the reader runs after what is delivered meanwhile; then the topic waits for it. */
const roundsBeforeHold = 3;
/** Samples that one turn of the event loop hands out. */
const batchMax = 512;

/**
 * Gives a late reader what its member's log has (durability PERSISTENT), in order, and then lets it in among the readers of what comes: without gap or
 * repeat, since all that was delivered here is in the log.
 */
export class Replay {
  readonly reader: LoggedReader;
  readonly #topic: ReplayTopic;
  readonly #depth: number;
  #after: Version;
  #awaited: (() => void) | undefined;
  #ended = false;
  #reading: LogReader | undefined;

  /** From behind `after` on, where that is known: all of it. Otherwise as much of each instance as the reader's HISTORY says. */
  constructor(topic: ReplayTopic, reader: LoggedReader, after: Version | undefined) {
    this.#topic = topic;
    this.reader = reader;
    this.#after = after ?? { epoch: -1, sequence: -1 };
    this.#depth = after === undefined ? reader.historyDepth : Infinity;
    run(this.#course(), (error) => {
      topic.hold(this, false);
      if (error !== undefined) reader.replayFailed(error);
      if (!this.#ended) topic.caughtUp(this);
    });
  }

  /** Something has moved: the log, or what the reader takes. Goes on once whoever moved it is done. */
  poke(): void {
    const awaited = this.#awaited;
    this.#awaited = undefined;
    if (awaited !== undefined) setImmediate(awaited);
  }

  /** The reader is closed. */
  end(): void {
    this.#ended = true;
    this.#reading?.withdraw?.();
    this.poke();
  }

  *#course(): Steps<void> {
    // Whoever has just opened the reader comes first: it is to have begun to consume.
    yield* later();
    yield* this.#whole();
    for (let round = 0; !this.#ended; round++) {
      if (round === roundsBeforeHold) this.#topic.hold(this, true);
      const upTo = this.#topic.delivered;
      while (!this.#ended && !this.#topic.isDurable(upTo)) yield* this.#poked();
      const nowUs = this.#topic.nowUs();
      const skip = round === 0 && this.#depth < Infinity ? yield* this.#tooOld(upTo, nowUs) : undefined;
      yield* this.#read(upTo, nowUs, skip);
      const { epoch, sequence } = this.#topic.delivered;
      if (epoch === upTo.epoch && sequence === upTo.sequence) break;
    }
  }

  /** Until the log has all; whoever waits for somebody who is not there is told so. */
  *#whole(): Steps<void> {
    const timer = setInterval(() => {
      const { missing } = this.#topic;
      if (missing === undefined) return;
      clearInterval(timer);
      this.reader.replayFailed(missing);
    }, tellAfterMs).unref();
    while (!this.#ended && !this.#topic.isWhole) yield* this.#poked();
    clearInterval(timer);
  }

  /** `nowUs` says which samples do not count any more; what is over by the time that the reader takes it does not come either. */
  *#read(upTo: Version, nowUs: number, skip: Map<string, number> | undefined): Steps<void> {
    const { reader } = this;
    const { lifespans, log } = this.#topic;
    const entries = (this.#reading = log.reading({ from: next(this.#after), upTo }));
    let count = 0;
    while (!this.#ended && (yield* answer<boolean>((done) => entries.advance(done)))) {
      const { entry } = entries;
      if (this.#counts(entry, nowUs) && !isSkipped(entry, skip)) {
        while (!this.#ended && reader.saturated) yield* this.#poked();
        if (!this.#ended && !lifespans.isOver(entry, this.#topic.nowUs())) reader.accept(entry.asDelivery());
      }
      if (++count % batchMax === 0) yield* later();
    }
    yield* completed((done) => entries.close(done));
    this.#after = upTo;
  }

  /** By instance, how many samples are more than the reader asks for. */
  *#tooOld(upTo: Version, nowUs: number): Steps<Map<string, number>> {
    const counts = new Map<string, number>();
    const entries = (this.#reading = this.#topic.log.reading({ upTo }));
    while (!this.#ended && (yield* answer<boolean>((done) => entries.advance(done)))) {
      const { entry } = entries;
      if (!this.#counts(entry, nowUs)) continue;
      const instance = instanceOf(entry);
      counts.set(instance, (counts.get(instance) ?? -this.#depth) + 1);
    }
    yield* completed((done) => entries.close(done));
    return counts;
  }

  #counts(entry: EntryRef, nowUs: number): boolean {
    return this.reader.wants(entry.sender, entry.writer) && !this.#topic.lifespans.isOver(entry, nowUs);
  }

  *#poked(): Steps<void> {
    yield* completed((done) => (this.#awaited = () => done(undefined)));
  }
}

function isSkipped(entry: EntryRef, skip: Map<string, number> | undefined): boolean {
  if (skip === undefined) return false;
  const instance = instanceOf(entry);
  const left = skip.get(instance) ?? 0;
  skip.set(instance, left - 1);
  return left > 0;
}

function instanceOf({ instanceHigh, instanceLow }: EntryRef): string {
  return `${instanceHigh}:${instanceLow}`;
}

function next({ epoch, sequence }: Version): Version {
  return { epoch, sequence: sequence + 1 };
}

function* later(): Steps<void> {
  yield* completed((done) => void setImmediate(() => done(undefined)));
}
