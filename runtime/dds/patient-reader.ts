import type { Gap } from '../durability/log/gap.js';
import type { Callback } from '../durability/log/steps.js';
import type { LogReader } from '../durability/replica/replica-disk.js';
import type { EntryRef } from '../history/entry.js';
import { BowechoError } from './errors.js';
import { type PastOptions, timerMsOf } from './settled.js';

/** An answer takes some time, whoever does not wait for the past to be settled. */
const answerMsMin = 1000;

/** Waits for other members, for each answer of theirs as long as it is told. */
export class PatientReader implements LogReader {
  readonly #reading: LogReader;
  readonly #topic: string;
  readonly #signal: AbortSignal | undefined;
  readonly #answerMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(reading: LogReader, topic: string, options: PastOptions) {
    this.#reading = reading;
    this.#topic = topic;
    this.#signal = options.signal;
    this.#answerMs = Math.max(answerMsMin, timerMsOf(options));
  }

  get entry(): EntryRef {
    return this.#reading.entry;
  }

  get gap(): Gap | undefined {
    return this.#reading.gap;
  }

  advance(done: Callback<boolean>): void {
    let failure: Error | undefined;
    let answered = false;
    const giveUp = (error: Error): void => {
      failure = error;
      this.#reading.withdraw!();
    };
    const abort = () => giveUp(this.#signal!.reason as Error);
    this.#reading.advance((error, isThere) => {
      answered = true;
      clearTimeout(this.#timer);
      this.#signal?.removeEventListener('abort', abort);
      done(failure ?? error, isThere);
    });
    if (answered) return;
    this.#timer = setTimeout(() => giveUp(unanswered(this.#topic)), this.#answerMs);
    this.#signal?.addEventListener('abort', abort);
  }

  close(done: Callback<void>): void {
    this.#reading.close(done);
  }
}

function unanswered(topic: string): BowechoError {
  return new BowechoError(
    'BE_PAST_UNKNOWN',
    `this participant keeps no log of topic ${topic}, and no replica that has all of it has answered in time: wait longer (timeoutMs), and look whether any of them is there`,
  );
}
