import type { TopicType } from '../../codegen/support/index.js';
import { type Gap, hasAllAfter } from '../durability/log/gap.js';
import type { ReadRange } from '../durability/log/log-reading.js';
import { answer, type Callback, completed, type Steps, run } from '../durability/log/steps.js';
import type { LogReader, ReadableLog, StoredLog } from '../durability/replica/replica-disk.js';
import type { EntryRef } from '../history/entry.js';
import { BowechoError, PastUnknownError, UnsettledError } from './errors.js';
import { PatientReader } from './patient-reader.js';
import type { Sample, Version } from './sample-info.js';
import type { PastOptions } from './settled.js';
import { ownSample, type Snapshot, SnapshotBuilder } from './snapshot.js';
import type { TopicHub } from './topic-hub.js';

/** A moment of a topic's past: a version, or a time in microseconds since the epoch. */
export type Moment = Version | number;

/** Before the first version. */
const beginning: Version = { epoch: -1, sequence: -1 };

/** A persistent topic's past, out of the log that this participant keeps of it, or else out of that of a replica. */
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
    await promised(each(this.#reading(beginning, moment, options), (entry) => builder.take(entry)));
    return builder.build(this.#type, this.#hub.engine.clock);
  }

  /** The samples between two moments, which are included, in the topic's order; one after another, as they are asked for. */
  async *between(from: Moment, to: Moment, options: PastOptions): AsyncGenerator<Sample<T>, void, void> {
    await this.settle(from, to, options);
    const { clock } = this.#hub.engine;
    const reading = this.#reading(from, to, options);
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
    this.#mustBeWhole();
    const { clock } = this.#hub.engine;
    const from = { epoch: after.epoch, sequence: after.sequence + 1 };
    const reading = this.#reading(from, this.#hub.committedUpTo, options);
    await promised(each(reading, (entry) => take(ownSample(this.#type, entry, clock))));
  }

  /** Waits until what is from `from` on to `moment` can change no more, and is known here. */
  async settle(from: Moment, moment: Moment, options: PastOptions): Promise<void> {
    const { settled, name } = this.#hub;
    checkMoment(from);
    checkMoment(moment);
    this.#readable();
    const isThere = await (typeof moment === 'number'
      ? settled.time(moment, options)
      : settled.version(moment, options));
    this.#hub.mustBeOpen();
    this.#mustBeWhole();
    if (!isThere) throw new UnsettledError(name, moment, settled.us, this.#hub.committedUpTo);
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

  /** @throws BowechoError BE_NO_LOG */
  #readable(): ReadableLog {
    const { name, readable } = this.#hub;
    if (readable !== undefined) return readable;
    throw new BowechoError(
      'BE_NO_LOG',
      `topic ${name} is not persistent, so nobody keeps a log of it, out of which its past could be read: write and read it with qos 'persistent'`,
    );
  }

  #mustBeWhole(): void {
    const { isWhole, log, name } = this.#hub;
    if (isWhole) return;
    const what =
      log === undefined
        ? `no replica of topic ${name} is there that has all of it`
        : `this participant's log of topic ${name} lacks what was before it came, which the other replicas have not given it in time`;
    throw new BowechoError(
      'BE_PAST_UNKNOWN',
      `${what}: wait longer (timeoutMs), and look whether any of the replicas is there that has`,
    );
  }

  /** What is settled is committed, and so is what comes before a version that is. */
  #reading(from: Moment, to: Moment, options: PastOptions): LogReader {
    const range: ReadRange = {
      ...(typeof from === 'number' ? { fromUs: from } : from.epoch >= 0 && { from }),
      ...(typeof to === 'number' ? { upToUs: to } : { upTo: to }),
    };
    const { name } = this.#hub;
    const reading = this.#readable().reading(range);
    return new WholeReader(
      reading.withdraw === undefined ? reading : new PatientReader(reading, name, options),
      name,
      from,
    );
  }
}

/** Reads no more where samples are gone that there were, from a moment on. */
class WholeReader implements LogReader {
  readonly #reading: LogReader;
  readonly #topic: string;
  readonly #fromUs: number;
  /** After that version, nothing was read yet. */
  #epoch: number;
  #sequence: number;
  #seen: Gap | undefined;

  constructor(reading: LogReader, topic: string, from: Moment) {
    this.#reading = reading;
    this.#topic = topic;
    this.#fromUs = typeof from === 'number' ? from : -Infinity;
    this.#epoch = typeof from === 'number' ? beginning.epoch : from.epoch;
    this.#sequence = (typeof from === 'number' ? beginning.sequence : from.sequence) - 1;
  }

  get entry(): EntryRef {
    return this.#reading.entry;
  }

  get gap(): Gap | undefined {
    return this.#reading.gap;
  }

  advance(done: Callback<boolean>): void {
    this.#reading.advance((error, isThere) => {
      const { gap } = this;
      if (error === undefined && gap !== this.#seen && this.#isGone(gap!))
        return done(new PastUnknownError(this.#topic, gap!), false);
      this.#seen = gap;
      if (isThere) {
        const { entry } = this;
        this.#epoch = entry.epoch;
        this.#sequence = entry.sequence;
      }
      done(error, isThere);
    });
  }

  #isGone(gap: Gap): boolean {
    return !hasAllAfter(gap, { epoch: this.#epoch, sequence: this.#sequence }) && gap.timeUs >= this.#fromUs;
  }

  close(done: Callback<void>): void {
    this.#reading.close(done);
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
