import type { TopicType } from '../../codegen/support/index.js';
import { hasAllAfter } from '../durability/log/gap.js';
import type { ReadRange } from '../durability/log/log-reading.js';
import { answer, completed, type Steps, run } from '../durability/log/steps.js';
import type { LogReader, StoredLog } from '../durability/replica/replica-disk.js';
import type { EntryRef } from '../history/entry.js';
import { BowechoError, PastUnknownError, UnsettledError } from './errors.js';
import type { Sample, Version } from './sample-info.js';
import type { PastOptions } from './settled.js';
import { ownSample, type Snapshot, SnapshotBuilder } from './snapshot.js';
import type { TopicHub } from './topic-hub.js';

/** A moment of a topic's past: a version, or a time in microseconds since the epoch. */
export type Moment = Version | number;

/** Before the first version. */
const beginning: Version = { epoch: -1, sequence: -1 };

/** A persistent topic's past, out of the log that this participant keeps of it. */
export class Past<T> {
  readonly #hub: TopicHub;
  readonly #type: TopicType<T>;

  constructor(hub: TopicHub, type: TopicType<T>) {
    this.#hub = hub;
    this.#type = type;
  }

  /** The state at a moment, which is included. */
  async at(moment: Moment, options: PastOptions): Promise<Snapshot<T>> {
    await this.settle(beginning, moment, options);
    const builder = new SnapshotBuilder();
    await promised(each(this.#reading(undefined, moment), (entry) => builder.take(entry)));
    return builder.build(this.#type, this.#hub.engine.clock);
  }

  /** The samples between two moments, which are included, in the topic's order; one after another, as they are asked for. */
  async *between(from: Moment, to: Moment, options: PastOptions): AsyncGenerator<Sample<T>, void, void> {
    await this.settle(from, to, options);
    const { clock } = this.#hub.engine;
    const reading = this.#reading(from, to);
    try {
      while (await promised(next(reading))) yield ownSample(this.#type, reading.entry, clock);
    } finally {
      await promised(end(reading));
    }
  }

  /**
   * Hands over the samples after a version, up to what is committed once nothing is missing here; what comes before, the caller has.
   * @throws BowechoError BE_NO_LOG, BE_PAST_UNKNOWN, BE_CLOSED; LogError
   */
  async replay(after: Version, options: PastOptions, take: (sample: Sample<T>) => void): Promise<void> {
    this.mustHaveLog();
    await this.#hub.settled.version(after, options);
    this.#hub.mustBeOpen();
    this.#mustBeKept({ ...after, sequence: after.sequence + 1 });
    const { clock } = this.#hub.engine;
    const from = after.epoch < 0 ? undefined : { epoch: after.epoch, sequence: after.sequence + 1 };
    const reading = this.#reading(from, this.#hub.committedUpTo);
    await promised(each(reading, (entry) => take(ownSample(this.#type, entry, clock))));
  }

  /** Waits until what is from `from` on to `moment` can change no more, and is here. */
  async settle(from: Moment, moment: Moment, options: PastOptions): Promise<void> {
    const { settled, name } = this.#hub;
    checkMoment(from);
    checkMoment(moment);
    this.mustHaveLog();
    const isThere = await (typeof moment === 'number'
      ? settled.time(moment, options)
      : settled.version(moment, options));
    this.#hub.mustBeOpen();
    if (!isThere) {
      this.#mustBeWhole();
      throw new UnsettledError(name, moment, settled.us, this.#hub.committedUpTo);
    }
    this.#mustBeKept(from);
  }

  /** @throws BowechoError BE_NO_LOG */
  mustHaveLog(): StoredLog {
    const { name, log } = this.#hub;
    if (log !== undefined) return log.log;
    throw new BowechoError(
      'BE_NO_LOG',
      `this participant keeps no log of topic ${name}, out of which its past could be read: read it with qos 'persistent', and give the participant storage`,
    );
  }

  #mustBeWhole(): void {
    if (this.#hub.isWhole) return;
    throw new BowechoError(
      'BE_PAST_UNKNOWN',
      `this participant's log of topic ${this.#hub.name} lacks what was before it came, which the other replicas have not given it in time: wait longer (timeoutMs), and look whether any of them is there`,
    );
  }

  /** All that there was from a moment on. @throws PastUnknownError */
  #mustBeKept(from: Moment): void {
    const { gap } = this.mustHaveLog();
    this.#mustBeWhole();
    if (gap === undefined) return;
    const isKept =
      typeof from === 'number'
        ? from > gap.timeUs
        : hasAllAfter(gap, { epoch: from.epoch, sequence: from.sequence - 1 });
    if (!isKept) throw new PastUnknownError(this.#hub.name, gap);
  }

  /** What is settled is committed, and so is what comes before a version that is. */
  #reading(from: Moment | undefined, to: Moment): LogReader {
    const range: ReadRange = {
      ...(typeof from === 'number' ? { fromUs: from } : from !== undefined && { from }),
      ...(typeof to === 'number' ? { upToUs: to } : { upTo: to }),
    };
    return this.mustHaveLog().reading(range);
  }
}

function checkMoment(moment: Moment): void {
  const numbers = typeof moment === 'number' ? [moment] : [moment.epoch, moment.sequence];
  if (numbers.every((number) => Number.isSafeInteger(number))) return;
  throw new RangeError(
    `a moment is a time in whole microseconds since the epoch, or a version {epoch, sequence}, not ${JSON.stringify(moment)}`,
  );
}

/** Reads to the end; while what it needs is in memory, without a promise. */
function* each(reading: LogReader, take: (entry: EntryRef) => void): Steps<void> {
  try {
    while (yield* next(reading)) take(reading.entry);
  } finally {
    yield* end(reading);
  }
}

function next(reading: LogReader): Steps<boolean> {
  return answer<boolean>((done) => reading.advance(done));
}

function end(reading: LogReader): Steps<void> {
  return completed((done) => reading.close(done));
}

function promised<T>(steps: Steps<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    run(steps, (error, value) => (error === undefined ? resolve(value) : reject(error)));
  });
}
